//! The words of the decision log, German (the playbook's language) and English.

use serde::Serialize;

use super::record::{DecisionEntry, Terms};
use crate::governance::policy::evaluate;
use crate::governance::policy::verdict::{EXTRA_CHECKS_PASSED, Zone};

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
    pub(super) date: &'static str,
    pub(super) preset: &'static str,
    pub(super) profile: &'static str,
    pub(super) metrics: &'static str,
    pub(super) decision: &'static str,
    pub(super) status: &'static str,
    pub(super) reasons: &'static str,
    pub(super) next: &'static str,
    pub(super) reports: &'static str,
    pub(super) proof: &'static str,
    pub(super) checklist: &'static str,
    pub(super) none: &'static str,
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
        checklist: pick("Checkliste", "Checklist"),
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

/// Why there is no value, or why a value passes or fails beyond its zone; the policy's words.
#[must_use]
pub fn reason(language: Language, code: &str) -> String {
    let (de, en) = match code {
        evaluate::NO_VALUE => ("kein Wert", "no value"),
        evaluate::WRONG_UNIT => ("falsche Einheit", "wrong unit"),
        evaluate::IMPLAUSIBLE => ("zu gut, um wahr zu sein", "too good to be believed"),
        evaluate::STALE => ("Daten zu alt", "data too old"),
        evaluate::AGE_UNKNOWN => ("Alter der Daten unbekannt", "age of the data not known"),
        evaluate::CONVENTION => (
            "nach anderen Konventionen berechnet",
            "computed under other conventions",
        ),
        evaluate::OVERRIDDEN => ("Ausnahme siehe unten", "override: see below"),
        evaluate::CONDITION_FALSE => ("Bedingung trifft nicht zu", "its condition does not hold"),
        EXTRA_CHECKS_PASSED => ("Zusatzprüfungen bestanden", "extra checks passed"),
        other => return undefined(language, other).map_or_else(|| other.to_owned(), str::to_owned),
    };
    language.pick(de, en).to_owned()
}

/// Why a metric is undefined.
#[must_use]
pub fn undefined(language: Language, code: &str) -> Option<&'static str> {
    let (de, en) = match code {
        "zero_variance" => ("die Werte schwanken nicht", "the values do not vary"),
        "zero_denominator" => ("Division durch null", "nothing to divide by"),
        "too_few_observations" => ("zu wenige Beobachtungen", "too few observations"),
        "not_a_number" => ("keine Zahl", "not a number"),
        "infinite" => ("unendlich", "infinite"),
        "out_of_range" => ("außerhalb des Wertebereichs", "out of range"),
        "no_trades" => ("kein abgeschlossener Trade", "no closed trade"),
        "unsupported" => ("nicht ableitbar", "cannot be derived"),
        "too_wide" => (
            "die erwartete Spanne ist zu weit",
            "the expected range is too wide",
        ),
        _ => return None,
    };
    Some(language.pick(de, en))
}

/// What somebody signed.
#[must_use]
pub fn act(language: Language, act: &str) -> &'static str {
    let (de, en) = match act {
        "request" => ("Antrag", "request"),
        "evaluation" => ("Bewertung", "evaluation"),
        "evaluation-error" => ("Bewertung fehlgeschlagen", "failed evaluation"),
        "approval" => ("Freigabe", "approval"),
        "decision" => ("Entscheidung", "decision"),
        "denial" => ("Ablehnung", "denial"),
        "withdrawal" => ("Rücknahme", "withdrawal"),
        "superseded" => ("Ablösung", "replacement"),
        _ => ("Beendigung", "end"),
    };
    language.pick(de, en)
}

/// Days, in words.
#[must_use]
pub fn days(language: Language, count: u32) -> String {
    let unit = match count {
        1 => language.pick("Tag", "day"),
        _ => language.pick("Tage", "days"),
    };
    format!("{count} {unit}")
}

/// The next steps where the requester named none.
#[must_use]
pub fn next_steps(language: Language, entry: &DecisionEntry) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en).to_owned();
    let terms = &entry.terms;
    match entry.status.as_str() {
        "PROMOTE_TO_SHADOW" => vec![
            stay(language, "Shadow-Run", "Shadow run", terms),
            pick(
                "Vergleich der Shadow-Performance mit den Research-Ergebnissen",
                "Compare the shadow performance with the research results",
            ),
            pick(
                "Bei Erfolg: Antrag auf TESTNET",
                "On success: request TESTNET",
            ),
        ],
        "PROMOTE_TO_TESTNET" => vec![
            stay(language, "Testnet-Run", "Testnet run", terms),
            pick(
                "Vergleich der Testnet-Performance mit Shadow und Research, Kontrolle von Orders und Limits",
                "Compare the testnet performance with shadow and research; check orders and limits",
            ),
            pick("Bei Erfolg: Antrag auf LIVE", "On success: request LIVE"),
        ],
        "PROMOTE_TO_LIVE" => live(language, entry),
        "REJECT" => {
            let days = days(language, terms.cool_off_days);
            vec![match language {
                Language::De => format!(
                    "Portfolio verwerfen; ein neuer Antrag braucht die Sperrfrist ({days}) und eine neue Strategie oder um so viel längere Out-of-Sample-Daten"
                ),
                Language::En => format!(
                    "Discard the portfolio; a new request needs the cool-off ({days}) and a new strategy or out-of-sample data longer by as much"
                ),
            }]
        }
        "REVISE" => vec![pick(
            "Portfolio anpassen (zurück zu Schritt 2 des Playbooks) und mit Bezug auf diesen Antrag neu beantragen",
            "Adjust the portfolio (back to step 2 of the playbook) and request again, naming this request",
        )],
        "INVALIDATED" if entry.halted_by.is_some() => vec![pick(
            "Halt klären und aufheben; danach neu beantragen, denn ein Halt lässt keinen Antrag wieder aufleben",
            "Clear up and lift the halt, then request anew: a halt lets no request come back",
        )],
        "SUPERSEDED" => vec![pick(
            "Keine: der Antrag, der ihn ersetzt, tritt an seine Stelle",
            "None: the request that replaced it takes its place",
        )],
        _ => vec![pick(
            "Keine: ein neuer Antrag beginnt von vorn",
            "None: a new request begins anew",
        )],
    }
}

fn stay(language: Language, de: &'static str, en: &'static str, terms: &Terms) -> String {
    let name = language.pick(de, en);
    let least = days(language, terms.dwell_days.unwrap_or_default());
    let usual = days(language, terms.usual_days.unwrap_or_default());
    match language {
        Language::De => format!("{name}: mindestens {least}, Ziel {usual}"),
        Language::En => format!("{name}: {least} at least, {usual} the target"),
    }
}

fn live(language: Language, entry: &DecisionEntry) -> Vec<String> {
    let instance = entry
        .instance
        .as_ref()
        .map(|name| name.to_string())
        .unwrap_or_default();
    let due = entry.terms.certificate_days.unwrap_or_default();
    let date = entry.ended_at.plus_days(i64::from(due)).date();
    match language {
        Language::De => vec![
            format!("Token für die Instanz {instance} ausstellen und die Live-Session starten (ops)"),
            "Laufende Überwachung von Health, Limits und Drift; bei Abweichungen Vorfall eröffnen oder anhalten".to_owned(),
            format!("Rezertifizierung bis {date}"),
        ],
        Language::En => vec![
            format!("Issue a token for the instance {instance} and start the live session (ops)"),
            "Watch health, limits and drift; open an incident or halt when they deviate".to_owned(),
            format!("Recertification by {date}"),
        ],
    }
}
