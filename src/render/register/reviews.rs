//! Review statistics: how long approvals take, how often each person approves what is borderline,
//! who denies and who takes an approval back.
//!
//! All of it follows from the ledger. Time to approve runs from the evaluation, by which a request
//! begins to wait for approvals, to the approval's entry. An approval is borderline when the
//! verdict that it approves holds a hard or soft criterion in the zone `borderline`, or one that
//! passes by an override. A median of an even number of times is the lower mean of the middle two,
//! in whole milliseconds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{About, cell, dash, span};
use crate::governance::policy::verdict::{Enforcement, Verdict, Zone};
use crate::governance::promotion::state::{RequestRecord, State, Status};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::PersonId;
use crate::render::csv::Sheet;
use crate::render::decision_log::Language;
use crate::render::report::document::{Block, Document, Head, Row, Section, Table};

/// `promote/reviews/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Reviews {
    /// Format.
    pub schema: &'static str,
    /// Where it comes from.
    #[serde(flatten)]
    pub about: About,
    /// Everybody who approved, denied or took an approval back, by person and role.
    pub reviewers: Vec<Reviewer>,
    /// The requests by stage asked for.
    pub targets: Vec<TargetLine>,
}

/// What one person did in one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Reviewer {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: String,
    /// Approvals given, those that were taken back included.
    pub approvals: u64,
    /// How many of them approved a borderline verdict.
    pub borderline: u64,
    /// Their share, 4 decimals; null without approvals.
    pub borderline_share: Option<Decimal>,
    /// Shortest time to approve, in milliseconds.
    pub time_to_approve_min_ms: Option<i64>,
    /// Median.
    pub time_to_approve_median_ms: Option<i64>,
    /// Longest.
    pub time_to_approve_max_ms: Option<i64>,
    /// Requests denied.
    pub denials: u64,
    /// Approvals taken back.
    pub unapprovals: u64,
}

/// The requests for one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct TargetLine {
    /// Stage asked for.
    pub target: Target,
    /// Requests.
    pub requests: u64,
    /// How many of them have each status.
    pub by_status: BTreeMap<Status, u64>,
    /// Median time from the request to the decision of those that were promoted, in milliseconds.
    pub decision_median_ms: Option<i64>,
}

#[derive(Default)]
struct Tally {
    borderline: u64,
    times: Vec<i64>,
    denials: u64,
    unapprovals: u64,
}

/// The statistics.
#[must_use]
pub fn collect(state: &State, about: About) -> Reviews {
    let wanted: Vec<&RequestRecord> = state
        .requests
        .values()
        .filter(|r| about.wants(&r.request.portfolio))
        .collect();
    let mut people: BTreeMap<(PersonId, String), Tally> = BTreeMap::new();
    for record in &wanted {
        let judged = record.judged.as_ref();
        let borderline = judged.is_some_and(|j| is_borderline(&j.verdict));
        let begins = judged.map_or(record.mark.time, |j| j.time);
        for approval in &record.approvals {
            let mark = &approval.mark;
            let key = (mark.person.clone(), mark.role.clone());
            let tally = people.entry(key).or_default();
            tally.borderline += u64::from(borderline);
            tally.times.push(mark.time.millis_since(begins));
            tally.unapprovals += u64::from(taken_back(state, &mark.leaf));
        }
        let end = record.end.as_ref().and_then(|end| end.by.as_ref());
        if let Some(mark) = end.filter(|_| record.status == Status::Denied) {
            let key = (mark.person.clone(), mark.role.clone());
            people.entry(key).or_default().denials += 1;
        }
    }
    Reviews {
        schema: "promote/reviews/v1",
        about,
        reviewers: people.into_iter().map(reviewer).collect(),
        targets: Target::ALL
            .into_iter()
            .map(|target| target_line(target, &wanted))
            .collect(),
    }
}

/// True when the approval with this leaf hash was taken back by its signer.
#[must_use]
pub fn taken_back(state: &State, leaf: &crate::kernel::digest::Digest) -> bool {
    let mut voided = state.safety.voided.iter();
    voided.any(|(statement, _)| {
        let given = state.safety.approvals.get(statement);
        given.is_some_and(|given| given.leaf == *leaf)
    })
}

fn is_borderline(verdict: &Verdict) -> bool {
    verdict.criteria.iter().any(|c| {
        c.enforcement != Enforcement::Advisory
            && matches!(c.zone, Zone::Borderline | Zone::Overridden)
    })
}

fn reviewer(((person, role), mut tally): ((PersonId, String), Tally)) -> Reviewer {
    let approvals = tally.times.len() as u64;
    let whole = |n: u64| Decimal::from_int(i64::try_from(n).unwrap_or(i64::MAX));
    Reviewer {
        person,
        role,
        approvals,
        borderline: tally.borderline,
        borderline_share: whole(tally.borderline).ratio_for_display(&whole(approvals), 4),
        time_to_approve_median_ms: median(&mut tally.times),
        time_to_approve_min_ms: tally.times.first().copied(),
        time_to_approve_max_ms: tally.times.last().copied(),
        denials: tally.denials,
        unapprovals: tally.unapprovals,
    }
}

/// The median; sorts the values.
fn median(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    let low = values.get(last / 2)?;
    let high = values.get(last - last / 2)?;
    Some(low + (high - low) / 2)
}

fn target_line(target: Target, wanted: &[&RequestRecord]) -> TargetLine {
    let mut by_status = BTreeMap::new();
    let mut times = Vec::new();
    let mut requests = 0;
    for record in wanted.iter().filter(|r| r.request.target == target) {
        requests += 1;
        *by_status.entry(record.status).or_default() += 1;
        if let (Status::Promoted, Some(end)) = (record.status, &record.end) {
            times.push(end.time.millis_since(record.mark.time));
        }
    }
    TargetLine {
        target,
        requests,
        by_status,
        decision_median_ms: median(&mut times),
    }
}

/// The statistics as a page.
#[must_use]
pub fn document(reviews: &Reviews, language: Language, seal: String) -> Document {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let definition = pick(
        "Die Zeit bis zur Freigabe läuft von der Bewertung bis zum Eintrag der Freigabe. Als Grenzfall zählt eine Freigabe, wenn ein entscheidendes Kriterium im Grenzbereich liegt oder nur durch eine Ausnahme besteht.",
        "Time to approve runs from the evaluation to the entry of the approval. An approval counts as borderline when a deciding criterion lies in the borderline zone or passes by an override only.",
    );
    let people = Section::new(
        pick("Personen", "Persons"),
        vec![
            Block::text(definition),
            people(&reviews.reviewers, language),
        ],
    );
    let targets = Section::new(
        pick("Anträge", "Requests"),
        vec![targets(&reviews.targets, language)],
    );
    Document {
        lang: language.as_str(),
        title: pick("Statistik der Prüfungen", "Review statistics").to_owned(),
        banner: reviews.about.banner(language),
        facts: reviews.about.facts(language),
        sections: vec![people, targets],
        seal: Some(seal),
    }
}

fn people(reviewers: &[Reviewer], language: Language) -> Block {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    if reviewers.is_empty() {
        return Block::text(pick(
            "Niemand hat bisher freigegeben oder abgelehnt.",
            "Nobody has approved or denied anything yet.",
        ));
    }
    let time = |ms: Option<i64>| dash(ms.map(|ms| span(language, ms)).as_ref());
    let percent = |share: &Decimal| {
        let hundred = share.times(&Decimal::from_int(100));
        format!("{}%", hundred.to_fixed(1))
    };
    let rows = reviewers.iter().map(|r| Row {
        cells: vec![
            r.person.to_string(),
            r.role.clone(),
            r.approvals.to_string(),
            format!(
                "{} ({})",
                r.borderline,
                dash(r.borderline_share.as_ref().map(percent).as_ref())
            ),
            time(r.time_to_approve_min_ms),
            time(r.time_to_approve_median_ms),
            time(r.time_to_approve_max_ms),
            r.denials.to_string(),
            r.unapprovals.to_string(),
        ],
        level: None,
        at: None,
    });
    let heads = [
        pick("Person", "Person"),
        pick("Rolle", "Role"),
        pick("#Freigaben", "#Approvals"),
        pick("#davon Grenzfälle", "#borderline"),
        pick("#Zeit: kürzeste", "#Time: shortest"),
        pick("#Median", "#Median"),
        pick("#längste", "#longest"),
        pick("#Ablehnungen", "#Denials"),
        pick("#Zurückgenommen", "#Taken back"),
    ];
    Block::Table(Table {
        heads: heads.iter().map(|text| Head::new(text)).collect(),
        rows: rows.collect(),
    })
}

fn targets(lines: &[TargetLine], language: Language) -> Block {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let rows = lines.iter().map(|line| {
        let by: Vec<String> = line
            .by_status
            .iter()
            .map(|(status, count)| format!("{status} {count}"))
            .collect();
        let time = line.decision_median_ms.map(|ms| span(language, ms));
        Row {
            cells: vec![
                line.target.stage().to_string(),
                line.requests.to_string(),
                if by.is_empty() {
                    dash::<String>(None)
                } else {
                    by.join(", ")
                },
                dash(time.as_ref()),
            ],
            level: None,
            at: None,
        }
    });
    let heads = [
        pick("Ziel", "Target"),
        pick("#Anträge", "#Requests"),
        pick("Stand", "Standing"),
        pick("#Median bis zur Entscheidung", "#Median until the decision"),
    ];
    Block::Table(Table {
        heads: heads.iter().map(|text| Head::new(text)).collect(),
        rows: rows.collect(),
    })
}

/// Columns of the sheet: reviewers only; `portfolio` is empty where all were asked for.
pub const COLUMNS: &[&str] = &[
    "portfolio",
    "person",
    "role",
    "approvals",
    "borderline",
    "borderline_share",
    "time_to_approve_min_ms",
    "time_to_approve_median_ms",
    "time_to_approve_max_ms",
    "denials",
    "unapprovals",
];

/// The reviewers as a sheet.
#[must_use]
pub fn sheet(reviews: &Reviews) -> Sheet {
    let row = |r: &Reviewer| {
        vec![
            cell(reviews.about.portfolio.as_ref()),
            r.person.to_string(),
            r.role.clone(),
            r.approvals.to_string(),
            r.borderline.to_string(),
            cell(r.borderline_share.as_ref()),
            cell(r.time_to_approve_min_ms.as_ref()),
            cell(r.time_to_approve_median_ms.as_ref()),
            cell(r.time_to_approve_max_ms.as_ref()),
            r.denials.to_string(),
            r.unapprovals.to_string(),
        ]
    };
    Sheet {
        columns: COLUMNS.to_vec(),
        rows: reviews.reviewers.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn medians() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [5]), Some(5));
        assert_eq!(median(&mut [9, 1]), Some(5));
        assert_eq!(median(&mut [3, 9, 1]), Some(3));
        assert_eq!(median(&mut [8, 1, 4, 3]), Some(3));
    }
}
