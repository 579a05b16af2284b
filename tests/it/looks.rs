//! Looks are shown before they are spent and after, and the guard that follows from them is
//! explained.

use promote::app::exit::Exit;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::looks::{Looked, Looks, so_far};
use promote::governance::promotion::statement::Request;
use promote::governance::promotion::view::View;
use promote::governance::stage::Target;
use promote::kernel::id::{PortfolioId, RequestId};
use serde_json::{Value, json};

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};
use crate::machine::{Bench, facts};
use crate::schemas::fits;

fn before(bench: &Bench, request: &Request, target: Target) -> Looks {
    Looks::before(&bench.state, &Looked::at(request), target, request.oos)
}

fn after(bench: &Bench, id: &str) -> Looks {
    Looks::of(
        &bench.state,
        &bench.state.requests[&RequestId::new(id).unwrap()],
    )
}

/// Asks for SHADOW with each strategy; what was said before and after.
fn asked(bench: &mut Bench, strategies: &[&str]) -> Vec<[String; 2]> {
    let mut said = Vec::new();
    for strategy in strategies {
        let request = bench.request("p", strategy);
        let told = before(bench, &request, Target::Shadow).to_string();
        let id = bench.judged("p", strategy, facts("1.05", "0.18", "0.26"));
        said.push([told, after(bench, &id).to_string()]);
        if bench.state.requests[&RequestId::new(&id).unwrap()]
            .status
            .is_open()
        {
            bench.withdraw(&id, "research-1", "research").unwrap();
        }
    }
    said
}

#[test]
fn they_are_told_before_they_are_spent_and_after() {
    let mut bench = Bench::new();
    let said = asked(&mut bench, &["a", "b", "c", "d"]);
    let asks = "a request with this evidence is the next one";
    assert_eq!(
        said,
        [
            [format!("looks 0 of 3; {asks}"), "looks 1 of 3".to_owned()],
            [format!("looks 1 of 3; {asks}"), "looks 2 of 3".to_owned()],
            [
                format!("looks 2 of 3; {asks}"),
                "looks 3 of 3; the next one raises the guard to 0.5".to_owned()
            ],
            [
                format!("looks 3 of 3; {asks}, and the guard is 0.5"),
                "looks 4 of 3; the guard is 0.5".to_owned()
            ],
        ]
    );
    let why = |id: &str| after(&bench, id).why();
    assert_eq!(why("p-0003"), None);
    let why = why("p-0004").unwrap();
    assert!(
        why.starts_with("guard 0.5 in force for every criterion: 4 looks"),
        "{why}"
    );
    assert!(why.contains("allows 3 (request.looks_max)"), "{why}");
    // What was told of the first one stays as it was.
    assert_eq!(after(&bench, "p-0001").used, 1);
    let view = View::of(&bench.state).unwrap();
    assert_eq!(*view.looks(), so_far(&bench.state));
    let id = PortfolioId::new("p").unwrap();
    assert_eq!(view.looks()[&id], 4);
}

#[test]
fn what_was_judged_before_spends_nothing() {
    let mut bench = Bench::new();
    asked(&mut bench, &["a", "b", "c"]);
    let told = "looks 3 of 3; the next one raises the guard to 0.5";
    let again = before(&bench, &bench.request("p", "c"), Target::Shadow);
    assert_eq!(
        (again.spends, again.to_string().as_str()),
        (Some(false), told)
    );
    // Above SHADOW nothing is spent, whatever the strategy.
    let other = before(&bench, &bench.request("p", "d"), Target::Testnet);
    assert_eq!(
        (other.spends, other.to_string().as_str()),
        (Some(false), told)
    );
    assert_eq!(other.guard, None);
    // Predecessors count, whether declared now or by an earlier request.
    let mut heir = bench.request("q", "d");
    heir.grounds.predecessors = vec![PortfolioId::new("p").unwrap()];
    let told = before(&bench, &heir, Target::Shadow);
    assert_eq!((told.used, told.spends), (3, Some(true)));
    assert_eq!(told.guard, told.next_guard);
    assert!(told.guard.is_some());
    heir.grounds.predecessors.clear();
    assert_eq!(before(&bench, &heir, Target::Shadow).used, 0);
    // Not judged yet: as it would be.
    bench.ask(bench.request("p", "d")).unwrap();
    let waiting = after(&bench, "p-0004");
    assert_eq!((waiting.used, waiting.spends), (3, Some(true)));
    assert!(waiting.guard.is_some());
}

#[test]
fn the_budget_is_the_policy_sets() {
    let mut files = embedded_files();
    let roles = String::from_utf8(files["roles.toml"].clone()).unwrap();
    let none = roles.replacen("looks_max = 3", "looks_max = 0", 1);
    files.insert("roles.toml".into(), none.into_bytes());
    match PolicySet::load(files) {
        Ok(set) => {
            let told = Looks::new(&set, 0).to_string();
            assert_eq!(told, "looks 0 of 0; the next one raises the guard to 0.5");
        }
        Err(errors) => assert!(errors.iter().any(|e| e.key.contains("looks_max"))),
    }
}

#[test]
fn what_a_strategy_was_declared_to_continue_counts_from_then_on() {
    let mut bench = Bench::new();
    bench.brief = true;
    let mut look = |name: &str, strategy: &str, continues: &[&str]| {
        let mut request = bench.request(name, strategy);
        let declared = continues.iter().map(|of| PortfolioId::new(of).unwrap());
        request.grounds.predecessors = declared.collect();
        let id = request.request.to_string();
        bench.ask(request).unwrap();
        bench.evaluate(&id, facts("1.05", "0.18", "0.26")).unwrap();
        bench.withdraw(&id, "research-1", "research").unwrap();
        id
    };
    look("old", "a", &[]);
    let early = look("first", "s", &[]);
    let declaring = look("second", "s", &["old"]);
    let late = look("third", "s", &[]);
    let other = look("fourth", "t", &[]);
    // Whoever asks with the strategy afterwards looks where it was said to come from; what was
    // judged before that was said stays as it was counted.
    let used = |id: &str| after(&bench, id).used;
    assert_eq!(used(&early), 1);
    assert_eq!(used(&declaring), 2);
    assert_eq!(used(&late), 2);
    assert_eq!(used(&other), 1);
}

fn run(world: &mut World, line: &str) -> Answer {
    let words: Vec<&str> = ["--root", "w"].into_iter().chain(line.split(' ')).collect();
    world.run(&words)
}

#[test]
fn check_request_show_status_and_explain_say_so() {
    let mut world = World::new();
    let now = "2025-12-10T08:00:00Z";
    world
        .run(&["init", "w", "--sandbox", "--seed", "7", "--now", now])
        .expect(Exit::Done);
    let asks = "a request with this evidence is the next one";
    for n in 1..=4 {
        let dir = write(&world, "rsi", &format!("v{n}"), Quality::Good);
        let check = format!("check rsi --target shadow --evidence {dir}");
        let grown = if n == 4 { ", and the guard is 0.5" } else { "" };
        let told = format!("looks {} of 3; {asks}{grown}\n", n - 1);
        let text = run(&mut world, &check).expect(Exit::Done).out;
        assert!(text.contains(&told), "{text}");
        let json = run(&mut world, &format!("{check} --json")).json();
        fits("verdict.v1.json", &json);
        assert_eq!(
            (&json["looks"]["used"], &json["looks"]["spends"]),
            (&json!(n - 1), &json!(true))
        );
        let ask = format!(
            "request rsi --target shadow --evidence {dir} --summary stable --key w/keys/research-1"
        );
        if n == 1 {
            // Written out, it is told before anything is spent.
            let out = run(&mut world, &format!("{ask}.pub --statement-out s"));
            let said = out.expect(Exit::Pending).err;
            assert!(
                said.contains(&format!("note: {}", told.trim_end())),
                "{said}"
            );
        }
        let asked = run(&mut world, &format!("{ask} --json"))
            .expect(Exit::Pending)
            .json();
        fits("request.v1.json", &asked);
        assert_eq!(asked["looks"]["used"], n);
        let guard = if n > 3 { json!("0.5") } else { Value::Null };
        assert_eq!(asked["looks"]["guard"], guard);
        let told = match n {
            3 => "looks 3 of 3; the next one raises the guard to 0.5\n".to_owned(),
            4 => "looks 4 of 3; the guard is 0.5\n".to_owned(),
            _ => format!("looks {n} of 3\n"),
        };
        for line in [
            format!("show rsi-000{n}"),
            "status rsi".to_owned(),
            format!("explain rsi-000{n}"),
        ] {
            let text = run(&mut world, &line).expect(Exit::Done).out;
            assert!(text.contains(&told), "{line}: {text}");
            let why = "guard 0.5 in force for every criterion: 4 looks";
            assert_eq!(
                text.contains(why),
                n == 4 && line.starts_with("explain"),
                "{text}"
            );
        }
        let json = run(&mut world, &format!("explain rsi-000{n} --json")).json();
        fits("explanation.v1.json", &json);
        assert_eq!(json["looks"], asked["looks"]);
        let json = run(&mut world, &format!("show rsi-000{n} --json")).json();
        fits("request-record.v1.json", &json);
        assert_eq!(json["looks"], asked["looks"]);
        let json = run(&mut world, "status rsi --json").json();
        assert_eq!(json["portfolios"][0]["looks"], asked["looks"]);
        run(
            &mut world,
            &format!("withdraw rsi-000{n} --key w/keys/research-1"),
        )
        .expect(Exit::Done);
    }
    // A portfolio that continues it begins where it stands.
    let dir = write(&world, "heir", "heir", Quality::Good);
    let check = format!("check heir --target shadow --evidence {dir}");
    let used = |world: &mut World, line: &str| run(world, line).json()["looks"]["used"].clone();
    assert_eq!(used(&mut world, &format!("{check} --json")), 0);
    assert_eq!(
        used(&mut world, &format!("{check} --predecessor rsi --json")),
        4
    );
    // A request with text tells it too.
    let ask = format!(
        "request heir --target shadow --evidence {dir} --predecessor rsi --summary x --key w/keys/research-1"
    );
    let text = run(&mut world, &ask).expect(Exit::Pending).out;
    assert!(text.contains("looks 5 of 3; the guard is 0.5\n"), "{text}");
}
