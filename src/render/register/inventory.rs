//! The inventory: every portfolio with its owner, stage, limits, certificate, flags and what it
//! still needs; every person with roles and keys; every instance and token.

use std::collections::BTreeMap;

use serde::Serialize;

use super::holders::{self, EnrolledInstance, PersonLine, TokenLine};
use super::{About, cell, dash};
use crate::evidence::limits::Limits;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::distrust::standing_on;
use crate::governance::promotion::access::missing_token::missing_token;
use crate::governance::promotion::missing::{Missing, missing};
use crate::governance::promotion::safety::missing::{Flags, flags, standing};
use crate::governance::promotion::state::{Portfolio, State, Status};
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;
use crate::render::csv::Sheet;
use crate::render::decision_log::Language;
use crate::render::report::document::{Block, Document, Head, Row, Section, Table};

/// Execution limits by digest, from the documents that the ledger keeps.
pub type KeptLimits = BTreeMap<Digest, Limits>;

/// `promote/inventory/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Inventory {
    /// Format.
    pub schema: &'static str,
    /// Where it comes from.
    #[serde(flatten)]
    pub about: About,
    /// Portfolios by name.
    pub portfolios: Vec<PortfolioStanding>,
    /// Persons by name.
    pub persons: Vec<PersonLine>,
    /// Instances by name.
    pub instances: Vec<EnrolledInstance>,
    /// Tokens of the portfolios asked for, in the order of their issue.
    pub tokens: Vec<TokenLine>,
    /// Keys that the genesis entry names.
    pub machine_keys: Vec<MachineKey>,
    /// How many root keys must sign together.
    pub root_threshold: u32,
}

/// A key that the genesis entry names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct MachineKey {
    /// `root`, `log`, `engine` or `token`.
    pub purpose: &'static str,
    /// The key.
    pub key: Fingerprint,
}

/// One portfolio and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PortfolioStanding {
    /// Its name.
    pub portfolio: PortfolioId,
    /// Person of the first request.
    pub owner: PersonId,
    /// Risk profile.
    pub profile: ProfileId,
    /// Stage.
    pub stage: Stage,
    /// Since when; null while in RESEARCH.
    pub since: Option<UtcTime>,
    /// The request by which it came to its stage; null where no grant stands.
    pub granted_by: Option<RequestId>,
    /// Strategy that the stage was granted for.
    pub strategy_sha256: Option<Digest>,
    /// Execution limits that were approved with the stage.
    pub limits_sha256: Option<Digest>,
    /// The same in numbers, from the document that the ledger keeps; null where it is gone.
    pub limits: Option<Limits>,
    /// Instance that was approved with LIVE.
    pub instance: Option<InstanceId>,
    /// When the next certificate is due.
    pub certificate_due: Option<UtcTime>,
    /// Flags.
    pub flags: Flags,
    /// The open request.
    pub open_request: Option<OpenRequest>,
    /// What an open request still needs; without one, what stands in the way of the next act: of a
    /// live session for LIVE, of any rise below.
    pub missing: Vec<Missing>,
}

/// The open request of a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct OpenRequest {
    /// Its id.
    pub request: RequestId,
    /// Stage asked for.
    pub target: Target,
    /// Where it stands.
    pub status: Status,
    /// Since when.
    pub since: UtcTime,
}

impl PortfolioStanding {
    /// The standing of the portfolio `id` in `state`, which was settled at `now`.
    #[must_use]
    pub fn new(
        state: &State,
        id: &PortfolioId,
        held: &Portfolio,
        limits: &KeptLimits,
        now: UtcTime,
    ) -> Self {
        let open = state.open_request(id);
        let granted = standing_on(state, id).into_iter().next();
        let granted = granted.and_then(|(_, request)| state.requests.get(&request));
        let granted = granted.map(|record| &record.request);
        let flags = flags(state, id, now);
        let limits_sha256 = granted.map(|request| request.limits_sha256);
        let missing = match open {
            Some(record) => missing(state, record, now),
            None if held.stage == Stage::Live => missing_token(state, id, now),
            None => standing(state, id, &held.profile, now),
        };
        Self {
            portfolio: id.clone(),
            owner: held.owner.clone(),
            profile: held.profile.clone(),
            stage: held.stage,
            since: held.since,
            granted_by: granted.map(|request| request.request.clone()),
            strategy_sha256: held.strategy,
            limits_sha256,
            limits: limits_sha256.and_then(|digest| limits.get(&digest).cloned()),
            instance: granted.and_then(|request| request.instance.clone()),
            certificate_due: flags.certificate_due,
            flags,
            open_request: open.map(|record| OpenRequest {
                request: record.request.request.clone(),
                target: record.request.target,
                status: record.status,
                since: record.mark.time,
            }),
            missing,
        }
    }
}

/// Digests of the limits that were approved with a stage: what the ledger keeps documents for.
#[must_use]
pub fn approved_limits(state: &State) -> Vec<Digest> {
    let granted = |id: &PortfolioId| {
        let (_, request) = standing_on(state, id).into_iter().next()?;
        Some(state.requests.get(&request)?.request.limits_sha256)
    };
    state.portfolios.keys().filter_map(granted).collect()
}

/// The inventory.
#[must_use]
pub fn collect(state: &State, limits: &KeptLimits, about: About) -> Inventory {
    let now = about.as_of;
    let genesis = &state.genesis;
    let wanted = state.portfolios.iter().filter(|(id, _)| about.wants(id));
    let machine = [
        ("log", &genesis.log_key),
        ("engine", &genesis.engine_key),
        ("token", &genesis.token_key),
    ];
    let roots = genesis.roots.iter().map(|key| ("root", key));
    Inventory {
        schema: "promote/inventory/v1",
        portfolios: wanted
            .map(|(id, held)| PortfolioStanding::new(state, id, held, limits, now))
            .collect(),
        persons: holders::persons(state),
        instances: holders::instances(state),
        tokens: holders::tokens(state, now)
            .into_iter()
            .filter(|token| about.wants(&token.portfolio))
            .collect(),
        machine_keys: roots
            .chain(machine)
            .map(|(purpose, key)| MachineKey {
                purpose,
                key: key.fingerprint(),
            })
            .collect(),
        root_threshold: genesis.root_threshold,
        about,
    }
}

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
                dash(line.since.as_ref()),
                dash(line.certificate_due.as_ref()),
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
        pick("Seit", "Since"),
        pick("Zertifikat fällig", "Certificate due"),
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
    let mut facts = vec![
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

fn role_words(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    names.join(", ")
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
                    role_words(&person.roles),
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
    let machine = inventory.machine_keys.iter().map(|held| {
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
    let threshold = format!(
        "{} {}",
        pick(
            "Root-Schlüssel, die gemeinsam unterschreiben müssen:",
            "Root keys that must sign together:"
        ),
        inventory.root_threshold
    );
    Section::new(
        pick("Personen und Schlüssel", "Persons and keys"),
        vec![
            table(&heads, rows),
            Block::text(threshold),
            table(&machine_heads, machine.collect()),
        ],
    )
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
            format!("{}, {}", line.issued_by, line.issued_at),
            line.expires_at.to_string(),
            standing_words(line.standing, language).to_owned(),
        ])
    });
    let heads = [
        pick("Nummer", "Number"),
        "Portfolio",
        pick("Instanz", "Instance"),
        pick("Ausgestellt", "Issued"),
        pick("Einlösbar bis", "Redeemable until"),
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

/// Columns of the sheet: portfolios only.
pub const COLUMNS: &[&str] = &[
    "portfolio",
    "owner",
    "profile",
    "stage",
    "since",
    "granted_by",
    "strategy_sha256",
    "limits_sha256",
    "instance",
    "certificate_due",
    "flags",
    "open_request",
    "open_request_target",
    "open_request_status",
    "missing",
];

/// The portfolios as a sheet.
#[must_use]
pub fn sheet(inventory: &Inventory) -> Sheet {
    let row = |line: &PortfolioStanding| {
        let open = line.open_request.as_ref();
        let codes: Vec<&str> = line.missing.iter().map(|m| m.code.as_str()).collect();
        vec![
            line.portfolio.to_string(),
            line.owner.to_string(),
            line.profile.to_string(),
            line.stage.to_string(),
            cell(line.since.as_ref()),
            cell(line.granted_by.as_ref()),
            cell(line.strategy_sha256.as_ref()),
            cell(line.limits_sha256.as_ref()),
            cell(line.instance.as_ref()),
            cell(line.certificate_due.as_ref()),
            line.flags.words().join("; "),
            cell(open.map(|o| &o.request)),
            cell(open.map(|o| &o.target)),
            cell(open.map(|o| &o.status)),
            codes.join(" "),
        ]
    };
    Sheet {
        columns: COLUMNS.to_vec(),
        rows: inventory.portfolios.iter().map(row).collect(),
    }
}
