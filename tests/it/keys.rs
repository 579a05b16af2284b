//! Keys: files that `ssh-keygen` reads and the other way round, enrolment in every way, and the
//! ledger's own commands.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use promote::adapters::keys::{
    Identity, KeyFileError, read_identity, read_public_key, write_identity,
};
use promote::app::exit::Exit;
use promote::governance::promotion::access::acts::{
    InstanceCard, InstanceEnrolment, POSSESSION_NAMESPACE,
};
use promote::kernel::digest::Digest;
use promote::kernel::sshsig::Envelope;
use serde_json::Value;

use crate::harness::{Answer, World};
use crate::schemas::fits;

const NAMESPACE: &str = "enrolment-v1@promote";

/// Runs `ssh-keygen` with `input`; none when it is not installed.
fn ssh_keygen(dir: &Path, args: &[&str], input: &[u8]) -> Option<(bool, Vec<u8>)> {
    let child = Command::new("ssh-keygen")
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: no ssh-keygen here");
        return None;
    };
    // It may refuse before it has read everything.
    let _written = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Some((output.status.success(), output.stdout))
}

#[test]
fn key_files_are_read_back_plain_and_encrypted() {
    let dir = tempfile::tempdir().unwrap();
    let mut entropy = promote::adapters::host::SystemEntropy;
    let identity = Identity::generate(&mut entropy).unwrap();
    for (name, passphrase) in [("plain", None), ("locked", Some("open sesame"))] {
        let path = dir.path().join(name);
        write_identity(&path, &identity, "ann", passphrase, &mut entropy).unwrap();
        let again = read_identity(&path, passphrase).unwrap();
        assert_eq!(again.public(), identity.public());
        assert_eq!(
            again.sign("x@promote", b"m"),
            identity.sign("x@promote", b"m")
        );
        let public = read_public_key(&dir.path().join(format!("{name}.pub"))).unwrap();
        assert_eq!(public, identity.public());
        // A second one never takes its place.
        let other = Identity::generate(&mut entropy).unwrap();
        assert!(write_identity(&path, &other, "bob", None, &mut entropy).is_err());
        assert!(read_identity(&path, passphrase).is_ok());
    }
    let locked = dir.path().join("locked");
    assert!(matches!(
        read_identity(&locked, None),
        Err(KeyFileError::Encrypted { .. })
    ));
    assert!(matches!(
        read_identity(&locked, Some("wrong")),
        Err(KeyFileError::Passphrase { .. })
    ));
}

#[test]
fn open_oversized_and_foreign_key_files_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let mut entropy = promote::adapters::host::SystemEntropy;
    let identity = Identity::from_secret(&[5; 32]).unwrap();
    write_identity(&path, &identity, "", None, &mut entropy).unwrap();
    let chmod = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for mode in [0o640, 0o604, 0o666] {
        chmod(mode);
        assert!(matches!(
            read_identity(&path, None),
            Err(KeyFileError::Open { .. })
        ));
    }
    chmod(0o600);
    assert!(read_identity(&path, None).is_ok());
    for text in [
        String::new(),
        "ssh-ed25519 AAAA".to_owned(),
        "x".repeat(70_000),
    ] {
        std::fs::write(&path, text).unwrap();
        assert!(read_identity(&path, None).is_err());
        assert!(read_public_key(&path).is_err());
    }
    // Other kinds of key are no roles' keys.
    for (kind, bits) in [("rsa", "2048"), ("ecdsa", "256")] {
        let args = ["-q", "-t", kind, "-b", bits, "-N", "", "-f", kind];
        let Some((made, _)) = ssh_keygen(dir.path(), &args, b"") else {
            return;
        };
        assert!(made);
        assert!(matches!(
            read_identity(&dir.path().join(kind), None),
            Err(KeyFileError::Kind { .. } | KeyFileError::Format { .. })
        ));
        assert!(read_public_key(&dir.path().join(format!("{kind}.pub"))).is_err());
    }
}

#[test]
fn nothing_secret_has_a_debug_form() {
    let identity = Identity::from_secret(&[0xab; 32]).unwrap();
    let shown = format!("{identity:?}");
    assert!(shown.contains("SHA256:"));
    assert!(!shown.contains("171") && !shown.to_lowercase().contains("abab"));
}

#[test]
fn ssh_keygen_accepts_our_signatures_and_no_changed_byte() {
    let dir = tempfile::tempdir().unwrap();
    let identity = Identity::from_secret(&[4; 32]).unwrap();
    let message = b"{\"type\":\"promote/enrolment/v1\"}";
    let at = |name: &str| dir.path().join(name);
    let allowed = format!("ann namespaces=\"{NAMESPACE}\" {}\n", identity.public());
    std::fs::write(at("allowed"), allowed).unwrap();
    let good = identity.sign(NAMESPACE, message);
    let verify = |envelope: &Envelope, namespace: &str, message: &[u8]| {
        std::fs::write(at("sig"), envelope.to_armor()).unwrap();
        let args = [
            "-Y", "verify", "-f", "allowed", "-I", "ann", "-n", namespace, "-s", "sig",
        ];
        Some(ssh_keygen(dir.path(), &args, message)?.0)
    };
    let Some(accepted) = verify(&good, NAMESPACE, message) else {
        return;
    };
    assert!(accepted);
    assert_eq!(verify(&good, "approval-v1@promote", message), Some(false));
    for at in 0..message.len() {
        let mut changed = message.to_vec();
        changed[at] ^= 1;
        assert_eq!(verify(&good, NAMESPACE, &changed), Some(false), "byte {at}");
    }
    for at in [0, 31, 32, 63] {
        let mut changed = good.clone();
        changed.signature[at] ^= 1;
        assert_eq!(verify(&changed, NAMESPACE, message), Some(false));
    }
}

#[test]
fn we_accept_what_ssh_keygen_signs_with_our_key_files() {
    let dir = tempfile::tempdir().unwrap();
    let mut entropy = promote::adapters::host::SystemEntropy;
    let identity = Identity::generate(&mut entropy).unwrap();
    let message = b"signed elsewhere";
    std::fs::write(dir.path().join("statement"), message).unwrap();
    for (name, passphrase) in [("plain", None), ("locked", Some("open sesame"))] {
        let path = dir.path().join(name);
        write_identity(&path, &identity, "ann", passphrase, &mut entropy).unwrap();
        if let Some(passphrase) = passphrase {
            // Stock ssh-keygen opens our encryption and writes the file without it.
            let args = ["-q", "-p", "-P", passphrase, "-N", "", "-f", name];
            let Some((opened, _)) = ssh_keygen(dir.path(), &args, b"") else {
                return;
            };
            assert!(opened);
            assert!(read_identity(&path, None).is_ok(), "it is plain now");
        }
        let _old = std::fs::remove_file(dir.path().join("statement.sig"));
        let args = ["-q", "-Y", "sign", "-f", name, "-n", NAMESPACE, "statement"];
        let Some((signed, _)) = ssh_keygen(dir.path(), &args, b"") else {
            return;
        };
        assert!(signed);
        let armor = std::fs::read_to_string(dir.path().join("statement.sig")).unwrap();
        let envelope = Envelope::from_armor(&armor).unwrap();
        assert_eq!(envelope.verify(NAMESPACE, message), Ok(()));
        // Ed25519 is deterministic: theirs and ours are the same bytes.
        assert_eq!(envelope, identity.sign(NAMESPACE, message));
        assert_eq!(armor, envelope.to_armor());
        assert!(envelope.verify("approval-v1@promote", message).is_err());
        let (_, public) = ssh_keygen(dir.path(), &["-y", "-f", name], b"").unwrap();
        let public = String::from_utf8(public).unwrap();
        assert_eq!(public.trim().parse(), Ok(identity.public()));
    }
}

#[test]
fn we_read_what_ssh_keygen_makes() {
    let dir = tempfile::tempdir().unwrap();
    for (name, passphrase) in [("plain", ""), ("locked", "geheim")] {
        let args = [
            "-q", "-t", "ed25519", "-N", passphrase, "-C", "ann@desk", "-f", name,
        ];
        let Some((made, _)) = ssh_keygen(dir.path(), &args, b"") else {
            return;
        };
        assert!(made);
        let identity = read_identity(&dir.path().join(name), Some(passphrase)).unwrap();
        let public = read_public_key(&dir.path().join(format!("{name}.pub"))).unwrap();
        assert_eq!(identity.public(), public);
    }
}

/// A world with a seeded sandbox in `w`; `key` makes key files beside it.
fn world() -> World {
    let mut world = World::new();
    let args = ["init", "w", "--sandbox", "--seed", "7"];
    world.run(&args).expect(Exit::Done);
    world
}

fn run(world: &mut World, args: &[&str]) -> Answer {
    let all: Vec<&str> = ["--root", "w"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    world.run(&all)
}

fn generate(world: &mut World, name: &str) -> Value {
    let args = [
        "key",
        "generate",
        "--out",
        name,
        "--comment",
        name,
        "--json",
    ];
    world.run(&args).expect(Exit::Done).json()
}

const EVE: [&str; 10] = [
    "key",
    "enrol",
    "--person",
    "eve",
    "--role",
    "risk",
    "--public-key",
    "eve.pub",
    "--verified-by",
    "passport, seen by ann",
];

fn enrol(world: &mut World, more: &[&str]) -> Answer {
    let args: Vec<&str> = EVE.iter().chain(more).copied().collect();
    run(world, &args)
}

const ROOT_1: &str = "w/keys/root-1";
const ROOT_2: &str = "w/keys/root-2";

fn fingerprints(world: &mut World) -> Vec<(String, String)> {
    let keys = run(world, &["key", "list", "--json"])
        .expect(Exit::Done)
        .json();
    fits("keys.v1.json", &keys);
    let persons = keys["persons"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    persons
        .iter()
        .map(|p| (text(&p["person"]), text(&p["fingerprint"])))
        .collect()
}

#[test]
fn a_person_is_enrolled_with_keys_at_hand() {
    let mut world = world();
    let key = generate(&mut world, "eve");
    fits("key.v1.json", &key);
    let keys = ["--key", ROOT_1, "--key", ROOT_2, "--possession", "eve"];
    let json: Vec<&str> = keys.into_iter().chain(["--json"]).collect();
    let enrolled = enrol(&mut world, &json).expect(Exit::Done).json();
    fits("enrolment.v1.json", &enrolled);
    assert_eq!(enrolled["seq"], 9);
    assert_eq!(enrolled["key"], key["fingerprint"]);
    let eve = (
        "eve".to_owned(),
        key["fingerprint"].as_str().unwrap().to_owned(),
    );
    assert!(fingerprints(&mut world).contains(&eve));
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
    // The same again, and the key for somebody else.
    enrol(&mut world, &keys).expect(Exit::NotAuthorised);
    let other: Vec<&str> = EVE
        .iter()
        .map(|word| if *word == "eve" { "bob" } else { word })
        .chain(keys)
        .collect();
    let answer = run(&mut world, &other).expect(Exit::NotAuthorised);
    assert!(answer.err.contains("belongs to `eve`"), "{}", answer.err);
    let text = run(&mut world, &["key", "list"]).expect(Exit::Done).out;
    assert!(text.contains("eve") && text.contains("2 of 3"), "{text}");
}

#[test]
fn enrolments_without_threshold_or_possession_leave_nothing() {
    let mut world = world();
    generate(&mut world, "eve");
    for keys in [
        &[][..],
        &["--key", ROOT_1, "--possession", "eve"],
        &["--key", ROOT_1, "--key", ROOT_1, "--possession", "eve"],
        &["--key", ROOT_1, "--key", ROOT_2],
        &[
            "--key",
            ROOT_1,
            "--key",
            "w/keys/risk-1",
            "--possession",
            "eve",
        ],
        &[
            "--key",
            ROOT_1,
            "--key",
            ROOT_2,
            "--possession",
            "w/keys/risk-1",
        ],
    ] {
        enrol(&mut world, keys).expect(Exit::NotAuthorised);
    }
    let weak = format!(
        "ssh-ed25519 {}\n",
        base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            [&b"\0\0\0\x0bssh-ed25519\0\0\0\x20\x01"[..], &[0; 31]].concat()
        )
    );
    world.write("eve.pub", weak);
    let keys = ["--key", ROOT_1, "--key", ROOT_2];
    let answer = enrol(&mut world, &keys).expect(Exit::Invalid);
    assert!(answer.err.contains("weak"), "{}", answer.err);
    assert!(fingerprints(&mut world).iter().all(|(who, _)| who != "eve"));
    let listed = run(&mut world, &["ledger", "show"]).expect(Exit::Done).out;
    let entries = listed.lines().filter(|line| line.contains("Z  "));
    assert_eq!(entries.count(), 9, "{listed}");
}

#[test]
fn an_enrolment_is_signed_elsewhere_by_everybody() {
    let mut world = world();
    generate(&mut world, "eve");
    let written = enrol(&mut world, &["--statement-out", "enrol.json"]).expect(Exit::Pending);
    assert!(written.err.contains(NAMESPACE), "{}", written.err);
    let mut flags: Vec<String> = vec!["--statement".to_owned(), "enrol.json".to_owned()];
    for (key, copy) in [("eve", "eve"), (ROOT_2, "two"), (ROOT_1, "one")] {
        let args = ["-q", "-Y", "sign", "-f", key, "-n", NAMESPACE, "enrol.json"];
        let Some((signed, _)) = ssh_keygen(world.path(), &args, b"") else {
            return;
        };
        assert!(signed);
        let signature = format!("{copy}.sig");
        std::fs::rename(world.at("enrol.json.sig"), world.at(&signature)).unwrap();
        // Not before the last one is there.
        if copy != "one" {
            flags.extend(["--signature".to_owned(), signature]);
            let args: Vec<&str> = ["key", "enrol"]
                .into_iter()
                .chain(flags.iter().map(String::as_str))
                .collect();
            run(&mut world, &args).expect(Exit::NotAuthorised);
        } else {
            flags.extend(["--signature".to_owned(), signature]);
        }
    }
    let args: Vec<&str> = ["key", "enrol"]
        .into_iter()
        .chain(flags.iter().map(String::as_str))
        .collect();
    // A changed statement is another one, and nobody signed it.
    let good = std::fs::read_to_string(world.at("enrol.json")).unwrap();
    world.write("enrol.json", good.replace("passport", "passp0rt"));
    run(&mut world, &args).expect(Exit::NotAuthorised);
    world.write("enrol.json", format!("{good}\n"));
    run(&mut world, &args).expect(Exit::Invalid);
    world.write("enrol.json", good);
    run(&mut world, &args).expect(Exit::Done);
    run(&mut world, &args).expect(Exit::Conflict);
    run(&mut world, &["ledger", "verify"]).expect(Exit::Done);
}

#[test]
fn encrypted_keys_want_their_passphrase_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut world = world();
    let secret = world.write("secret", "open sesame\n");
    let args = [
        "key",
        "generate",
        "--out",
        "eve",
        "--passphrase-file",
        "secret",
    ];
    let open = world.run(&args).expect(Exit::Invalid);
    assert!(open.err.contains("chmod 600"), "{}", open.err);
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    world.run(&args).expect(Exit::Done);
    let keys = ["--key", ROOT_1, "--key", ROOT_2, "--possession", "eve"];
    let locked = enrol(&mut world, &keys).expect(Exit::Invalid);
    assert!(locked.err.contains("passphrase"), "{}", locked.err);
    let all: Vec<&str> = keys
        .into_iter()
        .chain(["--passphrase-file", "secret"])
        .collect();
    enrol(&mut world, &all).expect(Exit::Done);
}

#[test]
fn entries_are_shown_byte_for_byte() {
    let mut world = world();
    let one = run(&mut world, &["ledger", "show", "3"])
        .expect(Exit::Done)
        .json();
    let raw = run(&mut world, &["ledger", "show", "3", "--raw"])
        .expect(Exit::Done)
        .out;
    let leaf = Digest::of_parts(&[&[0], raw.as_bytes()]);
    assert_eq!(one["leaf_hash"], leaf.to_string());
    assert_eq!(serde_json::from_str::<Value>(&raw).unwrap(), one["leaf"]);
    run(&mut world, &["ledger", "show", "9"]).expect(Exit::Usage);
}

#[test]
fn verification_as_text_and_json() {
    let mut world = world();
    for args in [
        &["ledger", "verify", "--json"][..],
        &["ledger", "verify", "--format", "json"],
    ] {
        let seen = run(&mut world, args).expect(Exit::Done).json();
        fits("ledger-verification.v1.json", &seen);
        assert_eq!(seen["ok"], true);
        assert_eq!(
            (&seen["entries"], &seen["checkpoint_size"]),
            (&9.into(), &9.into())
        );
        assert_eq!(seen["findings"], Value::Array(Vec::new()));
    }
    // A ledger that does not even open is a report too, not a missing answer.
    let path = world.at("w/ledger/ledger.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60..64].copy_from_slice(&[0, 0, 0, 9]);
    std::fs::write(&path, bytes).unwrap();
    let seen = run(&mut world, &["ledger", "verify", "--json"])
        .expect(Exit::Integrity)
        .json();
    assert_eq!(seen["ok"], false);
    assert!(
        seen["findings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("user_version")
    );
    std::fs::remove_file(&path).unwrap();
    run(&mut world, &["ledger", "verify"]).expect(Exit::Invalid);
}

/// A command on the real ledger in `real`.
fn on_real(world: &mut World, line: &str) -> Answer {
    let words = ["--root", "real", "--json"].into_iter();
    let words: Vec<&str> = words.chain(line.split(' ')).collect();
    world.run(&words)
}

#[track_caller]
fn refused_as_sandbox(answer: Answer) {
    let answer = answer.expect(Exit::NotAuthorised);
    let line = answer.err.lines().last().unwrap();
    assert!(line.contains("\"sandbox-key\""), "{line}");
}

/// Two sandboxes, one seeded; the public halves of the seeded one without their comments as well.
fn sandboxes() -> World {
    let mut world = World::new();
    let seeded = ["init", "seeded", "--sandbox", "--seed", "7"];
    world.run(&seeded).expect(Exit::Done);
    let drawn = ["init", "drawn", "--sandbox"];
    world.run(&drawn).expect(Exit::Done);
    for name in ["root-1", "risk-1"] {
        let text = std::fs::read_to_string(world.at(&format!("seeded/keys/{name}.pub"))).unwrap();
        let bare = text.rsplit_once(' ').unwrap().0.to_owned();
        world.write(&format!("bare-{name}.pub"), bare);
    }
    for name in ["r1", "r2", "r3", "ann", "bob", "new"] {
        world
            .run(&["key", "generate", "--out", name])
            .expect(Exit::Done);
    }
    world
}

/// The arguments that make a real ledger with these root keys.
fn init_with(roots: [&str; 3]) -> Vec<&str> {
    let named = roots.into_iter().flat_map(|root| ["--root-key", root]);
    ["--json", "init", "real"]
        .into_iter()
        .chain(named)
        .collect()
}

#[test]
fn a_real_ledger_begins_with_no_root_key_of_a_sandbox() {
    let mut world = sandboxes();
    for root in [
        "seeded/keys/root-1.pub",
        "drawn/keys/root-1.pub",
        "bare-root-1.pub",
    ] {
        refused_as_sandbox(world.run(&init_with(["r1.pub", root, "r3.pub"])));
        assert!(!world.at("real").exists(), "{root}");
    }
    let own = init_with(["r1.pub", "r2.pub", "r3.pub"]);
    world.run(&own).expect(Exit::Done);
    // Its own machine keys carry no such comment.
    let log = std::fs::read_to_string(world.at("real/ledger/keys/log.key.pub")).unwrap();
    assert!(log.ends_with(" log\n"), "{log}");
}

#[test]
fn a_key_of_a_sandbox_becomes_nobodys_key_in_a_real_ledger() {
    let mut world = sandboxes();
    let own = init_with(["r1.pub", "r2.pub", "r3.pub"]);
    world.run(&own).expect(Exit::Done);
    let enrol = |who: &str, role: &str, key: &str, possession: &str| {
        format!(
            "key enrol --person {who} --role {role} --public-key {key} --verified-by passport --key r1 --key r2 --possession {possession}"
        )
    };
    for (public, possession) in [
        ("seeded/keys/risk-1.pub", "seeded/keys/risk-1"),
        ("bare-risk-1.pub", "seeded/keys/risk-1"),
        ("drawn/keys/risk-1.pub", "drawn/keys/risk-1"),
    ] {
        let line = enrol("ann", "risk", public, possession);
        refused_as_sandbox(on_real(&mut world, &line));
    }
    on_real(&mut world, &enrol("ann", "risk", "ann.pub", "ann")).expect(Exit::Done);
    on_real(&mut world, &enrol("bob", "ops", "bob.pub", "bob")).expect(Exit::Done);
    for new in ["seeded/keys/risk-1", "drawn/keys/risk-1"] {
        let line = format!("key rotate --key ann --key {new}");
        refused_as_sandbox(on_real(&mut world, &line));
    }
    on_real(&mut world, "key rotate --key ann --key new").expect(Exit::Done);
    for root in ["bare-root-1.pub", "drawn/keys/root-1.pub"] {
        let line = format!(
            "key roots --root-key r1.pub --root-key r2.pub --root-key {root} --root-threshold 2 --reason moved --key r1 --key r2"
        );
        refused_as_sandbox(on_real(&mut world, &line));
    }
    // An instance that would run with a seeded key.
    let key = promote::adapters::keys::sandbox::seeded(7, "ops-1").unwrap();
    let made = on_real(&mut world, "instance init live-1 --environment production");
    let made = made.expect(Exit::Done).json();
    let mut card: InstanceCard = serde_json::from_value(made["card"].clone()).unwrap();
    let own = made["card_file"].as_str().unwrap().to_owned();
    card.public_key = key.public();
    let possession = key.sign(POSSESSION_NAMESPACE, &card.to_bytes().unwrap());
    let act = InstanceEnrolment {
        card,
        possession: STANDARD.encode(possession.encode()),
    };
    world.write(
        "seeded.card",
        promote::kernel::canonical::encode(&act).unwrap(),
    );
    let line = "instance enrol --card seeded.card --key new --key bob";
    refused_as_sandbox(on_real(&mut world, line));
    let line = format!("instance enrol --card {own} --key new --key bob");
    on_real(&mut world, &line).expect(Exit::Done);
}

#[test]
fn a_sandbox_takes_its_own_keys() {
    let mut world = sandboxes();
    let line = "--root seeded key enrol --person risk-2 --role authoriser --public-key seeded/keys/risk-2.pub --verified-by passport --key seeded/keys/root-1 --key seeded/keys/root-2 --possession seeded/keys/risk-2";
    let words: Vec<&str> = line.split(' ').collect();
    world.run(&words).expect(Exit::Done);
    // The key of its own instance says where it comes from.
    let line = "--root seeded instance init live-1 --out live-1";
    let words: Vec<&str> = line.split(' ').collect();
    world.run(&words).expect(Exit::Done);
    let made = std::fs::read_to_string(world.at("live-1.pub")).unwrap();
    assert!(made.ends_with(" promote-sandbox:live-1\n"), "{made}");
    let line = "--root drawn key rotate --key drawn/keys/ops-1 --key seeded/keys/ops-2";
    let words: Vec<&str> = line.split(' ').collect();
    world.run(&words).expect(Exit::Done);
}
