//! The words of the decision log, German (the playbook's language) and English.

use serde::Serialize;

use crate::governance::policy::verdict::Zone;
use crate::governance::stage::Target;
use crate::metrics::{Metric, Sample};

/// Language of an exported document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
}

impl Language {
    /// Its spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// Reads the spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::De, Self::En]
            .into_iter()
            .find(|l| l.as_str() == text)
    }

    /// Chooses between two texts.
    #[must_use]
    pub fn pick(self, de: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::De => de,
            Self::En => en,
        }
    }
}

/// Headings and labels of the template.
#[derive(Debug, Clone, Serialize)]
pub struct Labels {
    date: &'static str,
    preset: &'static str,
    profile: &'static str,
    metrics: &'static str,
    decision: &'static str,
    status: &'static str,
    reasons: &'static str,
    next: &'static str,
    reports: &'static str,
    proof: &'static str,
    none: &'static str,
}

/// The labels in `language`.
#[must_use]
pub fn labels(language: Language) -> Labels {
    let pick = |de, en| language.pick(de, en);
    Labels {
        date: pick("Datum", "Date"),
        preset: "Preset",
        profile: pick("Risk-Profil", "Risk profile"),
        metrics: pick("Kern-Metriken", "Key metrics"),
        decision: pick("Entscheidung", "Decision"),
        status: "Status",
        reasons: pick("Begründung", "Reasons"),
        next: pick("Nächste Schritte", "Next steps"),
        reports: "Reports",
        proof: pick("Nachweis", "Proof"),
        none: pick("Bisher keine Entscheidung.", "No decision so far."),
    }
}

/// What a zone says.
#[must_use]
pub fn zone(language: Language, zone: Zone) -> &'static str {
    let (de, en) = match zone {
        Zone::Clear => ("erfüllt", "met"),
        Zone::InBand => ("erfüllt, im Band", "met, within the band"),
        Zone::Borderline => ("Grenzfall", "borderline"),
        Zone::NearMiss => ("knapp verfehlt", "narrowly missed"),
        Zone::Fail => ("klar verfehlt", "clearly missed"),
        Zone::Missing => ("kein verwertbarer Wert", "no usable value"),
        Zone::NotApplicable => ("nicht anwendbar", "not applicable"),
        Zone::Overridden => ("durch Ausnahme erfüllt", "met by override"),
    };
    language.pick(de, en)
}

/// A metric as the playbook names it.
#[must_use]
pub fn metric(metric: Metric, sample: Sample) -> String {
    let name = match (metric, sample) {
        (Metric::Sharpe, _) => "Sharpe",
        (Metric::Sortino, _) => "Sortino",
        (Metric::MaxDrawdown, Sample::Full) => return "Max Drawdown".to_owned(),
        (Metric::MaxDrawdown, _) => "Max Drawdown",
        (Metric::CrashDrawdown, _) => return "Stress-Test (Crash)".to_owned(),
        _ => return format!("{metric} ({sample})"),
    };
    match sample {
        Sample::Oos => format!("{name} (OOS)"),
        other => format!("{name} ({other})"),
    }
}

/// The next steps where the requester named none.
#[must_use]
pub fn next_steps(language: Language, status: &str, target: Target) -> Vec<&'static str> {
    let pick = |de, en| language.pick(de, en);
    match (status, target) {
        ("PROMOTE_TO_SHADOW", _) => vec![
            pick(
                "Shadow-Run: mindestens 7 Tage, Ziel 14 Tage",
                "Shadow run: 7 days at least, 14 days the target",
            ),
            pick(
                "Vergleich der Shadow-Performance mit den Research-Ergebnissen",
                "Compare the shadow performance with the research results",
            ),
            pick(
                "Bei Erfolg: Antrag auf TESTNET",
                "On success: request TESTNET",
            ),
        ],
        ("REJECT", _) => vec![pick(
            "Portfolio verwerfen; ein neuer Antrag braucht die Sperrfrist und eine neue Strategie oder längere Out-of-Sample-Daten",
            "Discard the portfolio; a new request needs the cool-off and a new strategy or longer out-of-sample data",
        )],
        ("REVISE", _) => vec![pick(
            "Portfolio anpassen (zurück zu Schritt 2 des Playbooks) und mit Bezug auf diesen Antrag neu beantragen",
            "Adjust the portfolio (back to step 2 of the playbook) and request again, naming this request",
        )],
        _ => vec![pick(
            "Keine: ein neuer Antrag beginnt von vorn",
            "None: a new request begins anew",
        )],
    }
}
