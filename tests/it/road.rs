//! The whole road through the command line in one seeded sandbox with a chosen clock: bars, a
//! backtest, SHADOW for 14 days, TESTNET for 28, LIVE, a token, and the start of a session. Then
//! the same road again from copies on its way, each with one step left out or taken by the wrong
//! person.

use std::path::Path;

use promote::app::exit::Exit;
use promote::app::gate::desk::{Desk, When};
use promote::app::runtime::block_on;
use promote::governance::token::trust::{Trust, TrustFile};
use promote::kernel::time::UtcTime;
use serde_json::Value;

use crate::harness::{Answer, World, golden, numbered};

/// A preset of daily bars in the form of config/portfolio_recipes.toml.
const PRESET: &str = r#"
[portfolio_recipes.rsi]
portfolio_name = "RSI reversion, daily"
description = "Mean reversion on daily bars."
strategies = ["rsi_btc", "rsi_eth"]
weights = [0.5, 0.5]
risk_profile = "conservative"
horizon = "swing"
run_montecarlo = true
mc_num_runs = 1000
run_stress_tests = false
format = "md"
tags = ["mean-reversion"]
"#;

/// One of its strategies.
fn strategy(coin: &str) -> String {
    let name = coin.to_lowercase();
    format!(
        r#"
[strategy.rsi_{name}]
kind = "rsi_reversion"
symbol = "{coin}/EUR"
timeframe = "1d"
style = "mean_reversion"
position_fraction = 0.80
stop_pct = 0.20
take_profit_pct = 0.50
allow_short = false

[strategy.rsi_{name}.parameters]
rsi_window = 5
lower = 30
upper = 70
exit_lower = 50
exit_upper = 50
use_wilder = true
use_trend_filter = false
trend_ma_window = 50
"#
    )
}

/// Midnight of day `n` after the sandbox began.
fn day(n: i64) -> UtcTime {
    let start = UtcTime::parse_loose("2025-11-26T00:00:00Z").unwrap();
    start.plus_days(n)
}

/// A world and the time in it.
struct Road {
    world: World,
    now: UtcTime,
}

impl Road {
    fn copy(&self) -> Self {
        Self {
            world: self.world.copy(),
            now: self.now,
        }
    }

    /// Goes on at `time`.
    fn at(&mut self, time: UtcTime) -> &mut Self {
        assert!(self.now <= time, "{} is over at {}", time, self.now);
        self.now = time;
        self
    }

    /// Runs a line of words a minute later.
    fn run(&mut self, line: &str) -> Answer {
        self.now = self.now.plus_millis(60_000);
        let now = self.now.to_string();
        let words: Vec<&str> = ["--root", "w", "--now", &now]
            .into_iter()
            .chain(line.split_whitespace())
            .collect();
        self.world.run(&words)
    }

    #[track_caller]
    fn done(&mut self, line: &str) -> Answer {
        self.run(line).expect(Exit::Done)
    }

    /// What stands in the way of the portfolio's request: code, and the command that helps.
    fn missing(&mut self) -> Vec<(String, String)> {
        let status = self.done("--json status rsi").json();
        let word = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let lines = status["portfolios"][0]["missing"].as_array().unwrap();
        lines
            .iter()
            .map(|line| (word(line, "code"), word(line, "command")))
            .collect()
    }

    fn stage(&mut self) -> String {
        let status = self.done("--json status rsi").json();
        let stage = &status["portfolios"][0]["stage"];
        stage.as_str().unwrap().to_owned()
    }

    /// Confirms every item of the checklist that is missing, in the role that it names.
    fn confirm_checklist(&mut self) -> usize {
        self.world
            .write("runbook.md", "what to do, and who does it\n");
        let open = self.missing();
        let items = open.iter().filter(|(code, _)| code == "checklist");
        let mut count = 0;
        for (_, command) in items {
            let role = command.split_once("--role ").unwrap().1;
            let role = role.split_once(' ').unwrap().0;
            let line: Vec<String> = command
                .split(' ')
                .skip(1)
                .map(|word| match word {
                    "KEY" => format!("w/keys/{role}-2"),
                    "TEXT" => "done".to_owned(),
                    "DATE" => "2025-11-26".to_owned(),
                    "FILE" => "runbook.md".to_owned(),
                    other => other.to_owned(),
                })
                .collect();
            self.done(&line.join(" "));
            count += 1;
        }
        count
    }

    /// A session of an outside system: a bar a day from day `first` on, committed every day.
    fn session(&mut self, id: &str, environment: &str, stage: &str, first: i64, days: i64) {
        self.at(day(first).plus_millis(-3_600_000));
        self.done(&format!(
            "session open rsi --environment {environment} --system freqtrade-2025.1 --timeframe 1d --key w/keys/ops-1"
        ));
        for bars in 1..=days {
            self.log(stage, first, bars);
            self.at(day(first + bars));
            self.done(&format!(
                "session commit {id} --log log-{stage} --key w/keys/ops-1"
            ));
        }
        self.done(&format!(
            "session close {id} --status completed --key w/keys/ops-1"
        ));
    }

    /// Its log: one position over the whole session, which made what the account made.
    fn log(&self, stage: &str, first: i64, bars: i64) {
        let mut returns = "date,return\n".to_owned();
        let mut equity = 1.0;
        for bar in 0..bars {
            let value = 0.0008 + 0.008 * (((bar + 3) * 7 % 11) as f64 - 5.0) / 5.0;
            returns.push_str(&format!("{},{value}\n", day(first + bar)));
            equity *= 1.0 + value;
        }
        let pnl = 10_000.0 * (equity - 1.0);
        let exit = 100.0 + (pnl + 0.5) / 8.0;
        let begin = day(first);
        let trades = format!(
            "id,strategy,symbol,side,entry_time,exit_time,quantity,entry_price,exit_price,costs,pnl,sample\n\
             1,rsi_btc,BTC/EUR,long,{begin},,8,100,{exit},0.5,{pnl},{stage}\n"
        );
        let orders = format!(
            "id,client_id,time,symbol,side,quantity,reference_price,fill_price,costs,status,reason\n\
             1,c1,{begin},BTC/EUR,buy,8,99.98,100,0.5,filled,\n"
        );
        let files = [
            ("returns", returns),
            ("trades", trades),
            ("orders", orders),
            ("events", "time,code,severity\n".to_owned()),
        ];
        for (name, text) in files {
            self.world.write(&format!("log-{stage}/{name}.csv"), text);
        }
    }

    /// Takes one step; the last word on it.
    fn step(&mut self, (name, line): (&str, &str)) -> Option<Answer> {
        if name != "checklist" {
            return Some(self.run(line));
        }
        assert!(self.confirm_checklist() > 0);
        None
    }

    /// Takes the steps, and after each that is not the last looks at where it would lead to leave
    /// it out.
    fn every_step_is_wanted(&mut self, id: &str, steps: &[(&str, &str)]) -> Answer {
        let mut last = None;
        for (index, step) in steps.iter().enumerate() {
            let mut copy = self.copy();
            let rest = &steps[index + 1..];
            one_left_out(&mut copy, id, *step, rest);
            last = self.step(*step);
        }
        last.unwrap()
    }
}

/// A refusal with its exit code and slug.
#[track_caller]
fn refused(what: &str, answer: Answer, exit: Exit, slug: &str) {
    let line = answer.err.lines().last().unwrap_or_default();
    let object: Value =
        serde_json::from_str(line).unwrap_or_else(|e| panic!("{what}: {e}: {answer:?}"));
    assert_eq!(
        (answer.exit, &object["slug"]),
        (exit, &slug.into()),
        "{what}: {line}"
    );
}

const ASK_SHADOW: &str =
    "--json request rsi --target shadow --evidence first --summary steady --key w/keys/research-1";
const ASK_TESTNET: &str = "--json request rsi --target testnet --evidence first --evidence shadow --summary steady --key w/keys/research-1";
const ASK_LIVE: &str = "--json request rsi --target live --evidence second --evidence testnet --instance live-1 --summary steady --fallback halt --key w/keys/research-1";
/// One more criterion: a tightening.
const TWINS: &str = "\n[[criterion]]\nid = \"book_correlation\"\nmetric = \"book_correlation_max\"\nsample = \"full\"\nop = \"le\"\nfloor = 0.7\nunit = \"ratio\"\nenforcement = \"hard\"\nrationale = \"x\"\n";
const START: &str = "--json live start --config w/config/config.toml --confirm-token-file token";
const ISSUE: &str = "--json token issue rsi --confirm rsi --key w/keys/ops-1";

/// What TESTNET asks for after the request.
const TO_TESTNET: [(&str, &str); 4] = [
    ("checklist", ""),
    (
        "rerun",
        "--json evidence verify first --rerun --data w/data --key w/keys/ops-1",
    ),
    (
        "research",
        "--json approve rsi-0002 --yes --role research --key w/keys/research-2",
    ),
    (
        "risk",
        "--json approve rsi-0002 --yes --role risk --key w/keys/risk-1",
    ),
];

/// The same for LIVE.
const TO_LIVE: [(&str, &str); 5] = [
    ("checklist", ""),
    (
        "rerun",
        "--json evidence verify second --rerun --data w/data --key w/keys/ops-1",
    ),
    (
        "dataset",
        "--json dataset register w/data --evidence second --source exchange --key w/keys/ops-2",
    ),
    (
        "research",
        "--json approve rsi-0003 --confirm rsi --role research --key w/keys/research-2",
    ),
    (
        "risk",
        "--json approve rsi-0003 --confirm rsi --role risk --key w/keys/risk-1",
    ),
];

/// A sandbox with bars and evidence until its first day.
fn begun() -> Road {
    let mut world = World::new();
    let now = day(0).to_string();
    let words = ["init", "w", "--sandbox", "--seed", "7", "--now", &now];
    world.run(&words).expect(Exit::Done);
    let recipes = std::fs::read_to_string(world.at("w/config/portfolio_recipes.toml")).unwrap();
    let recipes = recipes + PRESET + &strategy("BTC") + &strategy("ETH");
    world.write("w/config/portfolio_recipes.toml", recipes);
    let mut road = Road { world, now: day(0) };
    for (symbol, seed, price) in [("BTC/EUR", 11, 20_000), ("ETH/EUR", 12, 1500)] {
        road.done(&format!(
            "data synth --symbol {symbol} --timeframe 1d --start 2023-06-01 --bars 1000 --seed {seed} --reversion 0.2 --volatility 0.5 --price {price}"
        ));
    }
    backtest(&mut road, "first");
    road
}

/// A backtest on every bar that has ended: the bars of later days lie in the same files.
fn backtest(road: &mut Road, out: &str) {
    road.done(&format!(
        "robustness --portfolio-preset rsi --out {out} --key w/keys/research-1"
    ));
    let full = std::fs::read_to_string(road.world.at(&format!("{out}/series/full.csv"))).unwrap();
    let last = full.lines().last().unwrap().split(',').next().unwrap();
    let ended = UtcTime::parse_loose(last).unwrap().plus_days(1);
    assert!(ended <= road.now && road.now < ended.plus_days(1), "{last}");
}

/// In SHADOW since day 0.
fn in_shadow() -> Road {
    let mut road = begun();
    road.run(ASK_SHADOW).expect(Exit::Pending);
    let decided = road.done("--json approve rsi-0001 --role risk --key w/keys/risk-1");
    assert_eq!(decided.json()["stage"], "SHADOW");
    road
}

/// After 14 days of SHADOW, and before the request for TESTNET.
fn shadow_over(from: &Road) -> Road {
    let mut road = from.copy();
    road.session("rsi-s0001", "simulated", "shadow", 1, 14);
    road.done("session evidence rsi --stage shadow --import rsi-s0001=log-shadow --out shadow");
    road
}

/// After 28 days of TESTNET, and before the request for LIVE.
fn testnet_over(from: &Road) -> Road {
    let mut road = from.copy();
    road.session("rsi-s0002", "testnet", "testnet", 16, 28);
    road.done("session evidence rsi --stage testnet --import rsi-s0002=log-testnet --out testnet");
    backtest(&mut road, "second");
    road
}

/// Makes the key of the instance that will run it.
fn make_instance(road: &mut Road) {
    road.done("instance init live-1");
}

const ENROL: &str = "--json instance enrol --card w/keys/instance-live-1.card --key w/keys/risk-1 --key w/keys/ops-1";

#[test]
fn the_whole_road_and_every_step_of_it_is_wanted() {
    let shadow = in_shadow();
    too_early(&shadow);
    let before = shadow_over(&shadow);
    wrong_before_testnet(&before);
    let mut road = before.copy();
    let asked = road.run(ASK_TESTNET).expect(Exit::Pending);
    assert!(!asked.err.contains("are usual"), "{}", asked.err);
    assert_eq!(asked.json()["verdict"], "PROMOTE_TO_TESTNET");
    wrong_at_testnet(&road);
    let decided = road
        .every_step_is_wanted("rsi-0002", &TO_TESTNET)
        .expect(Exit::Done);
    assert_eq!(decided.json()["stage"], "TESTNET");

    let mut then = road.copy();
    let past = format!("--json as-of {} rsi", then.now);
    let shown = then.done(&past).json();

    let mut before = testnet_over(&road);
    make_instance(&mut before);
    wrong_before_live(&before);
    let mut road = before.copy();
    road.done(ENROL);
    let asked = road.run(ASK_LIVE).expect(Exit::Pending);
    assert!(!asked.err.contains("are usual"), "{}", asked.err);
    assert_eq!(asked.json()["verdict"], "PROMOTE_TO_LIVE");
    wrong_at_live(&road);
    too_late(&road);
    let decided = road
        .every_step_is_wanted("rsi-0003", &TO_LIVE)
        .expect(Exit::Done);
    assert_eq!(decided.json()["stage"], "LIVE");

    wrong_at_the_token(&road);
    let token = road.done(ISSUE).json();
    let text = token["token"].as_str().unwrap().to_owned();
    road.world.write("token", text + "\n");
    wrong_at_the_start(&road);
    let started = road.done(START).json();
    assert_eq!(started["portfolio"], "rsi");
    assert_eq!(started["instance"], "live-1");
    assert_eq!(started["environment"], "simulated");
    refused(
        "the same token again",
        road.run(START),
        Exit::Conflict,
        "token-used",
    );
    what_trades_signs_for_itself(&road);
    the_record_is_whole(&mut road);
    // What stood then stands in the ledger still, whatever came after.
    let again = road.done(&past).json();
    crate::schemas::fits("as-of.v1.json", &again);
    assert_eq!(again, shown);
    assert_eq!(again["portfolio"]["stage"], "TESTNET");
    as_of_tells_the_road(&mut road);
    beside_what_is_live(&mut road);
}

/// The same portfolio under other names, among the one that is LIVE by now.
fn beside_what_is_live(road: &mut Road) {
    let recipes =
        std::fs::read_to_string(road.world.at("w/config/portfolio_recipes.toml")).unwrap();
    let named = |name: &str| PRESET.replace("recipes.rsi]", &format!("recipes.{name}]"));
    let recipes = recipes + &named("twin") + &named("third");
    road.world.write("w/config/portfolio_recipes.toml", recipes);
    for name in ["twin", "third"] {
        road.done(&format!(
            "robustness --portfolio-preset {name} --out {name} --key w/keys/research-1"
        ));
    }
    let check = "--json check twin --target shadow --evidence twin";
    let told = road.run(check).expect(Exit::Done).err;
    assert!(
        told.contains("judged together with what is LIVE: rsi"),
        "{told}"
    );
    let ask = "--json request twin --target shadow --evidence twin --summary steady --key w/keys/research-1";
    road.run(ask).expect(Exit::Pending);
    let approved = road.done("--json approve twin-0001 --role risk --key w/keys/risk-1");
    assert_eq!(approved.json()["stage"], "SHADOW");
    let book = &road.done("--json show twin-0001").json()["book_sha256"];
    assert_eq!(book.as_str().unwrap().len(), 64);
    assert_eq!(
        road.done("--json show rsi-0003").json()["book_sha256"],
        Value::Null
    );
    // From here on the book has weight: the twin would not pass, the first one was alone.
    let policy = "w/policies/conservative.toml";
    let text = std::fs::read_to_string(road.world.at(policy)).unwrap();
    let text = text + TWINS;
    road.world.write(policy, text);
    let flips = road.done("--json policy replay w/policies").json();
    let flipped: Vec<&str> = flips["flips"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flip| flip["request"].as_str().unwrap())
        .collect();
    assert_eq!(flipped, ["twin-0001"]);
    assert_eq!(flips["flips"][0]["after"], "REVISE");
    road.done("policy publish w/policies --reason twins --key w/keys/risk-2");
    let check = "--json check third --target shadow --evidence third";
    let judged = road.run(check).expect(Exit::Revise).json();
    let criteria = judged["criteria"].as_array().unwrap();
    let found = criteria
        .iter()
        .find(|c| c["id"] == "book_correlation")
        .unwrap();
    assert_eq!(
        (&found["value"], &found["zone"]),
        (&"1".into(), &"near_miss".into())
    );
    let ask = ask.replace("twin", "third");
    road.run(&ask).expect(Exit::Revise);
    let explained = road.run("explain third-0001").expect(Exit::Done).out;
    assert!(explained.contains("book_correlation"), "{explained}");
    let verified = road.done("--json ledger verify").json();
    assert_eq!(verified["ok"], true, "{verified}");
}

/// In LIVE a session is the instance's own: no person opens, commits or closes it.
fn what_trades_signs_for_itself(live: &Road) {
    let mut road = live.copy();
    let open = |who: &str| {
        format!(
            "--json session open rsi --environment simulated --system freqtrade-2025.1 --timeframe 1d {who}"
        )
    };
    let (ops, own) = ("--key w/keys/ops-1", "--instance live-1");
    let by_ops = "live-session-by-instance";
    let answer = road.run(&open(ops));
    refused("opened by ops", answer, Exit::NotAuthorised, by_ops);
    let answer = road.run(&open("--instance live-2"));
    refused(
        "opened by an instance without a key",
        answer,
        Exit::Invalid,
        "key.unusable",
    );
    road.done(&open(own));
    let first = (road.now.millis() - day(0).millis()) / 86_400_000 + 1;
    road.at(day(first + 1));
    road.log("live", first, 1);
    let commit = |who: &str| format!("--json session commit rsi-s0003 --log log-live {who}");
    let answer = road.run(&commit(ops));
    refused("committed by ops", answer, Exit::NotAuthorised, by_ops);
    road.done(&commit(own));
    let close = |who: &str| format!("--json session close rsi-s0003 --status completed {who}");
    let answer = road.run(&close(ops));
    refused("closed by ops", answer, Exit::NotAuthorised, by_ops);
    road.done(&close(own));
    let verified = road.done("--json ledger verify").json();
    assert_eq!(verified["ok"], true);
}

/// Stage, open request, tokens and head at chosen moments.
fn as_of_tells_the_road(road: &mut Road) {
    let minute = |day: UtcTime, n: i64| day.plus_millis(n * 60_000 + 30_000);
    let mut at = |time: UtcTime| {
        let answer = road.done(&format!("--json as-of {time} rsi"));
        let view = answer.json();
        (
            view["portfolio"]["stage"].as_str().unwrap().to_owned(),
            view["portfolio"]["open_request"]["status"].clone(),
            view["tokens"].as_array().unwrap().len(),
            view["head"]["size"].as_u64().unwrap(),
        )
    };
    let asked = at(minute(day(0), 4));
    assert_eq!(
        asked,
        ("RESEARCH".into(), "AWAITING_APPROVAL".into(), 0, 13)
    );
    let granted = at(minute(day(0), 5));
    assert_eq!(granted, ("SHADOW".into(), Value::Null, 0, 15));
    let (stage, open, tokens, _) = at(day(30));
    assert_eq!((stage.as_str(), open, tokens), ("TESTNET", Value::Null, 0));
    let (stage, _, tokens, size) = at(day(44).plus_millis(40 * 60_000));
    assert_eq!((stage.as_str(), tokens), ("LIVE", 1));
    let head = road.done("--json status rsi").json()["head"]["size"].clone();
    assert_eq!(head, size);
}

/// The ledger verifies, and the exports tell the road in both languages, byte by byte.
fn the_record_is_whole(road: &mut Road) {
    let verified = road.done("--json ledger verify").json();
    assert_eq!(verified["ok"], true, "{verified}");
    for lang in ["de", "en"] {
        for (what, name) in [
            ("decisions", "decision_log"),
            ("inventory", "inventory"),
            ("reviews", "reviews"),
        ] {
            let file = format!("{name}-{lang}.md");
            road.done(&format!(
                "--lang {lang} log export --what {what} --out {file}"
            ));
            let text = std::fs::read_to_string(road.world.at(&file)).unwrap();
            golden(
                Path::new(&format!("tests/golden/road_{name}.{lang}.md")),
                &numbered(&text),
            );
            road.done(&format!("log verify {file}"));
        }
    }
    for file in ["log.html", "log.json", "log.csv", "inventory.csv"] {
        let what = file.strip_suffix(".csv").filter(|w| *w == "inventory");
        let what = what.unwrap_or("decisions");
        road.done(&format!("log export --what {what} --out {file}"));
        let answer = road.done(&format!("--json log verify {file}")).json();
        assert_eq!(
            (&answer["ok"], &answer["what"]),
            (&true.into(), &what.into())
        );
        crate::schemas::fits("log-verification.v1.json", &answer);
        let text = std::fs::read_to_string(road.world.at(file)).unwrap();
        let changed = text.replacen("rsi", "rsj", 1);
        road.world.write(file, changed);
        refused(
            file,
            road.run(&format!("--json log verify {file}")),
            Exit::Integrity,
            "log.differs",
        );
    }
}

/// Nothing of the folder, the host's clock or the number of threads is in what the ledger holds.
#[test]
fn the_same_road_gives_the_same_bytes_elsewhere() {
    let text = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let mut road = in_shadow();
            road.world
                .advance_hours(7 * i64::try_from(threads).unwrap());
            let text = road.done("log export").out;
            let place = road.world.path().display().to_string();
            assert!(!text.contains(&place) && !text.contains("trading-1"));
            text + &road.done("log export --what inventory --format json").out
        })
    };
    assert_eq!(text(1), text(3));
}

/// One way to go wrong: from a copy of the road, its lines in order; the last one is refused.
type Wrong = (&'static str, &'static [&'static str], Exit, &'static str);

#[track_caller]
fn table(from: &Road, rows: &[Wrong]) {
    let stage = from.copy().stage();
    for (what, lines, exit, slug) in rows {
        let mut road = from.copy();
        let (last, before) = lines.split_last().unwrap();
        for line in before {
            let answer = road.run(line);
            assert!(
                matches!(answer.exit, Exit::Done | Exit::Pending),
                "{what}: {line}: {answer:?}"
            );
        }
        refused(what, road.run(last), *exit, slug);
        assert_eq!(road.stage(), stage, "{what}");
    }
}

/// Without one step the others leave the request pending, `decide` too, and `status` names what is
/// missing; taken later it still serves.
fn one_left_out(road: &mut Road, id: &str, step: (&str, &str), rest: &[(&str, &str)]) {
    let (name, stage) = (step.0, road.stage());
    for other in rest {
        let answer = road.step(*other);
        let went = answer.is_none_or(|a| matches!(a.exit, Exit::Done | Exit::Pending));
        assert!(went, "without {name}: {}", other.0);
    }
    let decide = format!("--json decide {id}");
    refused(name, road.run(&decide), Exit::Pending, "pending");
    assert_eq!(road.stage(), stage, "without {name}");
    let code = match name {
        "research" | "risk" => "approval",
        other => other,
    };
    let missing = road.missing();
    // A red line names the items that it wants confirmed.
    let also = (name == "checklist").then_some("deny_rule");
    let only = missing
        .iter()
        .all(|(found, _)| found == code || also == Some(found));
    assert!(only && !missing.is_empty(), "without {name}: {missing:?}");
    if name == "checklist" {
        return;
    }
    // Whatever came last brings the decision about.
    road.step(step);
    assert_ne!(road.stage(), stage, "{name}");
}

fn too_early(shadow: &Road) {
    const ASK: &str = "--json request rsi --target testnet --evidence first --summary early --key w/keys/research-1";
    let mut later = shadow.copy();
    later.at(day(6));
    table(
        &later,
        &[
            ("after six days", &[ASK], Exit::Conflict, "dwell-not-over"),
            (
                "TESTNET skipped",
                &[
                    "--json request rsi --target live --evidence first --summary early --key w/keys/research-1",
                ],
                Exit::Conflict,
                "stage-order",
            ),
            (
                "a session that risk opens",
                &[
                    "--json session open rsi --environment simulated --system x --timeframe 1d --key w/keys/risk-1",
                ],
                Exit::NotAuthorised,
                "act-not-for-role",
            ),
        ],
    );
    later.at(day(15));
    table(
        &later,
        &[(
            "two weeks without a session",
            &[ASK],
            Exit::Conflict,
            "session-time-short",
        )],
    );
}

fn wrong_before_testnet(before: &Road) {
    table(
        before,
        &[
            (
                "without the bundle of the sessions",
                &[
                    "--json request rsi --target testnet --evidence first --summary x --key w/keys/research-1",
                ],
                Exit::Conflict,
                "session-evidence-wanted",
            ),
            (
                "asked for by somebody else",
                &[
                    "--json request rsi --target testnet --evidence first --evidence shadow --summary x --key w/keys/research-2",
                ],
                Exit::NotAuthorised,
                "not-owner",
            ),
            (
                "halted",
                &[
                    "halt --portfolio rsi --reason drawdown --key w/keys/ops-1",
                    ASK_TESTNET,
                ],
                Exit::Conflict,
                "halted",
            ),
            (
                "an incident is open",
                &[
                    "incident open rsi --class exchange --severity low --summary late --key w/keys/ops-1",
                    ASK_TESTNET,
                ],
                Exit::Conflict,
                "incident-open",
            ),
        ],
    );
}

fn wrong_at_testnet(asked: &Road) {
    table(
        asked,
        &[
            (
                "an author runs it again",
                &["--json evidence verify first --rerun --data w/data --key w/keys/research-1"],
                Exit::NotAuthorised,
                "author-reruns",
            ),
            (
                "the requester approves",
                &["--json approve rsi-0002 --yes --role research --key w/keys/research-1"],
                Exit::NotAuthorised,
                "requester-fills-slot",
            ),
            (
                "ops approves as risk",
                &["--json approve rsi-0002 --yes --role risk --key w/keys/ops-1"],
                Exit::NotAuthorised,
                "role-not-held",
            ),
            (
                "ops approves, which nobody asks for",
                &["--json approve rsi-0002 --yes --role ops --key w/keys/ops-1"],
                Exit::NotAuthorised,
                "role-not-asked",
            ),
            (
                "one role twice",
                &[
                    "approve rsi-0002 --yes --role risk --key w/keys/risk-1",
                    "--json approve rsi-0002 --yes --role risk --key w/keys/risk-2",
                ],
                Exit::Conflict,
                "slot-filled",
            ),
            (
                "who ran it again approves",
                &[
                    "evidence verify first --rerun --data w/data --key w/keys/risk-1",
                    "--json approve rsi-0002 --yes --role risk --key w/keys/risk-1",
                ],
                Exit::NotAuthorised,
                "voucher-fills-slot",
            ),
            (
                "research confirms what ops has to",
                &[
                    "--json checklist confirm rsi monitoring --target testnet --role research --note done --date 2025-11-26 --key w/keys/research-2",
                ],
                Exit::NotAuthorised,
                "item-role",
            ),
            (
                "halted while approvals are awaited",
                &[
                    "halt --global --reason drawdown --key w/keys/ops-1",
                    "--json approve rsi-0002 --yes --role risk --key w/keys/risk-1",
                ],
                Exit::Conflict,
                "halted",
            ),
        ],
    );
}

fn wrong_before_live(before: &Road) {
    table(
        before,
        &[
            (
                "for an instance that nobody let in",
                &[ASK_LIVE],
                Exit::NotAuthorised,
                "unknown-instance",
            ),
            (
                "without a way back",
                &[
                    ENROL,
                    "--json request rsi --target live --evidence second --evidence testnet --instance live-1 --summary x --key w/keys/research-1",
                ],
                Exit::Conflict,
                "fallback-wanted",
            ),
            (
                "for no instance",
                &[
                    "--json request rsi --target live --evidence second --evidence testnet --summary x --fallback halt --key w/keys/research-1",
                ],
                Exit::NotAuthorised,
                "instance-wanted",
            ),
            (
                "risk alone lets an instance in",
                &["--json instance enrol --card w/keys/instance-live-1.card --key w/keys/risk-1"],
                Exit::NotAuthorised,
                "signers-wanted",
            ),
            (
                "two of risk let an instance in",
                &[
                    "--json instance enrol --card w/keys/instance-live-1.card --key w/keys/risk-1 --key w/keys/risk-2",
                ],
                Exit::NotAuthorised,
                "signers-wanted",
            ),
            (
                "the sessions of SHADOW again",
                &[
                    ENROL,
                    "--json request rsi --target live --evidence second --evidence shadow --instance live-1 --summary x --fallback halt --key w/keys/research-1",
                ],
                Exit::Integrity,
                "evidence.not-held",
            ),
            (
                "a token before LIVE",
                &[ENROL, ISSUE],
                Exit::Pending,
                "pending",
            ),
        ],
    );
    // The backtest of 44 days ago is too old by now.
    let mut road = before.copy();
    road.done(ENROL);
    let line = ASK_LIVE.replace("second", "first");
    let asked = road.run(&line).expect(Exit::Revise).json();
    assert_eq!(asked["status"], "REVISE");
}

fn wrong_at_live(asked: &Road) {
    table(
        asked,
        &[
            (
                "the requester approves",
                &["--json approve rsi-0003 --confirm rsi --role research --key w/keys/research-1"],
                Exit::NotAuthorised,
                "requester-fills-slot",
            ),
            (
                "an approval for live that is not confirmed",
                &["--json approve rsi-0003 --role risk --key w/keys/risk-1"],
                Exit::Usage,
                "confirmation.missing",
            ),
            (
                "an approval for live with the word that is good for testnet",
                &["--json approve rsi-0003 --yes --role risk --key w/keys/risk-1"],
                Exit::Usage,
                "confirmation.missing",
            ),
            (
                "an approval for live with another name",
                &["--json approve rsi-0003 --confirm other --role risk --key w/keys/risk-1"],
                Exit::Usage,
                "confirmation.other",
            ),
            (
                "who registered the data approves",
                &[
                    "dataset register w/data --evidence second --source exchange --key w/keys/risk-1",
                    "--json approve rsi-0003 --confirm rsi --role risk --key w/keys/risk-1",
                ],
                Exit::NotAuthorised,
                "voucher-fills-slot",
            ),
            (
                "a token before the decision",
                &[ISSUE],
                Exit::Pending,
                "pending",
            ),
        ],
    );
}

/// An approval for LIVE lives 72 hours.
fn too_late(asked: &Road) {
    let mut road = asked.copy();
    road.run(TO_LIVE[3].1).expect(Exit::Pending);
    let later = road.now.plus_millis(73 * 3_600_000);
    let last = road.at(later).run(TO_LIVE[4].1).expect(Exit::Pending);
    let missing = last.json()["missing"].clone();
    let role = |line: &&Value| line["code"] == "approval" && line["role"] == "research";
    let open = missing.as_array().unwrap().iter().filter(role).count();
    assert_eq!(open, 1, "{missing}");
}

fn wrong_at_the_token(live: &Road) {
    table(
        live,
        &[
            (
                "without the name again",
                &["--json token issue rsi --key w/keys/ops-1"],
                Exit::Usage,
                "confirmation.missing",
            ),
            (
                "issued by risk",
                &["--json token issue rsi --confirm rsi --key w/keys/risk-1"],
                Exit::NotAuthorised,
                "signers-wanted",
            ),
            (
                "for another instance",
                &["--json token issue rsi --confirm rsi --instance live-2 --key w/keys/ops-1"],
                Exit::NotAuthorised,
                "unknown-instance",
            ),
            (
                "halted",
                &[
                    "halt --profile conservative --reason drawdown --key w/keys/ops-1",
                    ISSUE,
                ],
                Exit::Pending,
                "pending",
            ),
        ],
    );
}

fn wrong_at_the_start(issued: &Road) {
    table(
        issued,
        &[
            (
                "halted",
                &[
                    "halt --portfolio rsi --reason drawdown --key w/keys/ops-1",
                    START,
                ],
                Exit::Halted,
                "token-halted",
            ),
            (
                "the instance's key is revoked",
                &[
                    "key revoke live-1 --reason lost --key w/keys/risk-1 --key w/keys/ops-1",
                    START,
                ],
                Exit::NotAuthorised,
                "token-key-revoked",
            ),
        ],
    );
    type Change = fn(&mut Road);
    let rows: [(&str, Change, Exit, &str); 8] = [
        (
            "20 minutes later",
            |road| {
                road.at(road.now.plus_millis(20 * 60_000));
            },
            Exit::Conflict,
            "token-expired",
        ),
        (
            "no token",
            |road| {
                road.world.write("token", "I_KNOW_WHAT_I_AM_DOING");
            },
            Exit::Integrity,
            "token-malformed",
        ),
        (
            "another host",
            |road| road.world.machine.name = "trading-2.example".to_owned(),
            Exit::NotAuthorised,
            "token-wrong-host",
        ),
        (
            "other limits",
            |road| {
                replace(
                    road,
                    "config.toml",
                    "max_order_notional = 1000",
                    "max_order_notional = 2000",
                )
            },
            Exit::Halted,
            "token-limits-changed",
        ),
        (
            "other parameters",
            |road| {
                replace(
                    road,
                    "portfolio_recipes.toml",
                    "rsi_window = 5",
                    "rsi_window = 6",
                )
            },
            Exit::Halted,
            "token-configuration-changed",
        ),
        (
            "another exchange",
            |road| {
                replace(
                    road,
                    "config.toml",
                    "http://127.0.0.1:9470",
                    "https://api.kraken.com",
                )
            },
            Exit::NotAuthorised,
            "token-sandbox-elsewhere",
        ),
        (
            "another key",
            another_key,
            Exit::NotAuthorised,
            "token-no-possession",
        ),
        ("taken back", taken_back, Exit::Conflict, "token-revoked"),
    ];
    for (what, change, exit, slug) in rows {
        let mut road = issued.copy();
        change(&mut road);
        refused(what, road.run(START), exit, slug);
    }
    more_that_is_wrong_at_the_start(issued);
    // The token was used, and the ledger from before is put back.
    let mut road = issued.copy();
    let (now, old) = (road.world.at("w/ledger/ledger.db"), road.world.at("old.db"));
    std::fs::copy(&now, &old).unwrap();
    road.done(START);
    std::fs::copy(&old, &now).unwrap();
    refused(
        "a ledger that was put back",
        road.run(START),
        Exit::Integrity,
        "ledger.rolled-back",
    );
}

/// Halts of every scope, keys, policy and certificate, and tokens of elsewhere.
fn more_that_is_wrong_at_the_start(issued: &Road) {
    table(
        issued,
        &[
            (
                "everything is halted",
                &["halt --global --reason drawdown --key w/keys/ops-1", START],
                Exit::Halted,
                "token-halted",
            ),
            (
                "the profile is halted",
                &[
                    "halt --profile conservative --reason drawdown --key w/keys/ops-1",
                    START,
                ],
                Exit::Halted,
                "token-halted",
            ),
            (
                "an approver's key is compromised",
                &[
                    "key revoke risk-1 --reason compromised --key w/keys/risk-3 --key w/keys/ops-2",
                    START,
                ],
                Exit::NotAuthorised,
                "token-key-revoked",
            ),
        ],
    );
    // Distrusted from before it approved, its portfolio is not LIVE any more either.
    let mut road = issued.copy();
    road.done("key revoke risk-1 --distrust-from-seq 1 --key w/keys/risk-3 --key w/keys/ops-2");
    assert_eq!(road.stage(), "RESEARCH");
    let answer = road.run(START);
    let slug = "token-key-distrusted";
    refused("distrusted", answer, Exit::NotAuthorised, slug);
    // Another policy set, by one risk signature: it tightens.
    let mut road = issued.copy();
    let policy = "w/policies/conservative.toml";
    let text = std::fs::read_to_string(road.world.at(policy)).unwrap();
    let tighter = text + TWINS;
    road.world.write(policy, tighter);
    road.done("policy publish w/policies --reason lessons --key w/keys/risk-2");
    refused(
        "another policy set",
        road.run(START),
        Exit::Halted,
        "token-policy-changed",
    );
    // Another portfolio, and another instance, in the settings of the session.
    for (line, slug) in [
        (
            "portfolio = \"rsi_reversion_conservative\"",
            "token-wrong-portfolio",
        ),
        ("instance = \"live-2\"", "token-wrong-instance"),
    ] {
        let mut road = issued.copy();
        replace(
            &mut road,
            "config.toml",
            "\n[live]\n",
            &format!("\n[live]\n{line}\n"),
        );
        refused(line, road.run(START), Exit::NotAuthorised, slug);
    }
    elsewhere(issued);
}

/// A token is good in the ledger that issued it, on a host that trusts that ledger, and nowhere else.
fn elsewhere(issued: &Road) {
    let fingerprint = |road: &Road, root: &str| {
        let when = When {
            clock: UtcTime::EPOCH,
            chosen: None,
            halts: None,
        };
        let path = road.world.at(&format!("{root}/ledger/ledger.db"));
        let desk = block_on(Desk::read(&path, when)).unwrap();
        desk.state.fingerprint.to_string()
    };
    // The ledger of the road is the second one here: its user walked it to LIVE, its token is good.
    // The host's trust file names the first.
    let mut road = issued.copy();
    let first = ["init", "first", "--sandbox", "--seed", "8"];
    road.world.run(&first).expect(Exit::Done);
    let (one, two) = (fingerprint(&road, "first"), fingerprint(&road, "w"));
    assert_ne!(one, two);
    let trusts = |road: &mut Road, ledger: &str| {
        road.world.machine.trust = Trust::Named(Box::new(TrustFile {
            ledger: ledger.parse().unwrap(),
            witnesses: 0,
            instance: "live-1".parse().unwrap(),
            instance_key: road.world.at("w/keys/instance-live-1"),
            halt_directory: road.world.at("halts"),
            credentials: vec![],
        }));
    };
    trusts(&mut road, &one);
    let answer = road.run(START);
    refused(
        "a second ledger",
        answer,
        Exit::Integrity,
        "token-foreign-ledger",
    );
    // Its token in the first ledger.
    let words = [
        "--root",
        "first",
        "--json",
        "live",
        "start",
        "--config",
        "w/config/config.toml",
        "--confirm-token-file",
        "token",
    ];
    let answer = road.world.run(&words);
    refused(
        "its token in the first",
        answer,
        Exit::Integrity,
        "token-foreign-ledger",
    );
    // Where it is trusted, the same token on the same host opens: nothing else was in the way.
    trusts(&mut road, &two);
    road.done(START);

    // Issued by a copy of the ledger, and unknown in the ledger itself.
    let mut copy = issued.copy();
    let later = copy.done(ISSUE).json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut road = issued.copy();
    road.at(copy.now).world.write("token", later + "\n");
    refused(
        "a token of a copy",
        road.run(START),
        Exit::Integrity,
        "token-unknown",
    );

    // Issued in time, and brought when the certificate is overdue.
    let mut road = issued.copy();
    let status = road.done("--json status rsi").json();
    let due = status["portfolios"][0]["flags"]["certificate_due"]
        .as_str()
        .unwrap();
    let due = UtcTime::parse_loose(due).unwrap();
    road.at(due.plus_millis(-6 * 60_000));
    let token = road.done(ISSUE).json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    road.world.write("token", token + "\n");
    road.at(due);
    let answer = road.run(START);
    refused("overdue", answer, Exit::Halted, "token-certificate-overdue");
}

fn replace(road: &mut Road, file: &str, from: &str, to: &str) {
    let file = format!("w/config/{file}");
    let text = std::fs::read_to_string(road.world.at(&file)).unwrap();
    assert!(text.contains(from), "{file}: {from}");
    road.world.write(&file, text.replace(from, to));
}

fn another_key(road: &mut Road) {
    road.done("instance init live-2");
    let (from, to) = ("w/keys/instance-live-2", "w/keys/instance-live-1");
    std::fs::copy(road.world.at(from), road.world.at(to)).unwrap();
}

fn taken_back(road: &mut Road) {
    let list = road.done("--json token list").json();
    let jti = list["tokens"][0]["jti"].as_str().unwrap().to_owned();
    road.done(&format!("token revoke {jti} --key w/keys/risk-1"));
}
