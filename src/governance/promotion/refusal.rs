//! Refusals: what the rules forbid, each with its own reason. An ordinary outcome of `decide`, not
//! an error.
//!
//! The slug is what a `refusal` entry stores and what scripts read; the class becomes the exit
//! code. No two reasons share a slug.

use crate::governance::policy::roles::Role;
use crate::governance::stage::{Stage, Target};
use crate::governance::token::refusal::TokenRefusal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{
    CriterionId, InstanceId, ItemId, PersonId, PortfolioId, ProfileId, RequestId, SessionId,
};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

use super::missing::Missing;
use super::state::Status;

/// Exit code class of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Exit 4: who asks may not.
    NotAuthorised,
    /// Exit 7: not now, or not like this.
    Conflict,
    /// Exit 8: something is still missing.
    Pending,
    /// Exit 9: bytes, signatures or heads do not fit.
    Integrity,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident $({$($(#[$fdoc:meta])* $field:ident: $kind:ty),*})? $class:ident $slug:literal $text:literal;)*) => {
        /// Why an act is refused.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($text)] $variant $({$($(#[$fdoc])* $field: $kind),*})?,)*
        }

        impl Refusal {
            /// Every slug, in the order of the list.
            pub const SLUGS: &[&'static str] = &[$($slug),*];

            /// Stable name of the reason.
            #[must_use]
            pub fn slug(&self) -> &'static str {
                match self { $(Self::$variant {..} => $slug,)* }
            }

            /// Exit code class.
            #[must_use]
            pub fn class(&self) -> Class {
                match self { $(Self::$variant {..} => Class::$class,)* }
            }
        }
    };
}

refusals! {
    /// The bytes are no statement.
    NotAStatement { /** What is wrong. */ why: String } Integrity "not-a-statement" "the signed bytes are no statement: {why}";
    /// The signature does not fit.
    BadSignature { /** What is wrong. */ why: String } Integrity "bad-signature" "signature refused: {why}";
    /// Signed for another ledger.
    ForeignLedger { /** Its origin. */ named: String } Integrity "foreign-ledger" "the statement is for the ledger `{named}`, not for this one";
    /// The head it names is not a prefix of this ledger.
    HeadNotPrefix { /** Its size. */ size: u64 } Integrity "head-not-prefix" "the head of size {size} that the signer saw is not a prefix of this ledger";
    /// The ledger holds entries that do not verify.
    LedgerFindings { /** How many. */ count: usize, /** First of them. */ first: u64 } Integrity "ledger-findings" "the ledger holds {count} entries without effect (first: seq {first}); acts that raise risk are refused until they are voided";
    /// The enrolment is not acceptable.
    EnrolmentRefused { /** Why. */ why: String } NotAuthorised "enrolment-refused" "enrolment refused: {why}";
    /// The key is nobody's here.
    UnknownKey { /** The key. */ key: Fingerprint } NotAuthorised "unknown-key" "the key {key} is not enrolled in this ledger";
    /// The key belongs to somebody else than the statement says.
    WrongPerson { /** Named. */ named: PersonId, /** Owner of the key. */ owner: PersonId } NotAuthorised "wrong-person" "the statement names `{named}`, the key belongs to `{owner}`";
    /// The key was revoked.
    KeyRevoked { /** The key. */ key: Fingerprint, /** Where. */ seq: u64 } NotAuthorised "key-revoked" "the key {key} was revoked by entry {seq}";
    /// Other signers are wanted.
    SignersWanted { /** Act. */ act: &'static str, /** Who. */ wanted: String } NotAuthorised "signers-wanted" "a {act} is signed by {wanted}";
    /// Too few root keys.
    RootThreshold { /** Roots that signed. */ have: u32, /** Threshold. */ wanted: u32 } NotAuthorised "root-threshold" "{have} root keys have signed in the name of `root`, {wanted} are wanted";
    /// The new root keys cannot be roots.
    RootSetRefused { /** Why. */ why: String } Conflict "root-set-refused" "the new root keys are refused: {why}";
    /// These entries cannot be set aside.
    VoidRefused { /** Why. */ why: String } Conflict "void-refused" "nothing is voided: {why}";
    /// No such instance.
    UnknownInstance { /** Name. */ instance: InstanceId } NotAuthorised "unknown-instance" "no instance `{instance}` is enrolled";
    /// The instance cannot be used for this.
    InstanceUnfit { /** Name. */ instance: InstanceId, /** Why. */ why: String } NotAuthorised "instance-unfit" "the instance `{instance}` does not fit: {why}";
    /// LIVE requests name an instance.
    InstanceWanted NotAuthorised "instance-wanted" "a request for live names the instance that will run it, and no other request does";
    /// A key of a sandbox in a real ledger.
    SandboxKey { /** Key. */ key: Fingerprint } NotAuthorised "sandbox-key" "the key {key} was made by a sandbox, where everybody may hold it: it is nobody's in a real ledger";
    /// A token is refused.
    Token { /** Why. */ reason: TokenRefusal } Conflict "token-refused" "{reason}";
    /// One person signs an act of several persons twice.
    SignsTwice { /** Who. */ person: PersonId } NotAuthorised "signs-twice" "`{person}` stands among the signers twice: another person is wanted";
    /// The person does not hold the role.
    RoleNotHeld { /** Who. */ person: PersonId, /** Role. */ role: String } NotAuthorised "role-not-held" "`{person}` does not hold the role {role}";
    /// The role was given until a time that is over.
    RoleEnded { /** Who. */ person: PersonId, /** Role. */ role: Role, /** When. */ ended: UtcTime } NotAuthorised "role-ended" "`{person}` held the role {role} until {ended}";
    /// The role has no slot for this target.
    RoleNotAsked { /** Role. */ role: String, /** Target. */ target: Target } NotAuthorised "role-not-asked" "no {role} approval is asked for at {target}";
    /// The requester may not fill a slot.
    RequesterFillsSlot { /** Who. */ person: PersonId } NotAuthorised "requester-fills-slot" "`{person}` requested this promotion and may not approve it";
    /// Somebody of the author set in a risk or authoriser slot.
    AuthorFillsSlot { /** Who. */ person: PersonId, /** Role. */ role: String } NotAuthorised "author-fills-slot" "`{person}` belongs to the authors (owner, requester, evidence producers) and may not fill the {role} slot";
    /// Somebody else's portfolio.
    NotOwner { /** Who. */ person: PersonId, /** Portfolio. */ portfolio: PortfolioId, /** Owner. */ owner: PersonId } NotAuthorised "not-owner" "`{person}` does not own `{portfolio}`, `{owner}` does";
    /// The act is not this role's.
    ActNotForRole { /** Act. */ act: &'static str, /** Role. */ role: String } NotAuthorised "act-not-for-role" "a {act} is not for the role {role}";
    /// Only requester or risk withdraw.
    WithdrawalNotForPerson { /** Who. */ person: PersonId } NotAuthorised "withdrawal-not-for-person" "only the requester or risk may withdraw, `{person}` is neither";
    /// Operations deny checklist items only.
    DenialNeedsChecklistItem { /** Target. */ target: Target, /** What ops may deny. */ items: String } NotAuthorised "denial-needs-checklist-item" "ops denies a request for {target} only for an item that ops confirms, and names it as the reason: {items}";
    /// There is no item that operations could deny.
    DenialWithoutChecklist { /** Target. */ target: Target } NotAuthorised "denial-without-checklist" "ops denies checklist items only, and the checklist for {target} has none that ops confirms";
    /// Evidence without a producer outside a sandbox.
    UnsignedEvidence NotAuthorised "unsigned-evidence" "evidence without a signed producer is accepted in sandboxes only";
    /// A producer who is not enrolled.
    UnknownProducer { /** Who. */ person: PersonId } NotAuthorised "unknown-producer" "the evidence producer `{person}` is not enrolled";
    /// Written later than now.
    IssuedInFuture { /** When. */ issued_at: UtcTime } Conflict "issued-in-future" "the statement says that it was written at {issued_at}, which is later than now";
    /// Too late.
    StatementExpired { /** When. */ expires_at: UtcTime } Conflict "statement-expired" "the statement expired at {expires_at}";
    /// Seen before.
    StatementReplayed Conflict "statement-replayed" "this statement is in the ledger already";
    /// The policy set in force rests on a key that is not believed.
    PolicyInDoubt { /** Its publication. */ seq: u64, /** Who publishes again. */ by: String } Conflict "policy-in-doubt" "the policy set in force was published by entry {seq} with a key that is not believed any more: a set is published again before anything rises, signed by {by}";
    /// The nonce was used.
    NonceUsed Conflict "nonce-used" "the nonce of this statement was used before";
    /// The nonce is malformed.
    NonceMalformed Conflict "nonce-malformed" "the nonce is not 32 hexadecimal digits";
    /// A text is too long.
    TextTooLong { /** Which. */ field: &'static str } Conflict "text-too-long" "{field} is longer than 4096 bytes";
    /// The head is too old.
    StaleHead { /** Hours. */ hours_max: u32 } Conflict "stale-head" "the head that the signer saw was replaced more than {hours_max} hours ago: sign the present state";
    /// Something that matters happened after the head.
    StateMoved { /** Seq. */ seq: u64 } Conflict "state-moved" "entry {seq} touches this portfolio, the key or the policy set and is later than the head that the signer saw";
    /// No such request.
    UnknownRequest { /** Id. */ request: RequestId } Conflict "unknown-request" "there is no request `{request}`";
    /// The request ended.
    RequestEnded { /** Id. */ request: RequestId, /** How. */ status: Status } Conflict "request-ended" "request `{request}` ended: {status}";
    /// The request has not been judged.
    NotEvaluated { /** Id. */ request: RequestId } Conflict "not-evaluated" "request `{request}` has not been evaluated";
    /// The request has been judged already.
    AlreadyEvaluated { /** Id. */ request: RequestId } Conflict "already-evaluated" "request `{request}` has been evaluated already";
    /// The statement names something else than the request.
    StatementDiffers { /** Which field. */ field: &'static str } Conflict "statement-differs" "`{field}` in the statement is not what the ledger holds for this request";
    /// Slots of this role are filled.
    SlotFilled { /** Role. */ role: String } Conflict "slot-filled" "the {role} slots of this request are filled";
    /// One person fills one slot.
    AlreadyApproved { /** Who. */ person: PersonId } Conflict "already-approved" "`{person}` has approved this request already";
    /// Another request is open.
    OpenRequest { /** Which. */ request: RequestId } Conflict "open-request" "request `{request}` is open: withdraw it, or replace it with --supersede {request}";
    /// Supersedes what is not open.
    SupersedesNothing { /** Named. */ request: RequestId } Conflict "supersedes-nothing" "`{request}` is not the open request of this portfolio";
    /// The id is not the next one.
    RequestIdNotNext { /** Wanted. */ wanted: String } Conflict "request-id-not-next" "the next request of this portfolio is `{wanted}`";
    /// Target is not the next stage.
    StageOrder { /** Stage. */ from: Stage, /** Target. */ target: Target } Conflict "stage-order" "from {from}, {target} is not the next stage";
    /// That version has the stage already.
    AlreadyGranted { /** Stage. */ stage: Stage } Conflict "already-granted" "this strategy is in {stage} already";
    /// Another profile.
    ProfileChanged { /** Held. */ held: ProfileId } Conflict "profile-changed" "the portfolio has the profile `{held}` for good: another profile is another portfolio";
    /// No policy for the profile.
    NoPolicy { /** Profile. */ profile: ProfileId } Conflict "no-policy" "the published policy set has no policy for the profile `{profile}`";
    /// Another strategy than the one the stage was granted for.
    StrategyChanged Conflict "strategy-changed" "the strategy is not the one that the present stage was granted for";
    /// Not the published policy set.
    PolicyNotInForce Conflict "policy-not-in-force" "the statement names a policy set that is not the published one";
    /// Evidence malformed.
    EvidenceList { /** Why. */ why: &'static str } Conflict "evidence-list" "{why}";
    /// Cool-off after a reject.
    CoolOff { /** Rejected request. */ request: RequestId, /** Until. */ until: UtcTime } Conflict "cool-off" "`{request}` was rejected: no new request before {until}";
    /// After a reject: neither a new strategy nor enough new data.
    NothingNew { /** Rejected request. */ request: RequestId, /** Days. */ days: u32 } Conflict "nothing-new" "`{request}` was rejected: a new strategy digest, or out-of-sample data longer by {days} days, is wanted";
    /// After a revise: the request must say so.
    MustRevise { /** Which. */ request: RequestId } Conflict "must-revise" "`{request}` ended with REVISE: say --revises {request}";
    /// Revises what cannot be revised.
    RevisesNothing { /** Named. */ request: RequestId } Conflict "revises-nothing" "`{request}` is not the last REVISE of this portfolio and target";
    /// Dwell time not over.
    DwellNotOver { /** Stage. */ stage: Stage, /** Days. */ days: u32, /** Until. */ until: UtcTime } Conflict "dwell-not-over" "{stage} lasts at least {days} days: not before {until}";
    /// Too little of the stage is covered by sessions.
    SessionTimeShort { /** Stage. */ stage: Stage, /** Days. */ days: u32, /** Hours covered. */ covered: i64 } Conflict "session-time-short" "{stage} lasts at least {days} days that sessions cover bar by bar: {covered} hours are covered so far";
    /// The session bundle is not there.
    SessionEvidenceWanted { /** Target. */ target: Target, /** Kind. */ kind: &'static str } Conflict "session-evidence-wanted" "{target} rests on one robustness bundle and one bundle of kind `{kind}`, and on nothing else";
    /// Other sessions than the ledger's.
    SessionsDiffer Conflict "sessions-differ" "the sessions of the request are not all those that the ledger holds for this stage, with their last commits";
    /// An import above SHADOW.
    ImportAboveShadow { /** Target. */ target: Target } Conflict "import-above-shadow" "an import that nobody can run again is good for SHADOW at most, not for {target}";
    /// Out of sample is not later than the strategy.
    OosNotLater { /** First out-of-sample bar. */ first: UtcTime, /** Named at. */ named: UtcTime } Conflict "oos-not-later" "out of sample begins at {first}, the strategy was first named at {named}: only later bars count above SHADOW";
    /// Trials that the ledger does not know.
    Unregistered { /** Why. */ why: String } Conflict "unregistered" "the trials behind the evidence are unregistered: {why}";
    /// Predecessors that cannot be.
    PredecessorsRefused { /** Why. */ why: &'static str } Conflict "predecessors-refused" "predecessors refused: {why}";
    /// Somebody else's portfolio among the predecessors.
    PredecessorNotOwned { /** Who. */ person: PersonId, /** Portfolio. */ portfolio: PortfolioId, /** Owner. */ owner: PersonId } NotAuthorised "predecessor-not-owned" "`{person}` does not own the predecessor `{portfolio}`, `{owner}` does";
    /// No such portfolio.
    UnknownPortfolio { /** Which. */ portfolio: PortfolioId } Conflict "unknown-portfolio" "`{portfolio}` is not registered: no request has named it yet";
    /// No such session.
    UnknownSession { /** Session. */ session: SessionId } Conflict "unknown-session" "there is no session `{session}`";
    /// The session ended.
    SessionClosed { /** Session. */ session: SessionId } Conflict "session-closed" "the session `{session}` is closed";
    /// Another session is open.
    SessionRunning { /** Session. */ session: SessionId } Conflict "session-running" "the session `{session}` of this stage is open: close it first";
    /// Not the portfolio's stage.
    SessionStage { /** Asked. */ stage: Stage, /** Held. */ held: Stage } Conflict "session-stage" "a session in {stage} is not for a portfolio in {held}";
    /// Not the stage's environment.
    SessionPlace { /** Stage. */ stage: Stage, /** Place. */ place: &'static str } Conflict "session-place" "a session in {stage} does not run in the environment `{place}`";
    /// A person's key for what trades.
    LiveSessionByInstance NotAuthorised "live-session-by-instance" "a session in LIVE is opened, committed and closed with the key of the instance that runs it, not by ops";
    /// A session that cannot begin.
    SessionRefused { /** Why. */ why: String } Conflict "session-refused" "session refused: {why}";
    /// A commit that cannot stand.
    CommitRefused { /** Why. */ why: &'static str } Conflict "commit-refused" "commit refused: {why}";
    /// A registration that cannot stand.
    DatasetRefused { /** Why. */ why: &'static str } Conflict "dataset-refused" "registration refused: {why}";
    /// A rerun that cannot stand.
    RerunRefused { /** Why. */ why: &'static str } Conflict "rerun-refused" "rerun refused: {why}";
    /// An author reruns.
    AuthorReruns { /** Who. */ person: PersonId } NotAuthorised "author-reruns" "`{person}` belongs to the authors of a request on this evidence: somebody else has to vouch for it";
    /// Who vouched does not approve.
    VoucherFillsSlot { /** Who. */ person: PersonId, /** Role. */ role: String } NotAuthorised "voucher-fills-slot" "`{person}` ran the evidence again, attested it or registered its data, and may not fill the {role} slot";
    /// No independent rerun.
    RerunWanted { /** Bundle. */ evidence: Digest } Pending "rerun-wanted" "a rerun of {evidence} to the same result is wanted first, by somebody who is no author and signs for no risk or authoriser";
    /// No independent registration.
    DatasetWanted { /** Bars. */ data: Digest } Pending "dataset-wanted" "a registration of the bars {data} is wanted first, by somebody who fetched them, is no author and signs for no risk or authoriser";
    /// No independent attestation.
    AttestationWanted { /** Bundle. */ evidence: Digest } Pending "attestation-wanted" "an independent attestation of the bundle {evidence} is wanted first, by somebody who is no author and signs for no risk or authoriser";
    /// The policy set wants the whole.
    ReducedNotAllowed Conflict "reduced-not-allowed" "the published policy set does not allow reduced assurance: an independent attestation of a bundle stands in for nothing";
    /// Sessions that nobody replayed.
    SignalsNotReplayed { /** Kind. */ kind: &'static str } Conflict "signals-not-replayed" "the signals of the {kind} sessions were not replayed, and the published policy set does not allow reduced assurance";
    /// Attested before.
    AlreadyAttested { /** Who. */ person: PersonId } Conflict "already-attested" "`{person}` has attested this bundle already";
    /// A trial that cannot stand.
    TrialRefused { /** Why. */ why: &'static str } Conflict "trial-refused" "trial refused: {why}";
    /// The bundle was revoked.
    EvidenceRevoked { /** Bundle. */ evidence: crate::kernel::digest::Digest, /** Where. */ seq: u64 } Conflict "evidence-revoked" "the evidence {evidence} was revoked by entry {seq}";
    /// An empty text.
    NoWords { /** Which. */ field: &'static str } Conflict "no-words" "{field} is empty";
    /// A stage granted under another evaluation.
    MaterialityUnknown Conflict "materiality-unknown" "materiality is `material` or `immaterial`";
    /// A request for LIVE without a way back.
    FallbackWanted Conflict "fallback-wanted" "a request for live says what happens if it goes wrong";
    /// The quorum names fewer than one person.
    NoQuorum { /** Preset. */ preset: String, /** Target. */ target: Target } Conflict "no-quorum" "the policy set has no usable quorum `{preset}` for {target}";
    /// A deny rule of the policy set.
    DeniedByRule { /** Which. */ rule: ItemId, /** What is wrong. */ message: String, /** What to do. */ remedy: String } Conflict "denied-by-rule" "denied by rule `{rule}`: {message}";
    /// Another book than the one that was judged.
    BookChanged { /** Candidate. */ portfolio: PortfolioId } Conflict "book-changed" "the portfolios that are LIVE, or what they stand on, changed since `{portfolio}` was judged together with them: it has to be judged again";
    /// Facts twice, or unusable.
    FactsUnusable { /** Why. */ why: String } Conflict "facts-unusable" "the evidence gives no usable facts: {why}";
    /// The engine does not take this act from outside.
    NotAPersonsAct { /** Which. */ act: &'static str } NotAuthorised "not-a-persons-act" "a {act} is made by the engine only";
    /// The scope is halted.
    Halted { /** What. */ scope: String, /** Entry. */ seq: u64 } Conflict "halted" "halted ({scope}) since entry {seq}: nothing rises before it is resumed";
    /// No halt stands on that entry.
    NoSuchHalt Conflict "no-such-halt" "no halt in force stands on the entry that the statement names";
    /// Time made the halt later than the resume was signed.
    HaltNotSeen { /** When it began. */ time: UtcTime } Conflict "halt-not-seen" "time alone made that halt, at {time}: a resume that was signed before, or over a head that was replaced before, lifts nothing";
    /// A text is empty.
    TextWanted { /** Which. */ field: &'static str } Conflict "text-wanted" "{field} is empty";
    /// An incident is open.
    IncidentOpen { /** How bad. */ severity: &'static str, /** Entry. */ seq: u64 } Conflict "incident-open" "an incident of {severity} severity is open since entry {seq}";
    /// No incident was opened by that entry, or it is closed.
    NoSuchIncident Conflict "no-such-incident" "the entry that the statement names has opened no incident that is still open";
    /// Not a lower stage.
    NotLower { /** Stage. */ stage: Stage, /** Named. */ to: Stage } Conflict "not-lower" "from {stage}, {to} is no lower stage";
    /// Out of service for good.
    Retired { /** Which. */ portfolio: PortfolioId } Conflict "retired" "`{portfolio}` is retired for good";
    /// Somebody else's approval.
    NotOwnApproval { /** Who. */ person: PersonId } NotAuthorised "not-own-approval" "the approval is not `{person}`'s: only its signer takes it back";
    /// Taken back by its signer.
    ApprovalVoided Conflict "approval-voided" "its signer has taken this approval back";
    /// No certificate since the halt.
    RecertificationWanted { /** Portfolio. */ portfolio: PortfolioId } Conflict "recertification-wanted" "`{portfolio}` needs a certificate that is younger than the halt";
    /// The certificate is overdue.
    CertificateOverdue { /** Since. */ since: UtcTime } Conflict "certificate-overdue" "the certificate is overdue since {since}: nothing rises before it is given";
    /// Other execution limits than the approved ones.
    LimitsNotApproved { /** Stage. */ stage: Stage } Conflict "limits-not-approved" "the evidence is over other execution limits than those that {stage} was granted with";
    /// The criteria of the stage are not met.
    CertificateVerdict { /** How. */ outcome: &'static str } Conflict "certificate-verdict" "the criteria of the present stage say {outcome}: no certificate";
    /// Witnesses that this version does not record.
    WitnessesWanted { /** How many. */ count: u32 } Conflict "witnesses-wanted" "{count} witnesses are wanted; this version records none";
    /// No stage that a certificate keeps.
    NothingToCertify { /** Stage. */ stage: Stage } Conflict "nothing-to-certify" "the portfolio is in {stage}: the statement certifies another stage, or there is none to certify";
    /// Evidence that was shown before.
    EvidenceNotFresh { /** Kind. */ kind: &'static str } Conflict "evidence-not-fresh" "the {kind} evidence was shown before: a certificate wants fresh evidence";
    /// No such criterion.
    UnknownCriterion { /** Which. */ criterion: CriterionId } Conflict "unknown-criterion" "the policy of the profile has no criterion `{criterion}`";
    /// A hard criterion, or one that needs no override.
    OverrideNotSoft { /** Which. */ criterion: CriterionId } Conflict "override-not-soft" "`{criterion}` is not soft at this target: only soft criteria are overridden";
    /// Not at LIVE.
    OverrideAtLive Conflict "override-at-live" "nothing is overridden at LIVE";
    /// Too long, or over.
    OverrideTooLong { /** Most hours. */ hours: u32 } Conflict "override-too-long" "an override ends within {hours} hours from now";
    /// Who overrides does not approve as risk.
    OverrideSignerFillsSlot { /** Who. */ person: PersonId } NotAuthorised "override-signer-fills-slot" "`{person}` signed an override that this request uses and may not fill its risk slot";
    /// No review is due.
    NoReviewDue Conflict "no-review-due" "no review of that override is due";
    /// Reviewed by one of its signers.
    ReviewBySigner { /** Who. */ person: PersonId } NotAuthorised "review-by-signer" "`{person}` signed the override: another risk person reviews it";
    /// A review was missed and is not made yet.
    ReviewMissed { /** Whose. */ portfolio: PortfolioId, /** The override. */ seq: u64 } Conflict "review-missed" "the review of the override of `{portfolio}` at entry {seq} was missed: it is made first";
    /// The clock lies too far ahead.
    ClockAhead { /** Hours. */ hours: i64 } Conflict "clock-ahead" "the clock lies {hours} hours ahead of the last entry: risk and ops acknowledge it first";
    /// The clock is not off.
    ClockInOrder Conflict "clock-in-order" "the clock is in order: there is nothing to acknowledge";
    /// Evidence from before a lowering.
    EvidenceSpent { /** Kind. */ kind: &'static str } Conflict "evidence-spent" "the {kind} evidence was used before the portfolio was lowered: evidence starts anew";
    /// No drill waits for its measurement.
    NoSuchDrill Conflict "no-such-drill" "no drill on that entry waits for its measurement";
    /// No such checklist item.
    UnknownItem { /** Named. */ item: ItemId, /** Target. */ target: Target } Conflict "unknown-item" "the checklist for {target} has no item `{item}`";
    /// The ledger fills it.
    ItemIsAuto { /** Which. */ item: ItemId } Conflict "item-is-auto" "the item `{item}` is filled by the ledger, nobody confirms it";
    /// Another role confirms it.
    ItemRole { /** Which. */ item: ItemId, /** Who. */ wanted: String } NotAuthorised "item-role" "the item `{item}` is confirmed by {wanted}";
    /// Nothing is open.
    ItemConfirmed { /** Which. */ item: ItemId } Conflict "item-confirmed" "the item `{item}` has that confirmation already; a second one is another person's, in the other role";
    /// A document more or less than the item wants.
    DocumentWanted { /** Which. */ item: ItemId } Conflict "document-wanted" "the item `{item}` and the document do not go together: items of kind `document` name one, others none";
    /// No day, or one that has not come.
    DateMalformed Conflict "date-malformed" "the date is a day that has come, written YYYY-MM-DD";
    /// The files of the set are not kept.
    PolicyNotKept { /** Digest. */ policy: Digest } Integrity "policy-not-kept" "the files of the policy set {policy} are not kept";
    /// The set in force.
    PolicyUnchanged Conflict "policy-unchanged" "this policy set is in force already";
    /// A quorum that nobody could fill.
    QuorumUnreachable { /** Why. */ why: String } Conflict "quorum-unreachable" "the quorum cannot be met: {why}";
    /// Slots are open.
    Pending { /** What is missing. */ missing: Vec<Missing> } Pending "pending" "something is still missing";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_slug() {
        let mut slugs = Refusal::SLUGS.to_vec();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Refusal::SLUGS.len());
    }
}
