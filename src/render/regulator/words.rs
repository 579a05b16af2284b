//! The words of the exports for supervisors, German and English.

use crate::governance::promotion::safety::halt::Cause;
use crate::governance::regulator::controls::{Coverage, Origin, Words};
use crate::governance::regulator::exceptions::What;
use crate::render::decision_log::Language;
use crate::render::register::causes::cause;

/// The text of a control in `language`.
#[must_use]
pub fn of(words: &Words, language: Language) -> &str {
    match language {
        Language::De => &words.de,
        Language::En => &words.en,
    }
}

/// Where a framework applies: codes of places as they are, the two words in `language`.
#[must_use]
pub fn jurisdiction(written: &str, language: Language) -> &str {
    match written {
        "house" => language.pick("Haus", "house"),
        "international" => language.pick("international", "international"),
        code => code,
    }
}

/// How far a control is answered.
#[must_use]
pub fn coverage(coverage: Coverage, language: Language) -> &'static str {
    match coverage {
        Coverage::Covered => language.pick("abgedeckt", "covered"),
        Coverage::Partial => language.pick("teilweise abgedeckt", "partly covered"),
        Coverage::NotCovered => language.pick("nicht abgedeckt", "not covered"),
    }
}

/// Whether the words of a control were read in its source.
#[must_use]
pub fn origin(origin: Origin, language: Language) -> &'static str {
    match origin {
        Origin::Read => language.pick("Quelle gelesen", "source read"),
        Origin::OwnKnowledge => language.pick(
            "NICHT GEPRÜFT (allgemeines Wissen, braucht juristische Prüfung)",
            "NOT VERIFIED (general knowledge, needs a lawyer's check)",
        ),
    }
}

/// What a mark of an export means.
#[must_use]
pub fn mark(mark: &str, language: Language) -> &'static str {
    match mark {
        "SANDBOX" => language.pick(
            "Übungsumgebung, nichts hier gilt für echtes Geld.",
            "practice environment, nothing here stands for real money.",
        ),
        "REDUCED INDEPENDENCE" => language.pick(
            "verringerte Unabhängigkeit, Regeln der Funktionstrennung sind abgeschaltet.",
            "rules of the separation of duties are switched off.",
        ),
        "REDUCED ASSURANCE" => language.pick(
            "verminderte Absicherung, eine unabhängige Bestätigung darf eine Wiederholung ersetzen, die niemand leisten kann.",
            "an independent attestation may stand in for a rerun that nobody can make.",
        ),
        "SMALL TEAM" => language.pick(
            "weniger Root-Schlüssel als die Regel verlangt.",
            "fewer root keys than the rule asks for.",
        ),
        _ => language.pick(
            "lokaler Betrieb, Ledger und Maschinenschlüssel liegen bei den Konten, die sie benutzen: wer sie missbraucht, kann das unsignierte Ende zurückhalten oder abschneiden, aber keine Freigabe fälschen.",
            "ledger and machine keys lie with the accounts that use them: whoever misuses them can withhold or cut the unsigned end, but forge no approval.",
        ),
    }
}

/// A kind of exception.
#[must_use]
pub fn what(what: What, language: Language) -> &'static str {
    match what {
        What::Override => language.pick(
            "Ausnahme von einem weichen Kriterium",
            "soft criterion overridden",
        ),
        What::ReviewMissed => language.pick(
            "Nachprüfung einer Ausnahme versäumt",
            "review of an override missed",
        ),
        What::Refused => language.pick("Handlung verweigert", "act refused"),
        What::NotEvaluated => language.pick(
            "Antrag konnte nicht bewertet werden",
            "request could not be evaluated",
        ),
        What::Halt => language.pick("Halt", "halt"),
        What::Incident => language.pick("Vorfall", "incident"),
        What::CertificateOverdue => language.pick("Zertifikat überfällig", "certificate overdue"),
        What::Lowered => language.pick("durch Fristablauf herabgestuft", "stage lost by time"),
        What::EvidenceRevoked => language.pick("Nachweis widerrufen", "evidence revoked"),
        What::KeyRevoked => language.pick("Schlüssel widerrufen", "key revoked"),
        What::ClockOff => language.pick("Uhr ging falsch", "clock was off"),
        What::WithoutEffect => language.pick("Eintrag ohne Wirkung", "entry without effect"),
    }
}

/// A fact about an exception.
#[must_use]
pub fn fact(name: &str, language: Language) -> &'static str {
    match name {
        "act" => language.pick("Handlung", "act"),
        "cause" => language.pick("Anlass", "cause"),
        "class" => language.pick("Klasse", "class"),
        "clock" => language.pick("Uhr", "clock"),
        "closed_seq" => language.pick("geschlossen mit Eintrag", "closed by entry"),
        "criterion" => language.pick("Kriterium", "criterion"),
        "distrust_from_seq" => language.pick("Misstrauen ab Eintrag", "distrusted from entry"),
        "due" => language.pick("fällig", "due"),
        "evidence" => language.pick("Nachweis", "evidence"),
        "from" => language.pick("von", "from"),
        "key" => language.pick("Schlüssel", "key"),
        "person" => language.pick("Person", "person"),
        "resumed_seq" => language.pick("aufgehoben mit Eintrag", "lifted by entry"),
        "reviewed_seq" => language.pick("nachgeprüft mit Eintrag", "reviewed by entry"),
        "scope" => language.pick("Bereich", "scope"),
        "severity" => language.pick("Schwere", "severity"),
        "target" => language.pick("Ziel", "target"),
        "to" => language.pick("nach", "to"),
        _ => language.pick("Grund", "reason"),
    }
}

/// The value of such a fact: what stands for a cause of the engine is said in `language`.
#[must_use]
pub fn value(name: &str, value: &str, language: Language) -> String {
    let known = Cause::ALL.into_iter().find(|cause| cause.as_str() == value);
    match known.filter(|_| name == "cause") {
        Some(known) => cause(language, known).to_owned(),
        None => value.to_owned(),
    }
}
