//! Deny rules at each place where they bite: settings, figures and items apart, and whose they are.

use std::sync::Arc;

use promote::evidence::settings::Settings;
use promote::governance::policy::deny_load::load_deny;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::PolicySet;
use promote::governance::promotion::denying::{hits, kept_settings, of_record};
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::state::Status;
use promote::governance::stage::{Stage, Target};

use crate::crafted::{asked, bare, judged, portfolio, registers};
use crate::denying::{RULES, set, settings};
use crate::machine::{Bench, good, slug};

fn under(rules: &str) -> Bench {
    let mut bench = bare();
    bench.state.policy = Arc::new(PolicySet::load(set(rules)).unwrap());
    bench
}

/// The same with a leverage of more than two.
fn wild() -> Settings {
    let mut wild = settings();
    let limits = wild.limits.as_mut().unwrap();
    limits.max_total_exposure_notional = "2001".parse().unwrap();
    wild
}

#[test]
fn settings_hit_without_figures_and_figures_without_settings() {
    let rules = load_deny("deny.toml", RULES.as_bytes()).unwrap();
    let ids = |target, settings: &Settings| -> Vec<String> {
        let hit = hits(&rules, target, settings, &good());
        hit.into_iter().map(|rule| rule.id.to_string()).collect()
    };
    assert_eq!(ids(Target::Testnet, &settings()), [""; 0]);
    assert_eq!(ids(Target::Testnet, &wild()), ["leverage"]);
    assert_eq!(ids(Target::Shadow, &settings()), ["short_history"]);
    // In the order of the file.
    assert_eq!(ids(Target::Shadow, &wild()), ["leverage", "short_history"]);
}

#[test]
fn what_was_logged_about_a_request_hits_by_itself() {
    let mut bench = under(RULES);
    registers(&mut bench, "p", Stage::Research, "s");
    let asked_for = (Target::Shadow, Status::AwaitingApproval);
    let id = asked(&mut bench, ("p", "s"), asked_for, 3);
    let told = |bench: &Bench| {
        let record = &bench.state.requests[&id];
        let hit = of_record(&bench.state, record);
        let hit: Vec<String> = hit.into_iter().map(|r| r.id.to_string()).collect();
        let lines = missing(&bench.state, record, bench.now);
        let denied = lines.into_iter().filter(|line| line.code == "deny_rule");
        (hit, denied.map(|line| line.text).collect::<Vec<_>>())
    };
    // Nothing was judged: only the item is wanting.
    let (hit, lines) = told(&bench);
    assert_eq!((hit.len(), lines.len()), (0, 1));
    assert!(lines[0].contains("`runbook`"), "{lines:?}");
    judged(&mut bench, &id, good(), settings());
    let (hit, lines) = told(&bench);
    assert_eq!(hit, ["short_history"]);
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("`short_history`"), "{lines:?}");
    assert!(lines[0].contains("Run the backtest on more bars."));
}

#[test]
fn settings_are_asked_before_the_verdict_and_figures_before_an_approval() {
    let mut bench = Bench::founded(|_| {}, set(RULES));
    for (who, role) in [
        ("research-1", Role::Research),
        ("research-2", Role::Research),
        ("risk-1", Role::Risk),
    ] {
        bench.enrol(who, role);
    }
    let request = bench.request("p", "s");
    bench.ask(request).unwrap();
    let denied = bench.trading("p-0001", wild(), "1.05");
    assert_eq!(denied, Err("denied-by-rule"));
    bench.trading("p-0001", settings(), "1.05").unwrap();
    assert_eq!(bench.status("p-0001"), Status::AwaitingApproval);
    let approved = bench.approve("p-0001", "risk-1", "risk");
    assert_eq!(slug(approved), "denied-by-rule");
}

#[test]
fn a_stage_is_kept_with_the_settings_that_it_was_granted_with() {
    let mut bench = under(RULES);
    registers(&mut bench, "p", Stage::Shadow, "s");
    let granted = (Target::Shadow, Status::Promoted);
    let first = asked(&mut bench, ("p", "s"), granted, 3);
    judged(&mut bench, &first, good(), settings());
    let told = |bench: &Bench, shown: Settings| {
        let held = &bench.state.portfolios[&portfolio("p")];
        let mut act = bench.certificate("p", good());
        *act.settings = shown;
        let refused = kept_settings(&bench.state, held, &act);
        refused.err().map(|refusal| refusal.slug())
    };
    assert_eq!(told(&bench, settings()), None);
    assert_eq!(told(&bench, wild()), Some("denied-by-rule"));
    // What only asked for it, what holds another stage and what another version holds say nothing.
    for (version, what) in [
        (("p", "s"), (Target::Shadow, Status::Withdrawn)),
        (("p", "s"), (Target::Testnet, Status::Promoted)),
        (("p", "other"), (Target::Shadow, Status::Promoted)),
    ] {
        let mut bench = bench.clone();
        let id = asked(&mut bench, version, what, 9);
        judged(&mut bench, &id, good(), wild());
        assert_eq!(told(&bench, settings()), None, "{version:?} {what:?}");
    }
    // What granted it last does.
    let last = asked(&mut bench, ("p", "s"), granted, 9);
    judged(&mut bench, &last, good(), wild());
    assert_eq!(told(&bench, settings()), Some("denied-by-rule"));
}
