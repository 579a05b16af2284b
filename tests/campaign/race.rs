//! Two processes act on one ledger at the same moment: two approvals of one request, or a halt
//! against an approval, a decision or a redemption.
//!
//! Every round has its own copy of a ledger. Each child opens it, decides on what it finds, appends
//! in one transaction, and begins again when the other was faster. What both answered, what the
//! ledger then holds and what it folds to must be one of the allowed outcomes: each act happened
//! before the halt or not at all, and after the halt nothing awaits approval and no token is valid.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::Signer as _;

use promote::adapters::ledger::{Access, Ledger, LedgerError, schema_sha256};
use promote::governance::audit::entry::{Entry, Head};
use promote::governance::audit::tree::Frontier;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::apply::apply;
use promote::governance::promotion::chain::{Chain, ChainError};
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::guard::Moment;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::halt::{Halt, HaltScope};
use promote::governance::promotion::state::State;
use promote::governance::promotion::statement::Act;
use promote::governance::stage::Stage;
use promote::governance::token::redeem::redeem;
use promote::governance::token::standing::goes_on;
use promote::kernel::id::PortfolioId;
use promote::kernel::sshsig::{Envelope, signed_bytes};

use crate::ledger_support::block;
use crate::machine::{Bench, good, key, public, sign};
use crate::redeem::{Racer, log_key, read, ready, remove, template};
use crate::token::Session;

/// First argument of a child.
pub const CHILD: &str = "--race-when-told";

/// What the two of them do.
const APPROVALS: [&str; 2] = ["two-slots", "same-slot"];
const HALTS: [&str; 3] = ["halt-approval", "halt-decision", "halt-redemption"];

/// The ledgers of all rounds: each is the same every time.
struct Worlds {
    /// SHADOW wants research and risk, and both slots are open.
    two: Bench,
    /// SHADOW wants risk, and the slot is open.
    one: Bench,
    /// The slot is filled, nothing is decided yet.
    filled: Bench,
    /// A token waits.
    live: (Bench, promote::governance::token::claims::Claims, String),
}

impl Worlds {
    fn new() -> Self {
        let mut two = embedded_files();
        let roles = String::from_utf8(two["roles.toml"].clone()).unwrap();
        let wanted = "slots = { research = 1, risk = 1 }, persons = 2";
        let changed = roles.replacen("slots = { risk = 1 }, persons = 1", wanted, 1);
        assert_ne!(roles, changed);
        two.insert("roles.toml".to_owned(), changed.into_bytes());
        let asked = |files| {
            let mut bench = Bench::with(|genesis| genesis.schema_sha256 = schema_sha256(), files);
            assert_eq!(bench.judged("p", "s1", good()), "p-0001");
            bench
        };
        let one = asked(embedded_files());
        let mut filled = one.clone();
        filled.approve("p-0001", "risk-1", "risk").unwrap();
        Self {
            two: asked(two),
            one,
            filled,
            live: ready(),
        }
    }

    fn of(&self, scene: &str) -> &Bench {
        match scene {
            "two-slots" | "same-slot" => &self.two,
            "halt-approval" => &self.one,
            "halt-decision" => &self.filled,
            "halt-redemption" => &self.live.0,
            other => panic!("{other}"),
        }
    }
}

/// An act signed over the world as it begins; the number of the child makes its nonce.
fn signed(world: &Bench, act: Act, (person, role): (&str, &str), number: &str) -> Signed {
    let mut bench = world.clone();
    let mut statement = bench.statement(act, person, role, &key(person));
    statement.nonce = format!("{number:e>32}");
    sign(&statement, &[&key(person)])
}

fn approval(world: &Bench, by: (&str, &str), number: &str) -> Signed {
    let act = Act::Approval(Box::new(world.approval("p-0001")));
    signed(world, act, by, number)
}

/// The child: a scene and a path per line in, an answer per line out.
pub fn child(number: &str) -> ! {
    let worlds = Worlds::new();
    let lines = std::io::stdin().lines().map_while(Result::ok);
    let mut out = std::io::stdout();
    for line in lines {
        let (scene, path) = line.split_once(' ').unwrap();
        let answer = block(round(&worlds, scene, Path::new(path), number));
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
    std::process::exit(0)
}

/// Opens the ledger, acts on what it finds, and begins again when the other was faster.
async fn round(worlds: &Worlds, scene: &str, path: &Path, number: &str) -> String {
    let world = worlds.of(scene);
    let access = Access::Write(Box::new(log_key()));
    let mut ledger = Ledger::open(path, access).await.unwrap();
    loop {
        let entries = ledger.entries().await.unwrap();
        let mut frontier = Frontier::default();
        for entry in &entries {
            frontier.append(entry.leaf_hash);
        }
        let size = frontier.size();
        let state = folded(world, &entries);
        let chain = Chain::new(state, frontier, world.now);
        match perform(worlds, scene, number, chain) {
            Err(reason) => {
                ledger.close().await.unwrap();
                return reason;
            }
            Ok((chain, answer)) => match ledger.append(size, &chain.drafts, &[]).await {
                Ok(_) => {
                    ledger.close().await.unwrap();
                    return answer.to_owned();
                }
                Err(LedgerError::Moved { .. }) => {}
                Err(other) => panic!("{other}"),
            },
        }
    }
}

/// The fold of a ledger that began as `world`: every later entry takes effect.
fn folded(world: &Bench, entries: &[Entry]) -> State {
    let known = world.entries.len();
    assert!(
        entries[..known]
            .iter()
            .eq(world.entries.iter().map(|e| &**e))
    );
    let mut state = world.state.clone();
    for entry in &entries[known..] {
        assert!(apply(&mut state, entry), "{:?}", state.findings);
    }
    state
}

fn perform(
    worlds: &Worlds,
    scene: &str,
    number: &str,
    mut chain: Chain,
) -> Result<(Chain, &'static str), String> {
    let world = worlds.of(scene);
    let halts = HALTS.contains(&scene) && number == "1";
    let done = match (scene, number) {
        _ if halts => {
            let act = Act::Safety(Box::new(SafetyAct::Halt(Halt {
                scope: HaltScope::Global,
                reason: "drawdown".into(),
                drill: false,
            })));
            let halt = signed(world, act, ("ops-1", "ops"), number);
            chain.submit(halt).map(|_| "halted")
        }
        ("two-slots", "2") => approve(&mut chain, approval(world, ("research-3", "research"), "2")),
        ("same-slot", "2") => approve(&mut chain, approval(world, ("risk-2", "risk"), "2")),
        ("halt-decision", _) => decide(&mut chain),
        ("halt-redemption", _) => redemption(worlds, number, &mut chain),
        _ => approve(&mut chain, approval(world, ("risk-1", "risk"), number)),
    };
    match done {
        Ok(answer) => Ok((chain, answer)),
        Err(ChainError::Refused(Refusal::Token { reason })) => Err(reason.slug().to_owned()),
        Err(ChainError::Refused(refusal)) => Err(refusal.slug().to_owned()),
        Err(other) => panic!("{other}"),
    }
}

/// An approval, and where it fills the last slot the decision after it, in one transaction.
fn approve(chain: &mut Chain, signed: Signed) -> Result<&'static str, ChainError> {
    chain.submit(signed)?;
    match decide(chain) {
        Err(ChainError::Refused(Refusal::Pending { .. })) => Ok("approved"),
        other => other,
    }
}

fn decide(chain: &mut Chain) -> Result<&'static str, ChainError> {
    let engine = key("engine");
    let sign = |namespace: &str, bytes: &[u8]| Envelope {
        key: public(&engine),
        namespace: namespace.to_owned(),
        signature: engine.sign(&signed_bytes(namespace, bytes)).to_bytes(),
    };
    let request = "p-0001".parse().unwrap();
    chain.engine(Command::Decide { request }, public(&engine), &sign)?;
    Ok("decided")
}

fn redemption(
    worlds: &Worlds,
    number: &str,
    chain: &mut Chain,
) -> Result<&'static str, ChainError> {
    let (bench, claims, token) = &worlds.live;
    let session = Session::new(bench, token);
    let proof = session.proof_numbered(&mut bench.clone(), claims, number);
    let at = Moment {
        // Nothing here reads more of the head than that the proof's is a prefix of it.
        tip: head(chain, bench),
        now: bench.now,
    };
    let (bytes, presented) = (token.as_bytes(), session.presented());
    let redeemed = redeem(&chain.state, bytes, &presented, &proof, &session.trust, &at);
    let redeemed = redeemed.map_err(|reason| Refusal::Token { reason })?;
    chain.submit(redeemed.signed)?;
    Ok("redeemed")
}

/// The head that the proof was made on, or a later one.
fn head(chain: &Chain, bench: &Bench) -> Head {
    let mut head = bench.head();
    head.size = head.size.max(chain.state.size());
    head
}

fn open_requests(state: &State) -> usize {
    state
        .requests
        .values()
        .filter(|r| r.status.is_open())
        .count()
}

/// What may come of a scene: the answers of both, and the kinds of the new entries in their order.
fn allowed(scene: &str) -> Vec<([&'static str; 2], Vec<&'static str>)> {
    let decided = vec!["approval", "approval", "decision"];
    match scene {
        "two-slots" => vec![
            (["approved", "decided"], decided.clone()),
            (["decided", "approved"], decided),
        ],
        "same-slot" => vec![
            (["approved", "slot-filled"], vec!["approval"]),
            (["slot-filled", "approved"], vec!["approval"]),
        ],
        "halt-approval" => vec![
            (["halted", "decided"], vec!["approval", "decision", "halt"]),
            (["halted", "halted"], vec!["halt"]),
        ],
        "halt-decision" => vec![
            (["halted", "decided"], vec!["decision", "halt"]),
            (["halted", "request-ended"], vec!["halt"]),
        ],
        "halt-redemption" => vec![
            (["halted", "redeemed"], vec!["token-redemption", "halt"]),
            (["halted", "token-halted"], vec!["halt"]),
        ],
        other => panic!("{other}"),
    }
}

/// What holds afterwards, whatever came first.
fn check_after(worlds: &Worlds, scene: &str, state: &State, kinds: &[&str]) {
    let stage = state.portfolios[&PortfolioId::new("p").unwrap()].stage;
    let decided = kinds.contains(&"decision");
    match scene {
        "two-slots" => assert_eq!((stage, open_requests(state)), (Stage::Shadow, 0)),
        "same-slot" => assert_eq!((stage, open_requests(state)), (Stage::Research, 1)),
        "halt-redemption" => {
            let (bench, claims, _) = &worlds.live;
            // Used or not, nothing goes on with it.
            assert!(goes_on(state, claims, bench.now).is_err());
        }
        _ => {
            let wanted = if decided {
                Stage::Shadow
            } else {
                Stage::Research
            };
            assert_eq!((stage, open_requests(state)), (wanted, 0));
        }
    }
}

/// One round per case, the scenes in turn.
fn run(scenes: &[&str], cases: &[u64]) {
    let dir = tempfile::tempdir().unwrap();
    let worlds = Worlds::new();
    let origin = |scene: &str| dir.path().join(format!("{scene}.db"));
    for scene in scenes {
        block(template(&origin(scene), worlds.of(scene)));
    }
    let mut racers = [Racer::start(CHILD, "1"), Racer::start(CHILD, "2")];
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for (turn, case) in cases.iter().enumerate() {
        let scene = scenes[turn % scenes.len()];
        let path: PathBuf = dir.path().join(format!("round-{case}.db"));
        std::fs::copy(origin(scene), &path).unwrap();
        let line = format!("{scene} {}", path.display());
        // Who is told first changes from round to round.
        let first = turn / scenes.len() % 2;
        racers[first].tell(&line);
        racers[1 - first].tell(&line);
        let answers: Vec<String> = racers.iter_mut().map(Racer::answer).collect();
        let entries = read(&path);
        let new = &entries[worlds.of(scene).entries.len()..];
        let kinds: Vec<&str> = new.iter().map(|e| e.leaf.kind.as_str()).collect();
        let seen = format!("{scene}: {answers:?}, {kinds:?}");
        let fits = allowed(scene)
            .iter()
            .any(|(a, k)| answers == *a && kinds == *k);
        assert!(fits, "case {case}, {seen}");
        check_after(&worlds, scene, &folded(worlds.of(scene), &entries), &kinds);
        *outcomes.entry(seen).or_default() += 1;
        remove(&path);
    }
    racers.into_iter().for_each(Racer::end);
    for (seen, count) in outcomes {
        println!("  {count:>4} times {seen}");
    }
}

/// Two approvals at once.
pub fn approve_cases(cases: &[u64]) {
    run(&APPROVALS, cases);
}

/// A halt against something else at once.
pub fn halt_cases(cases: &[u64]) {
    run(&HALTS, cases);
}
