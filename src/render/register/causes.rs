//! What the engine says about why something stopped or ended, in the language of the export.
//!
//! In: a cause from a closed list. Out: words. No sentence of the engine is kept as text, so none
//! stands in another language than the document around it.

use super::incidents::severity as severity_word;
use crate::governance::promotion::ending::Ending;
use crate::governance::promotion::safety::halt::Cause;
use crate::governance::promotion::safety::incident::Severity;
use crate::render::decision_log::Language;

/// Why something stopped, in a word or two.
#[must_use]
pub fn cause(language: Language, cause: Cause) -> &'static str {
    let (de, en) = match cause {
        Cause::Person => ("Person", "a person"),
        Cause::Incident => ("Vorfall", "an incident"),
        Cause::Distrust => (
            "Freigaben nicht mehr glaubwürdig",
            "approvals not believed any more",
        ),
        Cause::Evidence => ("Evidenz widerrufen", "evidence revoked"),
        Cause::MissedReview => ("Nachprüfung versäumt", "review missed"),
        Cause::Certificate => ("Zertifikat überfällig", "certificate overdue"),
    };
    language.pick(de, en)
}

/// The same as a reason: the words of who halted, or a sentence for the cause. `severity` is that of
/// the incident, where one halted.
#[must_use]
pub fn reason(
    language: Language,
    cause: Cause,
    own: Option<&str>,
    severity: Option<Severity>,
) -> String {
    if let Some(own) = own {
        return own.to_owned();
    }
    let (de, en) = match cause {
        Cause::Person => ("ohne Angabe", "none given"),
        Cause::Incident => {
            let text = language.pick("Vorfall eröffnet", "an incident was opened");
            let how = severity.map(|s| {
                let name = language.pick("Schwere", "severity");
                format!(" ({name}: {})", severity_word(language, s))
            });
            return format!("{text}{}", how.unwrap_or_default());
        }
        Cause::Distrust => (
            "beruht auf einem Schlüssel, dem nicht mehr geglaubt wird",
            "it rests on a key that is not believed any more",
        ),
        Cause::Evidence => ("seine Evidenz wurde widerrufen", "its evidence was revoked"),
        Cause::MissedReview => (
            "die Nachprüfung einer Ausnahme wurde versäumt",
            "the review of an override was missed",
        ),
        Cause::Certificate => (
            "das Zertifikat war zu lange überfällig",
            "its certificate was overdue for too long",
        ),
    };
    language.pick(de, en).to_owned()
}

/// Why a request gave way, as a sentence without its end.
#[must_use]
pub fn ending(language: Language, ending: Ending) -> &'static str {
    let (de, en) = match ending {
        Ending::Halt => ("durch Halt", "by a halt"),
        Ending::EvidenceRevoked => (
            "ein Bündel, auf dem er beruht, wurde widerrufen",
            "a bundle that it rests on was revoked",
        ),
        Ending::KeyRevoked => (
            "ein Schlüssel, auf dem er beruht, wurde widerrufen",
            "a key that it rests on was revoked",
        ),
        Ending::PolicyPublished => (
            "ein anderes Policy-Set trat in Kraft",
            "another policy set came into force",
        ),
        Ending::Lowered => (
            "das Portfolio wurde zurückgestuft oder außer Dienst gestellt",
            "the portfolio was demoted or retired",
        ),
        Ending::CertificateOverdue => (
            "das Zertifikat war zu lange überfällig, die Stufe fiel",
            "the certificate was overdue for too long, and the stage fell",
        ),
        Ending::ReviewMissed => (
            "die Nachprüfung einer Ausnahme wurde versäumt, die Stufe fiel",
            "the review of an override was missed, and the stage fell",
        ),
        Ending::ClimbedTooLong => (
            "die geänderte Fassung stieg nicht rechtzeitig auf und beginnt von vorn",
            "the changed version did not rise in time and begins anew",
        ),
    };
    language.pick(de, en)
}
