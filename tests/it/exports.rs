//! Registers and their forms, over a ledger in memory with overrides, incidents, halts, a drill,
//! denials and an approval that was taken back: read as golden files, the same bytes again, hostile
//! text inert in every form, every form fit for `log verify`.

use std::path::Path;

use promote::governance::policy::roles::Role;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::safety::halt::{Drill, HaltScope};
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::{InstanceId, PortfolioId, RequestId};
use promote::render::decision_log::Language;
use promote::render::export::{Form, Order, What, read_seal, write};
use serde_json::Value;

use crate::harness::golden;
use crate::machine::{Bench, facts, good, promoted};
use crate::safety::{halt, missed, scope, soft};
use crate::schemas::fits;

const TWO: &[(&str, &str)] = &[("risk-1", "risk"), ("risk-2", "risk")];
const BOTH: &[(&str, &str)] = &[("risk-1", "risk"), ("ops-1", "ops")];
const FORMS: [Form; 4] = [Form::Markdown, Form::Html, Form::Json, Form::Csv];

/// `p` comes to SHADOW by an override that is reviewed in time, and lives through two incidents;
/// `q` is denied, halted with everything else, and asks for another override that nobody uses.
fn story() -> Bench {
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    bench.now = bench.now.plus_millis(3_600_000);
    let id = bench.judged("p", "s1", missed());
    bench.now = bench.now.plus_millis(5_400_000);
    bench.approve(&id, "risk-3", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.days(2);
    bench.reviews("risk-3").unwrap();
    bench.incident("p", Severity::Medium).unwrap();
    bench.days(1);
    bench.closes("risk-2", "risk").unwrap();
    bench.now = bench.now.plus_millis(1_800_000);
    bench.resumes(BOTH).unwrap();

    let id = bench.judged("q", "s2", good());
    bench.now = bench.now.plus_millis(600_000);
    bench.deny(&id, "risk-2", "risk").unwrap();
    bench.now = bench.now.plus_millis(1000);
    bench.incident("q", Severity::Low).unwrap();
    bench.closes("risk-2", "risk").unwrap();
    let id = bench.judged("q", "s3", good());
    bench.now = bench.now.plus_millis(120_000);
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.now = bench.now.plus_millis(60_000);
    let approval = *bench
        .state
        .safety
        .approvals
        .iter()
        .find(|(_, given)| given.request == RequestId::new(&id).unwrap())
        .unwrap()
        .0;
    bench.unapproves(&id, approval, "risk-1", "risk").unwrap();
    drill(&mut bench);
    bench.halts(HaltScope::Global, "risk-2", "risk").unwrap();
    bench.now = bench.now.plus_millis(7_200_000);
    bench.resumes(BOTH).unwrap();

    let mut word = bench.word("crash_drawdown");
    word.portfolio = PortfolioId::new("q").unwrap();
    word.evidence_sha256 = Digest::of(b"s4");
    word.reason = "=1+1 <b>bold</b> | \"quoted\", [x](javascript:y)".into();
    bench.overrides(word, TWO).unwrap();
    bench.judged("q", "s5", facts("0.7", "0.22", "0.31"));
    bench.incident("q", Severity::Low).unwrap();
    bench
}

fn drill(bench: &mut Bench) {
    let signed = bench.signed(halt(scope("p"), true), "ops-1", "ops");
    bench.submit(signed).unwrap();
    let leaf = bench.entries.last().unwrap().leaf_hash;
    bench
        .engine(Command::Drill(Drill {
            halt: leaf,
            file_ms: 12,
            entry_ms: 45,
        }))
        .unwrap();
}

fn order(what: What, form: Form, language: Language) -> Order {
    Order {
        what,
        form,
        language,
        portfolio: None,
    }
}

fn text(bench: &Bench, order: &Order) -> String {
    write(&bench.state, &Default::default(), bench.head(), order).unwrap()
}

/// Digests change with every edit of a policy file; equal ones stay equal.
fn shown(text: &str) -> String {
    crate::harness::numbered(text)
}

#[test]
fn registers_read_as_they_are_kept() {
    let bench = story();
    for what in What::ALL {
        for language in [Language::De, Language::En] {
            let name = format!(
                "tests/golden/exports/{}.{}.md",
                what.as_str(),
                language.as_str()
            );
            let order = order(what, Form::Markdown, language);
            golden(Path::new(&name), &shown(&text(&bench, &order)));
        }
        let name = format!("tests/golden/exports/{}.csv", what.as_str());
        let order = order(what, Form::Csv, Language::De);
        golden(Path::new(&name), &shown(&text(&bench, &order)));
    }
    let page = order(What::Overrides, Form::Html, Language::De);
    let name = Path::new("tests/golden/exports/overrides.de.html");
    golden(name, &shown(&text(&bench, &page)));
}

#[test]
fn every_form_is_the_same_again_and_says_what_it_is() {
    let bench = story();
    let mut again = bench.clone();
    again.state = bench.again();
    for what in What::ALL {
        for form in FORMS {
            for portfolio in [None, Some("q")] {
                let mut order = order(what, form, Language::De);
                order.portfolio = portfolio.map(|name| PortfolioId::new(name).unwrap());
                let first = text(&bench, &order);
                assert_eq!(first, text(&again, &order), "{order:?}");
                let (head, orders) = read_seal(&first).unwrap();
                assert_eq!(head, bench.head());
                assert!(
                    orders.iter().any(|named| text(&bench, named) == first),
                    "{order:?}: {orders:?}"
                );
            }
        }
    }
}

#[test]
fn documents_fit_their_schemas_and_sheets_have_one_header() {
    let bench = story();
    for (what, file) in [
        (What::Decisions, "decision-log.v1.json"),
        (What::Overrides, "override-log.v1.json"),
        (What::Incidents, "incident-log.v1.json"),
        (What::Inventory, "inventory.v1.json"),
        (What::Reviews, "reviews.v1.json"),
    ] {
        let json = text(&bench, &order(what, Form::Json, Language::De));
        let document: Value = serde_json::from_str(&json).unwrap();
        fits(file, &document);
        let stem = file.strip_suffix(".v1.json").unwrap();
        assert_eq!(document["schema"], format!("promote/{stem}/v1"));
        // Without anything to tell the header is the same.
        let sheet = |bench: &Bench| text(bench, &order(what, Form::Csv, Language::En));
        let header = |text: &str| text.lines().next().unwrap().to_owned();
        assert_eq!(header(&sheet(&bench)), header(&sheet(&Bench::new())));
    }
}

#[test]
fn hostile_text_stays_text_in_every_form() {
    let bench = story();
    let of = |form| text(&bench, &order(What::Overrides, form, Language::En));
    let markdown = of(Form::Markdown);
    assert!(markdown.contains(r"=1+1 \<b\>bold\</b\> \|"), "{markdown}");
    let page = of(Form::Html);
    assert!(
        page.contains("&lt;b&gt;bold") && !page.contains("<b>"),
        "{page}"
    );
    assert!(!page.contains("<script") && page.contains("default-src 'none'"));
    let sheet = of(Form::Csv);
    assert!(
        sheet.contains("\"'=1+1 <b>bold</b> | \"\"quoted\"\", "),
        "{sheet}"
    );
}

/// Cells of the inventory's sheet under the columns of objective, venues and operators.
fn declared_cells(bench: &Bench) -> Vec<String> {
    let sheet = text(bench, &order(What::Inventory, Form::Csv, Language::De));
    let mut lines = sheet.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header.len(), row.len(), "{sheet}");
    ["objective", "venues", "operators"]
        .map(|name| {
            let at = header.iter().position(|column| *column == name).unwrap();
            row[at].to_owned()
        })
        .to_vec()
}

/// The inventory as JSON and in both languages.
fn inventory(bench: &Bench) -> (Value, [String; 2]) {
    let json = text(bench, &order(What::Inventory, Form::Json, Language::De));
    let json: Value = serde_json::from_str(&json).unwrap();
    fits("inventory.v1.json", &json);
    let page = |language| text(bench, &order(What::Inventory, Form::Markdown, language));
    (json, [page(Language::De), page(Language::En)])
}

#[test]
fn the_inventory_says_what_nobody_declared() {
    let (mut bench, id) = promoted();
    let id = RequestId::new(&id).unwrap();
    bench.state.requests.get_mut(&id).unwrap().request.summary = " ".into();
    for person in bench.state.persons.values_mut() {
        person.roles.remove(&Role::Ops);
    }
    let (json, [de, en]) = inventory(&bench);
    let line = &json["portfolios"][0];
    assert_eq!(line["objective"], Value::Null);
    assert_eq!(line["venues"], serde_json::json!([]));
    assert_eq!(line["operators"], serde_json::json!([]));
    for name in ["Zweck", "Handelsplätze", "Zugelassene Bediener"] {
        assert!(de.contains(&format!("- {name}: nicht angegeben\n")), "{de}");
    }
    for name in ["Objective", "Venues", "Approved operators"] {
        assert!(en.contains(&format!("- {name}: not declared\n")), "{en}");
    }
    assert_eq!(declared_cells(&bench), ["not declared"; 3]);
}

#[test]
fn who_lost_the_keys_operates_nothing() {
    let (mut bench, _) = promoted();
    assert_eq!(declared_cells(&bench)[2], "ops-1");
    for person in bench.state.persons.values_mut() {
        person.keys.clear();
    }
    assert_eq!(declared_cells(&bench)[2], "not declared");
}

#[test]
fn the_inventory_names_objective_venues_and_operators() {
    let (mut bench, id) = promoted();
    crate::stay::opens(&mut bench, 1, Stage::Shadow);
    let mut bench = crate::token::with_instance(bench);
    let id = RequestId::new(&id).unwrap();
    let request = &mut bench.state.requests.get_mut(&id).unwrap().request;
    request.instance = Some(InstanceId::new("live-1").unwrap());
    let (json, [de, en]) = inventory(&bench);
    let line = &json["portfolios"][0];
    assert_eq!(
        line["objective"],
        serde_json::json!({"text": "robust over two years", "request": "p-0001"})
    );
    assert_eq!(
        line["venues"],
        serde_json::json!([
            {"environment": "simulated", "instance": null, "host": null, "system": "own"},
            {"environment": "simulated", "instance": "live-1", "host": "trading-1.example", "system": null},
        ])
    );
    assert_eq!(line["operators"], serde_json::json!(["ops-1"]));
    for wanted in [
        "- Objective: robust over two years (p-0001)\n",
        "- Venues: simulated, system own; simulated, instance live-1, host trading-1.example\n",
        "- Approved operators: ops-1\n",
    ] {
        assert!(en.contains(wanted), "{wanted}{en}");
    }
    let wanted = "- Handelsplätze: simulated, System own; simulated, Instanz live-1, Host trading-1.example\n";
    assert!(de.contains(wanted), "{de}");
    // A later request says nothing about the stage that stands; without a stage the last one does.
    let mut asked = bench.request("p", "s2");
    asked.summary = "another idea".into();
    bench.ask(asked).unwrap();
    let (json, _) = inventory(&bench);
    assert_eq!(json["portfolios"][0]["objective"]["request"], "p-0001");
    bench.ask(bench.request("q", "s3")).unwrap();
    let (json, _) = inventory(&bench);
    assert_eq!(json["portfolios"][1]["objective"]["request"], "q-0001");
    assert_eq!(json["portfolios"][1]["venues"], serde_json::json!([]));
}

#[test]
fn the_decision_log_tells_overrides_incidents_and_what_ended_a_request() {
    let bench = story();
    let log = text(
        &bench,
        &order(What::Decisions, Form::Markdown, Language::De),
    );
    for wanted in [
        "- Stress-Test (Crash): 31% (Schwelle ≤ 30%, Ziel 25%): durch Ausnahme erfüllt",
        "- Ausnahme für `crash_drawdown` (Eintrag ",
        " durch risk-1 und risk-2, gültig bis ",
        "; nachgeprüft von risk-3, ",
        "- Ungültig geworden durch Halt (Person, risk-2, Eintrag ",
        "- Freigabe zurückgenommen: risk-1 (risk)",
        "- Abgelehnt durch risk-2 (risk): overfit",
        "- Vorfall (Eintrag ",
        "1. Halt klären und aufheben",
    ] {
        assert!(log.contains(wanted), "no {wanted:?} in\n{log}");
    }
}

#[test]
fn the_statistics_are_those_of_the_story() {
    let bench = story();
    let json = text(&bench, &order(What::Reviews, Form::Json, Language::De));
    let reviews: Value = serde_json::from_str(&json).unwrap();
    let of = |person: &str| {
        let all = reviews["reviewers"].as_array().unwrap();
        all.iter().find(|r| r["person"] == person).unwrap().clone()
    };
    let first = of("risk-1");
    assert_eq!(
        (&first["approvals"], &first["unapprovals"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&first["borderline"], &first["borderline_share"]),
        (&0.into(), &"0".into())
    );
    assert_eq!(first["time_to_approve_median_ms"], 120_000);
    let second = of("risk-2");
    assert_eq!(
        (&second["approvals"], &second["denials"]),
        (&0.into(), &1.into())
    );
    assert_eq!(second["borderline_share"], Value::Null);
    let third = of("risk-3");
    assert_eq!(
        (&third["borderline"], &third["borderline_share"]),
        (&1.into(), &"1".into())
    );
    assert_eq!(third["time_to_approve_max_ms"], 5_400_000);
    let shadow = &reviews["targets"][0];
    assert_eq!(
        (&shadow["target"], &shadow["requests"]),
        (&"shadow".into(), &4.into())
    );
    assert_eq!(shadow["by_status"]["INVALIDATED"], 1);
    assert_eq!(shadow["decision_median_ms"], 5_400_000);
}
