//! Keys, instances and tokens over a ledger in memory: who may do what, every reason why a token
//! is refused, and that every bit of it counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};

use promote::evidence::limits::{self, Limits};
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::access::acts::{
    InstanceCard, InstanceEnrolment, KeyRevocation, KeyRotation, POSSESSION_NAMESPACE, Reason,
    TokenIssue, TokenRevocation,
};
use promote::governance::promotion::access::issue::{self, Wish};
use promote::governance::promotion::access::{check_instance, only_instance};
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::halt::{Cause, Halt, HaltScope};
use promote::governance::promotion::safety::incident::{IncidentClass, IncidentOpening, Severity};
use promote::governance::promotion::state::{State, Status};
use promote::governance::promotion::statement::{Act, Enrolment, HaltEpochs, Signer, Statement};
use promote::governance::stage::{Stage, Target};
use promote::governance::token::claims::{self, Claims};
use promote::governance::token::environment::Environment;
use promote::governance::token::redeem::{Presented, Redemption, open, redeem};
use promote::governance::token::refusal::{TokenClass, TokenRefusal};
use promote::governance::token::trust::{Trust, TrustFile};
use promote::kernel::decimal::Decimal;
use promote::kernel::digest::Digest;
use promote::kernel::id::{InstanceId, PersonId, PortfolioId};
use promote::kernel::pubkey::Fingerprint;
use promote::kernel::sshsig::{Envelope, signed_bytes};

use crate::machine::{Bench, good, key, public, sign};

/// What is spoiled (or the refusal that it earns), and how.
type Spoilt<'a, T> = (&'a str, fn(&mut T));

/// A stand-in for the program that runs.
fn build() -> Digest {
    Digest::of(b"promote")
}

pub fn name(text: &str) -> InstanceId {
    InstanceId::new(text).unwrap()
}

fn fingerprint(of: &str) -> Fingerprint {
    public(&key(of)).fingerprint()
}

pub fn limits() -> Limits {
    Limits {
        schema: limits::SCHEMA.into(),
        base_currency: "EUR".into(),
        max_order_notional: Decimal::from_int(800),
        max_symbol_exposure_notional: Decimal::from_int(1500),
        max_total_exposure_notional: Decimal::from_int(3000),
        max_open_positions: 5,
        max_daily_loss_abs: Decimal::from_int(300),
        max_daily_loss_pct: Decimal::from_int(3),
        block_on_violation: true,
    }
}

fn signer(person: &str, role: &str) -> Signer {
    Signer {
        person: PersonId::new(person).unwrap(),
        role: role.into(),
        key: fingerprint(person),
    }
}

pub fn card(ledger: &str, instance: &str, environment: Environment) -> InstanceCard {
    InstanceCard {
        instance: name(instance),
        public_key: public(&key(instance)),
        host: "trading-1.example".into(),
        environment,
        builds: vec![build()],
        ledger: ledger.into(),
    }
}

pub fn enrolment(card: InstanceCard, by: &str) -> Act {
    let bytes = signed_bytes(POSSESSION_NAMESPACE, &card.to_bytes().unwrap());
    let envelope = Envelope {
        key: public(&key(by)),
        namespace: POSSESSION_NAMESPACE.into(),
        signature: key(by).sign(&bytes).to_bytes(),
    };
    Act::InstanceEnrolment(Box::new(InstanceEnrolment {
        card,
        possession: STANDARD.encode(envelope.encode()),
    }))
}

const BOTH: [(&str, &str); 2] = [("risk-1", "risk"), ("ops-1", "ops")];

fn enrol(bench: &mut Bench, instance: &str, environment: Environment) -> Result<(), Refusal> {
    let card = card(&bench.state.ledger, instance, environment);
    let signed = bench.together(enrolment(card, instance), &BOTH);
    bench.submit(signed)
}

/// Lets an instance in under a name that was used before, with another key.
pub fn enrol_again(bench: &mut Bench, instance: &str, by: &str) {
    let mut again = card(&bench.state.ledger, instance, Environment::Simulated);
    again.public_key = public(&key(by));
    let signed = bench.together(enrolment(again, by), &BOTH);
    bench.submit(signed).unwrap();
}

/// A bench with the instance `live-1`.
pub fn with_instance(bench: Bench) -> Bench {
    let mut bench = bench;
    let environment = if bench.state.genesis.sandbox {
        Environment::Simulated
    } else {
        Environment::Production
    };
    enrol(&mut bench, "live-1", environment).unwrap();
    bench
}

/// The portfolio `p` in LIVE: a decision of the fold, lifted to LIVE afterwards.
pub fn live(bench: Bench) -> Bench {
    lifted(bench, true)
}

/// The same in a ledger that is no sandbox.
fn live_real(bench: Bench) -> Bench {
    lifted(bench, false)
}

fn lifted(mut bench: Bench, sandbox: bool) -> Bench {
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    let request = id.parse().unwrap();
    let record = bench.state.requests.get_mut(&request).unwrap();
    record.request.target = Target::Live;
    record.request.instance = Some(name("live-1"));
    record.request.limits_sha256 = limits().digest().unwrap();
    let portfolio = bench.state.portfolios.values_mut().next().unwrap();
    portfolio.stage = Stage::Live;
    bench.state.genesis.sandbox = sandbox;
    let mut bench = with_instance(bench);
    let card = bench.state.access.instances[&name("live-1")].card.digest();
    let record = bench.state.requests.get_mut(&request).unwrap();
    record.request.instance_card = card;
    bench.now = bench.now.plus_millis(60_000);
    bench
}

fn portfolio() -> PortfolioId {
    PortfolioId::new("p").unwrap()
}

/// The issue of a token, as ops would write it; `change` spoils it.
pub fn issue_act(bench: &Bench, jti: &str, ttl_minutes: i64) -> Result<TokenIssue, Refusal> {
    let (portfolio, instance, limits) = (portfolio(), name("live-1"), limits());
    let wish = Wish {
        jti,
        portfolio: &portfolio,
        instance: &instance,
        ttl_minutes,
        limits: &limits,
    };
    let times = (bench.now, bench.now);
    let claims = issue::claims(&bench.state, wish, bench.head(), times)?;
    Ok(TokenIssue {
        jti: jti.into(),
        portfolio,
        instance,
        ttl_minutes,
        claims_sha256: claims.digest().unwrap(),
        limits,
    })
}

pub const JTI: &str = "00112233445566778899aabbccddeeff";

/// Issues a token; what it claims, and its bytes.
pub fn issue_token(bench: &mut Bench) -> (Claims, String) {
    let act = issue_act(bench, JTI, 15).unwrap();
    let signed = bench.signed(Act::TokenIssue(Box::new(act)), "ops-1", "ops");
    bench.submit(signed).unwrap();
    let claims = bench.state.access.tokens[JTI].claims.clone();
    let token = seal(&claims, "token");
    bench.now = bench.now.plus_millis(1000);
    (claims, token)
}

fn seal(claims: &Claims, by: &str) -> String {
    let sign = |bytes: &[u8]| key(by).sign(bytes).to_bytes();
    claims::seal(claims, &public(&key(by)), &sign).unwrap()
}

/// What a session presents, owned, so that a case can spoil a part of it.
pub struct Session {
    portfolio: PortfolioId,
    configuration: Vec<u8>,
    limits: Vec<u8>,
    environment: Environment,
    instance: InstanceId,
    host: String,
    build: Digest,
    pub trust: Trust,
    token: Vec<u8>,
    proof_by: &'static str,
}

impl Session {
    pub fn new(bench: &Bench, token: &str) -> Self {
        let sandbox = bench.state.genesis.sandbox;
        Self {
            portfolio: portfolio(),
            // `Bench` takes the digest of these bytes as the strategy's.
            configuration: b"s1".to_vec(),
            limits: limits().encode().unwrap(),
            environment: issue::live_environment(&bench.state),
            instance: name("live-1"),
            host: "trading-1.example".into(),
            build: build(),
            trust: if sandbox {
                Trust::Sandbox
            } else {
                trust(bench.state.fingerprint)
            },
            token: token.as_bytes().to_vec(),
            proof_by: "live-1",
        }
    }

    pub fn presented(&self) -> Presented<'_> {
        Presented {
            portfolio: &self.portfolio,
            configuration: &self.configuration,
            limits: &self.limits,
            environment: self.environment,
            instance: &self.instance,
            host: &self.host,
            build: self.build,
        }
    }

    pub fn proof(&self, bench: &mut Bench, claims: &Claims) -> Signed {
        let act = self.presented().act(claims).unwrap();
        let act = Act::TokenRedemption(Box::new(act));
        let name = self.instance.as_str().to_owned();
        let statement = bench.statement(act, &name, "instance", &key(self.proof_by));
        sign(&statement, &[&key(self.proof_by)])
    }

    /// A proof that differs from others of the same moment by its nonce.
    pub fn proof_numbered(&self, bench: &mut Bench, claims: &Claims, number: &str) -> Signed {
        let mut statement = self.proof(bench, claims).statement;
        statement.nonce = format!("{number:f>32}");
        sign(&statement, &[&key(self.proof_by)])
    }

    fn redeem(&self, bench: &mut Bench, claims: &Claims) -> Result<Redemption, TokenRefusal> {
        let proof = self.proof(bench, claims);
        let at = bench.moment();
        redeem(
            &bench.state,
            &self.token,
            &self.presented(),
            &proof,
            &self.trust,
            &at,
        )
    }
}

fn trust(ledger: Digest) -> Trust {
    Trust::Named(Box::new(TrustFile {
        ledger,
        witnesses: 0,
        instance: name("live-1"),
        instance_key: "/etc/promote/live-1".into(),
        halt_directory: "/var/lib/promote/halt".into(),
        credentials: vec![],
    }))
}

fn slug<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> &'static str {
    match refused.unwrap_err() {
        Refusal::Token { reason } => reason.slug(),
        other => other.slug(),
    }
}

#[test]
fn an_instance_is_let_in_by_risk_and_ops_with_its_own_proof() {
    let mut bench = Bench::new();
    let ledger = bench.state.ledger.clone();
    let good_card = card(&ledger, "live-1", Environment::Simulated);
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("risk-1", "risk")], "signers-wanted"),
        (&[("ops-1", "ops")], "signers-wanted"),
        (&[("risk-1", "risk"), ("risk-2", "risk")], "signers-wanted"),
        (
            &[("risk-1", "risk"), ("research-1", "research")],
            "signers-wanted",
        ),
        (&[("risk-1", "risk"), ("ops-1", "risk")], "role-not-held"),
    ];
    for (signers, wanted) in cases {
        let signed = bench.together(enrolment(good_card.clone(), "live-1"), signers);
        assert_eq!(slug(bench.submit(signed)), wanted, "{signers:?}");
    }
    let spoil: [Spoilt<'_, InstanceCard>; 6] = [
        ("ledger", |c| c.ledger = "another".into()),
        ("host", |c| c.host = "../x".into()),
        ("no build", |c| c.builds.clear()),
        ("a person's name", |c| c.instance = name("risk-2")),
        ("a person's key", |c| c.public_key = public(&key("risk-2"))),
        ("a machine's key", |c| c.public_key = public(&key("token"))),
    ];
    for (what, change) in spoil {
        let mut card = good_card.clone();
        change(&mut card);
        let by = match what {
            "a person's key" => "risk-2",
            "a machine's key" => "token",
            _ => "live-1",
        };
        let signed = bench.together(enrolment(card, by), &BOTH);
        assert_eq!(slug(bench.submit(signed)), "enrolment-refused", "{what}");
    }
    // Somebody else's proof, and a proof of another card.
    let signed = bench.together(enrolment(good_card.clone(), "eve"), &BOTH);
    assert_eq!(slug(bench.submit(signed)), "enrolment-refused");
    let Act::InstanceEnrolment(mut act) = enrolment(good_card, "live-1") else {
        panic!("an enrolment");
    };
    act.card.host = "elsewhere.example".into();
    let signed = bench.together(Act::InstanceEnrolment(act), &BOTH);
    assert_eq!(slug(bench.submit(signed)), "enrolment-refused");

    enrol(&mut bench, "live-1", Environment::Simulated).unwrap();
    assert_eq!(bench.again(), bench.state);
    let twice = enrol(&mut bench, "live-1", Environment::Simulated);
    assert_eq!(slug(twice), "enrolment-refused");
    // Its name and its key are nobody else's from now on.
    assert!(promote::governance::promotion::access::is_taken(
        &bench.state,
        &public(&key("live-1"))
    ));
}

pub fn revoke(
    bench: &mut Bench,
    of: &str,
    reason: Option<Reason>,
    distrust_from_seq: Option<u64>,
    signers: &[(&str, &str)],
) -> Result<(), Refusal> {
    let act = Act::KeyRevocation(KeyRevocation {
        revoked: fingerprint(of),
        reason,
        distrust_from_seq,
        comment: String::new(),
    });
    let signed = bench.together(act, signers);
    bench.submit(signed)
}

/// Root keys sign in the name of `root`.
fn revoke_by_roots(bench: &mut Bench, of: &str, roots: &[&str]) -> Result<(), Refusal> {
    let act = Act::KeyRevocation(KeyRevocation {
        revoked: fingerprint(of),
        reason: Some(Reason::Compromised),
        distrust_from_seq: None,
        comment: String::new(),
    });
    let mut statement: Statement = bench.statement(act, "root", "root", &key(roots[0]));
    statement.cosigners = roots[1..]
        .iter()
        .map(|root| Signer {
            key: fingerprint(root),
            ..signer("root", "root")
        })
        .collect();
    let keys: Vec<SigningKey> = roots.iter().map(|root| key(root)).collect();
    bench.submit(sign(&statement, &keys.iter().collect::<Vec<_>>()))
}

#[test]
fn a_key_is_revoked_by_its_person_by_risk_and_ops_or_by_the_roots() {
    let left = Some(Reason::Left);
    let bench = with_instance(Bench::new());
    let refused: [(&[(&str, &str)], &str); 4] = [
        (&[("risk-2", "risk")], "signers-wanted"),
        (&[("ops-1", "ops")], "signers-wanted"),
        (
            &[("risk-1", "risk"), ("research-1", "research")],
            "signers-wanted",
        ),
        (&[("live-1", "instance")], "unknown-key"),
    ];
    for (signers, wanted) in refused {
        let mut bench = bench.clone();
        let outcome = revoke(&mut bench, "research-2", left, None, signers);
        assert_eq!(slug(outcome), wanted, "{signers:?}");
    }
    for signers in [&[("research-2", "research")][..], &BOTH] {
        let mut bench = bench.clone();
        revoke(&mut bench, "research-2", left, None, signers).unwrap();
        assert_eq!(bench.again(), bench.state);
        // It signs nothing any more, neither an act nor its own next revocation.
        let again = revoke(
            &mut bench,
            "research-2",
            None,
            None,
            &[("research-2", "research")],
        );
        assert_eq!(slug(again), "key-revoked");
        // The same again says nothing new; a worse reason does.
        assert_eq!(
            slug(revoke(&mut bench, "research-2", left, None, &BOTH)),
            "key-revoked"
        );
        revoke(&mut bench, "research-2", None, None, &BOTH).unwrap();
    }
    for roots in [&["root-1"][..], &["root-1", "risk-1"]] {
        let mut bench = bench.clone();
        let outcome = revoke_by_roots(&mut bench, "research-2", roots);
        assert_eq!(slug(outcome), "root-threshold", "{roots:?}");
    }
    let mut bench = bench.clone();
    revoke_by_roots(&mut bench, "research-2", &["root-3", "root-2"]).unwrap();
    // An instance gives up its own key; nobody's key is nobody's.
    revoke(&mut bench, "live-1", left, None, &[("live-1", "instance")]).unwrap();
    assert_eq!(
        slug(revoke(&mut bench, "eve", left, None, &BOTH)),
        "unknown-key"
    );
    // The name can be used again with a new key.
    enrol_again(&mut bench, "live-1", "live-1b");
}

#[test]
fn a_harmless_reason_leaves_approvals_and_any_other_kills_open_slots() {
    for (reason, counts) in [
        (Some(Reason::Left), true),
        (Some(Reason::Superseded), true),
        (Some(Reason::Lost), true),
        (Some(Reason::Compromised), false),
        (None, false),
    ] {
        let mut bench = Bench::new();
        let id = bench.judged("p", "s1", good());
        bench.approve(&id, "risk-1", "risk").unwrap();
        let signers = [("risk-2", "risk"), ("ops-1", "ops")];
        revoke(&mut bench, "risk-1", reason, None, &signers).unwrap();
        assert_eq!(bench.decide(&id).is_ok(), counts, "{reason:?}");
        let stage = if counts {
            Stage::Shadow
        } else {
            Stage::Research
        };
        assert_eq!(bench.stage("p"), stage);
        if !counts {
            assert_eq!(bench.status(&id), Status::AwaitingApproval);
            // Another person fills the slot, the revoked key does not.
            let act = Act::Approval(Box::new(bench.approval(&id)));
            let signed = bench.signed(act, "risk-1", "risk");
            assert_eq!(slug(bench.submit(signed)), "key-revoked");
            bench.approve(&id, "risk-2", "risk").unwrap();
            bench.decide(&id).unwrap();
        }
        assert_eq!(bench.again(), bench.state);
    }
}

#[test]
fn distrust_lowers_the_stage_of_what_falls_below_its_quorum() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    let approved_at = bench.entries.len() as u64;
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    assert_eq!(bench.stage("p"), Stage::Shadow);
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    let compromised = Some(Reason::Compromised);
    // Nobody distrusts their own past, and nothing that is not there yet.
    let own = revoke(
        &mut bench,
        "risk-1",
        compromised,
        Some(1),
        &[("risk-1", "risk")],
    );
    assert_eq!(slug(own), "signers-wanted");
    for from in [0, bench.entries.len() as u64 + 1] {
        let outcome = revoke(&mut bench, "risk-1", compromised, Some(from), &by);
        assert_eq!(slug(outcome), "statement-differs");
    }
    // From after the approval on: the decision stands.
    revoke(
        &mut bench,
        "risk-1",
        compromised,
        Some(approved_at + 1),
        &by,
    )
    .unwrap();
    assert_eq!(bench.stage("p"), Stage::Shadow);
    // From the approval on: it falls.
    revoke(&mut bench, "risk-1", compromised, Some(approved_at), &by).unwrap();
    assert_eq!(bench.stage("p"), Stage::Research);
    let decided = bench.state.access.decisions.values().next().unwrap();
    assert_eq!(decided.fallen, Some(bench.entries.len() as u64 - 1));
    let halt = bench.state.safety.halts.last().unwrap();
    assert_eq!(
        (halt.cause, halt.resumed.is_none()),
        (Cause::Distrust, true)
    );
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn a_rotation_is_signed_by_the_old_key_and_the_new_one() {
    let mut bench = Bench::new();
    let rotation = |new: &str| {
        Act::KeyRotation(KeyRotation {
            person: PersonId::new("risk-1").unwrap(),
            old: fingerprint("risk-1"),
            new: public(&key(new)),
        })
    };
    let mut submit = |act: Act, keys: &[&str]| {
        let mut statement = bench.statement(act, "risk-1", "risk", &key(keys[0]));
        let cosigner = |of: &&str| Signer {
            key: fingerprint(of),
            ..signer("risk-1", "risk")
        };
        statement.cosigners = keys[1..].iter().map(cosigner).collect();
        let keys: Vec<SigningKey> = keys.iter().map(|k| key(k)).collect();
        let signed = sign(&statement, &keys.iter().collect::<Vec<_>>());
        bench.submit(signed)
    };
    assert_eq!(slug(submit(rotation("new"), &["risk-1"])), "signers-wanted");
    assert_eq!(
        slug(submit(rotation("new"), &["new", "risk-1"])),
        "unknown-key"
    );
    assert_eq!(
        slug(submit(rotation("new"), &["risk-1", "eve"])),
        "enrolment-refused"
    );
    assert_eq!(
        slug(submit(rotation("risk-2"), &["risk-1", "risk-2"])),
        "enrolment-refused"
    );
    assert_eq!(
        slug(submit(rotation("engine"), &["risk-1", "engine"])),
        "enrolment-refused"
    );
    assert_eq!(
        slug(submit(rotation("new"), &["risk-2", "new"])),
        "wrong-person"
    );
    submit(rotation("new"), &["risk-1", "new"]).unwrap();
    assert_eq!(bench.again(), bench.state);
    let id = bench.judged("p", "s1", good());
    let act = Act::Approval(Box::new(bench.approval(&id)));
    let old = bench.signed(act.clone(), "risk-1", "risk");
    assert_eq!(slug(bench.submit(old)), "key-revoked");
    let statement = bench.statement(act, "risk-1", "risk", &key("new"));
    bench.submit(sign(&statement, &[&key("new")])).unwrap();
    bench.decide(&id).unwrap();
}

#[test]
fn a_token_is_issued_by_ops_for_live_with_the_approved_limits_only() {
    let bench = live(Bench::new());
    let submit = |bench: &Bench, act: TokenIssue, person: &str, role: &str| {
        let mut bench = bench.clone();
        let signed = bench.signed(Act::TokenIssue(Box::new(act)), person, role);
        bench.submit(signed)
    };
    let act = issue_act(&bench, JTI, 15).unwrap();
    for (person, role, wanted) in [
        ("risk-1", "risk", "signers-wanted"),
        ("research-1", "research", "signers-wanted"),
        ("authoriser-1", "authoriser", "signers-wanted"),
        ("risk-1", "ops", "role-not-held"),
    ] {
        assert_eq!(slug(submit(&bench, act.clone(), person, role)), wanted);
    }
    let spoil: [Spoilt<'_, TokenIssue>; 8] = [
        ("statement-differs", |a| a.jti = "x".repeat(32)),
        ("statement-differs", |a| a.jti = "00".into()),
        ("pending", |a| a.portfolio = PortfolioId::new("q").unwrap()),
        ("unknown-instance", |a| a.instance = name("live-2")),
        ("statement-differs", |a| a.ttl_minutes = 61),
        ("statement-differs", |a| a.ttl_minutes = 0),
        ("statement-differs", |a| {
            a.limits.max_order_notional = "800.01".parse().unwrap();
        }),
        ("statement-differs", |a| {
            a.claims_sha256 = Digest::of(b"other")
        }),
    ];
    for (wanted, change) in spoil {
        let mut act = act.clone();
        change(&mut act);
        assert_eq!(slug(submit(&bench, act, "ops-1", "ops")), wanted);
    }
    // Below LIVE nothing is issued, whatever was promoted.
    let mut below = Bench::new();
    let id = below.judged("p", "s1", good());
    below.approve(&id, "risk-1", "risk").unwrap();
    below.decide(&id).unwrap();
    enrol(&mut below, "live-1", Environment::Simulated).unwrap();
    assert_eq!(slug(issue_act(&below, JTI, 15)), "pending");
    assert_eq!(slug(submit(&below, act.clone(), "ops-1", "ops")), "pending");
    // An instance that the approvals do not name, or of another environment.
    let mut other = bench.clone();
    other
        .state
        .requests
        .values_mut()
        .for_each(|r| r.request.instance = None);
    assert_eq!(slug(issue_act(&other, JTI, 15)), "pending");
    let mut testnet = bench.clone();
    let held = testnet
        .state
        .access
        .instances
        .get_mut(&name("live-1"))
        .unwrap();
    held.card.environment = Environment::Testnet;
    assert_eq!(slug(issue_act(&testnet, JTI, 15)), "pending");
    // A stale statement, and a number that was given before.
    let mut late = bench.clone();
    let signed = late.signed(Act::TokenIssue(Box::new(act.clone())), "ops-1", "ops");
    late.now = late.now.plus_millis(15 * 60_000);
    assert_eq!(slug(late.submit(signed)), "statement-expired");
    let mut twice = bench.clone();
    issue_token(&mut twice);
    assert_eq!(
        slug(submit(&twice, act, "ops-1", "ops")),
        "statement-replayed"
    );
    // The regulated preset wants a service.
    let mut regulated = bench;
    regulated.state.genesis.preset = "regulated".into();
    assert_eq!(slug(issue_act(&regulated, JTI, 15)), "pending");
}

/// A case: what is spoiled, the reason that is given for it, its class, and how.
type Case = (
    &'static str,
    &'static str,
    TokenClass,
    fn(&mut Bench, &mut Session),
);

fn with_claims(bench: &Bench, change: fn(&mut Claims)) -> Vec<u8> {
    let mut claims = bench.state.access.tokens[JTI].claims.clone();
    change(&mut claims);
    seal(&claims, "token").into_bytes()
}

fn halt_in(bench: &mut Bench, scope: HaltScope) {
    let act = Act::Safety(Box::new(SafetyAct::Halt(Halt {
        scope,
        reason: "loss".into(),
        drill: false,
    })));
    let signed = bench.signed(act, "authoriser-1", "authoriser");
    bench.submit(signed).unwrap();
}

fn halt(bench: &mut Bench) {
    halt_in(bench, HaltScope::Profile("conservative".parse().unwrap()));
}

use TokenClass::{Conflict, Guard, Integrity, NotAuthorised};

const CASES: &[Case] = &[
    ("a constant", "token-malformed", Integrity, |_, s| {
        s.token = b"I_KNOW_WHAT_I_AM_DOING".to_vec()
    }),
    ("ten megabytes", "token-malformed", Integrity, |_, s| {
        s.token = vec![b'A'; 10_000_000]
    }),
    (
        "claims of another ledger",
        "token-foreign-ledger",
        Integrity,
        |b, s| {
            s.token = with_claims(b, |c| c.ledger = Digest::of(b"another"));
        },
    ),
    (
        "the host trusts another ledger",
        "token-foreign-ledger",
        Integrity,
        |_, s| s.trust = trust(Digest::of(b"another")),
    ),
    (
        "sealed by another key",
        "token-bad-signature",
        Integrity,
        |b, s| {
            s.token = seal(&b.state.access.tokens[JTI].claims, "engine").into_bytes();
        },
    ),
    (
        "a number that no entry issued",
        "token-unknown",
        Integrity,
        |b, s| {
            s.token = with_claims(b, |c| c.jti = "ff".repeat(16));
        },
    ),
    (
        "a longer session than was issued",
        "token-unknown",
        Integrity,
        |b, s| {
            s.token = with_claims(b, |c| c.session_max_seconds += 1);
        },
    ),
    (
        "higher limits than were issued",
        "token-unknown",
        Integrity,
        |b, s| {
            s.token = with_claims(b, |c| c.limits.max_order_notional = Decimal::from_int(801));
        },
    ),
    (
        "the ledger holds an entry without effect",
        "token-ledger-findings",
        Integrity,
        |b, _| {
            let finding = promote::governance::promotion::state::NoEffect {
                leaf: promote::kernel::digest::Digest::of(b"x"),
                seq: 3,
                code: "bad-signature",
                message: String::new(),
            };
            b.state.findings.push(finding);
        },
    ),
    (
        "before its time",
        "token-not-yet-valid",
        Conflict,
        |b, _| b.now = b.now.plus_millis(-2000),
    ),
    ("after its time", "token-expired", Conflict, |b, _| {
        b.now = b.now.plus_millis(15 * 60_000)
    }),
    ("taken back", "token-revoked", Conflict, |b, _| {
        let act = TokenRevocation {
            jti: JTI.into(),
            comment: String::new(),
        };
        let signed = b.signed(Act::TokenRevocation(act), "risk-2", "risk");
        b.submit(signed).unwrap();
    }),
    (
        "another portfolio",
        "token-wrong-portfolio",
        NotAuthorised,
        |_, s| {
            s.portfolio = PortfolioId::new("q").unwrap();
        },
    ),
    (
        "another environment",
        "token-wrong-environment",
        NotAuthorised,
        |_, s| {
            s.environment = Environment::Testnet;
        },
    ),
    (
        "another instance",
        "token-wrong-instance",
        NotAuthorised,
        |_, s| s.instance = name("live-2"),
    ),
    ("another host", "token-wrong-host", NotAuthorised, |_, s| {
        s.host = "trading-2.example".into()
    }),
    (
        "another program",
        "token-wrong-build",
        NotAuthorised,
        |_, s| s.build = Digest::of(b"other"),
    ),
    (
        "another key's proof",
        "token-no-possession",
        NotAuthorised,
        |_, s| s.proof_by = "ops-1",
    ),
    (
        "the instance's key is revoked",
        "token-key-revoked",
        NotAuthorised,
        |b, _| {
            revoke(b, "live-1", Some(Reason::Left), None, &BOTH).unwrap();
        },
    ),
    (
        "an approver's key is compromised",
        "token-key-revoked",
        NotAuthorised,
        |b, _| {
            let by = [("risk-2", "risk"), ("ops-1", "ops")];
            revoke(b, "risk-1", Some(Reason::Compromised), None, &by).unwrap();
        },
    ),
    (
        "the issuer's key is revoked without a reason",
        "token-key-revoked",
        NotAuthorised,
        |b, _| {
            revoke(b, "ops-1", None, None, &[("ops-1", "ops")]).unwrap();
        },
    ),
    (
        "another configuration",
        "token-configuration-changed",
        Guard,
        |_, s| s.configuration.push(b'\n'),
    ),
    ("other limits", "token-limits-changed", Guard, |_, s| {
        let mut more = limits();
        more.max_order_notional = "800.01".parse().unwrap();
        s.limits = more.encode().unwrap();
    }),
    (
        "another policy set",
        "token-policy-changed",
        Guard,
        |b, _| {
            let mut files = embedded_files();
            let roles = files.get_mut("roles.toml").unwrap();
            roles.extend_from_slice(b"\n# another\n");
            let set = promote::governance::policy::set::PolicySet::load(files).unwrap();
            b.state.policy = std::sync::Arc::new(set);
        },
    ),
    ("halted: the profile", "token-halted", Guard, |b, _| halt(b)),
    ("halted and resumed", "token-halted", Guard, |b, _| {
        halt(b);
        b.state.safety.halts.clear();
    }),
    ("not LIVE any more", "token-not-live", Guard, |b, _| {
        b.state
            .portfolios
            .values_mut()
            .for_each(|p| p.stage = Stage::Shadow);
    }),
    (
        "the host wants witnesses",
        "token-missing",
        Guard,
        |_, s| {
            if let Trust::Named(file) = &mut s.trust {
                file.witnesses = 1;
            }
        },
    ),
    ("used twice", "token-used", Conflict, |b, s| {
        let claims = b.state.access.tokens[JTI].claims.clone();
        let proof = s.proof_numbered(b, &claims, "1");
        b.submit(proof).unwrap();
    }),
    (
        "the trust file names another instance",
        "token-wrong-instance",
        NotAuthorised,
        |b, s| {
            let Trust::Named(mut file) = trust(b.state.fingerprint) else {
                panic!("a file");
            };
            file.instance = name("live-2");
            s.trust = Trust::Named(file);
        },
    ),
    ("no trust file", "token-no-trust", Integrity, |_, s| {
        s.trust = Trust::Sandbox
    }),
    (
        "an approver's key is distrusted",
        "token-key-distrusted",
        NotAuthorised,
        |b, _| {
            let by = [("risk-2", "risk"), ("ops-1", "ops")];
            revoke(b, "risk-1", Some(Reason::Compromised), Some(1), &by).unwrap();
        },
    ),
    ("halted: everything", "token-halted", Guard, |b, _| {
        halt_in(b, HaltScope::Global)
    }),
    ("halted: the portfolio", "token-halted", Guard, |b, _| {
        halt_in(b, HaltScope::Portfolio(portfolio()));
    }),
    (
        "the certificate is overdue",
        "token-certificate-overdue",
        Guard,
        |b, _| {
            let standing = b.state.safety.standing.get_mut(&portfolio()).unwrap();
            standing.time = b.now.plus_days(-90);
        },
    ),
    ("an incident is open", "token-missing", Guard, |b, _| {
        let act = SafetyAct::IncidentOpening(IncidentOpening {
            portfolio: portfolio(),
            class: IncidentClass::Exchange,
            severity: Severity::Low,
            summary: "outage".into(),
        });
        let signed = b.signed(Act::Safety(Box::new(act)), "ops-1", "ops");
        b.submit(signed).unwrap();
    }),
    (
        "the instance has another card",
        "token-missing",
        Guard,
        |b, _| {
            let held = b.state.access.instances.get_mut(&name("live-1")).unwrap();
            held.card.builds.push(Digest::of(b"zz"));
        },
    ),
];

/// Every reason for which a session is not let in, with its name and exit code, as a golden file.
#[test]
fn every_reason_refuses_with_its_own_name() {
    let mut ready = live_real(Bench::new());
    let (claims, token) = issue_token(&mut ready);
    Session::new(&ready, &token)
        .redeem(&mut ready.clone(), &claims)
        .unwrap();
    // To the millisecond: from its beginning, and not at its end.
    let mut edge = ready.clone();
    let at = |edge: &mut Bench, now| {
        edge.now = now;
        let session = Session::new(edge, &token);
        session
            .redeem(edge, &claims)
            .map(drop)
            .map_err(|e| e.slug())
    };
    assert_eq!(at(&mut edge, claims.nbf), Ok(()));
    let early = claims.nbf.plus_millis(-1);
    assert_eq!(at(&mut edge, early), Err("token-not-yet-valid"));
    assert_eq!(at(&mut edge, claims.exp.plus_millis(-1)), Ok(()));
    assert_eq!(at(&mut edge, claims.exp), Err("token-expired"));
    let mut table = String::from("| what is wrong | slug | exit |\n|---|---|---|\n");
    let mut line = |what: &str, refusal: &TokenRefusal| {
        let failure = promote::app::gate::failures::token(refusal);
        assert_eq!(failure.slug, refusal.slug());
        table += &format!("| {what} | `{}` | {} |\n", failure.slug, failure.exit as u8);
    };
    for (what, wanted, class, spoil) in CASES {
        let mut bench = ready.clone();
        let mut session = Session::new(&bench, &token);
        spoil(&mut bench, &mut session);
        let refusal = session.redeem(&mut bench, &claims).unwrap_err();
        assert_eq!(
            (refusal.slug(), refusal.class()),
            (*wanted, *class),
            "{what}"
        );
        line(what, &refusal);
    }
    let mut bench = live(Bench::new());
    let (claims, token) = issue_token(&mut bench);
    for environment in [Environment::Testnet, Environment::Production] {
        let mut session = Session::new(&bench, &token);
        session.environment = environment;
        let refusal = session.redeem(&mut bench, &claims).unwrap_err();
        line(&format!("a sandbox token on {environment}"), &refusal);
    }
    // How many bits end in which reason depends on the digests inside, that none opens does not.
    for refusal in flipped(&mut bench, &claims, &token) {
        line("one bit flipped, any of them", &refusal);
    }
    let path = std::path::Path::new("tests/golden/token_refusals.md");
    crate::harness::golden(path, &table);
    // Every slug of the list is reached here, but those of the lease.
    for slug in TokenRefusal::SLUGS
        .iter()
        .filter(|s| s.starts_with("token-"))
    {
        assert!(table.contains(&format!("`{slug}`")), "{slug}");
    }
}

/// The reasons that the bits of the token give, each flipped alone.
fn flipped(bench: &mut Bench, claims: &Claims, token: &str) -> Vec<TokenRefusal> {
    let mut session = Session::new(bench, token);
    let proof = session.proof(bench, claims);
    let at = bench.moment();
    let mut seen: std::collections::BTreeMap<&str, TokenRefusal> = Default::default();
    for bit in 0..token.len() * 8 {
        session.token[bit / 8] ^= 1 << (bit % 8);
        let presented = session.presented();
        let outcome = redeem(
            &bench.state,
            &session.token,
            &presented,
            &proof,
            &session.trust,
            &at,
        );
        let refusal = outcome.unwrap_err();
        assert_eq!(refusal.class(), Integrity, "bit {bit}");
        seen.entry(refusal.slug()).or_insert(refusal);
        session.token[bit / 8] ^= 1 << (bit % 8);
    }
    seen.into_values().collect()
}

#[test]
fn a_token_is_used_once_and_its_lease_lives_by_heartbeats() {
    let mut bench = live(Bench::new());
    let (claims, token) = issue_token(&mut bench);
    let session = Session::new(&bench, &token);
    let redemption = session.redeem(&mut bench, &claims).unwrap();
    bench.submit(redemption.signed.clone()).unwrap();
    let again = session.redeem(&mut bench, &claims).unwrap_err();
    assert_eq!(again.slug(), "token-used");
    let second = session.proof_numbered(&mut bench, &claims, "2");
    assert_eq!(slug(bench.submit(second)), "token-used");

    let epochs = HaltEpochs::default();
    let lease = redemption.lease(bench.now);
    let now = bench.now;
    let later = |seconds: i64| now.plus_millis(seconds * 1000);
    lease.check(later(0), epochs, false).unwrap();
    lease.check(later(59), epochs, false).unwrap();
    let reason = |outcome: Result<(), TokenRefusal>| outcome.unwrap_err().slug();
    assert_eq!(
        reason(lease.check(later(60), epochs, false)),
        "lease-expired"
    );
    assert_eq!(
        reason(lease.check(later(-1), epochs, false)),
        "lease-expired"
    );
    assert_eq!(reason(lease.check(later(1), epochs, true)), "token-halted");
    let halted = HaltEpochs {
        profile: 1,
        ..epochs
    };
    assert_eq!(reason(lease.check(later(1), halted, false)), "token-halted");
    let renewed = lease.renew(&bench.state, later(59)).unwrap();
    // A heartbeat goes on from the last one, not from before it.
    renewed.renew(&bench.state, later(59)).unwrap();
    let back = renewed.renew(&bench.state, later(58)).map(drop);
    assert_eq!(reason(back), "lease-expired");
    renewed.check(later(100), epochs, false).unwrap();
    let end = claims.session_max_seconds;
    assert_eq!(end, 604_800, "seven days");
    assert_eq!(
        reason(renewed.check(later(end), epochs, false)),
        "lease-session-over"
    );
    let over = renewed.renew(&bench.state, later(end)).map(drop);
    assert_eq!(reason(over), "lease-session-over");
    // A lease never outlives its session.
    let last = renewed.renew(&bench.state, later(end - 1)).unwrap();
    assert_eq!(last.until(), later(end));
    // A heartbeat asks the ledger: after the instance's key is gone there is none.
    revoke(&mut bench, "live-1", Some(Reason::Lost), None, &BOTH).unwrap();
    let dead = renewed.renew(&bench.state, later(60)).map(drop);
    assert_eq!(reason(dead), "token-key-revoked");
}

#[test]
fn a_replayed_or_foreign_proof_is_no_possession() {
    let mut bench = live(Bench::new());
    let (claims, token) = issue_token(&mut bench);
    let session = Session::new(&bench, &token);
    let proof = session.proof(&mut bench, &claims);
    let try_with = |bench: &Bench, session: &Session, proof: &Signed| {
        let at = bench.moment();
        let outcome = redeem(
            &bench.state,
            &session.token,
            &session.presented(),
            proof,
            &session.trust,
            &at,
        );
        outcome.map(drop).map_err(|e| e.slug())
    };
    assert_eq!(try_with(&bench, &session, &proof), Ok(()));
    // For another configuration, though by the right key.
    let mut other = Session::new(&bench, &token);
    other.configuration = b"s2".to_vec();
    let elsewhere = other.proof(&mut bench, &claims);
    assert_eq!(
        try_with(&bench, &session, &elsewhere),
        Err("token-no-possession")
    );
    // Too late, or of another kind.
    let mut late = bench.clone();
    late.now = proof.statement.expires_at;
    late.state.access.tokens.get_mut(JTI).unwrap().claims.exp = late.now.plus_days(1);
    assert_eq!(
        try_with(&late, &session, &proof),
        Err("token-no-possession")
    );
    let act = TokenRevocation {
        jti: JTI.into(),
        comment: String::new(),
    };
    let kind = bench.signed(Act::TokenRevocation(act), "ops-1", "ops");
    assert_eq!(
        try_with(&bench, &session, &kind),
        Err("token-no-possession")
    );
}

/// A ledger of somebody else, walked to LIVE there with the same names, opens nothing on a host
/// whose trust file names the right one.
#[test]
fn a_second_ledger_opens_nothing_here() {
    let mut right = live_real(Bench::new());
    let (_, own) = issue_token(&mut right);
    let mut second = live_real(Bench::with(
        |genesis| {
            genesis.roots.pop();
        },
        embedded_files(),
    ));
    let (claims, token) = issue_token(&mut second);
    assert_ne!(right.state.fingerprint, second.state.fingerprint);
    // Where it is trusted, it opens; here it does not, whichever ledger is asked.
    Session::new(&second, &token)
        .redeem(&mut second.clone(), &claims)
        .unwrap();
    let mut session = Session::new(&second, &token);
    session.trust = trust(right.state.fingerprint);
    let there = session.redeem(&mut second, &claims).unwrap_err();
    assert_eq!(there.slug(), "token-foreign-ledger");
    let here = session.redeem(&mut right, &claims).unwrap_err();
    assert_eq!(here.slug(), "token-foreign-ledger");
    assert!(open(&right.state, own.as_bytes()).is_ok());
}

/// What the fold gives does not hang on how it was reached.
#[test]
fn tokens_follow_from_the_entries_alone() {
    let mut bench = live(Bench::new());
    let before: State = bench.state.clone();
    let from = bench.entries.len();
    let (claims, token) = issue_token(&mut bench);
    let session = Session::new(&bench, &token);
    let redemption = session.redeem(&mut bench, &claims).unwrap();
    bench.submit(redemption.signed).unwrap();
    let mut again = before;
    for entry in &bench.entries[from..] {
        assert!(promote::governance::promotion::apply::apply(
            &mut again, entry
        ));
    }
    assert_eq!(again, bench.state);
}

/// What keeps a token from being issued, by code.
fn wanting(bench: &Bench) -> Vec<String> {
    match issue_act(bench, JTI, 15) {
        Err(Refusal::Pending { missing }) => missing.into_iter().map(|m| m.code).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_token_rests_on_an_approval_by_a_key_that_somebody_else_may_hold() {
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    for (reason, wanted) in [
        (Some(Reason::Left), false),
        (Some(Reason::Lost), false),
        (Some(Reason::Compromised), true),
        (None, true),
    ] {
        let mut bench = live(Bench::new());
        revoke(&mut bench, "risk-1", reason, None, &by).unwrap();
        match wanted {
            true => assert_eq!(wanting(&bench), ["approver_key"], "{reason:?}"),
            false => drop(issue_act(&bench, JTI, 15).unwrap()),
        }
    }
    // Distrusted from before the approval on, the portfolio is not LIVE any more.
    let mut bench = live(Bench::new());
    revoke(&mut bench, "risk-1", None, Some(1), &by).unwrap();
    assert!(wanting(&bench).contains(&"stage".to_owned()));
}

#[test]
fn a_token_that_was_issued_dies_with_the_key_of_an_approver_whenever_it_was_lost() {
    let mut bench = live_real(Bench::new());
    let before = bench.clone();
    let (claims, token) = issue_token(&mut bench);
    // As if the ledger had taken a token after the loss: redeeming asks again.
    let mut lost = before;
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    revoke(&mut lost, "risk-1", Some(Reason::Compromised), None, &by).unwrap();
    let mut issued = bench.state.access.tokens[JTI].clone();
    issued.mark.seq = lost.entries.len() as u64;
    lost.state.access.tokens.insert(JTI.into(), issued);
    lost.now = bench.now;
    let session = Session::new(&lost, &token);
    let refused = session.redeem(&mut lost, &claims).unwrap_err();
    assert_eq!(refused.slug(), "token-key-revoked");
}

#[test]
fn what_a_token_wants_is_asked_for_when_the_ledger_takes_it() {
    let mut bench = live(Bench::new());
    let due = promote::governance::promotion::safety::due::times(&bench.state, &portfolio());
    bench.now = due.unwrap().overdue.plus_millis(-1000);
    let act = issue_act(&bench, JTI, 15).unwrap();
    let signed = bench.signed(Act::TokenIssue(Box::new(act)), "ops-1", "ops");
    let mut in_time = bench.clone();
    in_time.submit(signed.clone()).unwrap();
    // Signed in time, brought when the certificate is overdue.
    bench.now = bench.now.plus_millis(1000);
    assert_eq!(slug(bench.submit(signed)), "pending");
}

#[test]
fn an_instance_enrolled_again_under_the_same_name_is_another_one() {
    let mut bench = live(Bench::new());
    let (claims, token) = issue_token(&mut bench);
    revoke(&mut bench, "live-1", Some(Reason::Lost), None, &BOTH).unwrap();
    let mut card = card(&bench.state.ledger, "live-1", Environment::Simulated);
    card.public_key = public(&key("live-1b"));
    card.host = "elsewhere.example".into();
    let signed = bench.together(enrolment(card, "live-1b"), &BOTH);
    bench.submit(signed).unwrap();
    assert_eq!(wanting(&bench), ["instance"]);
    let mut session = Session::new(&bench, &token);
    session.host = "elsewhere.example".into();
    session.proof_by = "live-1b";
    let refused = session.redeem(&mut bench, &claims).unwrap_err();
    assert_eq!(refused.slug(), "token-key-revoked");
    // The same name, key, host and environment with one more build is another instance too.
    let mut bench = live(Bench::new());
    let (claims, token) = issue_token(&mut bench);
    let held = bench
        .state
        .access
        .instances
        .get_mut(&name("live-1"))
        .unwrap();
    held.card.builds.push(Digest::of(b"zz"));
    let session = Session::new(&bench, &token);
    let refused = session.redeem(&mut bench, &claims).unwrap_err();
    assert_eq!(refused.slug(), "token-missing");
}

#[test]
fn a_request_for_live_and_its_approvals_bind_the_card_of_the_instance() {
    let mut bench = with_instance(Bench::new());
    let digest = bench.state.access.instances[&name("live-1")].card.digest();
    let request = |bench: &Bench, target, instance: Option<&str>, card| {
        let mut request = bench.request("p", "s1");
        request.target = target;
        request.instance = instance.map(name);
        request.instance_card = card;
        promote::governance::promotion::access::check_instance(&bench.state, &request)
    };
    let live = Target::Live;
    request(&bench, live, Some("live-1"), digest).unwrap();
    for (target, instance, card, wanted) in [
        (live, Some("live-1"), None, "instance-unfit"),
        (
            live,
            Some("live-1"),
            Some(Digest::of(b"x")),
            "instance-unfit",
        ),
        (live, Some("live-2"), digest, "unknown-instance"),
        (live, None, digest, "instance-wanted"),
        (Target::Shadow, None, digest, "instance-wanted"),
        (Target::Testnet, Some("live-1"), digest, "instance-wanted"),
    ] {
        let refused = request(&bench, target, instance, card);
        assert_eq!(slug(refused), wanted, "{target} {instance:?}");
    }
    // An approval that names another card approves another instance.
    let id = bench.judged("p", "s1", good());
    let mut approval = bench.approval(&id);
    approval.instance_card = digest;
    let signed = bench.signed(Act::Approval(Box::new(approval)), "risk-1", "risk");
    assert_eq!(slug(bench.submit(signed)), "statement-differs");
}

#[test]
fn a_request_for_live_names_an_instance_of_the_right_environment() {
    let mut bench = Bench::new();
    enrol(&mut bench, "live-1", Environment::Simulated).unwrap();
    enrol(&mut bench, "test-1", Environment::Testnet).unwrap();
    let asks = |target: Target, instance: Option<&str>| {
        let mut request = bench.request("p", "s1");
        request.target = target;
        request.instance = instance.map(name);
        let held = request.instance.as_ref();
        let held = held.and_then(|name| bench.state.access.instances.get(name));
        let live = target == Target::Live;
        request.instance_card = held.filter(|_| live).and_then(|i| i.card.digest());
        check_instance(&bench.state, &request).map_err(|refusal| refusal.slug())
    };
    assert_eq!(asks(Target::Live, Some("live-1")), Ok(()));
    assert_eq!(asks(Target::Live, Some("test-1")), Err("instance-unfit"));
    assert_eq!(asks(Target::Live, None), Err("instance-wanted"));
    for target in [Target::Shadow, Target::Testnet] {
        assert_eq!(asks(target, None), Ok(()));
        assert_eq!(asks(target, Some("live-1")), Err("instance-wanted"));
    }
}

#[test]
fn the_only_instance_is_the_one_whose_key_counts() {
    let mut bench = Bench::new();
    assert_eq!(only_instance(&bench.state), None);
    enrol(&mut bench, "live-1", Environment::Simulated).unwrap();
    assert_eq!(only_instance(&bench.state), Some(name("live-1")));
    enrol(&mut bench, "live-2", Environment::Simulated).unwrap();
    assert_eq!(only_instance(&bench.state), None);
    revoke(&mut bench, "live-1", Some(Reason::Lost), None, &BOTH).unwrap();
    assert_eq!(only_instance(&bench.state), Some(name("live-2")));
}

#[test]
fn builds_stand_sorted_once_and_at_most_sixty_four() {
    let mut bench = Bench::new();
    let ledger = bench.state.ledger.clone();
    let mut many: Vec<Digest> = (0..65_u8).map(|n| Digest::of(&[n])).collect();
    many.sort();
    let most = many[..64].to_vec();
    let mut asks = |builds: Vec<Digest>| {
        let mut card = card(&ledger, "live-1", Environment::Simulated);
        card.builds = builds;
        let signed = bench.together(enrolment(card, "live-1"), &BOTH);
        let outcome = bench.clone().submit(signed);
        outcome.map_err(|refusal| refusal.slug())
    };
    assert_eq!(asks(most.clone()), Ok(()));
    assert_eq!(asks(many.clone()), Err("enrolment-refused"));
    assert_eq!(asks(vec![many[1], many[0]]), Err("enrolment-refused"));
    assert_eq!(asks(vec![many[0], many[0]]), Err("enrolment-refused"));
}

#[test]
fn a_key_and_a_name_of_an_instance_are_nobody_elses() {
    let mut bench = Bench::new();
    enrol(&mut bench, "live-1", Environment::Simulated).unwrap();
    // The name, while its key counts, takes no second key.
    let mut again = card(&bench.state.ledger, "live-1", Environment::Simulated);
    again.public_key = public(&key("live-1b"));
    let signed = bench.together(enrolment(again, "live-1b"), &BOTH);
    assert_eq!(slug(bench.submit(signed)), "enrolment-refused");
    // Nobody becomes a person with its key, or under its name.
    for (person, by) in [("eve", "live-1"), ("live-1", "eve")] {
        let act = Act::Enrolment(Enrolment {
            person: PersonId::new(person).unwrap(),
            role: Role::Risk,
            public_key: public(&key(by)),
            verified_by: "passport".into(),
            until: None,
        });
        let statement = bench.statement(act, "root", "root", &key("root-1"));
        let keys = [key("root-1"), key("root-2"), key(by)];
        let signed = sign(&statement, &keys.iter().collect::<Vec<_>>());
        assert_eq!(slug(bench.submit(signed)), "enrolment-refused", "{person}");
    }
}

#[test]
fn words_of_revocations_have_a_limit_and_nothing_is_revoked_twice() {
    let mut bench = live(Bench::new());
    let _ = issue_token(&mut bench);
    for (length, wanted) in [(4096, None), (4097, Some("text-too-long"))] {
        let comment = "x".repeat(length);
        let token = Act::TokenRevocation(TokenRevocation {
            jti: JTI.into(),
            comment: comment.clone(),
        });
        let held = Act::KeyRevocation(KeyRevocation {
            revoked: fingerprint("research-2"),
            reason: Some(Reason::Left),
            distrust_from_seq: None,
            comment,
        });
        let token = bench.signed(token, "ops-1", "ops");
        let held = bench.together(held, &BOTH);
        for signed in [token, held] {
            let outcome = bench.clone().submit(signed);
            assert_eq!(outcome.err().map(|r| r.slug()), wanted, "{length}");
        }
    }
    let taken_back = TokenRevocation {
        jti: JTI.into(),
        comment: String::new(),
    };
    let act = Act::TokenRevocation(taken_back);
    let first = bench.signed(act.clone(), "ops-1", "ops");
    bench.submit(first).unwrap();
    let second = bench.signed(act, "risk-1", "risk");
    assert_eq!(slug(bench.submit(second)), "token-revoked");
    // The same distrust says nothing new; an earlier one does.
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    let mut from = |seq| {
        revoke(
            &mut bench,
            "risk-1",
            Some(Reason::Compromised),
            Some(seq),
            &by,
        )
    };
    from(7).unwrap();
    assert_eq!(slug(from(7)), "key-revoked");
    assert_eq!(slug(from(8)), "key-revoked");
    from(6).unwrap();
}

#[test]
fn a_key_that_left_without_harm_takes_no_token_along() {
    let mut ready = live_real(Bench::new());
    let (claims, token) = issue_token(&mut ready);
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    for (of, by) in [("risk-1", &by), ("ops-1", &BOTH)] {
        let mut bench = ready.clone();
        revoke(&mut bench, of, Some(Reason::Left), None, by).unwrap();
        Session::new(&bench, &token)
            .redeem(&mut bench, &claims)
            .unwrap();
    }
}
