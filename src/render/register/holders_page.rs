//! Who and what may act, as sections of the inventory's page: persons, the ledger's own keys,
//! instances, tokens.
//!
//! In: the inventory, a language. Out: sections. A key that was revoked and a token that is dead
//! stay on the page, with what became of them.

use super::holders::{self, EnrolledInstance, HeldRole, TokenLine};
use super::inventory::{Inventory, MachineKey};
use super::inventory_page::{plain, table};
use super::minute;
use crate::render::decision_log::Language;
use crate::render::report::document::{Block, Row, Section};

fn role_words(roles: &[HeldRole], language: Language) -> String {
    let word = |held: &HeldRole| match held.until {
        Some(until) => format!("{} ({} {until})", held.role, language.pick("bis", "until")),
        None => held.role.to_string(),
    };
    let words: Vec<String> = roles.iter().map(word).collect();
    words.join(", ")
}

pub(super) fn persons(inventory: &Inventory, language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut rows = Vec::new();
    for person in &inventory.persons {
        for key in &person.keys {
            let revoked = key.revoked.map(|seq| {
                let text = pick("widerrufen durch Eintrag", "revoked by entry");
                format!("{text} {seq}")
            });
            rows.push(Row {
                level: Some(if revoked.is_some() { "bad" } else { "good" }),
                cells: vec![
                    person.person.to_string(),
                    role_words(&person.roles, language),
                    key.key.to_string(),
                    key.since.to_string(),
                    revoked.unwrap_or_else(|| pick("gilt", "counts").to_owned()),
                ],
                at: Some(4),
            });
        }
    }
    let heads = [
        pick("Inhaber", "Holder"),
        pick("Rolle", "Role"),
        pick("Schlüssel", "Key"),
        pick("#Seit Eintrag", "#Since entry"),
        pick("Stand", "Standing"),
    ];
    let threshold = format!(
        "{} {}",
        pick(
            "Root-Schlüssel, die gemeinsam unterschreiben müssen:",
            "Root keys that must sign together:"
        ),
        inventory.root_threshold
    );
    let findings = format!(
        "{} {}, {} {}",
        pick("Einträge ohne Wirkung:", "Entries without effect:"),
        inventory.findings,
        pick("für nichtig erklärt:", "set aside:"),
        inventory.voided
    );
    Section::new(
        pick("Personen und Schlüssel", "Persons and keys"),
        vec![
            table(&heads, rows),
            Block::text(findings),
            Block::text(threshold),
            machine_keys(&inventory.machine_keys, language),
        ],
    )
}

/// Root keys and the keys of the ledger itself.
fn machine_keys(keys: &[MachineKey], language: Language) -> Block {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let machine = keys.iter().map(|held| {
        let purpose = match held.purpose {
            "root" => pick("Root", "root"),
            "log" => pick("unterschreibt Checkpoints", "signs checkpoints"),
            "engine" => pick(
                "unterschreibt Bewertungen und Entscheidungen",
                "signs evaluations and decisions",
            ),
            _ => pick("unterschreibt Token", "signs tokens"),
        };
        plain(vec![
            held.purpose.to_owned(),
            purpose.to_owned(),
            held.key.to_string(),
        ])
    });
    let machine_heads = [
        pick("Schlüssel des Ledgers", "Key of the ledger"),
        pick("Zweck", "Purpose"),
        pick("Schlüssel", "Key"),
    ];
    table(&machine_heads, machine.collect())
}

pub(super) fn instances(instances: &[EnrolledInstance], language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let title = pick("Instanzen", "Instances");
    if instances.is_empty() {
        let none = pick("Keine Instanz ist zugelassen.", "No instance is enrolled.");
        return Section::new(title, vec![Block::text(none)]);
    }
    let rows = instances.iter().map(|line| {
        let revoked = line.revoked.map(|seq| {
            let text = pick("Schlüssel widerrufen durch Eintrag", "key revoked by entry");
            format!("{text} {seq}")
        });
        Row {
            level: Some(if revoked.is_some() { "bad" } else { "good" }),
            cells: vec![
                line.instance.to_string(),
                line.host.clone(),
                line.environment.to_string(),
                line.key.to_string(),
                line.since.to_string(),
                revoked.unwrap_or_else(|| pick("zugelassen", "enrolled").to_owned()),
            ],
            at: Some(5),
        }
    });
    let heads = [
        pick("Instanz", "Instance"),
        "Host",
        pick("Umgebung", "Environment"),
        pick("Schlüssel", "Key"),
        pick("#Seit Eintrag", "#Since entry"),
        pick("Stand", "Standing"),
    ];
    Section::new(title, vec![table(&heads, rows.collect())])
}

pub(super) fn tokens(tokens: &[TokenLine], language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let title = pick("Token für Live-Sessions", "Live-session tokens");
    if tokens.is_empty() {
        let none = pick("Kein Token wurde ausgestellt.", "No token was issued.");
        return Section::new(title, vec![Block::text(none)]);
    }
    let rows = tokens.iter().map(|line| {
        plain(vec![
            line.jti.clone(),
            line.portfolio.to_string(),
            line.instance.to_string(),
            format!("{}, {}", line.issued_by, minute(line.issued_at)),
            minute(line.expires_at),
            standing_words(line.standing, language).to_owned(),
        ])
    });
    let heads = [
        pick("Nummer", "Number"),
        "Portfolio",
        pick("Instanz", "Instance"),
        pick("Ausgestellt", "Issued"),
        pick("=Einlösbar bis", "=Redeemable until"),
        pick("Stand", "Standing"),
    ];
    Section::new(title, vec![table(&heads, rows.collect())])
}

fn standing_words(standing: holders::Standing, language: Language) -> &'static str {
    let (de, en) = match standing {
        holders::Standing::Issued => ("einlösbar", "redeemable"),
        holders::Standing::Redeemed => ("eingelöst", "redeemed"),
        holders::Standing::Revoked => ("zurückgenommen", "revoked"),
        holders::Standing::Expired => ("abgelaufen", "expired"),
        holders::Standing::Dead => ("wirkungslos", "dead"),
    };
    language.pick(de, en)
}
