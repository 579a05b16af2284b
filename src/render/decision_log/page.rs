//! The decision log as a page and as a sheet.

use super::DecisionLog;
use super::lines::{Ink, Section as Lines, section};
use super::record::{DecisionEntry, SignerLine};
use super::words::{Labels, Language, labels};
use crate::kernel::decimal::Decimal;
use crate::metrics::{Metric, Sample};
use crate::render::csv::Sheet;
use crate::render::report::document::{Block, Document, Section};

/// The log as a page.
#[must_use]
pub fn document(log: &DecisionLog, language: Language, seal: String) -> Document {
    let words = labels(language);
    let decisions = log.decisions.iter();
    let mut sections: Vec<Section> = decisions
        .map(|entry| blocks(section(entry, language, Ink::Plain), &words))
        .collect();
    if sections.is_empty() {
        let title = words.decision;
        sections.push(Section::new(title, vec![Block::text(words.none)]));
    }
    Document {
        lang: language.as_str(),
        title: "Portfolio Decision Log".to_owned(),
        banner: log.about.banner(language),
        facts: log.about.facts(language),
        sections,
        seal: Some(seal),
    }
}

fn blocks(lines: Lines, words: &Labels) -> Section {
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let level = match lines.status.as_str() {
        "REJECT" | "DENIED" | "INVALIDATED" => "bad",
        status if status.starts_with("PROMOTE_TO_") => "good",
        _ => "warning",
    };
    let title = format!("Portfolio: {}", lines.portfolio);
    let mut blocks = vec![
        Block::Facts {
            facts: vec![
                fact(words.date, lines.date),
                fact(words.preset, lines.portfolio),
                fact(words.profile, lines.profile),
            ],
        },
        Block::heading(words.metrics),
        Block::list(lines.metrics),
        Block::heading(words.decision),
        Block::Badge {
            name: words.status.to_owned(),
            word: lines.status,
            level,
        },
        Block::heading(words.reasons),
        Block::list(lines.reasons),
        Block::heading(words.next),
        Block::List {
            numbered: true,
            items: lines.next,
        },
        Block::heading(words.reports),
        Block::list(lines.reports),
        Block::heading(words.proof),
        Block::list(lines.proof),
    ];
    if !lines.checklist.is_empty() {
        blocks.push(Block::heading(words.checklist));
        blocks.push(Block::list(lines.checklist));
    }
    Section::new(&title, blocks)
}

/// Columns of the sheet.
pub const COLUMNS: &[&str] = &[
    "request",
    "portfolio",
    "profile",
    "target",
    "status",
    "verdict",
    "ended_at",
    "sharpe_oos",
    "max_drawdown",
    "crash_drawdown",
    "mc_sharpe_p025",
    "mc_sharpe_p975",
    "requested_by",
    "approved_by",
    "denied_by",
    "denial_reason",
    "overrides",
    "incidents",
    "summary",
    "evidence_sha256",
    "strategy_sha256",
    "limits_sha256",
    "policy_sha256",
    "decision_sha256",
    "end_seq",
    "end_leaf",
];

/// The log as a sheet: one row per decision.
#[must_use]
pub fn sheet(log: &DecisionLog) -> Sheet {
    Sheet {
        columns: COLUMNS.to_vec(),
        rows: log.decisions.iter().map(row).collect(),
    }
}

fn row(entry: &DecisionEntry) -> Vec<String> {
    let value = |metric, sample| {
        let mut facts = entry.facts.iter();
        let fact = facts.find(|f| f.metric == metric && f.sample == sample);
        let value = fact.and_then(|f| f.value.as_ref());
        value.map(Decimal::to_string).unwrap_or_default()
    };
    let by = |act: &str| -> Vec<&SignerLine> {
        let signers = entry.signers.iter();
        signers.filter(|s| s.act == act && !s.taken_back).collect()
    };
    let names = |act: &str| {
        let names: Vec<String> = by(act).iter().map(|s| s.person.to_string()).collect();
        names.join(" ")
    };
    let evidence = entry.evidence.iter();
    let evidence: Vec<String> = evidence.map(|e| e.evidence_sha256.to_string()).collect();
    let last = entry.signers.last().filter(|s| s.act != "approval");
    let last = last.filter(|s| !matches!(s.act, "request" | "evaluation-error"));
    let denial = by("denial").first().map(|s| s.reason.clone());
    let seqs = |seqs: Vec<u64>| {
        let words: Vec<String> = seqs.iter().map(u64::to_string).collect();
        words.join(" ")
    };
    vec![
        entry.request.to_string(),
        entry.portfolio.to_string(),
        entry.profile.to_string(),
        entry.target.to_string(),
        entry.status.clone(),
        entry.verdict.clone().unwrap_or_default(),
        entry.ended_at.to_string(),
        value(Metric::Sharpe, Sample::Oos),
        value(Metric::MaxDrawdown, Sample::Full),
        value(Metric::CrashDrawdown, Sample::Stress),
        value(Metric::McSharpeP025, Sample::Mc),
        value(Metric::McSharpeP975, Sample::Mc),
        names("request"),
        names("approval"),
        names("denial"),
        denial.unwrap_or_default(),
        seqs(entry.overrides.iter().map(|o| o.seq).collect()),
        seqs(entry.incidents.iter().map(|i| i.seq).collect()),
        entry.summary.clone(),
        evidence.join(" "),
        entry.strategy_sha256.to_string(),
        entry.limits_sha256.to_string(),
        entry.policy_sha256.to_string(),
        entry
            .decision_sha256
            .map(|d| d.to_string())
            .unwrap_or_default(),
        last.map(|s| s.seq.to_string()).unwrap_or_default(),
        last.map(|s| s.leaf.to_string()).unwrap_or_default(),
    ]
}
