//! What the ledger knows of a portfolio's objective, of where it trades and of who operates it:
//! what supervisors look for in an inventory.
//!
//! Nothing is made up: what nobody declared is empty here, and pages and sheets call it so
//! ([`undeclared`]). The name of an exchange stands in no entry; places, hosts and systems do.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::can_sign;
use crate::governance::promotion::state::{RequestRecord, State};
use crate::governance::promotion::statement::Request;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId, RequestId};
use crate::kernel::text::visible;
use crate::render::decision_log::Language;

/// What a portfolio is for, in the words of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Objective {
    /// Its summary.
    pub text: String,
    /// The request.
    pub request: RequestId,
}

/// A place in which a portfolio trades or traded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Venue {
    /// `simulated`, `testnet` or `production`.
    pub environment: String,
    /// Instance that was approved with LIVE; null for what sessions named.
    pub instance: Option<InstanceId>,
    /// Host of that instance.
    pub host: Option<String>,
    /// Program that ran the session, in its opener's words; null for an instance.
    pub system: Option<String>,
}

/// The objective: the summary of the request by which the portfolio came to its stage, without one
/// that of its last request; none where that summary is blank.
#[must_use]
pub fn objective(state: &State, id: &PortfolioId, granted: Option<&Request>) -> Option<Objective> {
    let last = state.history(id).last().map(record_request);
    let request = granted.or(last)?;
    (!request.summary.trim().is_empty()).then(|| Objective {
        text: request.summary.clone(),
        request: request.request.clone(),
    })
}

fn record_request(record: &RequestRecord) -> &Request {
    &record.request
}

/// The places of a portfolio, each once: of its sessions, and of the instance that was approved.
#[must_use]
pub fn venues(state: &State, id: &PortfolioId, instance: Option<&InstanceId>) -> Vec<Venue> {
    let sessions = state.tracks.sessions.values();
    let ran = sessions
        .filter(|record| record.open.portfolio == *id)
        .map(|record| Venue {
            environment: record.open.environment.as_str().to_owned(),
            instance: None,
            host: None,
            system: Some(record.open.system.clone()),
        });
    let enrolled = instance.and_then(|name| state.access.instances.get(name));
    let approved = enrolled.map(|held| Venue {
        environment: held.card.environment.to_string(),
        instance: Some(held.card.instance.clone()),
        host: Some(held.card.host.clone()),
        system: None,
    });
    let each: BTreeSet<Venue> = approved.into_iter().chain(ran).collect();
    each.into_iter().collect()
}

/// Who may operate it: every person in the role ops with a key that counts.
#[must_use]
pub fn operators(state: &State) -> Vec<PersonId> {
    let all = state.persons.iter();
    all.filter(|(_, held)| held.roles.contains(&Role::Ops))
        .map(|(person, _)| person)
        .filter(|person| can_sign(state, person))
        .cloned()
        .collect()
}

/// What stands where nobody declared anything.
#[must_use]
pub fn undeclared(language: Language) -> &'static str {
    language.pick("nicht angegeben", "not declared")
}

impl Objective {
    /// As one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} ({})", self.text, self.request)
    }
}

impl Venue {
    /// As one line.
    #[must_use]
    pub fn line(&self, language: Language) -> String {
        let mut parts = vec![self.environment.clone()];
        if let Some(instance) = &self.instance {
            parts.push(format!(
                "{} {instance}",
                language.pick("Instanz", "instance")
            ));
        }
        if let Some(host) = &self.host {
            parts.push(format!(
                "{} {}",
                language.pick("Host", "host"),
                visible(host, 300)
            ));
        }
        if let Some(system) = &self.system {
            parts.push(format!(
                "{} {}",
                language.pick("System", "system"),
                visible(system, 300)
            ));
        }
        parts.join(", ")
    }
}

/// Lines joined, or that nothing was declared.
#[must_use]
pub fn joined(lines: &[String], language: Language) -> String {
    match lines {
        [] => undeclared(language).to_owned(),
        some => some.join("; "),
    }
}
