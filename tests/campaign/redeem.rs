//! Two processes redeem one token at the same moment: exactly one of them has it.
//!
//! A ledger with a LIVE portfolio and an issued token is copied for every round. Two children are
//! given the same copy; each opens it, checks the token on what it finds, appends its redemption,
//! and begins again when the other was faster. One answers that it won, the other that the token
//! was used; the ledger verifies and holds one redemption.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use promote::adapters::keys::Identity;
use promote::adapters::ledger::{Access, Ledger, LedgerError, schema_sha256};
use promote::governance::audit::entry::{Draft, Entry, Head};
use promote::governance::audit::tree::Frontier;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::apply::apply;
use promote::governance::promotion::chain::Chain;
use promote::governance::promotion::guard::Moment;
use promote::governance::token::claims::Claims;
use promote::governance::token::redeem::redeem;
use promote::kernel::digest::Digest;

use crate::ledger_support::{block, faults};
use crate::machine::Bench;
use crate::token::{Session, issue_token, live};

/// First argument of a child.
pub const CHILD: &str = "--redeem-when-told";

pub fn log_key() -> Identity {
    Identity::from_secret(Digest::of(b"log").as_bytes()).unwrap()
}

/// The same ledger every time: its fold with the portfolio lifted to LIVE, the claims, the token.
pub fn ready() -> (Bench, Claims, String) {
    let mut bench = live(Bench::with(
        |genesis| genesis.schema_sha256 = schema_sha256(),
        embedded_files(),
    ));
    let (claims, token) = issue_token(&mut bench);
    (bench, claims, token)
}

fn draft(entry: &Entry) -> Draft {
    Draft {
        actor: entry.leaf.actor.clone(),
        kind: entry.leaf.kind.clone(),
        body: entry.leaf.body.clone(),
        time: entry.leaf.time,
    }
}

/// Writes the bench's entries to a ledger file; they come out byte for byte.
pub async fn template(path: &Path, bench: &Bench) {
    let first = draft(&bench.entries[0]);
    let blobs: Vec<Vec<u8>> = embedded_files().into_values().collect();
    let (mut ledger, genesis) = Ledger::create(path, log_key(), "bench", first, &blobs)
        .await
        .unwrap();
    assert_eq!(genesis, *bench.entries[0]);
    let rest: Vec<Draft> = bench.entries[1..].iter().map(|e| draft(e)).collect();
    let written = ledger.append(1, &rest, &[]).await.unwrap();
    assert!(written.iter().eq(bench.entries[1..].iter().map(|e| &**e)));
    ledger.close().await.unwrap();
}

/// The child: a path per line in, an answer per line out; the number tells the children apart.
pub fn child(number: &str) -> ! {
    let (bench, claims, token) = ready();
    let lines = std::io::stdin().lines().map_while(Result::ok);
    let mut out = std::io::stdout();
    for path in lines {
        let answer = block(round(Path::new(&path), number, (&bench, &claims, &token)));
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
    std::process::exit(0)
}

async fn round(
    path: &Path,
    number: &str,
    (ready, claims, token): (&Bench, &Claims, &str),
) -> String {
    let mut bench = ready.clone();
    let session = Session::new(&bench, token);
    // Two instances of one key: the statements differ, so that the number alone decides.
    let proof = session.proof_numbered(&mut bench, claims, number);
    let access = Access::Write(Box::new(log_key()));
    let mut ledger = Ledger::open(path, access).await.unwrap();
    loop {
        let entries = ledger.entries().await.unwrap();
        let known = ready.entries.len();
        assert!(
            entries[..known]
                .iter()
                .eq(ready.entries.iter().map(|e| &**e))
        );
        let mut state = ready.state.clone();
        let mut frontier = Frontier::default();
        for entry in &entries {
            frontier.append(entry.leaf_hash);
        }
        for entry in &entries[known..] {
            assert!(apply(&mut state, entry), "{:?}", state.findings);
        }
        let at = Moment {
            tip: Head {
                size: frontier.size(),
                root: frontier.root(),
            },
            now: ready.now,
        };
        let bytes = token.as_bytes();
        let presented = session.presented();
        let outcome = redeem(&state, bytes, &presented, &proof, &session.trust, &at);
        let redemption = match outcome {
            Ok(redemption) => redemption,
            Err(refusal) => {
                ledger.close().await.unwrap();
                return refusal.slug().to_owned();
            }
        };
        let mut chain = Chain::new(state, frontier, ready.now);
        chain.submit(redemption.signed).unwrap();
        match ledger.append(at.tip.size, &chain.drafts, &[]).await {
            Ok(_) => {
                ledger.close().await.unwrap();
                return "won".to_owned();
            }
            Err(LedgerError::Moved { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// A child that is told where to act, and answers how it went.
pub struct Racer {
    child: Child,
    input: ChildStdin,
    answers: std::io::Lines<BufReader<ChildStdout>>,
}

impl Racer {
    pub fn start(mode: &str, number: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([mode, number])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            input,
            answers,
        }
    }

    pub fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
        self.input.flush().unwrap();
    }

    pub fn answer(&mut self) -> String {
        self.answers.next().expect("an answer").unwrap()
    }

    pub fn end(mut self) {
        drop(self.input);
        assert!(self.child.wait().unwrap().success());
    }
}

/// Every entry of a ledger.
pub fn read(path: &Path) -> Vec<Entry> {
    block(async {
        let mut ledger = Ledger::open(path, Access::Read).await.unwrap();
        let entries = ledger.entries().await.unwrap();
        ledger.close().await.unwrap();
        entries
    })
}

/// Removes a ledger and what SQLite keeps beside it.
pub fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _gone = std::fs::remove_file(name);
    }
}

/// One round per case.
pub fn run(cases: &[u64]) {
    let dir = tempfile::tempdir().unwrap();
    let origin = dir.path().join("template.db");
    let (bench, ..) = ready();
    block(template(&origin, &bench));
    let mut redeemers = [Racer::start(CHILD, "1"), Racer::start(CHILD, "2")];
    for case in cases {
        let path: PathBuf = dir.path().join(format!("{case}.db"));
        std::fs::copy(&origin, &path).unwrap();
        for redeemer in &mut redeemers {
            redeemer.tell(&path.display().to_string());
        }
        let mut answers: Vec<String> = redeemers.iter_mut().map(Racer::answer).collect();
        answers.sort();
        assert_eq!(answers, ["token-used", "won"], "case {case}");
        let entries = read(&path);
        let redemptions = entries[bench.entries.len()..].iter();
        let kinds: Vec<&str> = redemptions.map(|e| e.leaf.kind.as_str()).collect();
        assert_eq!(kinds, ["token-redemption"], "case {case}");
        remove(&path);
    }
    redeemers.into_iter().for_each(Racer::end);
    let faults = block(faults(&origin));
    assert!(faults.iter().all(|f| f.starts_with("blob:")), "{faults:?}");
}
