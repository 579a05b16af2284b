//! The inventory: every portfolio with its objective, owner, stage, limits, venues, operators,
//! certificate, flags and what it still needs; every person with roles and keys; every instance and token.

use std::collections::BTreeMap;

use serde::Serialize;

use super::declared::{self, Objective, Venue};
use super::holders::{self, EnrolledInstance, PersonLine, TokenLine};
use super::{About, cell};
use crate::evidence::limits::Limits;
use crate::governance::promotion::access::distrust::standing_on;
use crate::governance::promotion::missing::{Missing, missing_of};
use crate::governance::promotion::safety::missing::{Flags, flags};
use crate::governance::promotion::state::{Portfolio, State, Status};
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId, ProfileId, RequestId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;
use crate::render::csv::Sheet;
use crate::render::decision_log::Language;

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
    /// Root keys in force, and the keys of the ledger itself.
    pub machine_keys: Vec<MachineKey>,
    /// How many root keys must sign together.
    pub root_threshold: u32,
    /// Entries without effect: while there are any, nothing that raises risk is accepted.
    pub findings: usize,
    /// Entries without effect that the root threshold set aside.
    pub voided: usize,
}

/// A root key, or a key of the ledger itself.
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
    /// What it is for, in the words of the request behind its stage; null: not declared.
    pub objective: Option<Objective>,
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
    /// Where its sessions traded, and where its instance does; empty: not declared.
    pub venues: Vec<Venue>,
    /// Persons in the role ops with a key that counts; empty: not declared.
    pub operators: Vec<PersonId>,
    /// Changed versions on their way up, below the one that runs.
    pub climbing: Vec<ClimbingVersion>,
    /// When the next certificate is due.
    pub certificate_due: Option<UtcTime>,
    /// Flags.
    pub flags: Flags,
    /// The open request.
    pub open_request: Option<OpenRequest>,
    /// What stands in the way: of a live session for LIVE, of any rise below, and of the open
    /// request; without one, what the last one left to be done.
    pub missing: Vec<Missing>,
}

/// A changed version on its way up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ClimbingVersion {
    /// Its stage.
    pub stage: Stage,
    /// Since when.
    pub since: UtcTime,
    /// Its strategy.
    pub strategy_sha256: Digest,
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
        Self {
            portfolio: id.clone(),
            objective: declared::objective(state, id, granted),
            owner: held.owner.clone(),
            profile: held.profile.clone(),
            stage: held.stage,
            since: held.since,
            granted_by: granted.map(|request| request.request.clone()),
            strategy_sha256: held.strategy,
            limits_sha256,
            limits: limits_sha256.and_then(|digest| limits.get(&digest).cloned()),
            instance: granted.and_then(|request| request.instance.clone()),
            venues: declared::venues(
                state,
                id,
                granted.and_then(|request| request.instance.as_ref()),
            ),
            operators: declared::operators(state),
            climbing: climbing(held),
            certificate_due: flags.certificate_due,
            flags,
            open_request: open.map(|record| OpenRequest {
                request: record.request.request.clone(),
                target: record.request.target,
                status: record.status,
                since: record.mark.time,
            }),
            missing: missing_of(state, id, now),
        }
    }
}

impl PortfolioStanding {
    /// Where it trades, in one line.
    #[must_use]
    pub fn venue_words(&self, language: Language) -> String {
        let lines: Vec<String> = self.venues.iter().map(|v| v.line(language)).collect();
        declared::joined(&lines, language)
    }

    /// Who may operate it, in one line.
    #[must_use]
    pub fn operator_words(&self, language: Language) -> String {
        let names: Vec<String> = self.operators.iter().map(ToString::to_string).collect();
        declared::joined(&names, language)
    }
}

/// The changed versions of a portfolio, the lowest first.
#[must_use]
pub fn climbing(held: &Portfolio) -> Vec<ClimbingVersion> {
    let each = held.climbing.iter();
    each.map(|(stage, version)| ClimbingVersion {
        stage: *stage,
        since: version.since,
        strategy_sha256: version.strategy,
    })
    .collect()
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
    let roots = state.access.roots.keys.iter().map(|key| ("root", key));
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
        root_threshold: state.access.roots.threshold,
        findings: state.findings.len(),
        voided: state.voided.len(),
        about,
    }
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
    "objective",
    "venues",
    "operators",
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
            line.objective.as_ref().map_or_else(
                || declared::undeclared(Language::En).to_owned(),
                |objective| objective.text.clone(),
            ),
            line.venue_words(Language::En),
            line.operator_words(Language::En),
        ]
    };
    Sheet {
        columns: COLUMNS.to_vec(),
        rows: inventory.portfolios.iter().map(row).collect(),
    }
}
