//! Explanations: what is signed, over which state, when.

use super::Row;

/// Signatures and statements.
pub(super) const ROWS: &[Row] = &[
    (
        "not-a-statement",
        "The signed bytes are a statement in canonical form, with no field that is not known.",
        "What was signed is never read in two ways: a second spelling or a hidden field could mean something else to another reader.",
        "Write the statement again with the same command and --statement-out, and sign that file unchanged.",
    ),
    (
        "bad-signature",
        "Every signer that the statement names has signed exactly these bytes, with the key named, in the namespace of this act.",
        "A signature that fits something else proves nothing about this act.",
        "Sign the file as it was written (ssh-keygen -Y sign with the namespace that the command prints) and give the signatures in the order of the signers.",
    ),
    (
        "foreign-ledger",
        "A statement is for one ledger, which it names.",
        "What was approved in a sandbox or another workspace must not count here.",
        "Make the statement again against this ledger (--root or --ledger) and sign it.",
    ),
    (
        "head-not-prefix",
        "The head that the signer saw is an earlier state of this very ledger.",
        "A head that is no prefix means that the signer was shown another history.",
        "Find out which ledger was shown to the signer (`promote ledger verify`); then sign the present state.",
    ),
    (
        "ledger-findings",
        "Nothing raises risk while the ledger holds entries that have no effect.",
        "Such an entry was written past the rules or damaged; until somebody knows which, the state is not to be trusted with more risk.",
        "`promote ledger verify` shows every finding; acts that lower risk are accepted meanwhile.",
    ),
    (
        "issued-in-future",
        "A statement is not dated later than now.",
        "A date in the future would let an approval live longer than its rules allow.",
        "Set the signer's clock right and sign again.",
    ),
    (
        "statement-expired",
        "A statement is accepted until the expiry that it names.",
        "A signature that lies around must not be brought in when nobody remembers what it was for.",
        "Look again (`promote show ID`) and sign the present state.",
    ),
    (
        "statement-replayed",
        "A statement is accepted once per ledger.",
        "The same signature must not act twice, not even after a halt or a withdrawal.",
        "Nothing, if the act stands in the ledger already (`promote show ID`); otherwise sign a new statement.",
    ),
    (
        "nonce-used",
        "Every statement has a nonce that was never used before.",
        "Without it two equal acts could not be told from one act sent twice.",
        "Make the statement again: a new nonce is drawn.",
    ),
    (
        "nonce-malformed",
        "A nonce is 32 hexadecimal digits.",
        "A short or guessable nonce would not make statements unique.",
        "Let the program make the statement (--statement-out) instead of writing it by hand.",
    ),
    (
        "text-too-long",
        "A free text has at most 4096 bytes.",
        "Everything in the ledger stays for good and is read by people.",
        "Shorten the text and name a document for the rest.",
    ),
    (
        "no-words",
        "The text says something.",
        "An act without a reason cannot be reviewed later.",
        "Give the text that the message names.",
    ),
    (
        "text-wanted",
        "The text says something.",
        "An act without a reason cannot be reviewed later.",
        "Give the text that the message names, for example --reason TEXT.",
    ),
    (
        "stale-head",
        "A signer saw a state of the ledger that is not older than the rules of the target allow.",
        "Who approves has to know what has happened since; the nearer to real money, the less may be missed.",
        "Look again (`promote show ID`) and sign the present state.",
    ),
    (
        "state-moved",
        "Nothing after the head that the signer saw touches this portfolio, the policy set, the keys or the evidence.",
        "A signature covers what was seen; whatever changed afterwards was not approved.",
        "Look at the entry that the message names (`promote ledger show`), then sign the present state.",
    ),
    (
        "statement-differs",
        "Every field of the statement is what the ledger holds for this act.",
        "A signer could otherwise be shown one thing and have signed another.",
        "Make the statement again with the command; if the field still differs, look at `promote show ID`.",
    ),
    (
        "not-a-persons-act",
        "Evaluations, decisions, refusals and measurements are made by the engine from what it finds itself.",
        "No person writes a verdict.",
        "Use the command that leads to it, such as `promote evaluate ID` or `promote decide ID`.",
    ),
    (
        "clock-ahead",
        "The host's clock does not lie further ahead of the last entry than the policy allows.",
        "A wrong clock would end dwell times, cool-offs and certificates at the wrong moment.",
        "Set the clock right, or let risk and ops sign `promote clock acknowledge --reason TEXT --key RISK --key OPS` if the ledger really stood still.",
    ),
    (
        "clock-behind",
        "The host's clock does not lie behind the last entry.",
        "Time in a ledger never runs backwards; a clock that does would make old things young again.",
        "Set the clock right, or let risk and ops sign `promote clock acknowledge --reason TEXT --key RISK --key OPS`; what lowers risk is accepted meanwhile.",
    ),
    (
        "clock-in-order",
        "Only a clock that is off is acknowledged.",
        "An acknowledgement in store would cover the next wrong clock unseen.",
        "Nothing: go on.",
    ),
];
