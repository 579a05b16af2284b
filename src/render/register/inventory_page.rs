//! The inventory as a page.
//!
//! In: the inventory, a language. Out: a document: every portfolio in a table, each in full, then who
//! and what may act (`holders_page`).

use super::declared::{self, Objective};
use super::holders_page::{instances, persons, tokens};
use super::inventory::{Inventory, PortfolioStanding};
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

pub(super) fn table(heads: &[&str], rows: Vec<Row>) -> Block {
    Block::Table(Table {
        heads: heads.iter().map(|text| Head::new(text)).collect(),
        rows,
    })
}

pub(super) fn plain(cells: Vec<String>) -> Row {
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
