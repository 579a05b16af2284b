//! Whom an entry concerns: one portfolio, several, or everybody.
//!
//! In: every entry of a ledger. Out: for each its [`Concern`]. An entry is kept from a reader's view
//! of a portfolio only when it names others and nothing else: what cannot be read, what is new to
//! this program and what bears on keys, roles, policies or everything is common. The answer follows
//! from the entries alone, so whoever has them all can check it.

use std::collections::{BTreeMap, BTreeSet};

use crate::governance::audit::entry::Entry;
use crate::governance::promotion::event;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::HaltScope;
use crate::governance::promotion::statement::{Act, EvidenceRef, Statement};
use crate::governance::promotion::tracks::TrackAct;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId, SessionId};

/// Whom an entry concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// Everybody.
    Common,
    /// These portfolios.
    Of(BTreeSet<PortfolioId>),
}

impl Concern {
    fn one(portfolio: &PortfolioId) -> Self {
        Self::Of(BTreeSet::from([portfolio.clone()]))
    }

    /// True when it concerns `portfolio` by name.
    #[must_use]
    pub fn is_about(&self, portfolio: &PortfolioId) -> bool {
        matches!(self, Self::Of(named) if named.contains(portfolio))
    }
}

/// What later entries refer to, and the portfolios behind it.
#[derive(Default)]
struct Known {
    requests: BTreeMap<RequestId, PortfolioId>,
    tokens: BTreeMap<String, PortfolioId>,
    sessions: BTreeMap<SessionId, PortfolioId>,
    trials: BTreeMap<Digest, PortfolioId>,
    evidence: BTreeMap<Digest, BTreeSet<PortfolioId>>,
    halts: BTreeMap<Digest, HaltScope>,
}

/// Whom each of `entries` concerns, in their order.
#[must_use]
pub fn of_all(entries: &[Entry]) -> Vec<Concern> {
    let acts: Vec<Option<Act>> = entries.iter().map(act_of).collect();
    let mut known = Known::default();
    for (entry, act) in entries.iter().zip(&acts) {
        if let Some(act) = act {
            known.learn(entry, act);
        }
    }
    acts.iter()
        .map(|act| {
            act.as_ref()
                .map_or(Concern::Common, |act| known.concern(act))
        })
        .collect()
}

fn act_of(entry: &Entry) -> Option<Act> {
    event::read(entry).ok().map(|signed| signed.statement.act)
}

impl Known {
    fn learn(&mut self, entry: &Entry, act: &Act) {
        match act {
            Act::Request(act) => {
                let portfolio = act.portfolio.clone();
                self.evidence(&act.evidence, &portfolio);
                // The first to name it: a second entry of that name has no effect.
                self.requests
                    .entry(act.request.clone())
                    .or_insert(portfolio);
            }
            Act::TokenIssue(act) => {
                let portfolio = act.portfolio.clone();
                self.tokens.entry(act.jti.clone()).or_insert(portfolio);
            }
            Act::Safety(act) => match act.as_ref() {
                SafetyAct::Halt(act) => {
                    self.halts.insert(entry.leaf_hash, act.scope.clone());
                }
                SafetyAct::Recertification(act) => self.evidence(&act.evidence, &act.portfolio),
                _ => {}
            },
            Act::Track(act) => match act.as_ref() {
                TrackAct::SessionOpen(act) => {
                    let portfolio = act.portfolio.clone();
                    self.sessions
                        .entry(act.session.clone())
                        .or_insert(portfolio);
                }
                TrackAct::TrialStart(act) => {
                    let portfolio = act.portfolio.clone();
                    self.trials.entry(act.record_sha256).or_insert(portfolio);
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn evidence(&mut self, evidence: &[EvidenceRef], portfolio: &PortfolioId) {
        for bundle in evidence {
            let of = self.evidence.entry(bundle.evidence_sha256).or_default();
            of.insert(portfolio.clone());
        }
    }

    fn concern(&self, act: &Act) -> Concern {
        match act {
            Act::Request(act) => {
                let mut named = BTreeSet::from([act.portfolio.clone()]);
                named.extend(act.grounds.predecessors.iter().cloned());
                Concern::Of(named)
            }
            Act::Evaluation(act) => self.request(&act.request),
            Act::EvaluationError(act) => self.request(&act.request),
            Act::Approval(act) => Concern::one(&act.portfolio),
            Act::Denial(act) => self.request(&act.request),
            Act::Withdrawal(act) => self.request(&act.request),
            Act::Decision(act) => Concern::one(&act.portfolio),
            Act::ChecklistItem(act) => Concern::one(&act.portfolio),
            Act::TokenIssue(act) => Concern::one(&act.portfolio),
            Act::TokenRedemption(act) => Concern::one(&act.portfolio),
            Act::TokenRevocation(act) => found(self.tokens.get(&act.jti)),
            Act::Refusal(act) => match Statement::from_bytes(act.statement.as_bytes()) {
                Ok(inner) if !matches!(inner.act, Act::Refusal(_)) => self.concern(&inner.act),
                _ => Concern::Common,
            },
            Act::Safety(act) => self.safety(act),
            Act::Track(act) => self.track(act),
            _ => Concern::Common,
        }
    }

    fn safety(&self, act: &SafetyAct) -> Concern {
        match act {
            SafetyAct::Halt(act) => scope(Some(&act.scope)),
            SafetyAct::Resume(act) => scope(Some(&act.scope)),
            SafetyAct::Drill(act) => scope(self.halts.get(&act.halt)),
            SafetyAct::IncidentOpening(act) => Concern::one(&act.portfolio),
            SafetyAct::IncidentClosing(act) => Concern::one(&act.portfolio),
            SafetyAct::Demotion(act) => Concern::one(&act.portfolio),
            SafetyAct::Retirement(act) => Concern::one(&act.portfolio),
            SafetyAct::Unapproval(act) => self.request(&act.request),
            SafetyAct::Recertification(act) => Concern::one(&act.portfolio),
            SafetyAct::Override(act) => Concern::one(&act.portfolio),
            SafetyAct::OverrideReview(act) => Concern::one(&act.portfolio),
            SafetyAct::ClockAcknowledgement(_) | SafetyAct::ClockRemark(_) => Concern::Common,
        }
    }

    fn track(&self, act: &TrackAct) -> Concern {
        match act {
            TrackAct::SessionOpen(act) => Concern::one(&act.portfolio),
            TrackAct::SessionCommit(act) => found(self.sessions.get(&act.session)),
            TrackAct::SessionClose(act) => found(self.sessions.get(&act.session)),
            TrackAct::TrialStart(act) => Concern::one(&act.portfolio),
            TrackAct::TrialEnd(act) => found(self.trials.get(&act.record_sha256)),
            TrackAct::Rerun(act) => self.bundle(&act.evidence_sha256),
            TrackAct::EvidenceAttestation(act) => self.bundle(&act.evidence_sha256),
            TrackAct::EvidenceRevocation(act) => self.bundle(&act.evidence_sha256),
            TrackAct::Dataset(_) => Concern::Common,
        }
    }

    fn request(&self, id: &RequestId) -> Concern {
        found(self.requests.get(id))
    }

    fn bundle(&self, digest: &Digest) -> Concern {
        match self.evidence.get(digest) {
            Some(named) => Concern::Of(named.clone()),
            None => Concern::Common,
        }
    }
}

fn found(portfolio: Option<&PortfolioId>) -> Concern {
    portfolio.map_or(Concern::Common, Concern::one)
}

fn scope(scope: Option<&HaltScope>) -> Concern {
    match scope {
        Some(HaltScope::Portfolio(portfolio)) => Concern::one(portfolio),
        _ => Concern::Common,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::audit::entry::Head;
    use crate::governance::promotion::event::Signed;
    use crate::governance::promotion::safety::halt::{Drill, Halt};
    use crate::governance::promotion::safety::resume::Resume;
    use crate::governance::promotion::safety::unapproval::Unapproval;
    use crate::governance::promotion::statement::{Denial, Signer, Withdrawal};
    use crate::governance::promotion::statement::{Refusal, Statement};
    use crate::governance::promotion::tracks::revocation::EvidenceRevocation;
    use crate::governance::promotion::tracks::session::{
        Ending, Place, SessionClose, SessionCommit, SessionOpen,
    };
    use crate::governance::promotion::tracks::trial::{TrialEnd, TrialStart};
    use crate::governance::stage::Stage;
    use crate::kernel::id::PersonId;
    use crate::kernel::time::UtcTime;

    fn head(size: u64) -> Head {
        Head {
            size,
            root: Digest::of(b"root"),
        }
    }

    fn statement(act: Act) -> Statement {
        let key =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh";
        let key: crate::kernel::pubkey::PublicKey = key.parse().unwrap();
        Statement {
            act,
            ledger: "l".to_owned(),
            head: head(1),
            signer: Signer {
                person: PersonId::new("ann").unwrap(),
                role: "ops".to_owned(),
                key: key.fingerprint(),
            },
            cosigners: Vec::new(),
            issued_at: UtcTime::EPOCH,
            expires_at: UtcTime::EPOCH,
            nonce: "0".repeat(32),
        }
    }

    fn entry(seq: u64, act: Act) -> Entry {
        let bytes = statement(act).to_bytes().unwrap();
        let draft = Signed::join(&bytes, &[]).unwrap().to_draft(UtcTime::EPOCH);
        Entry::seal(draft, "l", head(seq)).unwrap()
    }

    fn portfolio(name: &str) -> PortfolioId {
        PortfolioId::new(name).unwrap()
    }

    fn halt(scope: HaltScope) -> Act {
        Act::Safety(Box::new(SafetyAct::Halt(Halt {
            scope,
            reason: "x".to_owned(),
            drill: true,
        })))
    }

    fn track(act: TrackAct) -> Act {
        Act::Track(Box::new(act))
    }

    #[test]
    fn what_refers_to_something_concerns_its_portfolio() {
        let (session, record) = (SessionId::new("s-1").unwrap(), Digest::of(b"trial"));
        let open = SessionOpen {
            session: session.clone(),
            portfolio: portfolio("a"),
            stage: Stage::Shadow,
            strategy_sha256: Digest::of(b"s"),
            environment: Place::Simulated,
            system: "x".to_owned(),
            bar_ms: 60_000,
        };
        let commit = SessionCommit {
            session: session.clone(),
            number: 1,
            log_sha256: Digest::of(b"log"),
            bars: 1,
            first_bar: UtcTime::EPOCH,
            last_bar: UtcTime::EPOCH,
            orders: 0,
            events: 0,
        };
        let close = SessionClose {
            session,
            status: Ending::Completed,
            comment: String::new(),
        };
        let start = TrialStart {
            record_sha256: record,
            portfolio: portfolio("b"),
            what: crate::governance::promotion::tracks::trial::TrialKind::Sweep,
            runs: 2,
            strategy_sha256: None,
        };
        let end = TrialEnd {
            record_sha256: record,
            finished: 2,
            failed: 0,
        };
        let drilled = entry(5, halt(HaltScope::Portfolio(portfolio("b"))));
        let drill = Drill {
            halt: drilled.leaf_hash,
            file_ms: 1,
            entry_ms: 1,
        };
        let entries = [
            entry(0, track(TrackAct::SessionOpen(open))),
            entry(1, track(TrackAct::SessionCommit(commit))),
            entry(2, track(TrackAct::SessionClose(close))),
            entry(3, track(TrackAct::TrialStart(start))),
            entry(4, track(TrackAct::TrialEnd(end))),
            drilled,
            entry(6, Act::Safety(Box::new(SafetyAct::Drill(drill)))),
        ];
        let (a, b) = (Concern::one(&portfolio("a")), Concern::one(&portfolio("b")));
        assert_eq!(
            of_all(&entries),
            [a.clone(), a.clone(), a, b.clone(), b.clone(), b.clone(), b]
        );
    }

    #[test]
    fn what_nobody_can_assign_is_common() {
        let request = RequestId::new("a-0001").unwrap();
        let leaf = Digest::of(b"leaf");
        let safety = |act| Act::Safety(Box::new(act));
        let acts = [
            halt(HaltScope::Global),
            halt(HaltScope::Profile("moderate".parse().unwrap())),
            safety(SafetyAct::Resume(Resume {
                halt: leaf,
                scope: HaltScope::Global,
                reason: "x".to_owned(),
            })),
            safety(SafetyAct::Drill(Drill {
                halt: leaf,
                file_ms: 1,
                entry_ms: 1,
            })),
            // Of requests, evidence and statements that the ledger does not have.
            safety(SafetyAct::Unapproval(Unapproval {
                approval: leaf,
                request: request.clone(),
                reason: "x".to_owned(),
            })),
            Act::Denial(Denial {
                request: request.clone(),
                request_leaf: leaf,
                reason: "x".to_owned(),
                comment: String::new(),
            }),
            track(TrackAct::EvidenceRevocation(EvidenceRevocation {
                evidence_sha256: leaf,
                reason: "x".to_owned(),
            })),
            Act::Refusal(Refusal {
                statement: "no statement".to_owned(),
                signatures: Vec::new(),
                reason: "x".to_owned(),
            }),
        ];
        let entries: Vec<Entry> = (0..).zip(acts).map(|(seq, act)| entry(seq, act)).collect();
        let concerns = of_all(&entries);
        assert!(
            concerns.iter().all(|c| *c == Concern::Common),
            "{concerns:?}"
        );
        // A refused act concerns whom the act itself would have.
        let inner = statement(halt(HaltScope::Portfolio(portfolio("a"))));
        let refused = Act::Refusal(Refusal {
            statement: String::from_utf8(inner.to_bytes().unwrap()).unwrap(),
            signatures: Vec::new(),
            reason: "x".to_owned(),
        });
        let withdrawal = Act::Withdrawal(Withdrawal {
            request,
            request_leaf: leaf,
        });
        let concerns = of_all(&[entry(0, refused), entry(1, withdrawal)]);
        assert_eq!(concerns, [Concern::one(&portfolio("a")), Concern::Common]);
    }
}
