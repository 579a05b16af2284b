//! The inventory as a page.

use super::declared::{self, Objective};
use super::holders::{self, EnrolledInstance, HeldRole, TokenLine};
use super::inventory::{Inventory, MachineKey, PortfolioStanding};
use super::{dash, minute};
use crate::evidence::limits::Limits;
use crate::render::decision_log::Language;
use crate::render::report::document::{Block, Document, Head, Row, Section, Table};

/// The inventory as a page.
#[must_use]
pub fn document(inventory: &Inventory, language: Language, seal: String) -> Document {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut sections = vec![overview(&inventory.portfolios, language)];
    let each = inventory.portfolios.iter();
    sections.extend(each.map(|line| section(line, language)));
    sections.push(persons(inventory, language));
    sections.push(instances(&inventory.instances, language));
    sections.push(tokens(&inventory.tokens, language));
    Document {
        lang: language.as_str(),
        title: pick("Bestandsverzeichnis", "Inventory").to_owned(),
        banner: inventory.about.banner(language),
        facts: inventory.about.facts(language),
        sections,
        seal: Some(seal),
    }
}

fn table(heads: &[&str], rows: Vec<Row>) -> Block {
    Block::Table(Table {
        heads: heads.iter().map(|text| Head::new(text)).collect(),
        rows,
    })
}

fn plain(cells: Vec<String>) -> Row {
    Row {
        cells,
        level: None,
        at: None,
    }
}

fn overview(portfolios: &[PortfolioStanding], language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let title = "Portfolios";
    if portfolios.is_empty() {
        let none = pick(
            "Kein Portfolio ist registriert.",
            "No portfolio is registered.",
        );
        return Section::new(title, vec![Block::text(none)]);
    }
    let rows = portfolios.iter().map(|line| {
        let words = flag_words(line, language);
        let level = if line.flags.halted || line.flags.certificate_overdue {
            "bad"
        } else if words.is_empty() {
            "good"
        } else {
            "warning"
        };
        let shown = if words.is_empty() {
            pick("keine", "none").to_owned()
        } else {
            words.join(", ")
        };
        Row {
            cells: vec![
                line.portfolio.to_string(),
                line.owner.to_string(),
                line.profile.to_string(),
                line.stage.to_string(),
                dash(line.since.map(minute).as_ref()),
                dash(line.certificate_due.map(minute).as_ref()),
                shown,
            ],
            level: Some(level),
            at: Some(6),
        }
    });
    let heads = [
        "Portfolio",
        pick("Eigner", "Owner"),
        pick("Profil", "Profile"),
        pick("Stufe", "Stage"),
        pick("=Seit", "=Since"),
        pick("=Zertifikat fällig", "=Certificate due"),
        pick("Merkmale", "Flags"),
    ];
    Section::new(title, vec![table(&heads, rows.collect())])
}

fn flag_words(line: &PortfolioStanding, language: Language) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let flags = &line.flags;
    let mut words = Vec::new();
    if let Some(seq) = flags.halted_by {
        let text = pick("angehalten seit Eintrag", "halted since entry");
        words.push(format!("{text} {seq}"));
    }
    let all = [
        (flags.incident_open, "Vorfall offen", "incident open"),
        (
            flags.certificate_overdue,
            "Zertifikat überfällig",
            "certificate overdue",
        ),
        (
            flags.certificate_warning,
            "Zertifikat bald fällig",
            "certificate due soon",
        ),
        (
            flags.post_review_due,
            "Nachprüfung steht aus",
            "review of an override due",
        ),
    ];
    let up = all.into_iter().filter(|(up, ..)| *up);
    words.extend(up.map(|(_, de, en)| pick(de, en).to_owned()));
    words
}

fn section(line: &PortfolioStanding, language: Language) -> Section {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let fact = |de, en, value: String| (pick(de, en).to_owned(), value);
    let open = line.open_request.as_ref().map(|open| {
        format!(
            "{}, {} {}, {}, {} {}",
            open.request,
            pick("Ziel", "target"),
            open.target.stage(),
            open.status,
            pick("seit", "since"),
            open.since
        )
    });
    let objective = line.objective.as_ref().map_or_else(
        || declared::undeclared(language).to_owned(),
        Objective::line,
    );
    let mut facts = vec![
        fact("Zweck", "Objective", objective),
        fact("Stufe", "Stage", {
            let since = line
                .since
                .map(|t| format!(", {} {t}", pick("seit", "since")));
            format!("{}{}", line.stage, since.unwrap_or_default())
        }),
        fact("Zertifikat fällig", "Certificate due", {
            dash(line.certificate_due.as_ref())
        }),
        fact(
            "Gewährt durch",
            "Granted by",
            dash(line.granted_by.as_ref()),
        ),
        fact("Strategie", "Strategy", dash(line.strategy_sha256.as_ref())),
        fact("Digest der Limits", "Digest of the limits", {
            dash(line.limits_sha256.as_ref())
        }),
    ];
    if let Some(limits) = &line.limits {
        facts.push(fact("Limits", "Limits", limits_words(limits, language)));
    }
    facts.push(fact("Instanz", "Instance", dash(line.instance.as_ref())));
    facts.push(fact("Handelsplätze", "Venues", line.venue_words(language)));
    facts.push(fact(
        "Zugelassene Bediener",
        "Approved operators",
        line.operator_words(language),
    ));
    for version in &line.climbing {
        let text = format!(
            "{}, {} {}, {} {}",
            version.stage,
            pick("seit", "since"),
            version.since,
            pick("Strategie", "strategy"),
            version.strategy_sha256
        );
        facts.push(fact("Version im Aufstieg", "Version that climbs", text));
    }
    facts.push(fact("Offener Antrag", "Open request", dash(open.as_ref())));
    let mut blocks = vec![Block::Facts { facts }];
    let wanting: Vec<String> = line.missing.iter().map(|m| m.text.clone()).collect();
    blocks.push(Block::heading(pick("Was fehlt", "What is missing")));
    if wanting.is_empty() {
        blocks.push(Block::text(pick("Nichts.", "Nothing.")));
    } else {
        blocks.push(Block::list(wanting));
    }
    Section::new(&format!("Portfolio: {}", line.portfolio), blocks)
}

fn limits_words(limits: &Limits, language: Language) -> String {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let money = &limits.base_currency;
    let parts = [
        format!(
            "{} {} {money}",
            pick("je Order höchstens", "one order at most"),
            limits.max_order_notional
        ),
        format!(
            "{} {} {money}",
            pick("je Symbol", "one symbol"),
            limits.max_symbol_exposure_notional
        ),
        format!(
            "{} {} {money}",
            pick("insgesamt", "all together"),
            limits.max_total_exposure_notional
        ),
        format!(
            "{} {}",
            pick("offene Positionen", "open positions"),
            limits.max_open_positions
        ),
        format!(
            "{} {} {money} {} {}%",
            pick("Tagesverlust", "loss of a day"),
            limits.max_daily_loss_abs,
            pick("oder", "or"),
            limits.max_daily_loss_pct
        ),
        format!(
            "{}: {}",
            pick(
                "Verletzung blockiert die Order",
                "a breach blocks the order"
            ),
            super::yes(language, limits.block_on_violation)
        ),
    ];
    parts.join(", ")
}

fn role_words(roles: &[HeldRole], language: Language) -> String {
    let word = |held: &HeldRole| match held.until {
        Some(until) => format!("{} ({} {until})", held.role, language.pick("bis", "until")),
        None => held.role.to_string(),
    };
    let words: Vec<String> = roles.iter().map(word).collect();
    words.join(", ")
}

fn persons(inventory: &Inventory, language: Language) -> Section {
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

fn instances(instances: &[EnrolledInstance], language: Language) -> Section {
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

fn tokens(tokens: &[TokenLine], language: Language) -> Section {
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
