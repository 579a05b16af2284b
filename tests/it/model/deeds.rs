//! What can happen in the small world: every kind of event, by those who may and by those who may
//! not.
//!
//! In: a [`Small`]. Out: what the machine answered, or nothing where the deed has no object (there
//! is no halt to lift, no token to use). A deed of several entries is one step where the entries in
//! between are of no interest.

use promote::evidence::manifest::{EvidenceKind, Trials};
use promote::governance::policy::diff::Overall;
use promote::governance::promotion::access::acts::{Place, Reason, TokenRevocation, Void};
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::oversight::acts::{ChecklistItem, PolicyPublication};
use promote::governance::promotion::oversight::publication;
use promote::governance::promotion::oversight::replay::replay;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::certificate::{Recertification, judge};
use promote::governance::promotion::safety::halt::{Halt, HaltScope};
use promote::governance::promotion::safety::incident::{IncidentClass, IncidentOpening, Severity};
use promote::governance::promotion::safety::lowering::{Retirement, below};
use promote::governance::promotion::safety::overrides::Override;
use promote::governance::promotion::safety::review::OverrideReview;
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{
    Act, Decision, Enrolment, EvidenceRef, OosRange, Request, Signer,
};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::assurance::EvidenceAttestation;
use promote::governance::promotion::tracks::dataset::Dataset;
use promote::governance::promotion::tracks::grounds::{Grounds, sessions_before};
use promote::governance::promotion::tracks::rerun::Rerun;
use promote::governance::promotion::tracks::session::{
    Ending, Place as At, SessionClose, SessionCommit, SessionOpen, next_id, of_stay,
};
use promote::governance::promotion::unjudged::EvaluationError;
use promote::governance::promotion::versions::granted;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{CriterionId, PersonId, ProfileId};
use promote::kernel::time::{DAY_MS, UtcTime};

use super::naive::role_of;
use super::small::{Small, bad, missed, p, strategy};
use crate::machine::{good, key, public, seals, sign};
use crate::safety::act;
use crate::token::{self, Session, issue_act, limits};

/// What the machine answered; none where there was nothing to do.
pub type Answer = Option<Result<(), Refusal>>;

/// How a deed counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Part of the ordinary way.
    Way,
    /// A disturbance: only so many on one path.
    Disturbance,
    /// By somebody who may not, or of what may not be: always refused.
    Wrong,
}

/// One thing that can happen.
pub struct Deed {
    pub name: &'static str,
    pub sort: Sort,
    pub run: fn(&mut Small) -> Answer,
}

const fn way(name: &'static str, run: fn(&mut Small) -> Answer) -> Deed {
    let sort = Sort::Way;
    Deed { name, sort, run }
}

const fn disturbance(name: &'static str, run: fn(&mut Small) -> Answer) -> Deed {
    let sort = Sort::Disturbance;
    Deed { name, sort, run }
}

const fn wrong(name: &'static str, run: fn(&mut Small) -> Answer) -> Deed {
    let sort = Sort::Wrong;
    Deed { name, sort, run }
}

/// No trial was run, and the ledger knows that.
const NO_TRIALS: Trials = Trials {
    count: 0,
    records: Vec::new(),
    unregistered: false,
};

const RISK_AND_OPS: &[(&str, &str)] = &[("risk-1", "risk"), ("ops-1", "ops")];

/// Every deed.
pub const DEEDS: &[Deed] = &[
    way("the owner asks for the next stage", |s| {
        ask(s, "research-1", false)
    }),
    way("the engine judges it good", |s| judged(s, good())),
    way("the engine judges it short of what was overridden", |s| {
        let record = s.open().filter(|r| r.judged.is_none())?;
        let digest = record.request.evidence[0].evidence_sha256;
        let mut words = s.bench.state.safety.overrides.iter();
        words.find(|o| o.act.evidence_sha256 == digest)?;
        judged(s, missed())
    }),
    way("the engine cannot judge it", unjudged),
    way("research-2 approves", |s| {
        approve(s, "research-2", "research")
    }),
    way("risk-1 approves", |s| approve(s, "risk-1", "risk")),
    way("risk-3 approves", risk_3),
    way("ops vouches for data, rerun and checklist", vouch),
    way("the engine decides", |s| {
        let id = s.newest()?.request.request.to_string();
        Some(s.bench.decide(&id))
    }),
    way("a day passes", |s| {
        s.pass(1);
        Some(Ok(()))
    }),
    way("six days pass in a halt", |s| {
        s.is_halted().then(|| s.pass(6))?;
        Some(Ok(()))
    }),
    way("a session runs for a day", session),
    way("the quorum of the stage certifies it", |s| certify(s, None)),
    way("ops issues a token", |s| issue(s, "ops-1", "ops")),
    way("the instance redeems the token", redeem),
    way("risk and ops resume", |s| resume(s, RISK_AND_OPS)),
    way("risk closes the incident", |s| close(s, "risk-1", "risk")),
    way("risk-3 reviews the override", |s| review(s, "risk-3")),
    way("the kept approval is brought", |s| {
        let kept = s.kept.clone()?;
        let answer = s.bench.submit(kept);
        if answer.is_ok() {
            s.kept = None;
        }
        Some(answer)
    }),
    way("two roots set aside what has no effect", |s| {
        set_aside(s, &[("root-1", "root"), ("root-2", "root")])
    }),
    disturbance("the owner supersedes the request", |s| {
        s.open()?;
        ask(s, "research-1", true)
    }),
    disturbance("the engine judges it short of a soft criterion", |s| {
        judged(s, missed())
    }),
    disturbance("the engine judges it bad", |s| judged(s, bad())),
    disturbance("risk-1 signs an approval and keeps it", keep),
    disturbance("risk-1 takes the last approval back", |s| {
        unapprove(s, "risk-1", "risk")
    }),
    disturbance("risk-3 denies", |s| deny(s, "risk-3", "risk")),
    disturbance("the requester withdraws", |s| {
        let id = s.newest()?.request.request.to_string();
        Some(s.bench.withdraw(&id, "research-1", "research"))
    }),
    disturbance("ops halts the portfolio", |s| {
        halt(s, HaltScope::Portfolio(p()))
    }),
    disturbance("ops halts the profile", |s| {
        halt(
            s,
            HaltScope::Profile(ProfileId::new("conservative").unwrap()),
        )
    }),
    disturbance("ops halts everything", |s| halt(s, HaltScope::Global)),
    disturbance("ops practises a halt", |s| {
        let drill = act(SafetyAct::Halt(Halt {
            scope: HaltScope::Global,
            reason: "practice".into(),
            drill: true,
        }));
        let signed = s.bench.signed(drill, "ops-1", "ops");
        Some(s.bench.submit(signed))
    }),
    disturbance("a low incident", |s| incident(s, Severity::Low, "ops-1")),
    disturbance("a medium incident", |s| {
        incident(s, Severity::Medium, "ops-1")
    }),
    disturbance("a high incident", |s| incident(s, Severity::High, "ops-1")),
    disturbance("ops demotes by a stage", |s| {
        let to = below(s.stage())?;
        Some(s.bench.demotes("p", to, "ops-1", "ops"))
    }),
    disturbance("ops retires it", |s| retire(s, "ops-1")),
    disturbance("two risk persons override the soft criterion", |s| {
        overridden(
            s,
            "crash_drawdown",
            &[("risk-1", "risk"), ("risk-2", "risk")],
        )
    }),
    disturbance("risk publishes a stricter policy set", |s| {
        publish(s, &[("risk-1", "risk")], false)
    }),
    way(
        "the LIVE quorum and the roots publish the first set again",
        |s| {
            // Once; what comes after is the same again.
            (s.bench.state.oversight.history.len() == 2).then_some(())?;
            let signers = [
                ("research-2", "research"),
                ("risk-1", "risk"),
                ("root-1", "root"),
                ("root-2", "root"),
            ];
            publish(s, &signers, true)
        },
    ),
    disturbance("risk-1 leaves", |s| {
        revoke(s, Some(Reason::Left), None, &[("risk-1", "risk")])
    }),
    disturbance("the key of risk-1 is compromised", |s| {
        revoke(
            s,
            Some(Reason::Compromised),
            None,
            &[("risk-3", "risk"), ("ops-1", "ops")],
        )
    }),
    disturbance("nothing that risk-1 ever signed is believed", |s| {
        revoke(s, None, Some(1), &[("risk-3", "risk"), ("ops-1", "ops")])
    }),
    disturbance("ops takes the token back", |s| take_back(s, "ops-1", "ops")),
    disturbance(
        "the engine's key signs a decision that does not follow",
        forge,
    ),
    wrong("the requester approves", |s| {
        approve(s, "research-1", "research")
    }),
    wrong("the producer approves as risk", |s| {
        approve(s, "risk-2", "risk")
    }),
    wrong("ops approves", |s| approve(s, "ops-1", "ops")),
    wrong("ops approves as risk", |s| approve(s, "ops-1", "risk")),
    wrong("somebody else asks", |s| {
        s.portfolio()?;
        ask(s, "research-3", false)
    }),
    wrong("the owner asks for the stage after the next", skip),
    wrong("research halts", |s| {
        Some(s.bench.halts(HaltScope::Global, "research-1", "research"))
    }),
    wrong("risk resumes alone", |s| resume(s, &[("risk-1", "risk")])),
    wrong("ops closes the incident", |s| close(s, "ops-1", "ops")),
    wrong("research denies", |s| deny(s, "research-3", "research")),
    wrong("somebody else withdraws", |s| {
        let id = s.newest()?.request.request.to_string();
        Some(s.bench.withdraw(&id, "research-3", "research"))
    }),
    wrong("somebody else takes the approval of risk-1 back", |s| {
        unapprove(s, "risk-3", "risk")
    }),
    wrong("research demotes", |s| {
        s.portfolio()?;
        Some(
            s.bench
                .demotes("p", Stage::Research, "research-1", "research"),
        )
    }),
    wrong("one risk person overrides", |s| {
        overridden(s, "crash_drawdown", &[("risk-1", "risk")])
    }),
    wrong("two risk persons override the hard criterion", |s| {
        overridden(s, "sharpe_oos", &[("risk-1", "risk"), ("risk-2", "risk")])
    }),
    wrong("a signer reviews the override", |s| review(s, "risk-1")),
    wrong("risk loosens the policy set alone", |s| {
        publish(s, &[("risk-1", "risk")], true)
    }),
    wrong("the owner certifies alone", |s| {
        certify(s, Some(&[("research-1", "research")]))
    }),
    wrong("risk issues a token", |s| issue(s, "risk-1", "risk")),
    wrong("research takes the token back", |s| {
        take_back(s, "research-1", "research")
    }),
    wrong("one risk person distrusts another", |s| {
        revoke(s, None, Some(1), &[("risk-3", "risk")])
    }),
    wrong("one root lets somebody in", enrol_alone),
    wrong("one root sets aside what has no effect", |s| {
        set_aside(s, &[("root-1", "root")])
    }),
];

fn request(s: &Small, target: Target) -> Request {
    let bench = &s.bench;
    let mut request = bench.request("p", "s1");
    let word = bench.state.safety.overrides.iter().rev().find(|o| {
        o.act.target == target
            && bench.now < o.act.until
            && o.used_by.is_empty()
            && o.ended.is_none()
    });
    let result = s.fresh("result");
    let bundle = |kind, evidence_sha256| EvidenceRef {
        kind,
        evidence_sha256,
        result_sha256: result,
    };
    let of_sessions = Digest::of_parts(&[b"sessions", result.as_bytes()]);
    let first = word.map_or(result, |o| o.act.evidence_sha256);
    request.target = target;
    request.evidence = vec![bundle(EvidenceKind::Robustness, first)];
    match target {
        Target::Shadow => {}
        Target::Testnet => request
            .evidence
            .push(bundle(EvidenceKind::Shadow, of_sessions)),
        Target::Live => request
            .evidence
            .push(bundle(EvidenceKind::Testnet, of_sessions)),
    }
    request.producers = vec![PersonId::new("risk-2").unwrap()];
    request.oos = Some(OosRange {
        first: UtcTime::parse_loose("2024-01-01").unwrap(),
        last: bench.now,
    });
    request.limits_sha256 = limits().digest().unwrap();
    request.grounds.data = vec![s.fresh("bars")];
    request.grounds.trials = Some(NO_TRIALS);
    let bundles = request.evidence.iter().map(|e| e.evidence_sha256);
    request.grounds.seals = seals(bundles, "risk-2");
    if target != Target::Shadow {
        request.grounds.sessions =
            sessions_before(&bench.state, (&p(), strategy()), bench.head().size);
    }
    request.instance = (target == Target::Live).then(|| token::name("live-1"));
    if target == Target::Live {
        request.fallback = "halt, close by hand".into();
    }
    let card = bench
        .state
        .access
        .instances
        .values()
        .next()
        .map(|i| &i.card);
    let card = card.filter(|_| target == Target::Live);
    request.instance_card = card.and_then(|card| card.digest());
    let name = p();
    let judged = bench.state.history(&name).filter(|r| {
        let over = [Status::Revise, Status::Rejected, Status::Promoted];
        r.request.target == target && over.contains(&r.status)
    });
    let revised = judged.last().filter(|r| r.status == Status::Revise);
    request.revises = revised.map(|r| r.request.request.clone());
    request
}

pub(super) fn ask(s: &mut Small, by: &str, supersede: bool) -> Answer {
    let target = s.stage().next_target()?;
    let mut request = request(s, target);
    if supersede {
        request.supersedes = Some(s.open()?.request.request.clone());
    }
    let signed = s
        .bench
        .signed(Act::Request(Box::new(request)), by, "research");
    Some(s.bench.submit(signed))
}

pub(super) fn skip(s: &mut Small) -> Answer {
    let target = match s.stage() {
        Stage::Research => Target::Testnet,
        _ => Target::Live,
    };
    if s.stage() == Stage::Testnet {
        return None;
    }
    let request = request(s, target);
    let signed = s
        .bench
        .signed(Act::Request(Box::new(request)), "research-1", "research");
    Some(s.bench.submit(signed))
}

pub(super) fn judged(s: &mut Small, facts: Vec<promote::evidence::facts::Fact>) -> Answer {
    let id = s.newest()?.request.request.to_string();
    Some(s.bench.evaluate(&id, facts))
}

pub(super) fn unjudged(s: &mut Small) -> Answer {
    let record = s.newest()?;
    let error = EvaluationError::of(record, "ledger.io", "disk full");
    Some(s.bench.engine(Command::Unjudged(Box::new(error))))
}

pub(super) fn approve(s: &mut Small, person: &str, role: &str) -> Answer {
    let id = s.newest()?.request.request.to_string();
    Some(s.bench.approve(&id, person, role))
}

/// risk-3 stands in where risk-1 cannot: the two are alike otherwise.
fn risk_3(s: &mut Small) -> Answer {
    let state = &s.bench.state;
    let revoked = state
        .access
        .revocation(&public(&key("risk-1")).fingerprint());
    let signed = state.safety.overrides.iter().any(|o| !o.used_by.is_empty());
    let proposed = state.oversight.proposers().next().is_some();
    (revoked.is_some() || signed || proposed).then_some(())?;
    approve(s, "risk-3", "risk")
}

pub(super) fn keep(s: &mut Small) -> Answer {
    let record = s.open().filter(|r| r.judged.is_some())?;
    if s.kept.is_some() {
        return None;
    }
    let approval = s.bench.approval(record.request.request.as_str());
    let own = s.bench.key_of("risk-1");
    let word = Act::Approval(Box::new(approval));
    let mut statement = s.bench.statement(word, "risk-1", "risk", &own);
    statement.expires_at = s.bench.now.plus_days(9);
    s.kept = Some(sign(&statement, &[&own]));
    Some(Ok(()))
}

pub(super) fn unapprove(s: &mut Small, person: &str, role: &str) -> Answer {
    let record = s.newest()?;
    let id = record.request.request.to_string();
    let mut own = record.approvals.iter().rev();
    let own = own
        .find(|a| a.mark.person.as_str() == "risk-1")
        .map(|a| a.mark.leaf);
    let mut given = s.bench.state.safety.approvals.iter();
    let digest = given
        .find(|(_, g)| Some(g.leaf) == own)
        .map(|(digest, _)| *digest);
    let digest = digest.or(s.kept.as_ref().map(|kept| kept.digest))?;
    if person != "risk-1" && !s.bench.state.safety.approvals.contains_key(&digest) {
        // It voids the pair of statement and person, which is nobody's approval.
        return None;
    }
    Some(s.bench.unapproves(&id, digest, person, role))
}

pub(super) fn deny(s: &mut Small, person: &str, role: &str) -> Answer {
    let id = s.newest()?.request.request.to_string();
    Some(s.bench.deny(&id, person, role))
}

fn track(s: &mut Small, track: TrackAct) -> Result<(), Refusal> {
    let signed = s.bench.signed(Act::Track(Box::new(track)), "ops-1", "ops");
    s.bench.submit(signed)
}

/// Ops runs the bundle of research again, attests the sessions, which nobody can replay, and
/// registers the bars.
fn vouched(s: &mut Small, evidence: &[EvidenceRef], bars: Digest) -> Result<(), Refusal> {
    for bundle in evidence {
        let (evidence_sha256, result_sha256) = (bundle.evidence_sha256, bundle.result_sha256);
        let word = match bundle.kind {
            EvidenceKind::Robustness => TrackAct::Rerun(Rerun {
                evidence_sha256,
                result_sha256,
                data: vec![],
                version: "1".into(),
                commit: String::new(),
            }),
            _ => TrackAct::EvidenceAttestation(EvidenceAttestation {
                evidence_sha256,
                result_sha256,
                method: "orders held against the bars".into(),
            }),
        };
        track(s, word)?;
    }
    let now = s.bench.now;
    let word = Dataset {
        sha256: bars,
        symbol: "BTC/EUR".into(),
        timeframe: "1d".into(),
        first: now.plus_days(-9),
        last: now.plus_days(-1),
        rows: 9,
        synthetic: false,
        source: "exchange".into(),
        retrieved_at: now,
    };
    track(s, TrackAct::Dataset(word))
}

pub(super) fn vouch(s: &mut Small) -> Answer {
    let record = s.open().filter(|r| r.request.target == Target::Live)?;
    let evidence = record.request.evidence.clone();
    let bars = record.request.grounds.data[0];
    let reruns = &s.bench.state.tracks.reruns;
    if reruns.contains_key(&evidence[0].evidence_sha256) {
        return None;
    }
    let answer = vouched(s, &evidence, bars);
    if answer.is_err() {
        return Some(answer);
    }
    let policy = s.bench.state.policy.clone();
    let item = &policy.checklists().at(Target::Live)[0];
    let word = Act::ChecklistItem(ChecklistItem {
        portfolio: p(),
        target: Target::Live,
        item: item.id.clone(),
        item_sha256: item.digest(),
        note: "known".into(),
        date: "2025-12-01".into(),
        document: None,
    });
    let signed = s.bench.signed(word, "ops-1", "ops");
    // A confirmation of this stay may stand already.
    let _confirmed = s.bench.submit(signed);
    Some(Ok(()))
}

pub(super) fn session(s: &mut Small) -> Answer {
    let held_id = p();
    let held = s.portfolio()?;
    let environment = match held.stage {
        Stage::Shadow => At::Production,
        Stage::Testnet => At::Testnet,
        Stage::Live | Stage::Research | Stage::Retired => return None,
    };
    // One day is all that the next stage asks for.
    let mut stay = of_stay(&s.bench.state, &held_id, strategy());
    if stay.any(|session| !session.covered.is_empty()) {
        return None;
    }
    drop(stay);
    let (stage, strategy_sha256) = (held.stage, held.strategy?);
    let session = next_id(&s.bench.state, &p()).unwrap();
    let opened = track(
        s,
        TrackAct::SessionOpen(SessionOpen {
            session: session.clone(),
            portfolio: p(),
            stage,
            strategy_sha256,
            environment,
            system: "outside".into(),
            bar_ms: 86_400_000,
        }),
    );
    if opened.is_err() {
        return Some(opened);
    }
    let first_bar = s.bench.now;
    s.pass(1);
    let log_sha256 = s.fresh("log");
    let committed = track(
        s,
        TrackAct::SessionCommit(SessionCommit {
            session: session.clone(),
            number: 1,
            log_sha256,
            bars: 1,
            first_bar,
            last_bar: first_bar,
            orders: 0,
            events: 0,
        }),
    );
    committed.unwrap();
    let closed = track(
        s,
        TrackAct::SessionClose(SessionClose {
            session,
            status: Ending::Completed,
            comment: String::new(),
        }),
    );
    closed.unwrap();
    Some(Ok(()))
}

/// Who of risk signs for what is in force: risk-3 where risk-1 proposed it, or signs nothing any more.
fn risk_signer(s: &Small) -> &'static str {
    let state = &s.bench.state;
    let revoked = state
        .access
        .revocation(&public(&key("risk-1")).fingerprint());
    let proposed = state.oversight.proposers().any(|p| p.as_str() == "risk-1");
    match revoked.is_some() || proposed {
        true => "risk-3",
        false => "risk-1",
    }
}

pub(super) fn certify(s: &mut Small, by: Option<&[(&str, &str)]>) -> Answer {
    let held = s.portfolio()?;
    let (stage, since) = (held.stage, held.since);
    let state = &s.bench.state;
    // A certificate younger than a day is renewed by nobody, unless a resume waits for it.
    let standing = state.safety.standing.get(&p())?;
    let young = s.bench.now.millis_since(standing.time) < DAY_MS;
    if young && !s.is_halted() {
        return None;
    }
    // LIVE is judged by its sessions once it has run for a week.
    let settled = since.is_some_and(|since| s.bench.now.millis_since(since) >= 7 * DAY_MS);
    let sessions = match stage {
        Stage::Research | Stage::Retired => return None,
        Stage::Shadow => None,
        Stage::Testnet => Some(EvidenceKind::Testnet),
        Stage::Live => settled.then_some(EvidenceKind::Live),
    };
    let kinds = std::iter::once(EvidenceKind::Robustness).chain(sessions);
    let evidence: Vec<EvidenceRef> = kinds
        .map(|kind| {
            let digest = s.fresh(&format!("certified by {kind:?}"));
            EvidenceRef {
                kind,
                evidence_sha256: digest,
                result_sha256: digest,
            }
        })
        .collect();
    let bars = s.fresh("certified bars");
    let risk = risk_signer(s);
    let quorum: &[(&str, &str)] = match stage {
        Stage::Shadow => &[(risk, "risk")],
        _ => &[("research-2", "research"), (risk, "risk")],
    };
    // Where the certificate is refused, nobody vouched for it either.
    let before = (stage == Stage::Live).then(|| s.bench.clone());
    let answer = certified(s, evidence, bars, by.unwrap_or(quorum));
    if let Some(before) = before.filter(|_| answer.is_err()) {
        s.bench = before;
    }
    Some(answer)
}

/// Vouches for `evidence`, and certifies the stage by it.
fn certified(
    s: &mut Small,
    evidence: Vec<EvidenceRef>,
    bars: Digest,
    quorum: &[(&str, &str)],
) -> Result<(), Refusal> {
    let held = s.portfolio().unwrap();
    let (stage, strategy_sha256) = (held.stage, held.strategy.unwrap());
    if stage == Stage::Live {
        vouched(s, &evidence, bars)?;
    }
    let state = &s.bench.state;
    let mut grounds = Grounds {
        seals: seals(evidence.iter().map(|e| e.evidence_sha256), "risk-2"),
        data: vec![bars],
        trials: Some(NO_TRIALS),
        ..Grounds::default()
    };
    if evidence.len() > 1 {
        let version = (&p(), strategy_sha256);
        grounds.sessions = sessions_before(state, version, s.bench.head().size);
    }
    let mut word = Recertification {
        portfolio: p(),
        stage,
        decision_sha256: evidence[0].evidence_sha256,
        evidence,
        producers: vec![PersonId::new("risk-2").unwrap()],
        strategy_sha256,
        limits_sha256: granted(state, &p()).unwrap().request.limits_sha256,
        policy_sha256: state.policy.digest(),
        facts: good(),
        now: s.bench.now,
        grounds,
        oos: None,
        guard: None,
        trials: 0,
        book: None,
        settings: Box::default(),
        summary: "as before".into(),
    };
    word.decision_sha256 = judge(state, s.portfolio().unwrap(), &word).unwrap().1;
    let word = act(SafetyAct::Recertification(Box::new(word)));
    let signed = s.bench.together(word, quorum);
    s.bench.submit(signed)
}

/// The number of the last token that was issued.
fn last_token(s: &Small) -> Option<String> {
    let tokens = s.bench.state.access.tokens.values();
    let last = tokens.max_by_key(|t| t.mark.seq)?;
    Some(last.claims.jti.clone())
}

pub(super) fn issue(s: &mut Small, person: &str, role: &str) -> Answer {
    s.portfolio()?;
    let number = s.bench.state.access.tokens.len();
    Some(
        issue_act(&s.bench, &format!("{number:032x}"), 15).and_then(|word| {
            let signed = s
                .bench
                .signed(Act::TokenIssue(Box::new(word)), person, role);
            s.bench.submit(signed)
        }),
    )
}

pub(super) fn redeem(s: &mut Small) -> Answer {
    let jti = last_token(s)?;
    let claims = s.bench.state.access.tokens[&jti].claims.clone();
    let session = Session::new(&s.bench, "");
    let proof = session.proof(&mut s.bench, &claims);
    Some(s.bench.submit(proof))
}

pub(super) fn take_back(s: &mut Small, person: &str, role: &str) -> Answer {
    let word = Act::TokenRevocation(TokenRevocation {
        jti: last_token(s)?,
        comment: String::new(),
    });
    let signed = s.bench.signed(word, person, role);
    Some(s.bench.submit(signed))
}

fn halt(s: &mut Small, scope: HaltScope) -> Answer {
    let mut standing = s.bench.state.safety.halts.iter();
    // A halt that stands already can be given again; that changes an epoch and nothing else.
    if standing.any(|h| h.resumed.is_none() && h.scope == scope) {
        return None;
    }
    Some(s.bench.halts(scope, "ops-1", "ops"))
}

pub(super) fn resume(s: &mut Small, signers: &[(&str, &str)]) -> Answer {
    use promote::governance::promotion::safety::resume::Resume;
    let mut standing = s.bench.state.safety.halts.iter().rev();
    let last = standing.find(|h| h.resumed.is_none())?;
    let word = act(SafetyAct::Resume(Resume {
        halt: last.leaf,
        scope: last.scope.clone(),
        reason: "cause found".into(),
    }));
    let signed = s.bench.together(word, signers);
    Some(s.bench.submit(signed))
}

pub(super) fn incident(s: &mut Small, severity: Severity, by: &str) -> Answer {
    s.portfolio()?;
    let mut open = s.bench.state.safety.incidents.iter();
    if open.any(|i| i.closed.is_none()) {
        return None;
    }
    let word = act(SafetyAct::IncidentOpening(IncidentOpening {
        portfolio: p(),
        class: IncidentClass::RiskLimit,
        severity,
        summary: "limit broken".into(),
    }));
    let signed = s.bench.signed(word, by, role_of(by));
    Some(s.bench.submit(signed))
}

pub(super) fn retire(s: &mut Small, by: &str) -> Answer {
    s.portfolio()?;
    let word = act(SafetyAct::Retirement(Retirement {
        portfolio: p(),
        reason: "superseded".into(),
    }));
    let signed = s.bench.signed(word, by, role_of(by));
    Some(s.bench.submit(signed))
}

pub(super) fn close(s: &mut Small, person: &str, role: &str) -> Answer {
    s.bench.state.safety.incidents.last()?;
    Some(s.bench.closes(person, role))
}

pub(super) fn overridden(s: &mut Small, criterion: &str, signers: &[(&str, &str)]) -> Answer {
    let target = s.stage().next_target()?;
    let state = &s.bench.state;
    let word = act(SafetyAct::Override(Override {
        portfolio: p(),
        profile: ProfileId::new("conservative").unwrap(),
        target,
        criterion: CriterionId::new(criterion).unwrap(),
        evidence_sha256: s.fresh("overridden"),
        policy_sha256: state.policy.digest(),
        until: s.bench.now.plus_days(1),
        reason: "out of date".into(),
    }));
    let signed = s.bench.together(word, signers);
    Some(s.bench.submit(signed))
}

pub(super) fn review(s: &mut Small, person: &str) -> Answer {
    let due = s.bench.state.safety.overrides.iter().rev();
    let due = due.filter(|o| o.review_due.is_some());
    // One that is not reviewed comes first.
    let last = due
        .clone()
        .find(|o| o.reviewed.is_none())
        .or(due.clone().next())?;
    let word = act(SafetyAct::OverrideReview(OverrideReview {
        reviewed: last.mark.leaf,
        portfolio: p(),
        finding: "it held".into(),
    }));
    let signed = s.bench.signed(word, person, "risk");
    Some(s.bench.submit(signed))
}

pub(super) fn publish(s: &mut Small, signers: &[(&str, &str)], loosen: bool) -> Answer {
    let state = &s.bench.state;
    let in_force = state.policy.digest();
    let other = state
        .oversight
        .known
        .values()
        .find(|set| set.digest() != in_force)?
        .clone();
    let overall = publication::overall(state, &other);
    if (overall == Overall::Loosening) != loosen {
        return None;
    }
    let word = Act::PolicyPublication(Box::new(PolicyPublication {
        policy_sha256: other.digest(),
        files: other.file_refs(),
        replaces: in_force,
        overall,
        flips_sha256: replay(state, &other).digest().unwrap(),
        reason: "reviewed".into(),
    }));
    Some(submit_with_roots(s, word, signers))
}

/// Persons under their names, root keys in the name of `root`.
fn submit_with_roots(s: &mut Small, word: Act, signers: &[(&str, &str)]) -> Result<(), Refusal> {
    let name = |person: &str, role: &str| match role {
        "root" => "root".to_owned(),
        _ => person.to_owned(),
    };
    let keys: Vec<_> = signers
        .iter()
        .map(|(person, _)| s.bench.key_of(person))
        .collect();
    let (first, role) = signers[0];
    let mut statement = s.bench.statement(word, &name(first, role), role, &keys[0]);
    for ((person, role), key) in signers.iter().zip(&keys).skip(1) {
        statement.cosigners.push(Signer {
            person: PersonId::new(&name(person, role)).unwrap(),
            role: (*role).to_owned(),
            key: public(key).fingerprint(),
        });
    }
    let signed = sign(&statement, &keys.iter().collect::<Vec<_>>());
    s.bench.submit(signed)
}

pub(super) fn revoke(
    s: &mut Small,
    reason: Option<Reason>,
    distrust: Option<u64>,
    signers: &[(&str, &str)],
) -> Answer {
    Some(token::revoke(
        &mut s.bench,
        "risk-1",
        reason,
        distrust,
        signers,
    ))
}

/// The engine's key signs a decision for the open request, whatever is missing.
fn forge(s: &mut Small) -> Answer {
    let record = s.open()?;
    let id = record.request.request.clone();
    let judged = record.judged.as_ref()?;
    let forged = Decision {
        request: id.clone(),
        request_leaf: record.mark.leaf,
        portfolio: p(),
        from: s.stage(),
        to: record.request.target.stage(),
        decision_sha256: judged.evaluation.decision_sha256,
        approvals: record.approvals.iter().map(|a| a.mark.leaf).collect(),
        book_sha256: None,
        contract_sha256: None,
    };
    let engine = promote::governance::promotion::decide::decide(
        &s.bench.state,
        Command::Decide { request: id },
        &s.bench.moment(),
    );
    if engine.is_ok() {
        // It follows, so that it is no forgery.
        return None;
    }
    let signed = s.bench.signed(Act::Decision(forged), "engine", "engine");
    assert!(!s.bench.append(&signed), "a forged decision took effect");
    Some(Ok(()))
}

fn set_aside(s: &mut Small, signers: &[(&str, &str)]) -> Answer {
    let finding = s.bench.state.findings.first()?;
    let (seq, leaf) = (finding.seq, finding.leaf);
    let word = Act::Void(Void {
        entries: vec![Place { seq, leaf }],
        reason: "forged".into(),
    });
    Some(submit_with_roots(s, word, signers))
}

fn enrol_alone(s: &mut Small) -> Answer {
    let word = Act::Enrolment(Enrolment {
        person: PersonId::new("eve").unwrap(),
        role: promote::governance::policy::roles::Role::Risk,
        public_key: public(&key("eve")),
        verified_by: "passport".into(),
        until: None,
    });
    let statement = s.bench.statement(word, "root", "root", &key("root-1"));
    let signed = sign(&statement, &[&key("root-1"), &key("eve")]);
    Some(s.bench.submit(signed))
}
