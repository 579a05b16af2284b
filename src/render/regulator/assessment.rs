//! The annual self-assessment as Markdown.
//!
//! In: an [`Assessment`] and a language. Out: one document; the same values give the same bytes.
//! Foreign text goes through `render::markdown`.

use super::words;
use crate::governance::regulator::assessment::{
    Acts, Assessment, ControlLine, FrameworkLine, Inventory, Judged,
};
use crate::governance::regulator::controls::{Coverage, Origin};
use crate::governance::regulator::exceptions::Exception;
use crate::render::decision_log::Language;
use crate::render::markdown::{code, escape};

/// The assessment as Markdown.
#[must_use]
pub fn render(assessment: &Assessment, language: Language) -> String {
    let mut out = String::new();
    head(assessment, language, &mut out);
    figures(assessment, language, &mut out);
    inventory(&assessment.inventory, language, &mut out);
    exceptions(&assessment.exceptions, language, &mut out);
    for framework in &assessment.frameworks {
        section(framework, language, &mut out);
    }
    open_points(assessment, language, &mut out);
    foot(assessment, language, &mut out);
    out
}

fn head(a: &Assessment, language: Language, out: &mut String) {
    let pick = |de, en| language.pick(de, en);
    let title = pick("Selbstbewertung", "Self-assessment");
    out.push_str(&format!("# {title} {}\n\n", a.period.year));
    for mark in &a.marks {
        out.push_str(&format!("**{mark}**: {}\n\n", words::mark(mark, language)));
    }
    if !a.period.closed {
        out.push_str(pick(
            "**VORLÄUFIG**: nach diesem Jahr hat das Ledger noch keinen Eintrag; es kann noch wachsen.\n\n",
            "**PROVISIONAL**: the ledger has no entry after this year; it can still grow.\n\n",
        ));
    }
    out.push_str(pick(
        "Gezählt wird, was das Ledger belegt; jede Zahl nennt ihre Einträge. Ob eine Kontrolle wirkt, \
         beurteilen Menschen.\n\n",
        "What the ledger proves is counted; each figure names its entries. Whether a control works is \
         for people to judge.\n\n",
    ));
    for (name, value) in [
        (pick("Ledger", "Ledger"), a.ledger.clone()),
        (
            pick("Fingerabdruck", "Fingerprint"),
            a.fingerprint.to_string(),
        ),
        (
            pick("Stand", "Head"),
            format!("{} {}", a.head.size, a.head.root),
        ),
        (
            pick(
                "Policy-Set am Jahresende",
                "Policy set at the end of the year",
            ),
            a.policy_sha256.to_string(),
        ),
        (
            pick("Kontrollzuordnung", "Control mappings"),
            a.controls_sha256.to_string(),
        ),
    ] {
        out.push_str(&format!("- {name}: {}\n", code(&value)));
    }
}

fn figures(a: &Assessment, language: Language, out: &mut String) {
    let pick = |de, en| language.pick(de, en);
    out.push_str(&format!(
        "\n## {}\n\n",
        pick("Zahlen des Jahres", "Figures of the year")
    ));
    if a.acts.is_empty() {
        out.push_str(pick(
            "Kein Eintrag in diesem Jahr.\n",
            "No entry in this year.\n",
        ));
    }
    for acts in &a.acts {
        out.push_str(&format!("- {}\n", counted(acts, language)));
    }
    let title = pick("Ausgang der Anträge", "How requests ended");
    out.push_str(&format!("\n## {title}\n\n"));
    if a.decisions.is_empty() {
        out.push_str(pick("Kein Antrag endete.\n", "No request ended.\n"));
    }
    for (status, count) in &a.decisions {
        out.push_str(&format!("- {status}: {count}\n"));
    }
}

fn counted(acts: &Acts, language: Language) -> String {
    let kind = code(&acts.kind);
    let entries = match (acts.first_seq, acts.last_seq) {
        (Some(first), Some(last)) if first == last => {
            format!(" ({} {first})", language.pick("Eintrag", "entry"))
        }
        (Some(first), Some(last)) => format!(
            " ({} {first} {} {last})",
            language.pick("Einträge", "entries"),
            language.pick("bis", "to"),
        ),
        _ => String::new(),
    };
    format!("{kind}: {}{entries}", acts.count)
}

fn inventory(lines: &[Inventory], language: Language, out: &mut String) {
    let pick = |de, en| language.pick(de, en);
    let title = pick(
        "Portfolios am Jahresende",
        "Portfolios at the end of the year",
    );
    out.push_str(&format!("\n## {title}\n\n"));
    if lines.is_empty() {
        out.push_str(pick("Kein Portfolio.\n", "No portfolio.\n"));
        return;
    }
    out.push_str(pick(
        "| Portfolio | Profil | Eigentümer | Stufe | seit | Zertifikat fällig | Strategie |\n",
        "| Portfolio | Profile | Owner | Stage | since | Certificate due | Strategy |\n",
    ));
    out.push_str("|---|---|---|---|---|---|---|\n");
    for line in lines {
        let date = |time: Option<crate::kernel::time::UtcTime>| {
            time.map_or_else(|| "–".to_owned(), |t| t.date())
        };
        let strategy = line.strategy_sha256.map(|d| code(&d.short()));
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            escape(line.portfolio.as_str()),
            escape(line.profile.as_str()),
            escape(line.owner.as_str()),
            line.stage,
            date(line.since),
            date(line.certificate_due),
            strategy.unwrap_or_else(|| "–".to_owned()),
        ));
    }
}

fn exceptions(lines: &[Exception], language: Language, out: &mut String) {
    let pick = |de, en| language.pick(de, en);
    out.push_str(&format!("\n## {}\n\n", pick("Ausnahmen", "Exceptions")));
    if lines.is_empty() {
        out.push_str(pick("Keine.\n", "None.\n"));
    }
    for line in lines {
        let entry = line.seq.map_or_else(String::new, |seq| {
            format!(", {} {seq}", pick("Eintrag", "entry"))
        });
        let portfolio = line
            .portfolio
            .as_ref()
            .map_or_else(String::new, |id| format!(", {}", code(id.as_str())));
        let facts: Vec<String> = line
            .facts
            .iter()
            .map(|(name, value)| {
                let value = words::value(name, value, language);
                format!("{} {}", words::fact(name, language), escape(&value))
            })
            .collect();
        out.push_str(&format!(
            "- {}{entry}{portfolio}: **{}**; {}\n",
            line.time,
            words::what(line.what, language),
            facts.join("; ")
        ));
    }
}

fn section(framework: &FrameworkLine, language: Language, out: &mut String) {
    let pick = |de, en| language.pick(de, en);
    out.push_str(&format!(
        "\n## {}\n\n",
        escape(words::of(&framework.name, language))
    ));
    out.push_str(&format!(
        "{} {}, {} {}.\n",
        code(&framework.framework),
        pick("Version der Zuordnung", "version of the mapping").to_owned()
            + " "
            + &escape(&framework.version),
        pick("Geltungsbereich", "applies in"),
        escape(words::jurisdiction(&framework.jurisdiction, language)),
    ));
    if !framework.in_force {
        out.push_str(pick(
            "\nIn diesem Jahr nicht in Kraft.\n",
            "\nNot in force in this year.\n",
        ));
        return;
    }
    for control in &framework.controls {
        out.push_str(&one(control, language));
    }
}

fn one(control: &ControlLine, language: Language) -> String {
    let pick = |de, en| language.pick(de, en);
    let mut out = format!(
        "\n### {} {}\n\n- {}: {}; {}\n",
        escape(&control.id),
        escape(words::of(&control.title, language)),
        pick("Stand", "Status"),
        words::coverage(control.status, language),
        words::origin(control.source, language),
    );
    for acts in &control.acts {
        out.push_str(&format!("- {}\n", counted(acts, language)));
    }
    for Judged {
        criterion,
        judged,
        failed,
    } in &control.criteria
    {
        out.push_str(&format!(
            "- {} {}: {} {judged}, {} {failed}\n",
            pick("Kriterium", "criterion"),
            code(criterion),
            pick("beurteilt", "judged"),
            pick("nicht erfüllt", "not met"),
        ));
    }
    if let Some(query) = &control.query {
        out.push_str(&format!(
            "- {}: {}\n",
            pick("Beleg", "Evidence"),
            code(query)
        ));
    }
    if let Some(gap) = &control.gap {
        let gap = escape(words::of(gap, language));
        out.push_str(&format!("- {}: {gap}\n", pick("Lücke", "Gap")));
    }
    out
}

fn open_points(a: &Assessment, language: Language, out: &mut String) {
    let pick = |de, en| language.pick(de, en);
    let in_force = || a.frameworks.iter().filter(|f| f.in_force);
    let list = |keep: &dyn Fn(&ControlLine) -> bool| -> Vec<String> {
        in_force()
            .flat_map(|f| f.controls.iter().map(move |c| (f, c)))
            .filter(|(_, c)| keep(c))
            .map(|(f, c)| code(&format!("{} {}", f.framework, c.id)))
            .collect()
    };
    let shown = |list: Vec<String>| match list.as_slice() {
        [] => pick("keine", "none").to_owned(),
        some => some.join(", "),
    };
    let quiet = |c: &ControlLine| {
        c.status != Coverage::NotCovered
            && c.acts.iter().all(|acts| acts.count == 0)
            && c.criteria.iter().all(|criterion| criterion.judged == 0)
    };
    out.push_str(&format!(
        "\n## {}\n\n",
        pick("Offene Punkte", "Open points")
    ));
    for (name, found) in [
        (
            pick("Nicht abgedeckt", "Not covered"),
            list(&|c| c.status == Coverage::NotCovered),
        ),
        (
            pick("Teilweise abgedeckt", "Partly covered"),
            list(&|c| c.status == Coverage::Partial),
        ),
        (
            pick("In diesem Jahr ohne Beleg", "Without evidence in this year"),
            list(&quiet),
        ),
        (
            pick("Wortlaut nicht geprüft", "Wording not verified"),
            list(&|c| c.source == Origin::OwnKnowledge),
        ),
    ] {
        out.push_str(&format!("- {name}: {}\n", shown(found)));
    }
}

fn foot(a: &Assessment, language: Language, out: &mut String) {
    out.push_str(language.pick(
        "\n## Unterschriften außerhalb dieses Systems\n\n\
         - Validierung durch die Risikofunktion: ______\n\
         - Prüfung durch die Innenrevision: ______\n\
         - Genehmigung durch die Geschäftsleitung: ______\n",
        "\n## Signatures outside this system\n\n\
         - Validated by the risk function: ______\n\
         - Audited by internal audit: ______\n\
         - Approved by senior management: ______\n",
    ));
    out.push_str(&format!(
        "\n`promote-self-assessment/v1 lang={} year={} size={} root={} controls={}`\n",
        language.as_str(),
        a.period.year,
        a.head.size,
        a.head.root,
        a.controls_sha256
    ));
}
