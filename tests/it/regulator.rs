//! What supervisors ask for: attested decisions that other tools read, control mappings that lint
//! holds references against.

use std::process::{Command, Stdio};

use promote::app::exit::Exit;
use promote::kernel::dsse::{Envelope, pre_authentication};
use promote::kernel::pubkey::PublicKey;
use serde_json::Value;

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};

pub const INIT: [&str; 7] = [
    "init",
    "w",
    "--sandbox",
    "--seed",
    "7",
    "--now",
    "2025-12-10T08:00:00Z",
];

pub fn run(world: &mut World, args: &[&str]) -> Answer {
    let all: Vec<&str> = ["--root", "w"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    world.run(&all)
}

pub fn request(world: &mut World, portfolio: &str, dir: &str) -> Answer {
    let words = ["--summary", "stable out of sample", "--key"];
    let head = [
        "request",
        portfolio,
        "--target",
        "shadow",
        "--evidence",
        dir,
    ];
    run(world, &[&head[..], &words, &["w/keys/research-1"]].concat())
}

pub fn approve(world: &mut World, id: &str, key: &str) -> Answer {
    let key = format!("w/keys/{key}");
    run(world, &["approve", id, "--role", "risk", "--key", &key])
}

/// A sandbox in which `rsi` was promoted to SHADOW, `weak` rejected, and `open` waits.
pub fn world() -> World {
    let mut world = World::new();
    world.run(&INIT).expect(Exit::Done);
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir).expect(Exit::Pending);
    approve(&mut world, "rsi-0001", "risk-1").expect(Exit::Done);
    let dir = write(&world, "weak", "two", Quality::Bad);
    request(&mut world, "weak", &dir).expect(Exit::Reject);
    let dir = write(&world, "open", "three", Quality::Good);
    request(&mut world, "open", &dir).expect(Exit::Pending);
    world
}

fn slug(answer: &Answer) -> String {
    let object: Value = serde_json::from_str(answer.err.lines().last().unwrap()).unwrap();
    object["slug"].as_str().unwrap().to_owned()
}

/// The engine's public key, from the genesis entry.
fn engine(world: &mut World) -> PublicKey {
    let entry = run(world, &["ledger", "show", "0"])
        .expect(Exit::Done)
        .json();
    let key = entry["leaf"]["body"]["engine_key"].as_str().unwrap();
    key.parse().unwrap()
}

fn statement(text: &str) -> Value {
    let envelope = Envelope::decode(text.as_bytes()).unwrap();
    serde_json::from_slice(&envelope.payload).unwrap()
}

#[test]
fn a_promotion_is_a_passed_verification_summary() {
    let mut world = world();
    let attest = ["log", "attest", "rsi-0001"];
    let text = run(&mut world, &attest).expect(Exit::Done).out;
    assert_eq!(run(&mut world, &attest).expect(Exit::Done).out, text);
    let envelope = Envelope::decode(text.as_bytes()).unwrap();
    let key = engine(&mut world);
    let payload = envelope.open("application/vnd.in-toto+json", &key).unwrap();
    let said: Value = serde_json::from_slice(payload).unwrap();
    assert_eq!(said["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(
        said["predicateType"],
        "https://slsa.dev/verification_summary/v1"
    );
    let shown = run(&mut world, &["show", "rsi-0001", "--json"])
        .expect(Exit::Done)
        .json();
    let subject = &said["subject"][0];
    assert_eq!(subject["name"], "rsi");
    assert_eq!(subject["digest"]["sha256"], shown["strategy_sha256"]);
    let predicate = &said["predicate"];
    assert_eq!(predicate["verificationResult"], "PASSED");
    assert_eq!(
        predicate["verifiedLevels"][0],
        "PROMOTE_SANDBOX_STAGE_SHADOW"
    );
    assert_eq!(
        predicate["policy"]["digest"]["sha256"],
        shown["policy_sha256"]
    );
    assert_eq!(predicate["timeVerified"], shown["ended_at"]);
    let inputs = predicate["inputAttestations"].as_array().unwrap();
    let uris: Vec<&str> = inputs.iter().map(|i| i["uri"].as_str().unwrap()).collect();
    for wanted in ["request", "evaluation", "approval"] {
        assert!(uris.contains(&format!("urn:promote:statement:{wanted}").as_str()));
    }
    assert!(!uris.contains(&"urn:promote:statement:decision"));
    let digests: Vec<&Value> = inputs.iter().map(|i| &i["digest"]["sha256"]).collect();
    assert!(digests.contains(&&shown["evidence"][0]["evidence_sha256"]));
    let held = &predicate["urn:promote:decision:v1"];
    assert_eq!(held["status"], "PROMOTED");
    assert_eq!(held["marks"], serde_json::json!(["SANDBOX", "LOCAL MODE"]));
    let places: Vec<u64> = held["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["seq"].as_u64().unwrap())
        .collect();
    let signers: Vec<u64> = shown["signers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["seq"].as_u64().unwrap())
        .collect();
    assert!(
        signers.iter().all(|seq| places.contains(seq)),
        "{places:?} {signers:?}"
    );
}

#[test]
fn everything_but_a_promotion_is_failed_and_an_open_request_is_nothing() {
    let mut world = world();
    let weak = run(&mut world, &["log", "attest", "weak-0001"]).expect(Exit::Done);
    let said = statement(&weak.out);
    assert_eq!(said["predicate"]["verificationResult"], "FAILED");
    assert_eq!(
        said["predicate"]["verifiedLevels"],
        serde_json::json!(["FAILED"])
    );
    let open = ["log", "attest", "open-0001", "--json"];
    assert_eq!(
        slug(&run(&mut world, &open).expect(Exit::Pending)),
        "attest.open"
    );
    run(&mut world, &["log", "attest", "none-0001"]).expect(Exit::Conflict);
}

#[test]
fn a_promotion_whose_evidence_is_revoked_passes_no_more() {
    let mut world = world();
    let before = run(&mut world, &["log", "attest", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    let shown = run(&mut world, &["show", "rsi-0001", "--json"])
        .expect(Exit::Done)
        .json();
    let evidence = shown["evidence"][0]["evidence_sha256"].as_str().unwrap();
    let key = ["--reason", "wrong bars", "--key", "w/keys/risk-1"];
    run(
        &mut world,
        &[&["evidence", "revoke", evidence][..], &key].concat(),
    )
    .expect(Exit::Done);
    let after = run(&mut world, &["log", "attest", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    let said = statement(&after);
    assert_eq!(said["predicate"]["verificationResult"], "FAILED");
    let void = &said["predicate"]["urn:promote:decision:v1"]["void"][0];
    assert_eq!(void["why"], "evidence_revoked");
    // The older one is still what the ledger said at its head.
    world.write("before.json", &before);
    world.write("after.json", &after);
    for file in ["before.json", "after.json"] {
        run(&mut world, &["log", "verify", file]).expect(Exit::Done);
    }
}

#[test]
fn copies_verify_and_changed_ones_do_not() {
    let mut world = world();
    run(
        &mut world,
        &["log", "attest", "rsi-0001", "--out", "a.json"],
    )
    .expect(Exit::Done);
    let answer = run(&mut world, &["log", "verify", "a.json", "--json"]).expect(Exit::Done);
    assert_eq!(
        answer.json()["schema"],
        "promote/attestation-verification/v1"
    );
    assert_eq!(answer.json()["result"], "PASSED");
    let text = std::fs::read_to_string(world.at("a.json")).unwrap();
    let mut envelope = Envelope::decode(text.as_bytes()).unwrap();
    // One bit of the payload, and one of the signature.
    envelope.payload[40] ^= 1;
    world.write("b.json", envelope.encode());
    let answer = run(&mut world, &["log", "verify", "b.json", "--json"]).expect(Exit::Integrity);
    assert_eq!(slug(&answer), "attest.signature");
    envelope.payload[40] ^= 1;
    envelope.signatures[0].sig[3] ^= 1;
    world.write("b.json", envelope.encode());
    run(&mut world, &["log", "verify", "b.json"]).expect(Exit::Integrity);
    // Whoever holds the engine's key can sign anything; the ledger does not say it.
    let path = world.at("w/ledger/keys/engine.key");
    let engine = promote::adapters::keys::read_identity(&path, None).unwrap();
    let said = String::from_utf8(Envelope::decode(text.as_bytes()).unwrap().payload).unwrap();
    for (from, to, wanted) in [
        ("STAGE_SHADOW", "STAGE_LIVE", "attest.differs"),
        ("\"rsi-0001\"", "\"rsi-0002\"", "attest.unknown"),
        (
            "\"head\":{\"size\":",
            "\"head\":{\"size\":1",
            "attest.foreign-head",
        ),
    ] {
        let payload = said.replacen(from, to, 1).into_bytes();
        let sign = |bytes: &[u8]| engine.sign_raw(bytes);
        let kind = "application/vnd.in-toto+json";
        let forged = Envelope::seal(kind, payload, &engine.public(), &sign);
        world.write("c.json", forged.encode());
        let answer =
            run(&mut world, &["log", "verify", "c.json", "--json"]).expect(Exit::Integrity);
        assert_eq!(slug(&answer), wanted);
    }
    world.write("d.json", "{\"payload\":1}");
    run(&mut world, &["log", "verify", "d.json"]).expect(Exit::Invalid);
}

/// OpenSSL and, where it is installed, the reference library of DSSE read what we write.
#[test]
fn other_implementations_verify_the_envelope() {
    let mut world = world();
    let text = run(&mut world, &["log", "attest", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    let envelope = Envelope::decode(text.as_bytes()).unwrap();
    let key = engine(&mut world);
    world.write("key.pem", key.to_pem());
    world.write("env.json", &text);
    // The encoding is written out by hand here, apart from the product's.
    let payload = &envelope.payload;
    let kind = &envelope.payload_type;
    let mut signed = format!("DSSEv1 28 {kind} {} ", payload.len()).into_bytes();
    signed.extend_from_slice(payload);
    assert_eq!(signed, pre_authentication(kind, payload));
    world.write("signed", &signed);
    world.write("sig", envelope.signatures[0].sig);
    let args = [
        "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin",
    ];
    let files = ["-in", "signed", "-sigfile", "sig"];
    let mut openssl = Command::new("openssl");
    openssl.args(args).args(files).current_dir(world.path());
    match openssl.stdout(Stdio::null()).status() {
        Ok(status) => assert!(status.success()),
        Err(_) => eprintln!("skipped: no openssl here"),
    }
    let script = "import sys, json, base64\n\
        try:\n    from securesystemslib.dsse import Envelope\n    from securesystemslib.signer import SSlibKey\n\
        except ImportError:\n    sys.exit(77)\n\
        e = Envelope.from_dict(json.load(open('env.json')))\n\
        keyid = json.load(open('env.json'))['signatures'][0]['keyid']\n\
        key = SSlibKey(keyid, 'ed25519', 'ed25519', {'public': sys.argv[1]})\n\
        assert len(e.verify([key], 1)) == 1\n\
        e.payload = e.payload + b' '\n\
        try:\n    e.verify([key], 1)\nexcept Exception:\n    sys.exit(0)\nsys.exit(1)\n";
    let mut python = Command::new("python3");
    python.args(["-c", script, &hex::encode(key.as_bytes())]);
    match python.current_dir(world.path()).status() {
        Ok(status) if status.code() == Some(77) => {
            eprintln!("skipped: no securesystemslib for python3 here");
        }
        Ok(status) => assert!(status.success()),
        Err(_) => eprintln!("skipped: no python3 here"),
    }
}

#[test]
fn lint_finds_references_that_name_no_control() {
    let mut world = World::new();
    world.run(&INIT).expect(Exit::Done);
    run(&mut world, &["policy", "lint", "--json"]).expect(Exit::Done);
    let path = "w/policies/moderate.toml";
    let text = std::fs::read_to_string(world.at(path)).unwrap();
    world.write(path, text.replacen("\"playbook 7\"", "\"playbook 99\"", 1));
    let broken = run(&mut world, &["policy", "lint", "--json"])
        .expect(Exit::Invalid)
        .json();
    let problem = &broken["problems"][0];
    assert_eq!(problem["code"], "unknown-control");
    assert!(problem["line"].as_u64().unwrap() > 1, "{problem}");
    run(&mut world, &["policy", "lint", path]).expect(Exit::Invalid);
    // Deny rules are held to the same, in the set and alone; the other files have no references.
    let deny = "w/policies/deny.toml";
    let shipped = std::fs::read_to_string(world.at(deny)).unwrap();
    for file in [deny, "w/policies/roles.toml", "w/policies/checklists.toml"] {
        run(&mut world, &["policy", "lint", file]).expect(Exit::Done);
    }
    world.write(deny, shipped.replacen("rts6 15", "rts6 99", 1));
    let broken = run(&mut world, &["policy", "lint", "--json"])
        .expect(Exit::Invalid)
        .json();
    let last = broken["problems"].as_array().unwrap().last().unwrap();
    assert_eq!(last["code"], "unknown-control");
    assert_eq!(last["file"], "deny.toml");
    assert_eq!(last["key"], "block_on_violation_off.control_refs");
    run(&mut world, &["policy", "lint", deny]).expect(Exit::Invalid);
    world.write(deny, "version = 1\n");
    run(&mut world, &["policy", "lint", deny]).expect(Exit::Invalid);
    world.write(deny, shipped);
    // A mapping of the house's own answers it; without its folder the shipped ones do.
    let own = std::fs::read_to_string(world.at("w/policies/controls/playbook.toml")).unwrap();
    let own = own.replacen("id = \"8\"", "id = \"99\"", 1);
    world.write("w/policies/controls/playbook.toml", &own);
    let linted = run(&mut world, &["policy", "lint", "--json"])
        .expect(Exit::Done)
        .json();
    let listed = linted["files"].as_array().unwrap();
    assert!(
        listed.iter().any(|f| f["path"] == "controls/playbook.toml"),
        "{linted}"
    );
    world.write(
        "w/policies/controls/playbook.toml",
        own.replacen("status", "statsu", 1),
    );
    let answer = run(&mut world, &["policy", "lint"]).expect(Exit::Invalid);
    assert!(
        answer.err.contains("controls/playbook.toml"),
        "{}",
        answer.err
    );
    // What is broken there stops nothing but lint: the mappings decide nothing.
    run(&mut world, &["policy", "show"]).expect(Exit::Done);
}

/// Digests differ with every edit of a policy or control file.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() || ('a'..='f').contains(&c) {
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

/// A year with a promotion, a rejection, a refused act, a halt, an incident and revoked evidence.
fn eventful() -> World {
    let mut world = world();
    let halt = ["halt", "--portfolio", "rsi", "--reason", "odd fills"];
    run(
        &mut world,
        &[&halt[..], &["--key", "w/keys/ops-1"]].concat(),
    )
    .expect(Exit::Done);
    let incident = [
        "incident",
        "open",
        "rsi",
        "--class",
        "exchange",
        "--severity",
        "low",
    ];
    let words = ["--summary", "feed | down", "--key", "w/keys/ops-1"];
    run(&mut world, &[&incident[..], &words].concat()).expect(Exit::Done);
    // The requester may not fill a slot: refused, and an entry.
    let key = ["--role", "research", "--key", "w/keys/research-1"];
    let refused = run(&mut world, &[&["approve", "open-0001"][..], &key].concat());
    assert_ne!(refused.exit, Exit::Done);
    let shown = run(&mut world, &["show", "rsi-0001", "--json"])
        .expect(Exit::Done)
        .json();
    let evidence = shown["evidence"][0]["evidence_sha256"].as_str().unwrap();
    let key = ["--reason", "wrong bars", "--key", "w/keys/risk-1"];
    run(
        &mut world,
        &[&["evidence", "revoke", evidence][..], &key].concat(),
    )
    .expect(Exit::Done);
    world
}

#[test]
fn the_self_assessment_counts_what_the_ledger_holds() {
    let mut world = eventful();
    let year = ["audit", "self-assessment", "--year", "2025"];
    let json = run(&mut world, &[&year[..], &["--json"]].concat())
        .expect(Exit::Done)
        .json();
    crate::schemas::fits("self-assessment.v1.json", &json);
    assert_eq!(json["period"]["closed"], false);
    assert_eq!(json["decisions"]["PROMOTED"], 1);
    assert_eq!(json["decisions"]["REJECTED"], 1);
    let what: Vec<&str> = json["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["what"].as_str().unwrap())
        .collect();
    for wanted in ["refused", "halt", "incident", "evidence_revoked"] {
        assert!(what.contains(&wanted), "{wanted}: {what:?}");
    }
    // Every count is the number of entries of that kind that `ledger show` lists.
    let listed = run(&mut world, &["ledger", "show"]).expect(Exit::Done).out;
    let mut all = 0;
    for acts in json["acts"].as_array().unwrap() {
        let kind = format!("Z  {} ", acts["kind"].as_str().unwrap());
        let count = listed.lines().filter(|line| line.contains(&kind)).count();
        assert_eq!(
            acts["count"].as_u64(),
            u64::try_from(count).ok(),
            "{kind}\n{listed}"
        );
        all += count;
    }
    assert_eq!(
        all,
        listed.lines().filter(|line| line.contains("Z  ")).count()
    );
    for (lang, file) in [
        ("de", "self_assessment_de.md"),
        ("en", "self_assessment_en.md"),
    ] {
        let text = run(&mut world, &[&year[..], &["--lang", lang]].concat())
            .expect(Exit::Done)
            .out;
        let again = run(&mut world, &[&year[..], &["--lang", lang]].concat())
            .expect(Exit::Done)
            .out;
        assert_eq!(text, again);
        // What nobody read in its source is never called verified.
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if line.starts_with("### ") {
                let status = lines[at + 2];
                assert!(
                    status.contains("NOT VERIFIED")
                        || status.contains("NICHT GEPRÜFT")
                        || status.contains("source read")
                        || status.contains("Quelle gelesen")
                );
            }
        }
        expect_test::expect_file![format!(
            "{}/tests/golden/{file}",
            env!("CARGO_MANIFEST_DIR")
        )]
        .assert_eq(&masked(&text));
    }
}

#[test]
fn a_year_that_is_over_never_changes() {
    let mut world = World::new();
    world.run(&INIT).expect(Exit::Done);
    let first = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &first).expect(Exit::Pending);
    approve(&mut world, "rsi-0001", "risk-1").expect(Exit::Done);
    let year = ["audit", "self-assessment", "--year", "2025", "--json"];
    let open = run(&mut world, &year).expect(Exit::Done).json();
    assert_eq!(open["period"]["closed"], false);
    let halt = [
        "halt",
        "--global",
        "--reason",
        "new year",
        "--key",
        "w/keys/ops-1",
    ];
    let late = ["--now", "2026-01-02T08:00:00Z"];
    run(&mut world, &[&halt[..], &late].concat()).expect(Exit::Done);
    let over = run(&mut world, &year).expect(Exit::Done);
    assert_eq!(over.json()["period"]["closed"], true);
    assert_eq!(over.json()["head"], open["head"]);
    let halt = [
        "halt",
        "--global",
        "--reason",
        "again",
        "--key",
        "w/keys/ops-1",
    ];
    let later = ["--now", "2026-06-02T08:00:00Z"];
    run(&mut world, &[&halt[..], &later].concat()).expect(Exit::Done);
    assert_eq!(run(&mut world, &year).expect(Exit::Done).out, over.out);
    // By then the certificate was overdue, and the stage fell by time.
    let next = ["audit", "self-assessment", "--year", "2026", "--json"];
    let next = run(&mut world, &next).expect(Exit::Done).json();
    let what: Vec<&str> = next["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["what"].as_str().unwrap())
        .collect();
    assert!(what.contains(&"lowered"), "{what:?}");
    // SR 11-7 was rescinded in 2026: in force in 2025 and 2026, not in 2027.
    let sr = |json: &Value| {
        let all = json["frameworks"].as_array().unwrap();
        let found = all.iter().find(|f| f["framework"] == "sr-11-7").unwrap();
        found["in_force"].clone()
    };
    assert_eq!(sr(&next), true);
    for year in ["2024", "2027"] {
        let args = ["audit", "self-assessment", "--year", year, "--json"];
        let answer = run(&mut world, &args).expect(Exit::Conflict);
        assert_eq!(slug(&answer), "assessment.no-entries");
    }
}

#[test]
fn the_control_mappings_are_shown_in_one_language() {
    let mut world = World::new();
    let json = world
        .run(&["audit", "controls", "--json"])
        .expect(Exit::Done)
        .json();
    crate::schemas::fits("controls.v1.json", &json);
    let mut shown = |lang: &str| {
        let words = ["audit", "controls", "--lang", lang];
        world.run(&words).expect(Exit::Done).out
    };
    let (de, en) = (shown("de"), shown("en"));
    // Every text of a mapping stands in its own language, and none in the other one.
    let mut texts = 0;
    let mut told = |words: &Value| {
        let [german, english] = ["de", "en"].map(|lang| words[lang].as_str().unwrap());
        assert!(de.contains(german) && en.contains(english), "{words}");
        if german != english {
            assert!(!de.contains(english) && !en.contains(german), "{words}");
            texts += 1;
        }
    };
    for framework in json["frameworks"].as_array().unwrap() {
        told(&framework["name"]);
        for control in framework["controls"].as_array().unwrap() {
            told(&control["title"]);
            if !control["gap"].is_null() {
                told(&control["gap"]);
            }
        }
    }
    assert!(texts > 60, "{texts}");
    // So do the words between them.
    for (german, english) in [
        ("Kontrollzuordnung ", "control mappings "),
        ("(Version 1, Haus)", "(version 1, house)"),
        ("nicht mehr in Kraft seit", "not in force since"),
        ("      teilweise abgedeckt; ", "      partly covered; "),
        ("; Quelle gelesen", "; source read"),
        ("; NICHT GEPRÜFT (", "; NOT VERIFIED ("),
        ("      gezeigt durch: ", "      shown by: "),
        ("      Beleg: promote ", "      evidence: promote "),
        ("      Lücke: ", "      gap: "),
    ] {
        assert!(de.contains(german) && !de.contains(english), "{german}");
        assert!(en.contains(english) && !en.contains(german), "{english}");
    }
    let text = world
        .run(&["audit", "controls", "--framework", "marisk"])
        .expect(Exit::Done)
        .out;
    assert!(
        text.contains("NICHT GEPRÜFT") && !text.contains("Quelle gelesen"),
        "{text}"
    );
    world
        .run(&["audit", "controls", "--framework", "none"])
        .expect(Exit::Usage);
}

#[test]
fn a_promotion_that_lost_its_quorum_passes_no_more() {
    let mut world = world();
    let revoke = [
        "key",
        "revoke",
        "risk-1",
        "--reason",
        "compromised",
        "--distrust-from-seq",
        "9",
    ];
    let keys = ["--key", "w/keys/risk-2", "--key", "w/keys/ops-1"];
    run(&mut world, &[&revoke[..], &keys].concat()).expect(Exit::Done);
    let said = statement(
        &run(&mut world, &["log", "attest", "rsi-0001"])
            .expect(Exit::Done)
            .out,
    );
    assert_eq!(said["predicate"]["verificationResult"], "FAILED");
    assert_eq!(said["predicate"]["verifiedLevels"][0], "FAILED");
    let held = &said["predicate"]["urn:promote:decision:v1"];
    assert_eq!(held["status"], "PROMOTED");
    assert_eq!(held["void"][0]["why"], "quorum_fell");
    let year = ["audit", "self-assessment", "--year", "2025", "--json"];
    let json = run(&mut world, &year).expect(Exit::Done).json();
    let what: Vec<&str> = json["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["what"].as_str().unwrap())
        .collect();
    assert!(what.contains(&"key_revoked"), "{what:?}");
    // The pack says that the key counts by position.
    run(&mut world, &["audit", "bundle", "rsi", "--out", "p"]).expect(Exit::Done);
    let revoked = std::fs::read_to_string(world.at("p/revoked_keys")).unwrap();
    assert!(
        revoked.starts_with("# risk-1: revoked by entry "),
        "{revoked}"
    );
    assert!(
        revoked.contains("reason compromised, distrusted from entry 9\nssh-ed25519 "),
        "{revoked}"
    );
    run(&mut world, &["audit", "verify", "p"]).expect(Exit::Pending);
}
