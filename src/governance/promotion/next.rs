//! The command that a portfolio waits for: what every command that changes something prints last.
//!
//! In: a settled state, a portfolio, the time. Out: one command line that the command line's parser
//! takes, with placeholders in capitals for what only its reader knows. What stands in the way comes
//! first, in the order in which it can be done: an incident is closed before a certificate is given,
//! a certificate before a halt is lifted.

use crate::governance::stage::{Stage, Target};
use crate::kernel::id::{InstanceId, PortfolioId};
use crate::kernel::time::{DAY_MS, UtcTime};

use super::access::missing_token::{self, live_decision, missing_token};
use super::guard::request::further_flags;
use super::missing::missing;
use super::oversight;
use super::safety::{due, halt, incident, resume};
use super::state::{Portfolio, RequestRecord, State, Status};
use super::tracks::covered::union_ms;
use super::tracks::rise::dwell_days;
use super::tracks::session::{Place, SessionRecord, fits, of_stay};

/// What `id` waits for at `now`.
#[must_use]
pub fn next(state: &State, id: &PortfolioId, now: UtcTime) -> String {
    if !state.findings.is_empty() {
        return "promote ledger verify".to_owned();
    }
    let Some(held) = state.portfolios.get(id) else {
        return request(id, Target::Shadow);
    };
    if held.stage == Stage::Retired {
        return format!("promote log export --portfolio {id}");
    }
    in_the_way(state, id, held, now)
        .or_else(|| asked(state, id, now))
        .unwrap_or_else(|| onwards(state, id, held, now))
}

/// The command for a registered portfolio's certificate.
#[must_use]
pub fn recertify(id: &PortfolioId) -> String {
    format!("promote recertify {id} --evidence DIR --summary TEXT --key KEY")
}

/// What has to be done about a halt: the certificate that its resume would want, else the resume.
#[must_use]
pub fn lift(state: &State, record: &halt::HaltRecord, now: UtcTime) -> String {
    match resume::uncertified(state, record, now) {
        Some(id) => recertify(&id),
        None => {
            let of = which(state, record);
            let seq = record.seq;
            format!("promote resume --halt {seq}{of} --reason TEXT --key RISK --key OPS")
        }
    }
}

/// Which portfolio's halt, where one entry halts several.
fn which(state: &State, record: &halt::HaltRecord) -> String {
    let halts = state.safety.halts.iter();
    let same = halts.filter(|h| h.seq == record.seq && h.resumed.is_none());
    match &record.scope {
        halt::HaltScope::Portfolio(id) if same.count() > 1 => format!(" --portfolio {id}"),
        _ => String::new(),
    }
}

/// Incidents, halts and certificates.
fn in_the_way(state: &State, id: &PortfolioId, held: &Portfolio, now: UtcTime) -> Option<String> {
    if let Some(open) = incident::worst_open(state, id) {
        let seq = open.mark.seq;
        return Some(format!(
            "promote incident close {seq} --finding TEXT --key KEY"
        ));
    }
    if let Some(record) = halt::in_force(state, id, &held.profile) {
        return Some(lift(state, record, now));
    }
    let due = due::overdue(state, id, now).is_some()
        || oversight::recertification_due(state, id).is_some();
    due.then(|| recertify(id))
}

/// What its last request waits for, or left to be done.
fn asked(state: &State, id: &PortfolioId, now: UtcTime) -> Option<String> {
    let record = state.history(id).last()?;
    if record.status.is_open() {
        let list = missing(state, record, now);
        let request = &record.request.request;
        return Some(match list.iter().find_map(|line| line.command.clone()) {
            Some(command) => command,
            None if list.is_empty() => format!("promote decide {request}"),
            None => format!("promote show {request}"),
        });
    }
    match record.status {
        Status::Rejected => Some(format!("promote explain {}", record.request.request)),
        Status::Revise => missing(state, record, now)
            .into_iter()
            .find_map(|m| m.command),
        _ => None,
    }
}

/// The way up from where it stands, or what a LIVE one runs on.
fn onwards(state: &State, id: &PortfolioId, held: &Portfolio, now: UtcTime) -> String {
    let climbs = held.climbing.keys().next_back();
    match climbs.copied().unwrap_or(held.stage) {
        Stage::Live => live(state, id, now),
        stage @ (Stage::Shadow | Stage::Testnet) => watched(state, id, held, stage),
        Stage::Research | Stage::Retired => request(id, Target::Shadow),
    }
}

fn live(state: &State, id: &PortfolioId, now: UtcTime) -> String {
    let list = missing_token(state, id, now);
    let told = list.iter().filter(|line| line.code != missing_token::STAGE);
    if let Some(command) = told.filter_map(|line| line.command.clone()).next() {
        return command;
    }
    if !list.is_empty() {
        return format!("promote status {id}");
    }
    let name = approved_instance(state, id);
    let name = name.map_or("NAME", InstanceId::as_str);
    format!("promote token issue {id} --instance {name} --confirm {id} --key KEY")
}

/// The instance that the approvers of LIVE decided about.
fn approved_instance<'s>(state: &'s State, id: &PortfolioId) -> Option<&'s InstanceId> {
    let leaf = live_decision(state, id)?.mark.leaf;
    let decided = |r: &&RequestRecord| {
        let by = r.end.as_ref().and_then(|end| end.by.as_ref());
        by.is_some_and(|by| by.leaf == leaf)
    };
    state.history(id).find(decided)?.request.instance.as_ref()
}

/// SHADOW and TESTNET are shown by sessions: one is opened, committed, closed, joined, requested.
fn watched(state: &State, id: &PortfolioId, held: &Portfolio, stage: Stage) -> String {
    let Some((strategy, _)) = held.version_at(stage) else {
        return request(id, Target::Shadow);
    };
    let sessions: Vec<&SessionRecord> = of_stay(state, id, strategy).collect();
    let covered: Vec<_> = sessions
        .iter()
        .flat_map(|s| s.covered.iter().copied())
        .collect();
    let days = dwell_days(state, stage);
    let enough = union_ms(&covered) >= i64::from(days).saturating_mul(DAY_MS);
    if let Some(open) = sessions.iter().find(|s| s.close.is_none()) {
        let session = &open.open.session;
        return if enough {
            format!("promote session close {session} --status completed --key KEY")
        } else {
            format!("promote session commit {session} --log DIR --key KEY")
        };
    }
    let word = stage.to_string().to_lowercase();
    let logs: Vec<String> = sessions
        .iter()
        .filter(|s| !s.commits.is_empty())
        .map(|s| format!(" --import {}=DIR", s.open.session))
        .collect();
    if enough && !logs.is_empty() {
        let logs = logs.concat();
        return format!("promote session evidence {id} --stage {word}{logs} --out DIR --key KEY");
    }
    let sandbox = state.genesis.sandbox;
    let mut places = Place::ALL.into_iter();
    let place = places.find(|place| fits(stage, *place, sandbox));
    let place = place.map_or("simulated", Place::as_str);
    format!(
        "promote session open {id} --stage {word} --environment {place} --system TEXT --timeframe LENGTH --key KEY"
    )
}

/// What a bundle of sessions in `stage` is for.
#[must_use]
pub fn request_above(id: &PortfolioId, stage: Stage, bundle: &str) -> String {
    match stage {
        Stage::Shadow => above(id, Target::Testnet, bundle),
        Stage::Testnet => above(id, Target::Live, bundle),
        Stage::Research | Stage::Live | Stage::Retired => format!(
            "promote recertify {id} --evidence DIR --evidence {bundle} --summary TEXT --key KEY"
        ),
    }
}

fn above(id: &PortfolioId, target: Target, bundle: &str) -> String {
    let further = further_flags(target);
    format!(
        "promote request {id} --target {target} --evidence DIR --evidence {bundle} --summary TEXT{further} --key KEY"
    )
}

fn request(id: &PortfolioId, target: Target) -> String {
    let further = further_flags(target);
    format!(
        "promote request {id} --target {target} --evidence DIR --summary TEXT{further} --key KEY"
    )
}
