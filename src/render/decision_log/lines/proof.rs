//! What a decision rests on, letter by letter: digests, the commit, who signed and where it stands.
//!
//! In: an ended request's values, a language, the ink. Out: lines by which everything can be found
//! again in the ledger.

use super::Ink;
use crate::render::decision_log::record::{DecisionEntry, SignerLine};
use crate::render::decision_log::words::{self, Language};

/// What `entry` rests on, line by line.
pub(super) fn proof(entry: &DecisionEntry, language: Language, ink: Ink) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut lines = vec![format!(
        "{} {}, {} {}",
        pick("Antrag", "Request"),
        ink.code(entry.request.as_str()),
        pick("Ziel", "target"),
        entry.target.stage()
    )];
    for evidence in &entry.evidence {
        lines.push(format!(
            "{} ({}): evidence_sha256 {}, result_sha256 {}",
            pick("Evidenz", "Evidence"),
            evidence.kind.as_str(),
            ink.code(&evidence.evidence_sha256.to_string()),
            ink.code(&evidence.result_sha256.to_string()),
        ));
    }
    let digests = [
        ("strategy_sha256", Some(entry.strategy_sha256)),
        ("limits_sha256", Some(entry.limits_sha256)),
        ("policy_sha256", Some(entry.policy_sha256)),
        ("decision_sha256", entry.decision_sha256),
        (
            "contract_sha256",
            entry.contract.as_ref().map(|c| c.contract_sha256),
        ),
    ];
    for (name, digest) in digests {
        if let Some(digest) = digest {
            lines.push(format!("{name} {}", ink.code(&digest.to_string())));
        }
    }
    if let Some(guard) = &entry.guard {
        let text = pick(
            "Guard wegen vieler Auswertungen derselben Daten:",
            "Guard because the same data was looked at often:",
        );
        lines.push(format!("{text} {guard}"));
    }
    if let Some(commit) = &entry.workspace.git_commit {
        let differs = if entry.workspace.config_differs {
            pick(", config/ weicht davon ab", ", config/ differs from it")
        } else {
            ""
        };
        lines.push(format!("Git {}{differs}", ink.code(commit)));
    }
    let signers = entry.signers.iter();
    lines.extend(signers.map(|line| signer(line, language, ink)));
    lines
}

fn signer(line: &SignerLine, language: Language, ink: Ink) -> String {
    let taken_back = if line.taken_back {
        language.pick(", zurückgenommen", ", taken back")
    } else {
        ""
    };
    format!(
        "{} {}: {} {} {} ({}){taken_back}, {}, {} {}, Leaf {}",
        language.pick("Eintrag", "Entry"),
        line.seq,
        words::act(language, line.act),
        language.pick("durch", "by"),
        line.person,
        ink.text(&line.role),
        line.time,
        language.pick("Schlüssel", "key"),
        ink.code(line.key.as_str()),
        ink.code(&line.leaf.to_string()),
    )
}
