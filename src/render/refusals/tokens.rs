//! Explanations: why a session is not let in, or not let on.

use super::Row;

/// Live-session tokens.
pub(super) const ROWS: &[Row] = &[
    (
        "token-refused",
        "A token opens a session when everything that it was issued on still stands.",
        "Time passes between issue and use.",
        "The message gives the reason; each has an explanation of its own (`promote help refusals`).",
    ),
    (
        "token-malformed",
        "A token is one line of PASETO v4.public with the claims of this program.",
        "Anything else was cut, changed, or is no token.",
        "Copy the whole token, or hand it over as a file (--confirm-token-file).",
    ),
    (
        "token-foreign-ledger",
        "The token comes from the ledger that the host trusts.",
        "A second ledger, made by whoever likes, must open nothing here.",
        "Issue the token from the ledger that /etc/promote/trust.toml names.",
    ),
    (
        "token-no-trust",
        "Without a trust file a host opens sandbox ledgers only.",
        "Which ledger is believed is not the choice of the one who starts the session.",
        "Let the host's administrator write /etc/promote/trust.toml (docs/token.md).",
    ),
    (
        "token-bad-signature",
        "The token is signed by the ledger's token key over exactly these claims.",
        "One changed letter would be another permission.",
        "Issue a token (`promote token issue PORTFOLIO`).",
    ),
    (
        "token-unknown",
        "The ledger holds the entry that issued the token.",
        "A stolen token key alone opens nothing.",
        "Issue a token; if this one came from here, find out what became of the ledger (`promote ledger verify`).",
    ),
    (
        "token-ledger-findings",
        "The whole ledger verifies before a session begins.",
        "A session rests on approvals; if the record of them is doubtful, so are they.",
        "`promote ledger verify` shows every finding.",
    ),
    (
        "token-not-yet-valid",
        "A token is not used before its time.",
        "A clock that lies back would stretch its life.",
        "Set the host's clock right.",
    ),
    (
        "token-expired",
        "A token is redeemed within minutes of its issue.",
        "A permission that lies around is used when nobody expects it.",
        "`promote token issue PORTFOLIO` makes another one, if nothing is missing.",
    ),
    (
        "token-used",
        "A token opens one session.",
        "A copy of it must not open a second one.",
        "`promote token issue PORTFOLIO` makes another one.",
    ),
    (
        "token-revoked",
        "A token that was taken back opens nothing.",
        "Ops or risk stopped it before it was used.",
        "`promote token list` shows by which entry; issue another one if that is settled.",
    ),
    (
        "token-wrong-portfolio",
        "A token is for one portfolio.",
        "What was approved for one strategy does not run another.",
        "Start the session with the configuration of the token's portfolio.",
    ),
    (
        "token-wrong-environment",
        "A token is for the environment that the endpoint belongs to, by a closed table in the code.",
        "Nobody names an exchange a test by giving it another name.",
        "Set the endpoint right in the configuration.",
    ),
    (
        "token-sandbox-elsewhere",
        "A sandbox token opens sessions on the simulated exchange on loopback only.",
        "Practice approvals move no money.",
        "Use the simulator, or walk the way on a real ledger.",
    ),
    (
        "token-wrong-instance",
        "A token is for one enrolled instance.",
        "A token that is carried to another machine is worth nothing.",
        "Start the session on the instance that the token names (`promote token list`).",
    ),
    (
        "token-wrong-host",
        "An instance runs on the host that it was enrolled for.",
        "A copied key file does not move the permission.",
        "Start it there, or enrol an instance for this host.",
    ),
    (
        "token-wrong-build",
        "An instance runs one of the programs that it was enrolled with.",
        "A changed program could trade something else.",
        "Use an enrolled build, or enrol the instance with this one.",
    ),
    (
        "token-no-possession",
        "The instance proves that it holds its key, over this very redemption.",
        "A stolen token without the key opens nothing.",
        "Check the instance's key file (`promote instance list`).",
    ),
    (
        "token-key-revoked",
        "Every key that the token rests on counts: instance, approvers, issuer.",
        "A permission does not outlive the trust in those who gave it.",
        "`promote key list` shows what was revoked; let the approvals be given again.",
    ),
    (
        "token-key-distrusted",
        "Nothing that the token rests on was signed by a key that is not believed any more.",
        "Signatures made while somebody else may have held the key are nobody's word.",
        "`promote key list` shows which key; let the approvals be given again.",
    ),
    (
        "token-configuration-changed",
        "The session runs from exactly the configuration that was approved.",
        "Parameters that nobody judged must not trade.",
        "Restore the approved configuration, or let the changed one climb as a new version.",
    ),
    (
        "token-limits-changed",
        "The session keeps exactly the limits that were approved.",
        "A raised limit is more risk than anybody agreed to.",
        "Restore the approved [live_risk], or request anew with the other limits.",
    ),
    (
        "token-policy-changed",
        "The policy set in force is the one that the token was issued under.",
        "New rules may judge differently.",
        "`promote token issue PORTFOLIO` makes another one, if nothing is missing under the new set.",
    ),
    (
        "token-halted",
        "No session begins or goes on when a halt touched its scope since the issue.",
        "A halt kills every token and lease, and a resume revives none.",
        "`promote status PORTFOLIO`; after the resume issue another token.",
    ),
    (
        "token-certificate-overdue",
        "No session runs while the certificate is overdue.",
        "LIVE is shown again at regular times.",
        "`promote recertify PORTFOLIO --evidence DIR --summary TEXT --key KEY`, signed by the quorum of the stage.",
    ),
    (
        "token-not-live",
        "The portfolio is LIVE, by the decision that the token names.",
        "A demotion takes effect at once.",
        "`promote status PORTFOLIO` shows the stage.",
    ),
    (
        "token-missing",
        "Nothing is missing that a live session needs.",
        "The gate asks at the start, not only at the issue.",
        "`promote status PORTFOLIO` lists what is missing.",
    ),
    (
        "lease-expired",
        "No order without a lease that a heartbeat has renewed.",
        "A session that cannot ask whether it may still trade has to stop.",
        "Find out why the heartbeat failed; start again with another token.",
    ),
    (
        "lease-session-over",
        "A session ends after its longest time, whatever its heartbeats.",
        "Permission is given anew now and then by a person.",
        "`promote token issue PORTFOLIO` and start again.",
    ),
];
