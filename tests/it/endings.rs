//! Why a request gave way, told in the language of the export: every cause, and no sentence of the
//! engine in the other language.

use promote::governance::policy::roles::Role;
use promote::governance::promotion::ending::{Ending, ending};
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::revocation::EvidenceRevocation;
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::RequestId;
use promote::render::decision_log::Language;
use promote::render::export::{Form, Order, What, write};

use crate::distrust::{looser, publishes};
use crate::machine::{Bench, good, promoted};
use crate::safety::scope;

/// What happens, what it is called, and the lines of the decision log in German and in English.
type Case = (fn(&mut Bench), Ending, &'static str, &'static str);

const CASES: &[Case] = &[
    (
        |bench| bench.halts(scope("p"), "ops-1", "ops").unwrap(),
        Ending::Halt,
        "Ungültig geworden durch Halt (Person, ops-1, Eintrag {}): drawdown",
        "Invalidated by a halt (a person, ops-1, entry {}): drawdown",
    ),
    (
        |bench| bench.incident("p", Severity::High).unwrap(),
        Ending::Halt,
        "Ungültig geworden durch Halt (Vorfall, ops-1, Eintrag {}): Vorfall eröffnet (Schwere: hoch)",
        "Invalidated by a halt (an incident, ops-1, entry {}): an incident was opened (severity: high)",
    ),
    (
        revoke_its_evidence,
        Ending::EvidenceRevoked,
        "Ungültig geworden: ein Bündel, auf dem er beruht, wurde widerrufen (risk-1, Eintrag {})",
        "Invalidated: a bundle that it rests on was revoked (risk-1, entry {})",
    ),
    (
        |bench| bench.compromised("research-1", None).unwrap(),
        Ending::KeyRevoked,
        "Ungültig geworden: ein Schlüssel, auf dem er beruht, wurde widerrufen (root, Eintrag {})",
        "Invalidated: a key that it rests on was revoked (root, entry {})",
    ),
    (
        |bench| {
            let people = [("research-3", "research"), ("risk-1", "risk")];
            publishes(bench, &looser(), &people).unwrap();
        },
        Ending::PolicyPublished,
        "Ungültig geworden: ein anderes Policy-Set trat in Kraft (research-3, Eintrag {})",
        "Invalidated: another policy set came into force (research-3, entry {})",
    ),
    (
        |bench| {
            let demoted = bench.demotes("p", Stage::Research, "risk-1", "risk");
            demoted.unwrap();
        },
        Ending::Lowered,
        "Ungültig geworden: das Portfolio wurde zurückgestuft oder außer Dienst gestellt (risk-1, Eintrag {})",
        "Invalidated: the portfolio was demoted or retired (risk-1, entry {})",
    ),
    (
        |bench| {
            bench.days(17);
            let now = bench.now;
            settle(&mut bench.state, now);
        },
        Ending::CertificateOverdue,
        "Ungültig geworden: das Zertifikat war zu lange überfällig, die Stufe fiel",
        "Invalidated: the certificate was overdue for too long, and the stage fell",
    ),
];

fn revoke_its_evidence(bench: &mut Bench) {
    let revocation = EvidenceRevocation {
        evidence_sha256: Digest::of(b"s2"),
        reason: "made from another data set".into(),
    };
    let act = Act::Track(Box::new(TrackAct::EvidenceRevocation(revocation)));
    let signed = bench.signed(act, "risk-1", "risk");
    bench.submit(signed).unwrap();
}

/// The portfolio `p` in SHADOW, ten days before its certificate is overdue, with an open request for
/// a changed version.
fn waiting() -> (Bench, RequestId) {
    let (mut bench, _) = promoted();
    bench.days(80);
    bench.enrol("research-4", Role::Research);
    let id = bench.judged("p", "s2", good());
    (bench, RequestId::new(&id).unwrap())
}

fn log(bench: &Bench, what: What, form: Form, language: Language) -> String {
    let order = Order {
        what,
        form,
        language,
        portfolio: None,
    };
    write(&bench.state, &Default::default(), bench.head(), &order).unwrap()
}

#[test]
fn every_cause_is_told_in_the_language_of_the_export() {
    for (act, wanted, german, english) in CASES {
        let (mut bench, id) = waiting();
        assert_eq!(ending(&bench.state, &bench.state.requests[&id]), None);
        act(&mut bench);
        let record = &bench.state.requests[&id];
        assert_eq!(ending(&bench.state, record), Some(*wanted), "{english}");
        let seq = (bench.entries.len() - 1).to_string();
        for (language, line) in [(Language::De, german), (Language::En, english)] {
            let line = line.replace("{}", &seq);
            let text = log(&bench, What::Decisions, Form::Markdown, language);
            let bare = text.replace('\\', "");
            assert!(bare.contains(&format!("- {line}\n")), "{line}\n{text}");
        }
        // Only a halt is lifted; every other cause leaves nothing to clear up.
        let text = log(&bench, What::Decisions, Form::Markdown, Language::De);
        let lift = text.contains("Halt klären und aufheben");
        assert_eq!(lift, *wanted == Ending::Halt, "{english}");
    }
}

#[test]
fn what_the_engine_halts_for_is_a_cause_and_no_sentence() {
    let (mut bench, _) = waiting();
    bench.incident("p", Severity::Medium).unwrap();
    let json = log(&bench, What::Incidents, Form::Json, Language::De);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let halt = &json["halts"][0];
    assert_eq!(halt["cause"], "incident");
    assert_eq!(halt["severity"], "medium");
    assert!(halt["reason"].is_null());
    let page = log(&bench, What::Incidents, Form::Markdown, Language::De);
    assert!(
        page.contains("Vorfall eröffnet (Schwere: mittel)"),
        "{page}"
    );
}
