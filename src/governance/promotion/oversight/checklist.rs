//! Checklists: the guard of a confirmation, what it changes, and which items are still open.
//!
//! An item is done when a person in its role, and where it wants a second one another person in
//! that role, confirmed exactly these words since the portfolio entered its present stage; an
//! `auto` item when the ledger holds what it names. A confirmation by a key that somebody else may
//! hold by now does not count. Approvals do not wait for items, the decision does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::event::Signed;
use super::super::guard::{self, Moment, stage_before};
use super::super::missing::{self, Missing};
use super::super::quorum::Tally;
use super::super::refusal::Refusal;
use super::super::state::{Mark, RequestRecord, State};
use super::acts::ChecklistItem;
use crate::governance::policy::checklists::{FilledBy, Item, Kind};
use crate::governance::policy::roles::Role;
use crate::governance::policy::verdict::Outcome;
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{ItemId, PersonId, PortfolioId};
use crate::kernel::time::UtcTime;

/// A confirmation that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Which item.
    pub item: ItemId,
    /// The item as it was read.
    pub item_sha256: Digest,
    /// Who, when, where; the note is its comment.
    pub mark: Mark,
    /// Day on which it was found.
    pub date: String,
    /// The document.
    pub document: Option<Digest>,
    /// Version of the portfolio that it was found on.
    pub version: Option<Digest>,
}

/// How an item stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'s> {
    /// The item.
    pub item: &'s Item,
    /// Confirmations that count, in the order of the item's roles.
    pub confirmed: Vec<&'s Confirmed>,
    /// Roles that still have to confirm.
    pub open: Vec<Role>,
    /// True when nothing is missing.
    pub done: bool,
}

/// Whether open items of `target` stand in the way: always but before SHADOW in a sandbox, where
/// they are advice.
#[must_use]
pub fn is_binding(state: &State, target: Target) -> bool {
    target != Target::Shadow || !state.genesis.sandbox
}

/// How every item before `target` stands for `portfolio`; `auto` items look at `record`, the
/// request for it, and at the count of its approvals.
#[must_use]
pub fn standings<'s>(
    state: &'s State,
    portfolio: &PortfolioId,
    target: Target,
    request: Option<(&RequestRecord, &Tally)>,
) -> Vec<Standing<'s>> {
    let items = state.policy.checklists().at(target);
    let mut list: Vec<Standing<'s>> = items
        .iter()
        .map(|item| stand(state, portfolio, target, item))
        .collect();
    let complete = list
        .iter()
        .filter(|s| s.item.kind != Kind::Auto)
        .all(|s| s.done);
    for standing in &mut list {
        if let Some(source) = standing.item.source {
            standing.done = filled(source, complete, request);
        }
    }
    list
}

/// The strategy digest that a confirmation is about: before SHADOW that of the last request for it,
/// later that of the version in the stage before. What was found on one version says nothing about
/// another.
fn version(state: &State, portfolio: &PortfolioId, target: Target) -> Option<Digest> {
    if target != Target::Shadow {
        let held = state.portfolios.get(portfolio)?;
        return held
            .version_at(stage_before(target))
            .map(|(strategy, _)| strategy);
    }
    state
        .history(portfolio)
        .filter(|record| record.request.target == target)
        .last()
        .map(|record| record.request.strategy_sha256)
}

fn stand<'s>(
    state: &'s State,
    portfolio: &PortfolioId,
    target: Target,
    item: &'s Item,
) -> Standing<'s> {
    let digest = item.digest();
    let version = version(state, portfolio, target);
    let held = state.portfolios.get(portfolio);
    let since = held.and_then(|held| held.version_at(stage_before(target)));
    let since = since.map(|(_, since)| since);
    let key = (portfolio.clone(), target);
    let counting = |c: &&Confirmed| {
        c.item == item.id
            && c.item_sha256 == digest
            && c.version == version
            && !state.access.is_dead(&c.mark)
            && since.is_none_or(|since| c.mark.time >= since)
    };
    let all = state.oversight.confirmed.get(&key);
    let mut confirmed: Vec<&Confirmed> = Vec::new();
    let mut open = Vec::new();
    for role in item.roles() {
        let fits = |c: &&Confirmed| {
            c.mark.role == role.as_str() && confirmed.iter().all(|o| o.mark.person != c.mark.person)
        };
        let found = all.into_iter().flatten().filter(counting).find(fits);
        match found {
            Some(found) => confirmed.push(found),
            None => open.push(role),
        }
    }
    Standing {
        item,
        done: item.kind != Kind::Auto && open.is_empty(),
        confirmed,
        open,
    }
}

fn filled(source: FilledBy, complete: bool, request: Option<(&RequestRecord, &Tally)>) -> bool {
    let Some((record, tally)) = request else {
        return source == FilledBy::Complete && complete;
    };
    let slot = |role: Role| {
        let filling = |a: &&super::super::state::Approved| tally.filling.contains(&a.mark.leaf);
        record
            .approvals
            .iter()
            .filter(filling)
            .any(|a| a.role == role)
    };
    match source {
        FilledBy::Request => true,
        FilledBy::Judged => record
            .judged
            .as_ref()
            .is_some_and(|j| j.verdict.outcome == Outcome::Promote),
        FilledBy::SlotResearch => slot(Role::Research),
        FilledBy::SlotRisk => slot(Role::Risk),
        FilledBy::SecondPerson => {
            let approvers = record
                .approvals
                .iter()
                .filter(|a| tally.filling.contains(&a.mark.leaf))
                .map(|a| &a.mark.person);
            let persons: BTreeSet<&PersonId> = approvers.chain([&record.mark.person]).collect();
            persons.len() >= 2
        }
        FilledBy::Complete => complete,
    }
}

/// What the checklist still wants before the decision on `record`.
pub fn missing(state: &State, record: &RequestRecord, now: UtcTime) -> Vec<Missing> {
    let request = &record.request;
    if !is_binding(state, request.target) {
        return Vec::new();
    }
    let tally = missing::count(state, record, now);
    let known = Some((record, &tally));
    let list = standings(state, &request.portfolio, request.target, known);
    let mut found = Vec::new();
    for standing in &list {
        let id = &standing.item.id;
        for role in &standing.open {
            let text = format!("checklist item `{id}`: {}", standing.item.text);
            let command = command(&request.portfolio, request.target, standing.item, *role);
            found.push(Missing::new(
                "checklist",
                Some(role.as_str()),
                text,
                Some(command),
            ));
        }
    }
    found
}

/// The command that confirms `item` in `role`.
#[must_use]
pub fn command(portfolio: &PortfolioId, target: Target, item: &Item, role: Role) -> String {
    let document = match item.kind {
        Kind::Document => " --document FILE",
        Kind::Auto | Kind::Attest => "",
    };
    format!(
        "promote checklist confirm {portfolio} --target {target} {} --role {role} --key KEY --note TEXT --date DATE{document}",
        item.id
    )
}

/// Checks the confirmation inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    state: &State,
    signed: &Signed,
    act: &ChecklistItem,
    at: &Moment,
) -> Result<(), Refusal> {
    signed.single()?;
    let signers = guard::signers(state, signed)?;
    guard::frame(state, signed, at)?;
    guard::raises_risk(state)?;
    let Some((person, role)) = signers.first() else {
        return Err(Refusal::SignersWanted {
            act: "checklist-item",
            wanted: "one person".to_owned(),
        });
    };
    check_target(state, act)?;
    let Some(item) = state.policy.checklists().item(act.target, &act.item) else {
        return Err(Refusal::UnknownItem {
            item: act.item.clone(),
            target: act.target,
        });
    };
    if item.kind == Kind::Auto {
        return Err(Refusal::ItemIsAuto {
            item: act.item.clone(),
        });
    }
    if act.item_sha256 != item.digest() {
        return Err(Refusal::StatementDiffers {
            field: "item_sha256",
        });
    }
    if !item.roles().any(|wanted| wanted == *role) {
        let roles: Vec<&str> = item.roles().map(|r| r.as_str()).collect();
        return Err(Refusal::ItemRole {
            item: act.item.clone(),
            wanted: roles.join(" or "),
        });
    }
    check_words(act, item, at.now)?;
    let standing = stand(state, &act.portfolio, act.target, item);
    let again = standing.confirmed.iter().any(|c| c.mark.person == *person);
    if !again && standing.open.contains(role) {
        return Ok(());
    }
    Err(Refusal::ItemConfirmed {
        item: act.item.clone(),
    })
}

/// Only the next transition has a checklist that can be filled.
fn check_target(state: &State, act: &ChecklistItem) -> Result<(), Refusal> {
    let Some(portfolio) = state.portfolios.get(&act.portfolio) else {
        return Err(Refusal::UnknownPortfolio {
            portfolio: act.portfolio.clone(),
        });
    };
    // A new version climbs from RESEARCH, whatever runs meanwhile.
    let anew = portfolio.stage != Stage::Retired && act.target == Target::Shadow;
    if anew || portfolio.version_at(stage_before(act.target)).is_some() {
        return Ok(());
    }
    Err(Refusal::StageOrder {
        from: portfolio.stage,
        target: act.target,
    })
}

fn check_words(act: &ChecklistItem, item: &Item, now: UtcTime) -> Result<(), Refusal> {
    guard::words(&act.note, "note")?;
    let day = UtcTime::parse_loose(&act.date).ok();
    let plain = act.date.len() == 10;
    if !plain || day.is_none_or(|day| day > now) {
        return Err(Refusal::DateMalformed);
    }
    if (item.kind == Kind::Document) == act.document.is_some() {
        return Ok(());
    }
    Err(Refusal::DocumentWanted {
        item: act.item.clone(),
    })
}

/// Notes the confirmation.
pub fn effect(state: &mut State, act: &ChecklistItem, mut mark: Mark) {
    mark.comment.clone_from(&act.note);
    let version = version(state, &act.portfolio, act.target);
    let key = (act.portfolio.clone(), act.target);
    state
        .oversight
        .confirmed
        .entry(key)
        .or_default()
        .push(Confirmed {
            item: act.item.clone(),
            item_sha256: act.item_sha256,
            mark,
            date: act.date.clone(),
            document: act.document,
            version,
        });
}

/// The names for which ops may deny a request for `target`: of the items that ops confirms.
#[must_use]
pub fn items_of_ops(state: &State, target: Target) -> Vec<&str> {
    let items = state.policy.checklists().at(target).iter();
    items
        .filter(|item| item.roles().any(|role| role == Role::Ops))
        .map(|item| item.id.as_str())
        .collect()
}
