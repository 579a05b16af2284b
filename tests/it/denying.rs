//! Deny rules: what no request may have, from the file to the decision.

use std::collections::BTreeMap;

use promote::app::config::Config;
use promote::app::exit::Exit;
use promote::evidence::facts::Fact;
use promote::evidence::limits::Limits;
use promote::evidence::settings::{Setting, Settings};
use promote::governance::policy::cases::{load_cases, run_case};
use promote::governance::policy::deny_load::load_deny;
use promote::governance::policy::diff::{Direction, Overall, diff};
use promote::governance::policy::prove::{Ground, prove};
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::basis::RecheckError;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::oversight::replay::{DENIED, replay};
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::certificate::{Recertification, recheck};
use promote::governance::promotion::safety::present::deny_of_stage;
use promote::governance::promotion::state::Status;
use promote::governance::promotion::tracks::beside::Beside;
use promote::governance::promotion::verify::verify;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::RequestId;
use promote::metrics::{Metric, Sample};

use crate::bundles::{Quality, write, write_limited, write_whole};
use crate::gate::load;
use crate::harness::{Answer, World};
use crate::machine::{Bench, facts, good, slug};

/// The red lines of a house, at every target so that SHADOW shows them.
pub const RULES: &str = r#"version = "1"

[[deny]]
id = "live_risk_off"
targets = ["shadow", "testnet", "live"]
when = { setting = "live_risk", is = false }
message = "There are no execution limits."
remedy = "Write [live_risk] into the configuration."

[[deny]]
id = "block_on_violation_off"
targets = ["shadow", "testnet", "live"]
when = { setting = "block_on_violation", is = false }
message = "A breach of a limit would not block the order."
remedy = "Set block_on_violation = true."

[[deny]]
id = "leverage"
targets = ["shadow", "testnet", "live"]
when = { setting = "leverage", op = "gt", value = 2 }
message = "The limits allow more than twice the capital."
remedy = "Lower max_total_exposure_notional."

[[deny]]
id = "symbols"
targets = ["shadow"]
when = { symbols_beyond = ["ETH/EUR", "BTC/EUR"] }
message = "A market that nobody has allowed."
remedy = "Have the list of symbols published."

[[deny]]
id = "short_history"
targets = ["shadow"]
when = { metric = "history_days", sample = "full", op = "lt", value = 1000 }
message = "The history is too short."
remedy = "Run the backtest on more bars."

[[deny]]
id = "runbook"
targets = ["shadow"]
when = { unconfirmed = "runbook_known" }
message = "Nobody has confirmed the runbook."
remedy = "Confirm the item runbook_known."
"#;

/// The shipped set with these rules in place of its own.
pub fn set(rules: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = embedded_files();
    files.insert("deny.toml".to_owned(), rules.as_bytes().to_vec());
    files
}

fn without(id: &str) -> String {
    let parts: Vec<&str> = RULES.split("[[deny]]").collect();
    let name = format!("id = \"{id}\"");
    let kept = parts.iter().filter(|part| !part.contains(&name));
    kept.copied().collect::<Vec<_>>().join("[[deny]]")
}

fn limits() -> Limits {
    let dec = |text: &str| text.parse().unwrap();
    Limits {
        schema: "promote/limits/v1".into(),
        base_currency: "EUR".into(),
        max_order_notional: dec("100"),
        max_symbol_exposure_notional: dec("250"),
        max_total_exposure_notional: dec("500"),
        max_open_positions: 3,
        max_daily_loss_abs: dec("50"),
        max_daily_loss_pct: dec("5"),
        block_on_violation: true,
    }
}

pub fn settings() -> Settings {
    Settings {
        capital: Some("1000".parse().unwrap()),
        symbols: vec!["BTC/EUR".into()],
        limits: Some(limits()),
    }
}

#[test]
fn settings_are_compared_exactly_and_what_is_not_known_hits() {
    let rules = load_deny("deny.toml", RULES.as_bytes()).unwrap();
    let first = |settings: &Settings| {
        let hit = rules.by_settings(Target::Shadow, settings);
        hit.map(|rule| rule.id.to_string())
    };
    assert_eq!(first(&settings()), None);
    assert_eq!(
        first(&Settings::default()).as_deref(),
        Some("live_risk_off")
    );
    let with = |change: &dyn Fn(&mut Limits)| {
        let mut limits = limits();
        change(&mut limits);
        let limits = Some(limits);
        Settings {
            limits,
            ..settings()
        }
    };
    let off = with(&|limits| limits.block_on_violation = false);
    assert_eq!(first(&off).as_deref(), Some("block_on_violation_off"));
    let edge = with(&|limits| limits.max_total_exposure_notional = "2000".parse().unwrap());
    assert_eq!(first(&edge), None);
    let beyond = "2000.000000001";
    let beyond = with(&|limits| limits.max_total_exposure_notional = beyond.parse().unwrap());
    assert_eq!(first(&beyond).as_deref(), Some("leverage"));
    let capital = |text: &str| Settings {
        capital: Some(text.parse().unwrap()),
        ..settings()
    };
    assert_eq!(first(&capital("0")).as_deref(), Some("leverage"));
    for symbols in [vec![], vec!["BTC/EUR".to_owned(), "DOGE/EUR".to_owned()]] {
        let other = Settings {
            symbols,
            ..settings()
        };
        assert_eq!(first(&other).as_deref(), Some("symbols"));
    }
    // At another target only the first three hold.
    let foreign = Settings {
        symbols: vec!["DOGE/EUR".to_owned()],
        ..settings()
    };
    assert!(rules.by_settings(Target::Live, &foreign).is_none());
    for (name, setting) in Setting::ALL {
        assert_eq!(setting.as_str(), name);
        assert!(settings().get(setting).is_some());
    }
}

#[test]
fn every_problem_of_the_file_has_its_place() {
    for (before, after, code) in [
        ("id = \"leverage\"", "id = \"symbols\"", "duplicate-id"),
        (
            "setting = \"leverage\"",
            "setting = \"gearing\"",
            "unknown-setting",
        ),
        ("op = \"gt\", value = 2", "is = true", "missing-key"),
        ("is = false", "op = \"lt\", value = 1", "missing-key"),
        ("targets = [\"shadow\"]", "targets = []", "missing-target"),
        (
            "targets = [\"shadow\"]",
            "targets = [\"moon\"]",
            "unknown-target",
        ),
        (
            "metric = \"history_days\"",
            "metric = \"history\"",
            "unknown-metric",
        ),
        ("sample = \"full\"", "sample = \"stress\"", "no-such-sample"),
        (
            "message = \"A market that nobody has allowed.\"",
            "message = \" \"",
            "bad-text",
        ),
        (
            "remedy = \"Confirm the item runbook_known.\"",
            "remedi = \"x\"",
            "unknown-key",
        ),
        ("version = \"1\"", "", "missing-key"),
    ] {
        assert!(RULES.contains(before), "{before}");
        let text = RULES.replacen(before, after, 1);
        let problems = load_deny("deny.toml", text.as_bytes()).unwrap_err();
        let codes: Vec<&str> = problems.iter().map(|p| p.code).collect();
        assert!(codes.contains(&code), "{after}: {codes:?}");
        assert!(problems.iter().all(|p| p.line >= 1), "{problems:?}");
    }
}

#[test]
fn more_rules_tighten_and_fewer_loosen() {
    let load = |text: &str| PolicySet::load(set(text)).unwrap();
    let mut bare = embedded_files();
    bare.remove("deny.toml").unwrap();
    let bare = PolicySet::load(bare).unwrap();
    let all = load(RULES);
    let wider = load(&RULES.replacen(
        "targets = [\"shadow\"]",
        "targets = [\"shadow\", \"live\"]",
        1,
    ));
    let worded = load(&RULES.replace("The history is too short.", "Too short."));
    let other = load(&RULES.replace("value = 2 }", "value = 1 }"));
    let referred = load(&RULES.replace(
        "when = { setting = \"leverage\"",
        "control_refs = [\"playbook 9.3\"]\nwhen = { setting = \"leverage\"",
    ));
    let fewer = load(&without("leverage"));
    for (old, new, overall, changes) in [
        (&bare, &all, Overall::Tightening, 6),
        (&fewer, &all, Overall::Tightening, 1),
        (&all, &fewer, Overall::Loosening, 1),
        (&all, &bare, Overall::Loosening, 6),
        (&all, &wider, Overall::Tightening, 1),
        (&wider, &all, Overall::Loosening, 1),
        (&all, &worded, Overall::Tightening, 1),
        (&all, &referred, Overall::Tightening, 1),
        (&all, &other, Overall::Loosening, 1),
    ] {
        let seen = diff(old, new);
        assert_eq!((seen.overall, seen.changes.len()), (overall, changes));
        assert!(seen.changes.iter().all(|c| c.place.starts_with("deny ")));
    }
    for other in [&worded, &referred] {
        assert_eq!(diff(&all, other).changes[0].direction, Direction::Wording);
    }
    // A line more above changes places, not rules.
    assert_eq!(diff(&all, &load(&format!("\n{RULES}"))).changes, []);
}

#[test]
fn prove_knows_dead_rules_and_rules_that_stop_everybody() {
    let proof = |text: &str| prove(&PolicySet::load(set(text)).unwrap(), &Ground::default());
    let sound = proof(RULES);
    assert!(sound.ok, "{:?}", sound.flaws);
    let told: Vec<(String, String, String)> = sound
        .denies
        .into_iter()
        .map(|d| (d.rule, d.hit_by, d.kept_by))
        .collect();
    let line = |rule: &str, hit: &str, kept: &str| (rule.into(), hit.into(), kept.into());
    assert_eq!(
        told[2],
        line("leverage", "leverage 2.000000001", "leverage 1.999999999")
    );
    let history = "history_days:full";
    assert_eq!(
        told[4],
        line(
            "short_history",
            &format!("{history} 999.999999999"),
            &format!("{history} 1000")
        )
    );
    let rule = |id: &str, when: &str| {
        format!(
            "{RULES}\n[[deny]]\nid = \"{id}\"\ntargets = [\"shadow\"]\nwhen = {{ {when} }}\nmessage = \"x\"\nremedy = \"y\"\n"
        )
    };
    let fact = |op: &str, metric: &str, value: &str| {
        format!("metric = \"{metric}\", sample = \"full\", op = \"{op}\", value = {value}")
    };
    for (when, code) in [
        (fact("gt", "max_drawdown", "1"), "dead-deny-rule"),
        (fact("lt", "trades", "0"), "dead-deny-rule"),
        (fact("ge", "trades", "0"), "deny-always"),
        (fact("le", "hit_ratio", "1"), "deny-always"),
        (fact("lt", "history_days", "180"), "dead-deny-rule"),
        (fact("le", "history_days", "999"), "dead-deny-rule"),
        (
            "setting = \"leverage\", op = \"ge\", value = 0".into(),
            "deny-always",
        ),
        (
            "setting = \"leverage\", op = \"lt\", value = 0".into(),
            "dead-deny-rule",
        ),
        (
            "setting = \"leverage\", op = \"ge\", value = 3".into(),
            "dead-deny-rule",
        ),
        ("symbols_beyond = []".into(), "deny-always"),
        (
            "symbols_beyond = [\"BTC/EUR\", \"ETH/EUR\", \"XRP/EUR\"]".into(),
            "dead-deny-rule",
        ),
        ("unconfirmed = \"runbook_known\"".into(), "dead-deny-rule"),
        ("unconfirmed = \"no_such_item\"".into(), "deny-always"),
    ] {
        let proof = proof(&rule("planted", &when));
        let flaw = proof
            .flaws
            .iter()
            .find(|f| f.criterion.as_deref() == Some("planted"));
        let flaw = flaw.unwrap_or_else(|| panic!("{when}: {:?}", proof.flaws));
        assert_eq!((flaw.code, flaw.line), (code, Some(45)), "{when}");
        assert_eq!(flaw.file.as_deref(), Some("deny.toml"));
    }
    // A wider one is no flaw of its own: the narrower one is.
    let wider = proof(&rule("planted", &fact("lt", "history_days", "2000")));
    assert_eq!(wider.flaws[0].criterion.as_deref(), Some("short_history"));
}

impl Bench {
    /// Judges an open request that would trade with `settings`.
    pub fn trading(
        &mut self,
        id: &str,
        settings: Settings,
        sharpe: &str,
    ) -> Result<(), &'static str> {
        let command = Command::Evaluate {
            request: RequestId::new(id).unwrap(),
            facts: facts(sharpe, "0.18", "0.26"),
            beside: Beside {
                settings: Box::new(settings),
                ..Beside::default()
            },
            now: self.now,
        };
        self.engine(command).map_err(|refusal| refusal.slug())
    }

    fn denials(&self, id: &str) -> Vec<String> {
        let record = &self.state.requests[&RequestId::new(id).unwrap()];
        let lines = missing(&self.state, record, self.now);
        let denied = lines.into_iter().filter(|line| line.code == "deny_rule");
        denied.map(|line| line.text).collect()
    }
}

#[test]
fn settings_stop_the_request_figures_the_approval_items_the_decision() {
    // Settings: nothing is judged.
    let mut bench = Bench::with(|_| {}, set(RULES));
    let request = bench.request("p", "s");
    let id = request.request.to_string();
    bench.ask(request).unwrap();
    assert_eq!(
        bench.trading(&id, Settings::default(), "1.05"),
        Err("denied-by-rule")
    );
    assert_eq!(bench.status(&id), Status::Submitted);
    // Figures: judged, and then approved by nobody. What is rejected anyway stays rejected.
    bench.trading(&id, settings(), "1.05").unwrap();
    assert_eq!(bench.status(&id), Status::AwaitingApproval);
    assert_eq!(slug(bench.approve(&id, "risk-1", "risk")), "denied-by-rule");
    let told = bench.denials(&id);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("`short_history`") && told[1].contains("`runbook`"));
    // Items: approved, but not decided before they are confirmed.
    let mut bench = Bench::with(|_| {}, set(&without("short_history")));
    let request = bench.request("p", "s");
    let id = request.request.to_string();
    bench.ask(request).unwrap();
    bench.trading(&id, settings(), "1.05").unwrap();
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(slug(bench.decide(&id)), "pending");
    assert_eq!(bench.denials(&id).len(), 1);
    // Without rules nothing of it matters.
    let mut free = Bench::new();
    let id = free.judged("p", "s", good());
    free.approve(&id, "risk-1", "risk").unwrap();
    free.decide(&id).unwrap();
}

#[test]
fn replay_lists_what_a_new_rule_would_have_stopped() {
    let mut bench = Bench::new();
    let request = bench.request("p", "s");
    let id = request.request.to_string();
    bench.ask(request).unwrap();
    bench.trading(&id, settings(), "1.05").unwrap();
    let flips = |text: &str| replay(&bench.state, &PolicySet::load(set(text)).unwrap()).flips;
    let seen = flips(RULES);
    assert_eq!((seen.len(), seen[0].after.as_str()), (1, DENIED));
    assert_eq!(seen[0].before, "PROMOTE_TO_SHADOW");
    assert_eq!(flips(&without("short_history")), []);
    // What was stopped by the same rule before does not flip.
    let mut held = Bench::with(|_| {}, set(RULES));
    let request = held.request("p", "s");
    held.ask(request).unwrap();
    held.trading(&id, settings(), "1.05").unwrap();
    let again = PolicySet::load(set(&without("symbols"))).unwrap();
    assert_eq!(replay(&held.state, &again).flips, []);
}

#[test]
fn cases_say_which_rules_are_hit() {
    let set = PolicySet::load(set(RULES)).unwrap();
    let case = |settings: &str, denied: &str| {
        format!(
            "[[case]]\nname = \"x\"\nprofile = \"conservative\"\ntarget = \"shadow\"\n{settings}\n[case.metrics]\n\"history_days:full\" = 2000\n\n[case.expect]\nverdict = \"REVISE\"\ndenied = {denied}\n"
        )
    };
    let sound = "settings = { live_risk = 1, block_on_violation = 1, leverage = 2, symbols = [\"BTC/EUR\"] }";
    let wild = "settings = { live_risk = 1, block_on_violation = 0, leverage = 2.5, symbols = [\"XRP/EUR\"] }";
    for (settings, denied, passes) in [
        (sound, "[]", true),
        (sound, "[\"leverage\"]", false),
        (
            wild,
            "[\"symbols\", \"leverage\", \"block_on_violation_off\"]",
            true,
        ),
        (wild, "[\"leverage\"]", false),
        ("", "[]", true),
    ] {
        let cases = load_cases("cases.toml", case(settings, denied).as_bytes()).unwrap();
        let result = run_case(&set, &cases[0]);
        assert_eq!(
            result.passed(),
            passes,
            "{settings} {:?}",
            result.differences
        );
    }
}

fn run(world: &mut World, args: &[&str]) -> Answer {
    world.run(&[&["--root", "w"], args].concat())
}

#[test]
fn a_published_rule_refuses_by_name_and_says_what_to_do() {
    let mut world = World::new();
    let init = [
        "init",
        "w",
        "--sandbox",
        "--seed",
        "7",
        "--now",
        "2025-12-10T08:00:00Z",
    ];
    world.run(&init).expect(Exit::Done);
    // The shipped lines and, for SHADOW, those of a house. Daily bars of 420 days are enough here.
    let house = RULES.replace("value = 1000", "value = 400");
    let house = house.replace("id = \"", "id = \"house_");
    let (_, house) = house.split_once("[[deny]]").unwrap();
    let shipped = String::from_utf8(embedded_files()["deny.toml"].clone()).unwrap();
    world.write(
        "w/policies/deny.toml",
        format!("{shipped}\n[[deny]]{house}"),
    );
    let publish = [
        "policy",
        "publish",
        "w/policies",
        "--reason",
        "red lines",
        "--key",
    ];
    let done = run(&mut world, &[&publish[..], &["w/keys/risk-2"]].concat());
    assert!(done.expect(Exit::Done).out.contains("(tightening)"));
    let shown = run(&mut world, &["policy", "show"]).expect(Exit::Done).out;
    assert!(shown.contains("block_on_violation_off"), "{shown}");
    // The plain bundle has limits in another form.
    let dir = write(&world, "rsi", "plain", Quality::Good);
    let check = ["check", "rsi", "--target", "shadow", "--evidence", &dir];
    let told = run(&mut world, &check).expect(Exit::Conflict).out;
    assert!(
        told.contains("denied by rule house_live_risk_off"),
        "{told}"
    );
    assert!(told.contains("next: Write [live_risk]"), "{told}");
    let json = run(&mut world, &[&check[..], &["--json"]].concat());
    let json = json.expect(Exit::Conflict).json();
    crate::schemas::fits("verdict.v1.json", &json);
    assert_eq!(json["denied"][0]["rule"], "house_live_risk_off");
    let ask = |dir: &str| {
        let words = [
            "request",
            "rsi",
            "--target",
            "shadow",
            "--evidence",
            dir,
            "--json",
        ];
        let rest = ["--summary", "stable", "--key", "w/keys/research-1"];
        [&words[..], &rest]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let words = ask(&dir);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let refused = run(&mut world, &words).expect(Exit::Conflict).err;
    assert!(refused.contains("denied-by-rule"), "{refused}");
    assert!(refused.contains("Write [live_risk]"), "{refused}");
    let status = run(&mut world, &["status", "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(status["portfolios"], serde_json::json!([]));
    // With limits it is judged, approved, and waits for the runbook.
    let dir = write_whole(&world, "rsi", "whole");
    let words = ask(&dir);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(&mut world, &words).expect(Exit::Pending);
    let approve = [
        "approve",
        "rsi-0001",
        "--role",
        "risk",
        "--key",
        "w/keys/risk-1",
    ];
    run(&mut world, &approve).expect(Exit::Pending);
    let show = run(&mut world, &["show", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    assert!(show.contains("denied by rule `house_runbook`"), "{show}");
    let verified = run(&mut world, &["ledger", "verify", "--json"]);
    assert_eq!(verified.expect(Exit::Done).json()["ok"], true);
}

const RISK: &[(&str, &str)] = &[("risk-1", "risk")];

/// A portfolio in SHADOW, granted under these rules with these settings, 80 days later.
fn granted(rules: &str, settings: Settings) -> Bench {
    let mut bench = Bench::with(|_| {}, set(rules));
    let request = bench.request("p", "s");
    let id = request.request.to_string();
    bench.ask(request).unwrap();
    bench.trading(&id, settings, "1.05").unwrap();
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.days(80);
    bench
}

impl Bench {
    /// Tries to keep SHADOW with these settings and figures.
    fn keeps(&self, settings: &Settings, facts: Vec<Fact>) -> Result<(), Refusal> {
        let mut act = self.certificate("p", facts);
        act.settings = Box::new(settings.clone());
        self.clone().certifies(act, RISK)
    }
}

fn rule_of(outcome: Result<(), Refusal>) -> Option<String> {
    match outcome {
        Ok(()) => None,
        Err(refusal @ Refusal::DeniedByRule { .. }) => {
            assert_eq!(refusal.slug(), "denied-by-rule");
            let Refusal::DeniedByRule { rule, .. } = refusal else {
                unreachable!()
            };
            Some(rule.to_string())
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// Red lines that a good portfolio keeps, with one on a figure that no criterion weighs.
fn lines() -> String {
    let parts: Vec<&str> = RULES.split("[[deny]]").collect();
    let named = |part: &&&str| !part.contains("\"runbook\"") && !part.contains("\"short_history\"");
    let kept: Vec<&str> = parts.iter().filter(named).copied().collect();
    let figure = "\nid = \"sharpe\"\ntargets = [\"shadow\"]\nwhen = { metric = \"sharpe\", sample = \"full\", op = \"le\", value = 0 }\nmessage = \"x\"\nremedy = \"y\"\n";
    format!("{}[[deny]]{figure}", kept.join("[[deny]]"))
}

#[test]
fn a_certificate_is_refused_where_a_request_would_be() {
    let bench = granted(&lines(), settings());
    assert_eq!(rule_of(bench.keeps(&settings(), good())), None);
    let with = |change: &dyn Fn(&mut Limits)| {
        let mut changed = settings();
        change(changed.limits.as_mut().unwrap());
        changed
    };
    let off = with(&|limits| limits.block_on_violation = false);
    let wild =
        with(&|limits| limits.max_total_exposure_notional = "2000.000000001".parse().unwrap());
    let foreign = Settings {
        symbols: vec!["DOGE/EUR".into()],
        ..settings()
    };
    for (settings, rule) in [
        (&off, "block_on_violation_off"),
        (&wild, "leverage"),
        (&foreign, "symbols"),
        (&Settings::default(), "live_risk_off"),
    ] {
        assert_eq!(
            rule_of(bench.keeps(settings, good())).as_deref(),
            Some(rule)
        );
    }
    // Figures: 0 and what is not known hit; a hair above 0 keeps.
    let sharpe = |value: Option<&str>| {
        let mut facts = good();
        let at = facts
            .iter()
            .position(|f| (f.metric, f.sample) == (Metric::Sharpe, Sample::Full))
            .unwrap();
        match value {
            Some(value) => facts[at].value = Some(value.parse().unwrap()),
            None => drop(facts.remove(at)),
        }
        facts
    };
    for value in [Some("0"), Some("-1"), None] {
        let told = rule_of(bench.keeps(&settings(), sharpe(value)));
        assert_eq!(told.as_deref(), Some("sharpe"), "{value:?}");
    }
    let above = rule_of(bench.keeps(&settings(), sharpe(Some("0.000000001"))));
    assert_eq!(above, None);
    // What the criteria refuse they refuse themselves.
    let poor = bench.keeps(&settings(), facts("0.79", "0.18", "0.26"));
    assert_eq!(slug(poor), "certificate-verdict");
    // The fold of what was accepted is the same, settings included.
    let mut bench = bench;
    let mut act = bench.certificate("p", good());
    act.settings = Box::new(settings());
    bench.certifies(act, RISK).unwrap();
    assert_eq!(bench.again(), bench.state);
    assert_eq!(*bench.state.safety.certificates[0].act.settings, settings());
}

#[test]
fn tighter_limits_in_a_certificate_do_not_hide_those_that_were_approved() {
    let mut bench = granted(&lines(), settings());
    // A tightening: half of the capital was approved, less is allowed now.
    let tighter = lines().replace("op = \"gt\", value = 2", "op = \"gt\", value = 0.4");
    bench.state.policy = std::sync::Arc::new(PolicySet::load(set(&tighter)).unwrap());
    let mut less = settings();
    less.limits.as_mut().unwrap().max_total_exposure_notional = "400".parse().unwrap();
    let told = rule_of(bench.keeps(&less, good()));
    assert_eq!(told.as_deref(), Some("leverage"));
    // Approved with them, they are kept.
    let mut bench = granted(&lines(), less.clone());
    bench.state.policy = std::sync::Arc::new(PolicySet::load(set(&tighter)).unwrap());
    assert_eq!(rule_of(bench.keeps(&less, good())), None);
}

#[test]
fn rules_about_the_session_before_ask_the_session_that_runs() {
    let rule = |id: &str, when: &str| {
        format!(
            "[[deny]]\nid = \"{id}\"\ntargets = [\"testnet\", \"live\"]\nwhen = {{ {when} }}\nmessage = \"x\"\nremedy = \"y\"\n"
        )
    };
    let breaches = |sample: &str| {
        format!("metric = \"limit_breaches\", sample = \"{sample}\", op = \"gt\", value = 0")
    };
    let text = [
        "version = \"1\"\n".to_owned(),
        rule("shadow", &breaches("shadow")),
        rule("testnet", &breaches("testnet")),
        rule("capital", "setting = \"leverage\", op = \"gt\", value = 2"),
    ];
    let deny = load_deny("deny.toml", text.concat().as_bytes()).unwrap();
    let mut bench = granted(&lines(), settings());
    let mut words = |stage: Stage, days: i64| {
        bench.place("p", stage);
        let held = &bench.state.portfolios[&"p".parse().unwrap()];
        let read = deny_of_stage(&deny, held, bench.now.plus_days(days));
        let each = read.rules.iter().map(|rule| rule.words());
        each.collect::<Vec<_>>()
    };
    let capital = "leverage > 2";
    let on = |sample: &str| format!("limit_breaches:{sample} > 0");
    let (shadow, testnet, live) = (on("shadow"), on("testnet"), on("live"));
    assert_eq!(words(Stage::Shadow, 9), [&*shadow, &*testnet, capital]);
    assert_eq!(words(Stage::Testnet, 9), [&*testnet, &*testnet, capital]);
    assert_eq!(words(Stage::Live, 6), [&*shadow, capital]);
    assert_eq!(words(Stage::Live, 7), [&*shadow, &*live, capital]);
}

#[test]
fn a_certificate_that_hits_a_red_line_is_refused_by_the_command_and_derived_again() {
    let mut world = World::new();
    let init = [
        "init",
        "w",
        "--sandbox",
        "--seed",
        "7",
        "--now",
        "2025-12-10T08:00:00Z",
    ];
    world.run(&init).expect(Exit::Done);
    let kept = write_limited(&world, ("rsi", "one"), "2000", 42);
    let ask = [
        "request",
        "rsi",
        "--target",
        "shadow",
        "--evidence",
        &kept,
        "--summary",
        "stable",
        "--key",
        "w/keys/research-1",
    ];
    run(&mut world, &ask).expect(Exit::Pending);
    let approve = [
        "approve",
        "rsi-0001",
        "--role",
        "risk",
        "--key",
        "w/keys/risk-1",
    ];
    run(&mut world, &approve).expect(Exit::Done);
    // The shipped lines for SHADOW too.
    let shipped = String::from_utf8(embedded_files()["deny.toml"].clone()).unwrap();
    let wider = shipped.replace(
        "targets = [\"testnet\", \"live\"]",
        "targets = [\"shadow\", \"testnet\", \"live\"]",
    );
    world.write("w/policies/deny.toml", wider);
    let publish = [
        "policy",
        "publish",
        "w/policies",
        "--reason",
        "red lines",
        "--key",
        "w/keys/risk-2",
    ];
    let done = run(&mut world, &publish).expect(Exit::Done).out;
    assert!(done.contains("(tightening)"), "{done}");
    let certify = |world: &mut World, dir: &str| {
        let words = [
            "recertify",
            "rsi",
            "--evidence",
            dir,
            "--summary",
            "as before",
            "--key",
            "w/keys/risk-1",
        ];
        run(world, &words)
    };
    // More than twice the capital; what is within it is still another request's.
    let wild = write_limited(&world, ("rsi", "one"), "2001", 43);
    let refused = certify(&mut world, &wild).expect(Exit::Conflict);
    assert!(refused.err.contains("`leverage`"), "{}", refused.err);
    let less = write_limited(&world, ("rsi", "one"), "1999", 43);
    let refused = certify(&mut world, &less).expect(Exit::Conflict);
    let why = "other execution limits than those";
    assert!(refused.err.contains(why), "{}", refused.err);
    let edge = write_limited(&world, ("rsi", "one"), "2000", 44);
    certify(&mut world, &edge).expect(Exit::Done);
    let verified = run(&mut world, &["ledger", "verify", "--json"]);
    assert_eq!(verified.expect(Exit::Done).json()["ok"], true);
    // What it trades with is derived from the kept bundle, not believed.
    let (entries, blobs) = load(&world);
    let blob = |d: &Digest| blobs.get(d).cloned();
    let state = verify(&entries, &blob).state.unwrap();
    let given = &state.safety.certificates[0];
    let again = |act: &Recertification| recheck(&state, act, given.mark.seq, &blob);
    assert_eq!(again(&given.act), Ok(()));
    let mut other = given.act.clone();
    let limits = other.settings.limits.as_mut().unwrap();
    assert_eq!(limits.max_total_exposure_notional, "2000".parse().unwrap());
    limits.max_total_exposure_notional = "1".parse().unwrap();
    assert_eq!(again(&other), Err(RecheckError::Settings));
    let mut none = given.act.clone();
    *none.settings = Settings::default();
    assert_eq!(again(&none), Err(RecheckError::Settings));
    // A line more, published since, stops what was granted before it.
    let shipped = std::fs::read_to_string(world.at("w/policies/deny.toml")).unwrap();
    let line = "\n[[deny]]\nid = \"less_leverage\"\ntargets = [\"shadow\"]\nwhen = { setting = \"leverage\", op = \"gt\", value = 1.9 }\nmessage = \"Too much for this house.\"\nremedy = \"Lower max_total_exposure_notional.\"\n";
    let stricter = shipped + line;
    world.write("w/policies/deny.toml", stricter);
    run(&mut world, &publish).expect(Exit::Done);
    let same = write_limited(&world, ("rsi", "one"), "2000", 45);
    let refused = certify(&mut world, &same).expect(Exit::Conflict);
    assert!(refused.err.contains("`less_leverage`"), "{}", refused.err);
}

#[test]
fn every_shipped_line_is_met_by_a_case_and_kept_by_one() {
    let set = PolicySet::embedded().unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/tests/deny.toml");
    let cases = load_cases("deny.toml", &std::fs::read(path).unwrap()).unwrap();
    for rule in &set.deny().rules {
        for target in &rule.targets {
            let each = cases.iter().filter(|case| case.target == *target);
            let told = each.filter_map(|case| case.expect.denied.as_ref());
            let (hit, kept): (Vec<_>, Vec<_>) =
                told.partition(|denied| denied.contains(&rule.id.to_string()));
            assert!(!hit.is_empty() && !kept.is_empty(), "{} {target}", rule.id);
        }
    }
    for case in &cases {
        let result = run_case(&set, case);
        assert!(result.passed(), "{}: {:?}", case.name, result.differences);
    }
    let proof = prove(&set, &Ground::default());
    assert!(proof.ok, "{:?}", proof.flaws);
    assert_eq!(proof.denies.len(), set.deny().rules.len());
}

#[test]
fn the_shipped_lines_keep_what_init_writes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/config.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let config = Config::parse("config.toml", &text).unwrap();
    let set = PolicySet::embedded().unwrap();
    let shipped = [
        "rsi_reversion_conservative",
        "rsi_reversion_moderate",
        "rsi_reversion_aggressive",
    ];
    for portfolio in shipped {
        let settings = Settings {
            capital: Some(config.capital.clone()),
            symbols: vec!["BTC/EUR".into(), "ETH/EUR".into()],
            limits: Some(config.limits(&portfolio.parse().unwrap())),
        };
        for target in [Target::Testnet, Target::Live] {
            let hit = set.deny().by_settings(target, &settings);
            assert_eq!(hit.map(|rule| rule.id.as_str()), None, "{portfolio}");
        }
    }
}
