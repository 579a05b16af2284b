//! Explanations: keys, persons, roles, and the separation of duties.

use super::Row;

/// Who may do what.
pub(super) const ROWS: &[Row] = &[
    (
        "enrolment-refused",
        "A person, a role and a key are enrolled by the root threshold, with the new key's own signature, once.",
        "Who is enrolled can approve; one root key alone, or a key that somebody else holds, must not open that door.",
        "The message says what does not fit; `promote key list` shows who is enrolled.",
    ),
    (
        "unknown-key",
        "Only keys that are enrolled in this ledger sign for it.",
        "A signature counts because the ledger knows whose it is.",
        "`promote key list` shows the enrolled keys; `promote key enrol` adds one, signed by the root threshold.",
    ),
    (
        "wrong-person",
        "A key signs in the name of the person that it was enrolled for.",
        "Nobody acts under another's name.",
        "Use your own key, or name yourself as the signer.",
    ),
    (
        "key-revoked",
        "A revoked key signs nothing after its revocation.",
        "Its holder has left, lost it, or somebody else may hold it.",
        "Sign with a key that counts (`promote key list`); `promote key rotate` or `enrol` gives a new one.",
    ),
    (
        "signers-wanted",
        "Some acts are signed by several persons in given roles, no more and no fewer.",
        "No single person resumes a halt, lets an instance in, or overrides a criterion.",
        "Repeat --key (or --signature) once for each person that the message names.",
    ),
    (
        "root-threshold",
        "What changes persons, roots or loosens the policy set is signed by as many root keys as the genesis entry says.",
        "One stolen root key must not be enough to change who may approve.",
        "Repeat --key with further root keys, or pass the statement on with --statement-out.",
    ),
    (
        "root-set-refused",
        "A new set of roots has at least as many keys and as high a threshold as the ledger's kind asks for, and none of its keys is used for anything else.",
        "The roots decide who may approve; a set that one person could hold would put that in one hand.",
        "The message says what does not fit; `promote key list` shows the keys in use.",
    ),
    (
        "void-refused",
        "Only entries without effect are set aside, each named by position and leaf hash, with a reason.",
        "History is not rewritten: what took effect stays.",
        "`promote ledger verify` lists the entries without effect.",
    ),
    (
        "role-ended",
        "A role that was given until a time ends then by itself.",
        "A stand-in does not stay in office because nobody thought of it.",
        "Sign in a role that you hold, or have the root threshold enrol the role again.",
    ),
    (
        "signs-twice",
        "Every signature of an act of several persons is another person's.",
        "Two keys of one person are still one opinion.",
        "Let another person in the role that is wanted sign.",
    ),
    (
        "role-not-held",
        "A person acts in a role that was granted by enrolment.",
        "A role is a duty that somebody was given, not a flag.",
        "Name a role that you hold (`promote key list`), or have the root threshold enrol it.",
    ),
    (
        "role-not-asked",
        "Only roles that the quorum of this target has a slot for approve.",
        "An approval that nothing waits for would look like one more pair of eyes.",
        "`promote inbox` lists the open slots.",
    ),
    (
        "requester-fills-slot",
        "Who requests does not approve.",
        "Nobody judges what they ask for themselves.",
        "`promote inbox` lists who may approve.",
    ),
    (
        "author-fills-slot",
        "Owner, requester, evidence producers and the proposer of the policy set in force fill no risk or authoriser slot.",
        "Who made the thing, or the rules for it, does not vouch for it.",
        "`promote inbox` lists who may approve.",
    ),
    (
        "voucher-fills-slot",
        "Who ran the evidence again or registered its data fills no risk or authoriser slot of that request.",
        "Checking the evidence and bearing the decision are two pairs of eyes.",
        "Let another person with the role approve (`promote inbox`).",
    ),
    (
        "override-signer-fills-slot",
        "Who signed an override that a request uses does not fill its risk slot.",
        "The exception and the approval that rests on it would otherwise be one person's word.",
        "Let another risk person approve.",
    ),
    (
        "author-reruns",
        "An independent rerun is made by somebody outside the authors of the request.",
        "A result that only its author can repeat is not confirmed.",
        "Let somebody else run `promote evidence verify DIR --rerun --data D --key KEY`.",
    ),
    (
        "review-by-signer",
        "An override is reviewed by a risk person who did not sign it.",
        "Nobody reviews their own exception.",
        "Let another risk person sign `promote override review`.",
    ),
    (
        "not-owner",
        "Only the owner of a portfolio requests for it.",
        "Somebody answers for a portfolio; a request past that person would be nobody's.",
        "Let the owner request; `promote status PORTFOLIO` names the owner.",
    ),
    (
        "act-not-for-role",
        "Every act has the roles that may sign it.",
        "Duties are separated: research asks, risk approves and closes, ops runs.",
        "Sign in the role that the act is for; docs/promotion.md lists who may do what.",
    ),
    (
        "withdrawal-not-for-person",
        "A request is withdrawn by its requester or by risk.",
        "Nobody else takes back what they neither asked for nor answer for.",
        "Let the requester or a risk person sign.",
    ),
    (
        "denial-needs-checklist-item",
        "Ops denies for an item of the checklist; the veto over the whole belongs to risk.",
        "Ops judges whether things are ready to run, not whether the strategy is good.",
        "Let risk deny, or request at a target whose checklist binds.",
    ),
    (
        "unsigned-evidence",
        "Outside sandboxes every bundle names and carries its producer's signature.",
        "Evidence that nobody answers for could be anybody's.",
        "Make the bundle again with --key KEY.",
    ),
    (
        "unknown-producer",
        "The producer of a bundle is enrolled.",
        "A signature of a stranger is no better than none.",
        "Enrol the producer (`promote key enrol`), or have an enrolled person make the bundle.",
    ),
    (
        "not-own-approval",
        "An approval is taken back by the person who gave it.",
        "Nobody speaks for another, not even to say no; risk denies instead.",
        "Let its signer run `promote unapprove`, or deny the request.",
    ),
    (
        "item-role",
        "An item of a checklist is confirmed in the role that it names, by a second person where it says so.",
        "Who confirms has to be the one who knows.",
        "`promote checklist show PORTFOLIO --target T` names the role of every item.",
    ),
    (
        "unknown-instance",
        "An instance that runs sessions is enrolled by risk and ops.",
        "A token is bound to one known machine and its key.",
        "`promote instance init NAME`, then `promote instance enrol --card FILE --key RISK --key OPS`.",
    ),
    (
        "instance-unfit",
        "The instance is the one that was approved, in the environment that the ledger trades in.",
        "What was approved for one machine must not run on another.",
        "`promote instance list` shows the instances; the message says what does not fit.",
    ),
    (
        "instance-wanted",
        "A request for LIVE names the instance that will run it; other requests name none.",
        "The approvers of LIVE decide about a machine too.",
        "Give --instance NAME (`promote instance list`).",
    ),
    (
        "no-quorum",
        "The policy set has a quorum for the target that wants at least one approval.",
        "A missing or empty quorum would approve everything.",
        "`promote policy show` prints the quorums; publish a set that has one.",
    ),
    (
        "quorum-unreachable",
        "A published set asks for no more persons than are enrolled and eligible.",
        "Rules that nobody can fulfil are switched off sooner or later.",
        "Enrol enough persons first (`promote key enrol`), or publish another set.",
    ),
    (
        "witnesses-wanted",
        "The quorum wants witnesses, which this version does not record.",
        "A rule that cannot be checked is not passed over.",
        "Use a preset without witnesses.",
    ),
];
