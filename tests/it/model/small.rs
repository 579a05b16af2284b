//! The small world: a ledger that is no sandbox, a policy set of two criteria with short times, two
//! portfolios of different profiles, seven persons, three roots, one instance.
//!
//! In: nothing. Out: a [`Small`] that deeds change. Every deed goes through the real `decide` and
//! `apply` with real signatures; only the policy set is smaller than the shipped one, and its days
//! are fewer.

use std::collections::BTreeMap;
use std::sync::Arc;

use promote::evidence::facts::Fact;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::safety::missing::flags;
use promote::governance::promotion::state::{Portfolio, RequestRecord};
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PortfolioId, ProfileId};
use promote::kernel::time::HOUR_MS;

use super::deeds::DEEDS;
use crate::machine::{Bench, facts, good};
use crate::token::with_instance;

const ROLES: &str = r#"
version = "1"
[separation]
requester_fills_no_slot = true
one_role_per_person = true
[quorum.playbook]
shadow = { slots = { risk = 1 }, persons = 1, time_lock_hours = 0, witnesses = 0 }
testnet = { slots = { research = 1, risk = 1 }, persons = 2, time_lock_hours = 0, witnesses = 0 }
live = { slots = { research = 1, risk = 1 }, persons = 2, time_lock_hours = 24, witnesses = 0 }
[quorum.regulated]
shadow = { slots = { risk = 1 }, persons = 1, time_lock_hours = 0, witnesses = 0 }
testnet = { slots = { research = 1, risk = 1 }, persons = 2, time_lock_hours = 0, witnesses = 0 }
live = { slots = { research = 1, risk = 1 }, persons = 2, time_lock_hours = 24, witnesses = 0 }
[approval]
shadow = { ttl_hours = 24, head_age_hours_max = 24 }
testnet = { ttl_hours = 24, head_age_hours_max = 24 }
live = { ttl_hours = 48, head_age_hours_max = 24 }
[request]
ttl_days = 2
cool_off_days = 2
looks_max = 1000
shadow_dwell_days = 1
testnet_dwell_days = 1
[certificate]
shadow = { days = 2, warn_days = 1, grace_days = 1 }
testnet = { days = 2, warn_days = 1, grace_days = 1 }
live = { days = 2, warn_days = 1, grace_days = 1 }
[override]
hours_max = 24
review_days = 2
[clock]
ahead_hours_max = 87600
[assurance]
rerun_from = "live"
registered_data_from = "live"
reduced_allowed = true
"#;

const CHECKLISTS: &str = r#"
version = "1"
shadow = []
testnet = []
[[live]]
id = "runbook_known"
kind = "attest"
role = "ops"
text = "The runbook is known."
"#;

/// The conventions and two criteria: one that nobody overrides, one that two risk persons may.
const CRITERIA: &str = r#"
[[criterion]]
id = "sharpe_oos"
metric = "sharpe"
sample = "oos"
op = "ge"
floor = 0.8
target = 1.0
unit = "ratio"
enforcement = "hard"
rationale = "Return per unit of risk."

[[criterion]]
id = "crash_drawdown"
metric = "crash_drawdown"
sample = "stress"
op = "le"
floor = 0.30
target = 0.25
unit = "fraction"
enforcement = { shadow = "soft", testnet = "soft", live = "hard" }
rationale = "What a crash would have cost."
"#;

fn files() -> BTreeMap<String, Vec<u8>> {
    let shipped = embedded_files();
    let profile = |name: &str| {
        let text = String::from_utf8(shipped[&format!("{name}.toml")].clone()).unwrap();
        let head = text.split_once("[[criterion]]").unwrap().0;
        (
            format!("{name}.toml"),
            format!("{head}{CRITERIA}").into_bytes(),
        )
    };
    BTreeMap::from([
        profile("conservative"),
        profile("aggressive"),
        ("roles.toml".to_owned(), ROLES.into()),
        ("checklists.toml".to_owned(), CHECKLISTS.into()),
    ])
}

/// A set that grants one look less and warns earlier of certificates, which is stricter. It puts no
/// fall off.
fn stricter() -> PolicySet {
    let mut files = files();
    let changed = ROLES.replacen("looks_max = 1000", "looks_max = 999", 1);
    let changed = changed.replace("warn_days = 1", "warn_days = 2");
    assert_ne!(ROLES, changed);
    files.insert("roles.toml".to_owned(), changed.into_bytes());
    PolicySet::load(files).unwrap()
}

/// A state of the small world.
#[derive(Clone)]
pub struct Small {
    pub bench: Bench,
    /// An approval that was signed and not brought yet.
    pub kept: Option<Signed>,
    /// How many disturbances may still happen.
    pub left: u8,
}

/// The portfolio that moves.
pub fn p() -> PortfolioId {
    PortfolioId::new("p").unwrap()
}

/// Its only version.
pub fn strategy() -> Digest {
    Digest::of(b"s1")
}

/// The portfolio that stands beside it, of another profile.
pub fn q() -> PortfolioId {
    PortfolioId::new("q").unwrap()
}

/// Facts that miss the soft criterion only.
pub fn missed() -> Vec<Fact> {
    facts("1.05", "0.18", "0.31")
}

/// Facts that no override helps.
pub fn bad() -> Vec<Fact> {
    facts("0.5", "0.18", "0.26")
}

impl Small {
    /// Nothing was asked for `p`; `q` waits for its approval of SHADOW.
    pub fn new(left: u8) -> Self {
        let bench = Bench::with(|genesis| genesis.sandbox = false, files());
        let mut bench = with_instance(bench);
        bench.enrol("risk-3", Role::Risk);
        let set = Arc::new(stricter());
        bench.state.oversight.known.insert(set.digest(), set);
        let mut request = bench.request("q", "other");
        request.profile = ProfileId::new("aggressive").unwrap();
        bench.ask(request).unwrap();
        bench.evaluate("q-0001", good()).unwrap();
        // From here on times are whole days apart.
        bench.now = bench.state.last_time();
        bench.brief = true;
        Self {
            bench,
            kept: None,
            left,
        }
    }

    /// What these deeds, one after the other, make of a new world.
    pub fn walked(left: u8, names: &[&str]) -> Self {
        let mut small = Self::new(left);
        for name in names {
            let deed = DEEDS.iter().find(|deed| deed.name == *name);
            let answer = (deed.unwrap_or_else(|| panic!("{name}")).run)(&mut small);
            answer.unwrap_or_else(|| panic!("{name}")).unwrap();
        }
        small
    }

    pub fn portfolio(&self) -> Option<&Portfolio> {
        self.bench.state.portfolios.get(&p())
    }

    pub fn stage(&self) -> Stage {
        self.portfolio().map_or(Stage::Research, |held| held.stage)
    }

    /// The last request of `p`, open or not.
    pub fn newest(&self) -> Option<&RequestRecord> {
        self.bench.state.history(&p()).last()
    }

    pub fn open(&self) -> Option<&RequestRecord> {
        self.bench.state.open_request(&p())
    }

    pub fn is_halted(&self) -> bool {
        let state = &self.bench.state;
        flags(state, &p(), self.bench.now).halted
    }

    /// Time goes on by whole days.
    pub fn pass(&mut self, days: i64) {
        self.pass_hours(24 * days);
    }

    pub fn pass_hours(&mut self, hours: i64) {
        self.bench.now = self.bench.now.plus_millis(hours * HOUR_MS);
        settle(&mut self.bench.state, self.bench.now);
    }

    /// A digest that was never used.
    pub fn fresh(&self, word: &str) -> Digest {
        Digest::of(format!("{word} {}", self.bench.entries.len()).as_bytes())
    }
}
