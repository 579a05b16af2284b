//! The next command that is printed after everything that changes something: what stands in the way
//! first, in the order in which it can be done, then the way up.

use promote::governance::policy::roles::Role;
use promote::governance::promotion::next::{lift, next, request_above};
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::stage::Stage;
use promote::kernel::id::PortfolioId;

use crate::machine::{Bench, good, promoted};
use crate::pasteable::refused;
use crate::safety::{BOTH, portfolio, scope};
use crate::token::live;

/// What `p` waits for; the command line takes it.
#[track_caller]
fn told(bench: &Bench) -> String {
    let command = next(&bench.state, &portfolio("p"), bench.now);
    assert_eq!(refused(&command), None);
    command
}

const CERTIFY: &str = "promote recertify p --evidence DIR --summary TEXT --key KEY";

#[test]
fn a_halted_live_portfolio_is_certified_before_it_is_resumed() {
    let mut bench = live(Bench::new());
    let token = "promote token issue p --instance live-1 --confirm p --key KEY";
    assert_eq!(told(&bench), token);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let halt = bench.state.safety.halts[0].clone();
    assert_eq!(told(&bench), CERTIFY);
    assert_eq!(lift(&bench.state, &halt, bench.now), CERTIFY);
    bench.incident("p", Severity::Low).unwrap();
    let seq = bench.state.safety.incidents[0].mark.seq;
    assert_eq!(
        told(&bench),
        format!("promote incident close {seq} --finding TEXT --key KEY")
    );
    bench.closes("risk-1", "risk").unwrap();
    assert_eq!(told(&bench), CERTIFY);
    bench.place("p", Stage::Retired);
    assert_eq!(told(&bench), "promote log export --portfolio p");
}

#[test]
fn a_halt_below_live_is_lifted_and_wants_a_certificate_only_when_it_is_old() {
    let (mut bench, _) = promoted();
    let open = "promote session open p --stage shadow --environment simulated --system TEXT --timeframe LENGTH --key KEY";
    assert_eq!(told(&bench), open);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let seq = bench.state.safety.halts[0].seq;
    let resume = format!("promote resume --halt {seq} --reason TEXT --key RISK --key OPS");
    assert_eq!(told(&bench), resume);
    let mut late = bench.clone();
    late.days(6);
    assert_eq!(told(&late), CERTIFY);
    bench.resumes(BOTH).unwrap();
    assert_eq!(told(&bench), open);
}

#[test]
fn a_command_that_asks_for_live_names_the_way_back() {
    let id = PortfolioId::new("p").unwrap();
    assert_eq!(
        request_above(&id, Stage::Testnet, "s"),
        "promote request p --target live --evidence DIR --evidence s --summary TEXT --fallback TEXT --key KEY"
    );
    assert_eq!(
        request_above(&id, Stage::Shadow, "s"),
        "promote request p --target testnet --evidence DIR --evidence s --summary TEXT --key KEY"
    );
}

#[test]
fn a_request_waits_for_approvals_then_for_its_decision() {
    let mut bench = Bench::new();
    assert_eq!(
        told(&bench),
        "promote request p --target shadow --evidence DIR --summary TEXT --key KEY"
    );
    let id = bench.judged("p", "s1", good());
    let approve = format!("promote approve {id} --role {} --key KEY", Role::Risk);
    assert_eq!(told(&bench), approve);
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(told(&bench), format!("promote decide {id}"));
    let mut denied = bench.clone();
    denied.deny(&id, "risk-2", "risk").unwrap();
    assert_eq!(
        told(&denied),
        "promote request p --target shadow --evidence DIR --summary TEXT --key KEY"
    );
}
