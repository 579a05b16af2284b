//! The decision log: the playbook's template, every decision, hostile text, the same bytes again.

use expect_test::expect_file;

use promote::kernel::id::PortfolioId;
use promote::render::decision_log::Language;
use promote::render::export::{Form, Order, What, read_seal, write};

use crate::machine::{Bench, facts, good};

/// A ledger with every kind of end.
fn bench() -> Bench {
    let mut bench = Bench::new();
    let id = bench.judged("rsi_reversion_conservative", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.judged("too_weak", "s2", facts("0.7", "0.22", "0.31"));
    bench.judged("nearly", "s3", facts("0.7999", "0.18", "0.26"));
    let id = bench.judged("vetoed", "s4", good());
    bench.deny(&id, "risk-2", "risk").unwrap();
    let mut hostile = bench.request("hostile", "s5");
    hostile.summary = "<script>alert(1)</script>\n# Heading\n| a | b |\n[x](javascript:y)".into();
    hostile.next = vec![
        "- ![x](http://a.example/b)".into(),
        "1. www.a.example".into(),
    ];
    hostile.reports = vec!["results/`x`\n## Portfolio: forged".into()];
    hostile.fallback = "***".into();
    bench.ask(hostile).unwrap();
    bench.evaluate("hostile-0001", good()).unwrap();
    bench
        .withdraw("hostile-0001", "research-1", "research")
        .unwrap();
    let open = bench.judged("vetoed", "s6", good());
    bench.days(30);
    // The next entry lets the open request expire.
    bench.judged("later", "s7", facts("0.82", "0.18", "0.26"));
    assert_eq!(open, "vetoed-0002");
    bench
}

fn log(bench: &Bench, language: Language, portfolio: Option<&str>) -> String {
    let order = Order {
        what: What::Decisions,
        form: Form::Markdown,
        language,
        portfolio: portfolio.map(|p| PortfolioId::new(p).unwrap()),
    };
    let head = bench.head();
    let text = write(&bench.state, &Default::default(), head, &order).unwrap();
    assert_eq!(read_seal(&text), Some((head, vec![order])));
    text
}

/// Digests change with every edit of a policy file; the golden files show where they stand.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() && !c.is_ascii_uppercase() {
            run.push(c);
            continue;
        }
        out.push_str(if run.len() == 64 { "DIGEST" } else { &run });
        run.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[test]
fn german_log_with_every_decision() {
    let bench = bench();
    let text = log(&bench, Language::De, None);
    expect_file!["../golden/decision_log_de.md"].assert_eq(&masked(&text));
    // Folded again from the entries: the same bytes.
    let mut again = bench.clone();
    again.state = bench.again();
    assert_eq!(log(&again, Language::De, None), text);
}

#[test]
fn english_log_of_one_portfolio() {
    let text = log(&bench(), Language::En, Some("rsi_reversion_conservative"));
    expect_file!["../golden/decision_log_en.md"].assert_eq(&masked(&text));
}

#[test]
fn hostile_text_stays_text() {
    let text = log(&bench(), Language::De, None);
    let headings = text.lines().filter(|l| l.starts_with("## ")).count();
    assert_eq!(headings, 7);
    // Without what is escaped, nothing is left that Markdown would read.
    let mut bare = text.clone();
    for escaped in [
        "\\<", "\\>", "\\[", "\\]", "\\!", "\\#", "\\|", "\\:", "\\.",
    ] {
        bare = bare.replace(escaped, "");
    }
    for live in [
        "<script",
        "</",
        "\n# H",
        "\n|",
        "[x",
        "](",
        "://",
        "www.",
        "\n## Portfolio: forged",
    ] {
        assert!(!bare.contains(live), "{live}");
    }
}

#[test]
fn an_empty_ledger_has_an_empty_log() {
    let text = log(&Bench::new(), Language::De, None);
    assert!(text.contains("Bisher keine Entscheidung."));
}
