//! Explanations: halts, incidents, certificates, overrides, drills and policy sets.

use super::Row;

/// Halts, incidents, certificates, overrides, policy.
pub(super) const ROWS: &[Row] = &[
    (
        "halted",
        "Nothing rises while a halt is in force in its scope.",
        "Somebody stopped it; whoever goes on has to lift the halt openly.",
        "`promote resume --halt SEQ --reason TEXT --key RISK --key OPS`: risk and ops sign; then request anew, for a halt ends open requests.",
    ),
    (
        "no-such-halt",
        "A resume names the entry of a halt that is in force.",
        "Lifting one halt must not lift another that somebody else set.",
        "`promote status` shows what is halted, and since which entry.",
    ),
    (
        "halt-not-seen",
        "Whoever lifts a halt that time alone made has signed at its moment or later.",
        "Such a halt stands on an entry that was there before it: a resume could otherwise be signed while nothing had stopped.",
        "`promote status` shows the halt; risk and ops sign `promote resume --halt SEQ --reason TEXT --key RISK --key OPS` again.",
    ),
    (
        "recertification-wanted",
        "After five days of halt, or for a LIVE portfolio, a resume wants a certificate that is younger than the halt.",
        "What stood still for long, or trades real money, is shown again before it goes on.",
        "`promote recertify PORTFOLIO --evidence DIR --summary TEXT --key KEY` gives one, also while halted.",
    ),
    (
        "no-such-drill",
        "A measurement belongs to a drill that has none yet.",
        "The time of a drill is recorded once.",
        "`promote halt --portfolio PORTFOLIO --reason TEXT --drill --key KEY` makes another drill.",
    ),
    (
        "incident-open",
        "Nothing rises and nothing is resumed while an incident of the kind that forbids it is open.",
        "A cause that is not found can strike again.",
        "`promote incident list --open`; risk closes it with what was found (`promote incident close SEQ --finding TEXT --key KEY`).",
    ),
    (
        "no-such-incident",
        "A closing names the entry of an incident that is open.",
        "An incident is closed once, with one finding.",
        "`promote incident list --open` lists their numbers.",
    ),
    (
        "not-lower",
        "A demotion leads to a lower stage.",
        "Everything upwards goes through a request and its quorum.",
        "Name a lower stage, or request the next one.",
    ),
    (
        "retired",
        "A retired portfolio never comes back.",
        "Its name and history stay what they were.",
        "Register another portfolio; it begins in RESEARCH.",
    ),
    (
        "approval-voided",
        "An approval that its signer has taken back counts no more, and never again.",
        "Taking back must hold even against somebody who brings the signature in later.",
        "If the signer agrees now, a new approval is signed.",
    ),
    (
        "certificate-overdue",
        "Nothing rises while the certificate of the present stage is overdue.",
        "A stage is shown again at regular times; who is late has to do that first.",
        "`promote recertify PORTFOLIO --evidence DIR --summary TEXT --key KEY`, signed by the quorum of the stage.",
    ),
    (
        "review-missed",
        "Nothing is resumed or asked for while the review of an override was missed and is not made.",
        "An exception that nobody looked at again must not carry the next step.",
        "`promote override review SEQ --finding TEXT --key KEY`, by a risk person who did not sign the override.",
    ),
    (
        "certificate-verdict",
        "A certificate is given when the criteria of the present stage pass.",
        "A portfolio that would not be granted its stage today is not certified in it.",
        "`promote check PORTFOLIO --target TARGET --evidence DIR` shows the criteria; improve the evidence, or demote.",
    ),
    (
        "limits-not-approved",
        "A certificate is over the execution limits that the stage was granted with.",
        "What runs trades within those limits; figures under others say nothing about it.",
        "Make the evidence with the approved limits; other limits are a new request.",
    ),
    (
        "nothing-to-certify",
        "A certificate is for the stage that the portfolio is in, from SHADOW up.",
        "It says that this stage still stands.",
        "`promote status PORTFOLIO` shows the stage.",
    ),
    (
        "evidence-not-fresh",
        "A certificate rests on evidence that was not shown before.",
        "The same result again says nothing about the time since.",
        "Run `promote robustness --portfolio-preset PRESET` again, and join the sessions since the last certificate.",
    ),
    (
        "unknown-criterion",
        "An override names a criterion of the profile's policy.",
        "An exception is from one rule, not from all.",
        "`promote policy show` lists the criteria.",
    ),
    (
        "override-not-soft",
        "Only soft criteria are overridden.",
        "Hard criteria are the floor that nobody may lower for one case.",
        "Meet the criterion (`promote explain ID` says by how much it is missed).",
    ),
    (
        "override-at-live",
        "Nothing is overridden at LIVE.",
        "Real money trades on no exception.",
        "Meet the criterion.",
    ),
    (
        "override-too-long",
        "An override ends within the hours that the policy allows, and has not ended yet.",
        "An exception without an end is a new rule.",
        "Give a nearer end.",
    ),
    (
        "no-review-due",
        "A review is of an override that a decision rests on and that was not reviewed.",
        "A review before the decision would review nothing.",
        "`promote override list` shows what is due.",
    ),
    (
        "policy-not-kept",
        "The ledger keeps the files of every set that it publishes.",
        "A digest without its files could not be judged by, or looked up.",
        "Restore the ledger from a backup; `promote ledger verify` shows what is missing.",
    ),
    (
        "policy-in-doubt",
        "Nothing rises under a policy set whose publication rests on a key that is not believed any more.",
        "Rules that a stranger may have put in force are no rules.",
        "Let the LIVE quorum and the root threshold publish a set again (`promote policy publish DIR --reason TEXT --key KEY`).",
    ),
    (
        "denied-by-rule",
        "No deny rule of the policy set is hit by the settings and values of the request or certificate.",
        "Some settings are too dangerous at a stage, however good the numbers look.",
        "The message names the rule; do what it says and ask anew.",
    ),
    (
        "policy-unchanged",
        "A publication changes something.",
        "Publishing the same set again would only look like a change.",
        "Nothing: the set is in force.",
    ),
];
