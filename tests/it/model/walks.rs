//! Random commands, also by those who may not and at any time, to the machine and to the naive
//! one: both accept the same, refuse for a reason of the same family, and stand alike afterwards.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestError, TestRng, TestRunner};

use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::refusal::{Class, Refusal};
use promote::governance::promotion::safety::halt::HaltScope;
use promote::governance::promotion::safety::incident;
use promote::governance::promotion::safety::lowering::below;
use promote::governance::promotion::safety::missing::flags;
use promote::governance::stage::Stage;
use promote::kernel::id::ProfileId;

use super::deeds::{self, Answer};
use super::naive::{Command, Family, Naive, Quality, Revocation, Severity, role_of};
use super::small::{Small, bad, missed, p};
use crate::machine::good;

const PERSONS: [&str; 8] = [
    "research-1",
    "research-2",
    "research-3",
    "risk-1",
    "risk-2",
    "risk-3",
    "ops-1",
    "authoriser-1",
];

fn person() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&PERSONS[..])
}

fn signers() -> impl Strategy<Value = &'static [&'static str]> {
    prop::sample::select(vec![
        &["risk-1", "ops-1"][..],
        &["risk-3", "ops-1"],
        &["risk-3", "ops-1"],
        &["risk-1", "risk-2"],
        &["risk-1", "risk-2"],
        &["risk-1"],
        &["research-1", "ops-1"],
    ])
}

fn severity() -> impl Strategy<Value = Severity> {
    prop::sample::select(vec![Severity::Low, Severity::Medium, Severity::High])
}

fn command() -> impl Strategy<Value = Command> {
    let quality = prop::sample::select(vec![Quality::Good, Quality::Short, Quality::Bad]);
    let revocation = prop::sample::select(vec![
        Revocation::Left,
        Revocation::Compromised,
        Revocation::Distrusted,
        Revocation::Alone,
    ]);
    let hours = prop::sample::select(vec![1_i64, 12, 23, 24, 25, 48, 72, 150]);
    let early = prop_oneof![
        180 => Just(Command::Onward),
        2 => person().prop_map(|by| Command::Ask { by, supersede: false }),
        3 => Just(Command::Ask { by: "research-1", supersede: false }),
        4 => Just(Command::Ask { by: "research-1", supersede: true }),
        2 => Just(Command::Skip),
        6 => quality.prop_map(Command::Judge),
        2 => Just(Command::Fail),
        6 => person().prop_map(|by| Command::Approve { by, role: role_of(by) }),
        2 => person().prop_map(|by| Command::Approve { by, role: "risk" }),
        14 => Just(Command::Keep),
        8 => Just(Command::Bring),
        6 => prop::sample::select(vec!["risk-1", "risk-1", "risk-3"])
            .prop_map(|by| Command::Unapprove { by }),
        4 => person().prop_map(|by| Command::Deny { by }),
        5 => person().prop_map(|by| Command::Withdraw { by }),
        5 => Just(Command::Decide),
    ];
    let late = prop_oneof![
        3 => (0..3_usize, person()).prop_map(|(scope, by)| Command::Halt { scope, by }),
        8 => signers().prop_map(|by| Command::Resume { by }),
        4 => (severity(), person()).prop_map(|(severity, by)| Command::Incident { severity, by }),
        3 => severity().prop_map(|severity| Command::Incident { severity, by: "ops-1" }),
        8 => person().prop_map(|by| Command::Close { by }),
        3 => person().prop_map(|by| Command::Demote { by }),
        1 => person().prop_map(|by| Command::Retire { by }),
        6 => any::<bool>().prop_map(|alone| Command::Certify { alone }),
        12 => (signers(), prop::bool::weighted(0.2))
            .prop_map(|(by, hard)| Command::Override { by, hard }),
        16 => prop::sample::select(vec!["risk-1", "risk-3", "risk-3"])
            .prop_map(|by| Command::Review { by }),
        4 => any::<bool>().prop_map(|alone| Command::Publish { alone }),
        2 => revocation.prop_map(Command::Revoke),
        6 => Just(Command::Vouch),
        6 => Just(Command::Session),
        6 => person().prop_map(|by| Command::Issue { by }),
        8 => Just(Command::Redeem),
        10 => person().prop_map(|by| Command::TakeBack { by }),
        8 => hours.prop_map(|hours| Command::Wait { hours }),
    ];
    prop_oneof![3 => early, 2 => late]
}

/// Gives `command` to the machine; nothing where it has no object.
fn give(s: &mut Small, command: &Command) -> Answer {
    let own = |by: &'static str| (by, role_of(by));
    match command {
        Command::Onward => None,
        Command::Ask { by, supersede } => {
            let registered = s.portfolio().is_some();
            // The first who asks becomes the owner: here always the same person.
            (registered || *by == "research-1").then_some(())?;
            (!supersede || s.open().is_some()).then_some(())?;
            deeds::ask(s, by, *supersede)
        }
        Command::Skip => deeds::skip(s),
        Command::Judge(Quality::Good) => deeds::judged(s, good()),
        Command::Judge(Quality::Short) => deeds::judged(s, missed()),
        Command::Judge(Quality::Bad) => deeds::judged(s, bad()),
        Command::Fail => deeds::unjudged(s),
        Command::Approve { by, role } => deeds::approve(s, by, role),
        Command::Keep => {
            let before = s.kept.take();
            let answer = deeds::keep(s);
            if answer.is_none() {
                s.kept = before;
            }
            answer
        }
        Command::Bring => {
            let kept = s.kept.clone()?;
            let answer = s.bench.submit(kept);
            if answer.is_ok() {
                s.kept = None;
            }
            Some(answer)
        }
        Command::Unapprove { by } => deeds::unapprove(s, by, "risk"),
        Command::Deny { by } => deeds::deny(s, by, role_of(by)),
        Command::Withdraw { by } => {
            let id = s.newest()?.request.request.to_string();
            Some(s.bench.withdraw(&id, by, role_of(by)))
        }
        Command::Decide => {
            let id = s.newest()?.request.request.to_string();
            Some(s.bench.decide(&id))
        }
        Command::Halt { scope, by } => {
            let scope = match scope {
                0 => HaltScope::Portfolio(p()),
                1 => HaltScope::Profile(ProfileId::new("conservative").unwrap()),
                _ => HaltScope::Global,
            };
            let mut halts = s.bench.state.safety.halts.iter();
            if halts.any(|h| h.resumed.is_none() && h.scope == scope) {
                return None;
            }
            Some(s.bench.halts(scope, by, role_of(by)))
        }
        Command::Resume { by } => {
            let list: Vec<_> = by.iter().map(|by| own(by)).collect();
            deeds::resume(s, &list)
        }
        Command::Incident { severity, by } => {
            let severity = match severity {
                Severity::Low => incident::Severity::Low,
                Severity::Medium => incident::Severity::Medium,
                Severity::High => incident::Severity::High,
            };
            deeds::incident(s, severity, by)
        }
        Command::Close { by } => deeds::close(s, by, role_of(by)),
        Command::Demote { by } => {
            let to = below(s.stage())?;
            Some(s.bench.demotes("p", to, by, role_of(by)))
        }
        Command::Retire { by } => deeds::retire(s, by),
        Command::Certify { alone } => {
            deeds::certify(s, alone.then_some(&[("research-1", "research")]))
        }
        Command::Override { by, hard } => {
            let list: Vec<_> = by.iter().map(|by| own(by)).collect();
            let criterion = if *hard {
                "sharpe_oos"
            } else {
                "crash_drawdown"
            };
            deeds::overridden(s, criterion, &list)
        }
        Command::Review { by } => deeds::review(s, by),
        Command::Publish { alone } => publish(s, *alone),
        Command::Revoke(revocation) => {
            let (reason, distrust, by) = match revocation {
                Revocation::Left => (Some(Reason::Left), None, &[own("risk-1")][..]),
                Revocation::Compromised => (
                    Some(Reason::Compromised),
                    None,
                    &[own("risk-3"), own("ops-1")][..],
                ),
                Revocation::Distrusted => (None, Some(1), &[own("risk-3"), own("ops-1")][..]),
                Revocation::Alone => (None, Some(1), &[own("risk-3")][..]),
            };
            deeds::revoke(s, reason, distrust, by)
        }
        Command::Vouch => deeds::vouch(s),
        Command::Session => deeds::session(s),
        Command::Issue { by } => deeds::issue(s, by, role_of(by)),
        Command::Redeem => deeds::redeem(s),
        Command::TakeBack { by } => deeds::take_back(s, by, role_of(by)),
        Command::Wait { hours } => {
            s.pass_hours(*hours);
            Some(Ok(()))
        }
    }
}

/// The stricter set by risk-1; then the first again by the LIVE quorum and the roots, or by risk-1
/// alone; and no more.
fn publish(s: &mut Small, alone: bool) -> Answer {
    let signers = [
        ("research-2", "research"),
        ("risk-1", "risk"),
        ("root-1", "root"),
        ("root-2", "root"),
    ];
    match (s.bench.state.oversight.history.len(), alone) {
        (1, _) => deeds::publish(s, &[("risk-1", "risk")], false),
        (2, true) => deeds::publish(s, &[("risk-1", "risk")], true),
        (2, false) => deeds::publish(s, &signers, true),
        _ => None,
    }
}

fn family(refusal: &Refusal) -> Option<Family> {
    match refusal.class() {
        Class::NotAuthorised => Some(Family::Person),
        Class::Conflict => Some(Family::Conflict),
        Class::Pending => Some(Family::Pending),
        Class::Integrity => None,
    }
}

/// Stage, status, and the flags: as both tell them.
fn compare(s: &Small, naive: &Naive) -> Result<(), String> {
    let mut state = s.bench.state.clone();
    promote::governance::promotion::expiry::settle(&mut state, s.bench.now);
    let held = state.portfolios.get(&p());
    let stage = held.map_or(Stage::Research, |held| held.stage);
    let status = state.history(&p()).last().map(|r| r.status.as_str());
    let told = (format!("{stage:?}"), status);
    let wanted = (format!("{:?}", naive.stage), naive.status());
    if told != wanted {
        return Err(format!(
            "the machine stands at {told:?}, the naive one at {wanted:?}"
        ));
    }
    let flags = flags(&state, &p(), s.bench.now);
    let told = (flags.halted, flags.incident_open, flags.certificate_overdue);
    let wanted = (naive.is_halted(), naive.incident_open(), naive.is_overdue());
    if held.is_some() && told != wanted {
        return Err(format!(
            "halted, incident, overdue: {told:?}, naively {wanted:?}"
        ));
    }
    Ok(())
}

/// The first word of a command: its kind.
fn kind(command: &Command) -> String {
    let text = format!("{command:?}");
    let end = text.find([' ', '(']).unwrap_or(text.len());
    text[..end].to_owned()
}

type Counts = BTreeMap<String, (usize, usize)>;

fn walk(commands: &[Command], counts: &mut Counts) -> Result<(), String> {
    let mut small = Small::new(0);
    let mut naive = Naive::new();
    for (n, command) in commands.iter().enumerate() {
        let command = match command {
            Command::Onward => naive.onward(),
            other => other.clone(),
        };
        let Some(answer) = give(&mut small, &command) else {
            continue;
        };
        let against = naive.against(&command);
        let told = |what: String| format!("command {n}, {command:?}: {what}");
        let count = counts.entry(kind(&command)).or_default();
        match &answer {
            Ok(()) if against.is_empty() => count.0 += 1,
            Ok(()) => return Err(told(format!("done, naively refused: {against:?}"))),
            Err(refusal) => {
                let fits = family(refusal).is_some_and(|family| against.contains(&family));
                if !fits {
                    let slug = refusal.slug();
                    return Err(told(format!("refused ({slug}), naively {against:?}")));
                }
                count.1 += 1;
            }
        }
        if answer.is_ok() {
            naive.perform(&command);
        }
        compare(&small, &naive).map_err(told)?;
    }
    Ok(())
}

#[test]
fn random_commands_are_answered_as_the_naive_machine_answers_them() {
    let config = ProptestConfig {
        cases: 120,
        failure_persistence: None,
        max_shrink_iters: 3_000,
        ..ProptestConfig::default()
    };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let counts = RefCell::new(Counts::new());
    let walks = prop::collection::vec(command(), 1..160);
    runner
        .run(&walks, |commands| {
            walk(&commands, &mut counts.borrow_mut()).map_err(TestCaseError::fail)
        })
        .unwrap_or_else(|broken| match broken {
            TestError::Fail(why, commands) => {
                let lines: Vec<String> = commands.iter().map(|c| format!("  {c:?}")).collect();
                panic!("{why}\nin\n{}", lines.join("\n"))
            }
            TestError::Abort(why) => panic!("{why}"),
        });
    let counts = counts.into_inner();
    let all: usize = counts.values().map(|(done, refused)| done + refused).sum();
    println!("{all} commands");
    for (kind, (done, refused)) in &counts {
        println!("  {done:>6} done {refused:>6} refused  {kind}");
    }
    // Every kind was accepted and refused once in a thousand commands at least.
    let always = ["Keep", "Session", "Vouch", "Wait"];
    for (kind, (done, refused)) in &counts {
        assert!(
            *done * 1000 >= all || kind == "Skip",
            "{kind} was done {done} times"
        );
        let never = always.contains(&kind.as_str());
        assert!(
            *refused * 1000 >= all || never,
            "{kind} was refused {refused} times"
        );
    }
    assert_eq!(counts.len(), 28, "a kind of command never came");
}
