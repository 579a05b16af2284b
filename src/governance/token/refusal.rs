//! Why a session is not let in, or not let on: each reason with a name of its own.
//!
//! The slug is what scripts read; the class becomes the exit code.

use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

use super::environment::Environment;

/// Exit code class of a token's refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenClass {
    /// Exit 4: not this one, or not here.
    NotAuthorised,
    /// Exit 7: not now.
    Conflict,
    /// Exit 9: bytes, signatures or ledgers do not fit.
    Integrity,
    /// Exit 20: a guard of live trading.
    Guard,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $({$($(#[$fdoc:meta])* $field:ident: $kind:ty),*})? $class:ident $slug:literal $text:literal;)*) => {
        /// Why a token is refused.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum TokenRefusal {
            $($(#[$doc])* #[error($text)] $variant $({$($(#[$fdoc])* $field: $kind),*})?,)*
        }

        impl TokenRefusal {
            /// Every slug, in the order of the list.
            pub const SLUGS: &[&'static str] = &[$($slug),*];

            /// Stable name of the reason.
            #[must_use]
            pub fn slug(&self) -> &'static str {
                match self { $(Self::$variant {..} => $slug,)* }
            }

            /// Exit code class.
            #[must_use]
            pub fn class(&self) -> TokenClass {
                match self { $(Self::$variant {..} => TokenClass::$class,)* }
            }
        }
    };
}

reasons! {
    /// The bytes are no token.
    Malformed { /** What is wrong. */ why: String } Integrity "token-malformed" "this is no live-session token: {why}";
    /// Made for another ledger, or by one that this host does not trust.
    ForeignLedger Integrity "token-foreign-ledger" "the token is not of the ledger that this host trusts";
    /// Without a trust file only sandboxes are opened.
    NoTrust Integrity "token-no-trust" "this host has no trust file: it opens sandbox ledgers only";
    /// The signature is not the token key's.
    BadSignature Integrity "token-bad-signature" "the token's signature does not fit";
    /// No entry issued it.
    Unknown Integrity "token-unknown" "no entry of the ledger issues this token";
    /// The ledger does not verify.
    Findings { /** What. */ text: String } Integrity "token-ledger-findings" "{text}";
    /// Before its time.
    NotYetValid { /** From when on. */ nbf: UtcTime } Conflict "token-not-yet-valid" "the token is not valid before {nbf}";
    /// After its time.
    Expired { /** Since when. */ exp: UtcTime } Conflict "token-expired" "the token expired at {exp}";
    /// Used already.
    UsedTwice { /** Position of its use. */ seq: u64 } Conflict "token-used" "the token was redeemed by entry {seq}: every token is used once";
    /// Taken back.
    Revoked Conflict "token-revoked" "the token was revoked";
    /// For another portfolio.
    WrongPortfolio { /** Claimed. */ claimed: String, /** Wanted. */ wanted: String } NotAuthorised "token-wrong-portfolio" "the token is for `{claimed}`, the session is for `{wanted}`";
    /// For another environment.
    WrongEnvironment { /** Claimed. */ claimed: Environment, /** Of the endpoint. */ found: Environment } NotAuthorised "token-wrong-environment" "the token is for {claimed}, the endpoint is {found}";
    /// A sandbox token somewhere else than on the simulator.
    SandboxElsewhere { /** Of the endpoint. */ found: Environment } NotAuthorised "token-sandbox-elsewhere" "a sandbox opens sessions on the loopback simulator only, the endpoint is {found}";
    /// For another instance.
    WrongInstance { /** Claimed. */ claimed: String, /** This one. */ found: String } NotAuthorised "token-wrong-instance" "the token is for the instance `{claimed}`, this is `{found}`";
    /// The instance is enrolled for another host.
    WrongHost { /** Enrolled. */ enrolled: String, /** This one. */ found: String } NotAuthorised "token-wrong-host" "the instance is enrolled for the host `{enrolled}`, this is `{found}`";
    /// The program is not one that was allowed.
    WrongBuild NotAuthorised "token-wrong-build" "this program is not among the builds that the instance is enrolled with";
    /// The instance has not shown that it holds its key.
    NoPossession { /** Why. */ why: String } NotAuthorised "token-no-possession" "the instance's proof of possession is refused: {why}";
    /// A key that the token rests on is revoked.
    KeyRevoked { /** Which. */ key: Fingerprint } NotAuthorised "token-key-revoked" "the key {key}, which the token rests on, was revoked";
    /// A key that the token rests on is not believed any more.
    KeyDistrusted { /** Which. */ key: Fingerprint } NotAuthorised "token-key-distrusted" "the key {key}, which the token rests on, is distrusted: not all that it signed is believed any more";
    /// Not the configuration that was approved.
    ConfigurationChanged Guard "token-configuration-changed" "the configuration is not the one that was approved";
    /// Not the limits that were approved.
    LimitsChanged Guard "token-limits-changed" "the execution limits are not those that were approved";
    /// Another policy set is in force.
    PolicyChanged Guard "token-policy-changed" "the policy set in force is not the one that the token was issued under";
    /// Halted, now or since the issue.
    Halted { /** What. */ text: String } Guard "token-halted" "{text}";
    /// The certificate is overdue.
    Overdue { /** What. */ text: String } Guard "token-certificate-overdue" "{text}";
    /// Not LIVE any more, or by another decision.
    NotLive { /** What. */ text: String } Guard "token-not-live" "{text}";
    /// Something else is missing.
    Missing { /** What. */ text: String } Guard "token-missing" "{text}";
    /// The lease ran out without a heartbeat.
    LeaseExpired { /** When. */ until: UtcTime } Guard "lease-expired" "the lease ended at {until}: no order without a heartbeat";
    /// The longest time of a session is over.
    SessionOver { /** When. */ until: UtcTime } Guard "lease-session-over" "the session ended at {until}: a new token is wanted";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_slug() {
        let mut slugs = TokenRefusal::SLUGS.to_vec();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), TokenRefusal::SLUGS.len());
    }
}
