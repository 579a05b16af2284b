//! The pack of one portfolio: complete, checked offline, and found out wherever it is touched.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use promote::app::audit::pack::verify::{AuditVerification, Brought, verify};
use promote::app::audit::pack::{Files, Manifest};
use promote::app::exit::Exit;
use promote::governance::audit::entry::{Entry, leaf_hash};
use promote::governance::audit::proof::holds;
use promote::kernel::digest::Digest;
use serde_json::Value;

use crate::bundles::{Quality, write};
use crate::harness::World;
use crate::regulator::{INIT, approve, request, run, world};

fn read(dir: &Path, prefix: &str, files: &mut Files) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// Makes the pack of `portfolio` in `dir` and gives its files.
fn bundle(world: &mut World, portfolio: &str, dir: &str) -> Files {
    run(world, &["audit", "bundle", portfolio, "--out", dir]).expect(Exit::Done);
    let mut files = Files::new();
    read(&world.at(dir), "", &mut files);
    files
}

fn manifest(files: &Files) -> Manifest {
    serde_json::from_slice(&files["pack.json"]).unwrap()
}

fn brought(files: &Files) -> Brought {
    Brought {
        fingerprint: Some(manifest(files).fingerprint),
        checkpoints: Vec::new(),
    }
}

/// What whoever changes a file does next: the manifest lists the new bytes.
fn reseal(files: &mut Files) {
    let mut said = manifest(files);
    said.files.retain(|listed| files.contains_key(&listed.path));
    for (path, bytes) in files.iter().filter(|(path, _)| *path != "pack.json") {
        let found = said.files.iter_mut().find(|listed| listed.path == *path);
        let sha256 = Digest::of(bytes);
        match found {
            Some(listed) => (listed.sha256, listed.bytes) = (sha256, bytes.len() as u64),
            None => said.files.push(promote::app::audit::pack::Listed {
                path: path.clone(),
                sha256,
                bytes: bytes.len() as u64,
            }),
        }
    }
    said.files.sort_by(|a, b| a.path.cmp(&b.path));
    let bytes = said.to_bytes().unwrap();
    files.insert("pack.json".to_owned(), bytes);
}

fn codes(seen: &AuditVerification) -> Vec<&str> {
    seen.findings.iter().map(|f| f.code.as_str()).collect()
}

/// Changes a copy of `files`, seals it again, and panics unless a finding of `code` is there.
#[track_caller]
fn found_out(files: &Files, code: &str, change: impl FnOnce(&mut Files)) {
    let mut changed = files.clone();
    change(&mut changed);
    assert_ne!(changed, *files, "nothing was changed");
    reseal(&mut changed);
    let seen = verify(&changed, &brought(files));
    assert!(!seen.ok && !seen.authenticated, "{seen:#?}");
    assert!(codes(&seen).contains(&code), "{code}: {seen:#?}");
}

fn lines(files: &Files, path: &str) -> Vec<String> {
    let text = String::from_utf8(files[path].clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn set(files: &mut Files, path: &str, lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    files.insert(path.to_owned(), text.into_bytes());
}

const PORTFOLIO: &str = "entries/portfolio.jsonl";
const COMMON: &str = "entries/common.jsonl";
const OTHERS: &str = "entries/others.jsonl";

/// Three portfolios, a halt of one and a halt of everything.
fn busy() -> World {
    let mut world = world();
    for scope in [
        &["--portfolio", "weak"][..],
        &["--portfolio", "rsi"],
        &["--global"],
    ] {
        let words = ["--reason", "odd fills", "--key", "w/keys/ops-1"];
        run(&mut world, &[&["halt"][..], scope, &words].concat()).expect(Exit::Done);
    }
    world
}

#[test]
fn a_pack_holds_every_entry_and_verifies_offline() {
    let mut world = busy();
    let files = bundle(&mut world, "rsi", "p");
    // Without any workspace or ledger.
    let away = World::new();
    let copy = away.path().to_owned();
    for (path, bytes) in &files {
        away.write(&format!("p/{path}"), bytes);
    }
    let said = manifest(&files);
    let fingerprint = said.fingerprint.to_string();
    let mut away = away;
    let args = ["audit", "verify", "p", "--fingerprint", &fingerprint];
    let answer = away
        .run_in(&copy, &[&args[..], &["--json"]].concat(), "")
        .expect(Exit::Done);
    crate::schemas::fits("audit-verification.v1.json", &answer.json());
    crate::schemas::fits(
        "audit-pack.v1.json",
        &serde_json::from_slice(&files["pack.json"]).unwrap(),
    );
    assert_eq!(answer.json()["whole"], true);
    away.run_in(&copy, &args, "").expect(Exit::Done);
    let alone = away
        .run_in(&copy, &["audit", "verify", "p"], "")
        .expect(Exit::Pending);
    assert!(
        alone.out.contains("self-consistent, not authenticated"),
        "{}",
        alone.out
    );
    let wrong = Digest::of(b"x").to_string();
    let args = ["audit", "verify", "p", "--fingerprint", &wrong];
    away.run_in(&copy, &args, "").expect(Exit::Integrity);
    away.run_in(&copy, &["audit", "verify", "none"], "")
        .expect(Exit::Invalid);
    // Every entry of the ledger is there, in one of three piles.
    let mut entries: Vec<Entry> = [PORTFOLIO, COMMON, OTHERS]
        .iter()
        .flat_map(|path| lines(&files, path))
        .map(|line| Entry::read(line.into_bytes()).unwrap())
        .collect();
    entries.sort_by_key(|e| e.seq);
    let listed = run(&mut world, &["ledger", "show"]).expect(Exit::Done).out;
    let lines = listed.lines().filter(|line| line.contains("Z  "));
    assert_eq!(entries.len(), lines.count());
    // The root by a naive tree, and every proof against it.
    let leaves: Vec<Digest> = entries.iter().map(|e| leaf_hash(&e.data)).collect();
    assert_eq!(crate::machine::root(&leaves), said.head.root);
    assert_eq!(said.portfolio_seqs.len() as u64, said.entries.portfolio);
    for seq in &said.portfolio_seqs {
        let text = String::from_utf8(files[&format!("proofs/{seq}.tlog-proof")].clone()).unwrap();
        let (proof, note) = text.split_once("\n\n").unwrap();
        assert_eq!(note.as_bytes(), files["checkpoint"]);
        let mut proof = proof.lines();
        assert_eq!(proof.next(), Some("c2sp.org/tlog-proof@v1"));
        assert_eq!(proof.next(), Some(format!("index {seq}").as_str()));
        let path: Vec<Digest> = proof
            .map(|line| {
                use base64::Engine as _;
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(line)
                    .unwrap();
                Digest::try_from(bytes.as_slice()).unwrap()
            })
            .collect();
        let leaf = &leaves[usize::try_from(*seq).unwrap()];
        assert!(holds(leaf, *seq, said.head.size, &path, &said.head.root));
    }
}

#[test]
fn entries_lie_where_they_belong() {
    let mut world = busy();
    let files = bundle(&mut world, "rsi", "p");
    let kinds = |path: &str| -> Vec<String> {
        lines(&files, path)
            .iter()
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["kind"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(
        kinds(PORTFOLIO),
        ["request", "evaluation", "approval", "decision", "halt"]
    );
    let common = kinds(COMMON);
    assert_eq!(common[0], "genesis");
    assert_eq!(common.iter().filter(|k| *k == "enrolment").count(), 8);
    assert_eq!(common.last().unwrap(), "halt");
    assert_eq!(
        kinds(OTHERS),
        ["request", "evaluation", "request", "evaluation", "halt"]
    );
    assert!(
        lines(&files, OTHERS)
            .iter()
            .all(|line| !line.contains("rsi-0001"))
    );
    // Statements and blobs of others stay out; theirs are the entries only.
    let said = manifest(&files);
    assert!(
        said.not_included
            .iter()
            .any(|line| line.contains("other portfolios"))
    );
    let statements = files
        .keys()
        .filter(|p| p.starts_with("statements/") && p.ends_with(".json"));
    assert_eq!(
        statements.count() as u64,
        said.entries.portfolio + said.entries.common - 1
    );
    // The same head gives the same bytes; a second pack never takes the place of the first.
    assert_eq!(bundle(&mut world, "rsi", "q"), files);
    run(&mut world, &["audit", "bundle", "rsi", "--out", "p"]).expect(Exit::Conflict);
    run(&mut world, &["audit", "bundle", "none", "--out", "r"]).expect(Exit::Conflict);
    let english = ["audit", "bundle", "weak", "--out", "e", "--lang", "en"];
    run(&mut world, &english).expect(Exit::Done);
    let text = std::fs::read_to_string(world.at("e/VERIFY.md")).unwrap();
    let rule = text.lines().nth(2).unwrap();
    assert!(
        rule.starts_with("**Get the fingerprint of the ledger from somewhere other"),
        "{rule}"
    );
    let fingerprint = said.fingerprint.to_string();
    run(
        &mut world,
        &["audit", "verify", "e", "--fingerprint", &fingerprint],
    )
    .expect(Exit::Done);
}

#[test]
fn what_is_withheld_moved_or_put_in_is_found() {
    let mut world = busy();
    let files = bundle(&mut world, "rsi", "p");
    assert!(verify(&files, &brought(&files)).ok);
    for path in [PORTFOLIO, COMMON, OTHERS] {
        // One entry withheld, in the middle of the ledger.
        found_out(&files, "position", |files| {
            let mut kept = lines(files, path);
            kept.remove(1);
            set(files, path, &kept);
        });
        // One entry twice.
        found_out(&files, "position", |files| {
            let mut kept = lines(files, path);
            kept.push(kept[0].clone());
            set(files, path, &kept);
        });
    }
    // The last one withheld: the checkpoint knows of it.
    found_out(&files, "checkpoint", |files| {
        let mut kept = lines(files, COMMON);
        kept.pop();
        set(files, COMMON, &kept);
    });
    // An entry about the portfolio hidden among the others, and the other way round.
    for (from, to) in [(PORTFOLIO, OTHERS), (OTHERS, PORTFOLIO), (COMMON, OTHERS)] {
        found_out(&files, "differs", |files| {
            let mut kept = lines(files, from);
            let moved = kept.pop().unwrap();
            let mut more = lines(files, to);
            more.push(moved);
            set(files, from, &kept);
            set(files, to, &more);
        });
    }
    // An entry of another ledger at the same place.
    let mut other = World::new();
    let init: Vec<&str> = INIT
        .iter()
        .map(|w| if *w == "7" { "8" } else { *w })
        .collect();
    other.run(&init).expect(Exit::Done);
    let dir = write(&other, "rsi", "one", Quality::Good);
    request(&mut other, "rsi", &dir).expect(Exit::Pending);
    approve(&mut other, "rsi-0001", "risk-1").expect(Exit::Done);
    let foreign = bundle(&mut other, "rsi", "p");
    found_out(&files, "prev-root", |files| {
        let mut kept = lines(files, PORTFOLIO);
        kept[2] = lines(&foreign, PORTFOLIO)[2].clone();
        set(files, PORTFOLIO, &kept);
    });
    // Another ledger as a whole is consistent, and not the one that is asked for.
    let seen = verify(&foreign, &brought(&files));
    assert_eq!(codes(&seen), ["fingerprint"]);
}

#[test]
fn derived_files_are_made_again_and_compared() {
    let mut world = busy();
    let files = bundle(&mut world, "rsi", "p");
    let blob = files
        .keys()
        .find(|p| p.starts_with("blobs/"))
        .unwrap()
        .clone();
    let statement = files
        .keys()
        .find(|p| p.ends_with("-approval.json"))
        .unwrap()
        .clone();
    let signature = format!("{statement}.0.sig");
    for path in [
        "VERIFY.md",
        "decision_log.md",
        "allowed_signers",
        "signatures.tsv",
        "engine.pem",
        &statement,
        &signature,
    ] {
        let seen = std::cell::Cell::new(false);
        found_out(&files, "differs", |files| {
            let bytes = files.get_mut(path).unwrap();
            // A letter that may stand there.
            let at = bytes.iter().rposition(|b| *b == b'e').unwrap();
            bytes[at] = b'f';
            seen.set(true);
        });
        assert!(seen.get());
        found_out(&files, "differs", |files| drop(files.remove(path)));
    }
    found_out(&files, "blob", |files| {
        files.get_mut(&blob).unwrap()[0] ^= 1
    });
    found_out(&files, "differs", |files| {
        files.insert("notes.md".to_owned(), b"trust me".to_vec());
    });
    found_out(&files, "blob", |files| {
        let bytes = b"stray".to_vec();
        files.insert(format!("blobs/{}", Digest::of(&bytes)), bytes);
    });
    found_out(&files, "attestation", |files| {
        let path = "attestations/rsi-0001.json";
        let text = String::from_utf8(files[path].clone()).unwrap();
        let envelope = promote::kernel::dsse::Envelope::decode(text.as_bytes()).unwrap();
        let mut changed = envelope;
        changed.signatures[0].sig[0] ^= 1;
        files.insert(path.to_owned(), changed.encode().into_bytes());
    });
    // A checkpoint for one entry more than there are.
    found_out(&files, "checkpoint", |files| {
        let text = String::from_utf8(files["checkpoint"].clone()).unwrap();
        let size = manifest(files).head.size;
        let more = text.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1);
        files.insert("checkpoint".to_owned(), more.into_bytes());
    });
    // Evidence left out and owned up to: nothing is wrong, and not everything was checked.
    let mut less = files.clone();
    less.remove(&blob);
    let mut said = manifest(&less);
    said.not_included.push("x".to_owned());
    less.insert("pack.json".to_owned(), said.to_bytes().unwrap());
    reseal(&mut less);
    assert!(!verify(&less, &brought(&files)).ok);
}

#[test]
fn flipped_bits_are_found() {
    let mut world = World::new();
    world.run(&INIT).expect(Exit::Done);
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir).expect(Exit::Pending);
    let files = bundle(&mut world, "rsi", "p");
    let brought = brought(&files);
    assert!(verify(&files, &brought).ok);
    // Every byte of the smallest files; the others in steps.
    let mut flips = 0;
    let mut changed = files.clone();
    for (path, bytes) in files.iter().filter(|(path, _)| *path != "pack.json") {
        let step = if bytes.len() <= 300 {
            1
        } else {
            bytes.len() / 12
        };
        for at in (0..bytes.len()).step_by(step) {
            changed.get_mut(path).unwrap()[at] ^= 1 << (at % 8);
            assert!(!verify(&changed, &brought).ok, "{path} byte {at}");
            changed.get_mut(path).unwrap()[at] = bytes[at];
            flips += 1;
        }
    }
    // The manifest has no list of its own: what it says is made again.
    let bytes = &files["pack.json"];
    let list = String::from_utf8(bytes.clone())
        .unwrap()
        .find("\"files\"")
        .unwrap();
    let places = (0..list)
        .step_by(1 + list / 40)
        .chain((list..bytes.len()).step_by(bytes.len() / 40));
    for at in places {
        changed.get_mut("pack.json").unwrap()[at] ^= 1;
        let seen = verify(&changed, &brought);
        assert!(!seen.ok, "pack.json byte {at}: {:?}", char::from(bytes[at]));
        changed.get_mut("pack.json").unwrap()[at] = bytes[at];
        flips += 1;
    }
    assert_eq!(changed, files);
    println!("{flips} flips, all found");
}

#[test]
fn checkpoints_that_a_reader_holds_unmask_a_shorter_ledger() {
    let mut world = world();
    let early = bundle(&mut world, "rsi", "early");
    let halt = [
        "halt",
        "--portfolio",
        "rsi",
        "--reason",
        "odd fills",
        "--key",
        "w/keys/ops-1",
    ];
    run(&mut world, &halt).expect(Exit::Done);
    let late = bundle(&mut world, "rsi", "late");
    let holding = |files: &Files, note: &Files| Brought {
        checkpoints: vec![("mine".to_owned(), note["checkpoint"].clone())],
        ..brought(files)
    };
    assert!(verify(&late, &holding(&late, &early)).ok);
    let seen = verify(&early, &holding(&early, &late));
    assert_eq!(codes(&seen), ["withheld"]);
    let mut other = World::new();
    other.run(&INIT).expect(Exit::Done);
    let dir = write(&other, "rsi", "other", Quality::Good);
    request(&mut other, "rsi", &dir).expect(Exit::Pending);
    // The same seed, so the same keys and origin: another history of the same ledger.
    let fork = bundle(&mut other, "rsi", "p");
    let seen = verify(&late, &holding(&late, &fork));
    assert_eq!(codes(&seen), ["fork"]);
    let fingerprint = manifest(&early).fingerprint.to_string();
    let args = ["audit", "verify", "early", "--fingerprint", &fingerprint];
    run(
        &mut world,
        &[&args[..], &["--also", "late/checkpoint"]].concat(),
    )
    .expect(Exit::Integrity);
    run(
        &mut world,
        &[&args[..], &["--also", "early/checkpoint"]].concat(),
    )
    .expect(Exit::Done);
}

#[test]
fn an_auditors_copy_without_keys_makes_the_same_pack_without_attestations() {
    let mut world = world();
    std::fs::remove_dir_all(world.at("w/ledger/keys")).unwrap();
    let files = bundle(&mut world, "rsi", "p");
    assert!(files.keys().all(|path| !path.starts_with("attestations/")));
    let said = manifest(&files);
    assert!(
        said.not_included
            .iter()
            .any(|line| line.starts_with("in-toto statements"))
    );
    assert!(verify(&files, &brought(&files)).ok);
}

#[test]
fn stock_ssh_keygen_accepts_every_signature_of_a_pack() {
    use std::io::Write as _;
    let mut world = busy();
    let files = bundle(&mut world, "rsi", "p");
    let table = lines(&files, "signatures.tsv");
    let mut by_signer: BTreeMap<&str, u32> = BTreeMap::new();
    for line in &table[1..] {
        let words: Vec<&str> = line.split('\t').collect();
        let [statement, signature, signer, namespace] = words[..] else {
            panic!("{line}");
        };
        let args = [
            "-Y",
            "verify",
            "-f",
            "../allowed_signers",
            "-I",
            signer,
            "-n",
            namespace,
        ];
        let child = Command::new("ssh-keygen")
            .args(args)
            .args(["-s", signature])
            .current_dir(world.at("p/statements"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            eprintln!("skipped: no ssh-keygen here");
            return;
        };
        let bytes = &files[&format!("statements/{statement}")];
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        assert!(child.wait().unwrap().success(), "{line}");
        *by_signer.entry(signer).or_default() += 1;
    }
    for signer in ["engine", "ops-1", "research-1", "risk-1", "root"] {
        assert!(by_signer.contains_key(signer), "{by_signer:?}");
    }
}

/// The commands that VERIFY.md prints, run as printed.
#[test]
fn the_printed_commands_find_nothing_wrong_and_a_changed_statement() {
    let mut world = busy();
    let files = bundle(&mut world, "rsi", "p");
    let text = String::from_utf8(files["VERIFY.md"].clone()).unwrap();
    let (_, block) = text.split_once("```text\ncd statements\n").unwrap();
    let (script, _) = block.split_once("```").unwrap();
    let check = |world: &World| {
        let run = Command::new("sh")
            .args(["-c", &format!("command -v ssh-keygen || exit 77\n{script}")])
            .current_dir(world.at("p/statements"))
            .output()
            .unwrap();
        if run.status.code() == Some(77) {
            eprintln!("skipped: no ssh-keygen here");
            return None;
        }
        Some(String::from_utf8(run.stdout).unwrap())
    };
    let Some(said) = check(&world) else { return };
    assert!(!said.contains("FALSCH"), "{said}");
    let signatures = lines(&files, "signatures.tsv").len() - 1;
    assert_eq!(said.matches("Good ").count(), signatures, "{said}");
    let path = files
        .keys()
        .find(|p| p.ends_with("-approval.json"))
        .unwrap();
    let mut bytes = files[path].clone();
    bytes[30] ^= 1;
    world.write(&format!("p/{path}"), bytes);
    let said = check(&world).unwrap();
    assert_eq!(said.matches("FALSCH").count(), 1, "{said}");
}

/// The root and every `prev_root` again, in another language and with its standard library alone.
const OTHER_VERIFIER: &str = r#"
import base64, hashlib, json, sys
def root(leaves):
    if not leaves: return hashlib.sha256(b"").digest()
    if len(leaves) == 1: return leaves[0]
    k = 1
    while k * 2 < len(leaves): k *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()
lines = []
for name in ("portfolio", "common", "others"):
    with open(f"p/entries/{name}.jsonl", "rb") as f:
        lines += f.read().splitlines()
lines.sort(key=lambda line: json.loads(line)["seq"])
leaves = []
for at, line in enumerate(lines):
    leaf = json.loads(line)
    if leaf["seq"] != at or leaf["prev_root"] != root(leaves).hex(): sys.exit(9)
    leaves.append(hashlib.sha256(b"\x00" + line).digest())
note = open("p/checkpoint", encoding="utf-8").read().split("\n")
sys.exit(0 if int(note[1]) == len(leaves) and base64.b64decode(note[2]) == root(leaves) else 9)
"#;

#[test]
fn a_verifier_in_another_language_agrees() {
    let mut world = busy();
    let files = bundle(&mut world, "rsi", "p");
    let other = |world: &World| {
        let mut python = Command::new("python3");
        python
            .args(["-c", OTHER_VERIFIER])
            .current_dir(world.path());
        match python.status() {
            Ok(status) => status.code(),
            Err(_) => {
                eprintln!("skipped: no python3 here");
                None
            }
        }
    };
    let Some(good) = other(&world) else { return };
    assert_eq!(good, 0);
    for path in [PORTFOLIO, COMMON, OTHERS] {
        let kept = lines(&files, path);
        let mut changed = kept.clone();
        changed.pop();
        let text: String = changed.iter().map(|line| format!("{line}\n")).collect();
        world.write(&format!("p/{path}"), text);
        assert_eq!(other(&world), Some(9), "{path}");
        let text: String = kept.iter().map(|line| format!("{line}\n")).collect();
        world.write(
            &format!("p/{path}"),
            text.replacen("2025-12-10", "2025-12-11", 1),
        );
        assert_eq!(other(&world), Some(9), "{path}");
        world.write(&format!("p/{path}"), text);
    }
    assert_eq!(other(&world), Some(0));
}
