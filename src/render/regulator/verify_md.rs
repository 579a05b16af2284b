//! `VERIFY.md` of a pack: what it proves, against whom, and how to check it.
//!
//! In: names, the head, the log's key. Out: Markdown that begins with the one thing that a reader
//! must bring along. Foreign text goes through `render::markdown`.

use super::words::mark;
use crate::governance::audit::entry::Head;
use crate::render::decision_log::Language;
use crate::render::markdown::code;

/// What the text names.
pub struct Words<'a> {
    /// Portfolio.
    pub portfolio: &'a str,
    /// Origin of the ledger.
    pub ledger: &'a str,
    /// Head of the pack.
    pub head: Head,
    /// Version of the program.
    pub version: &'a str,
    /// What every reader has to know first.
    pub marks: &'a [&'static str],
    /// The log's key as C2SP tools take it.
    pub log_key: &'a str,
}

/// The text.
#[must_use]
pub fn render(words: &Words<'_>, language: Language) -> String {
    let pick = |de, en| language.pick(de, en);
    let mut out = String::from(pick(RULE_DE, RULE_EN));
    for name in words.marks {
        out.push_str(&format!("**{name}**: {}\n\n", mark(name, language)));
    }
    for (name, value) in [
        (pick("Portfolio", "Portfolio"), words.portfolio.to_owned()),
        (pick("Ledger", "Ledger"), words.ledger.to_owned()),
        (
            pick("Stand", "Head"),
            format!("{} {}", words.head.size, words.head.root),
        ),
        (
            pick("Schlüssel des Logs", "Key of the log"),
            words.log_key.to_owned(),
        ),
    ] {
        out.push_str(&format!("- {name}: {}\n", code(&value)));
    }
    out.push_str(&format!(
        "- {} promote {}\n",
        pick("Erstellt mit", "Made by"),
        words.version
    ));
    out.push_str(pick(BODY_DE, BODY_EN));
    out
}

const RULE_EN: &str = "# Check this pack\n\n\
**Get the fingerprint of the ledger from somewhere other than this pack**: from an earlier report, a \
contract, a second person of the firm. Without it everything here may be consistent and still be \
another ledger, made up as a whole.\n\n```text\npromote audit verify DIR --fingerprint HEX\n```\n\n\
Exit 0: everything holds. Exit 8: consistent, but not authenticated (no fingerprint), or something \
about the portfolio was not checked, which it names. Exit 9: something does not hold. No database, no \
network, no trust in who made the pack.\n\n";

const RULE_DE: &str = "# Dieses Paket prüfen\n\n\
**Den Fingerabdruck des Ledgers von anderswo als aus diesem Paket nehmen**: aus einem früheren \
Bericht, einem Vertrag, von einer zweiten Person der Firma. Ohne ihn kann hier alles zusammenpassen \
und doch ein anderes, im Ganzen erfundenes Ledger sein.\n\n\
```text\npromote audit verify DIR --fingerprint HEX\n```\n\n\
Exit 0: alles stimmt. Exit 8: in sich stimmig, aber nicht beglaubigt (kein Fingerabdruck), oder etwas \
zum Portfolio blieb ungeprüft und wird genannt. Exit 9: etwas stimmt nicht. Ohne \
Datenbank, ohne Netz, ohne Vertrauen in den, der das Paket gemacht hat.\n\n";

const BODY_EN: &str = "\n## What is proven\n\n\
- The three files under `entries/` hold the data of **every** entry of the ledger up to the head, one \
per line. SHA-256 of a zero byte and a line is a leaf; the root over all leaves (RFC 9162) is the one \
in `checkpoint`, which the log's key signed. So no entry up to this head is missing, changed or moved, \
whoever made the pack, unless SHA-256 or Ed25519 are broken.\n\
- `entries/portfolio.jsonl` holds every entry that names the portfolio, directly or through a request, \
session, trial, token or bundle of it; `entries/common.jsonl` what concerns everybody or cannot be \
assigned; `entries/others.jsonl` only what names other portfolios. The sorting follows from the entries \
and is done again by `audit verify`; it can be read and doubted line by line.\n\
- Every human act is signed by the person's own key (`statements/`), every verdict follows from the \
evidence in `blobs/` and is computed again.\n\n\
## What is not proven\n\n\
- **Entries after the head.** Whoever holds the log's key can end the ledger early, as long as nobody \
holds a later checkpoint. Compare with checkpoints that you have from elsewhere: `--also NOTE`.\n\
- That the ledger was shown to everybody alike: compare heads with other recipients.\n\
- That persons are who their keys say: who made sure stands in each enrolment.\n\
- The mappings in `controls/` describe and are nobody's proof.\n\
- What `pack.json` lists under `not_included`.\n\n\
## With stock tools\n\n\
```text\ncd statements\n\
tail -n +2 ../signatures.tsv | while IFS=\"$(printf '\\t')\" read -r f s who ns; do\n\
  ssh-keygen -Y verify -f ../allowed_signers -I \"$who\" -n \"$ns\" -s \"$s\" < \"$f\" || echo \"WRONG: $f\"\n\
done\n```\n\n\
`allowed_signers` is as the ledger says: take keys of persons from elsewhere where you can. Keys in \
`revoked_keys` count by position, as the lines there say, not for all time. `proofs/*.tlog-proof` are \
C2SP tlog-proofs of the entries about the portfolio. `attestations/` are in-toto statements \
of decisions in DSSE envelopes, signed by `engine.pem`; they say what the ledger holds and decide nothing.\n";

const BODY_DE: &str = "\n## Was bewiesen ist\n\n\
- Die drei Dateien unter `entries/` enthalten die Daten **jedes** Eintrags des Ledgers bis zum Stand, \
einen je Zeile. SHA-256 über ein Nullbyte und eine Zeile ist ein Blatt; die Wurzel über alle Blätter \
(RFC 9162) ist die in `checkpoint`, vom Schlüssel des Logs signiert. Bis zu diesem Stand fehlt also \
kein Eintrag, keiner ist geändert oder verschoben, wer immer das Paket gemacht hat, solange SHA-256 und \
Ed25519 halten.\n\
- `entries/portfolio.jsonl` enthält jeden Eintrag, der das Portfolio nennt, unmittelbar oder über einen \
Antrag, eine Sitzung, einen Versuch, ein Token oder ein Bündel; `entries/common.jsonl`, was alle angeht \
oder sich nicht zuordnen lässt; `entries/others.jsonl` nur, was andere Portfolios nennt. Die Sortierung \
folgt aus den Einträgen, `audit verify` sortiert erneut; sie lässt sich Zeile für Zeile nachlesen.\n\
- Jede Handlung eines Menschen ist mit dessen eigenem Schlüssel signiert (`statements/`), jedes Urteil \
folgt aus den Nachweisen in `blobs/` und wird neu berechnet.\n\n\
## Was nicht bewiesen ist\n\n\
- **Einträge nach dem Stand.** Wer den Schlüssel des Logs hat, kann das Ledger früher enden lassen, \
solange niemand einen späteren Checkpoint besitzt. Mit Checkpoints von anderswo vergleichen: \
`--also NOTE`.\n\
- Dass alle dasselbe Ledger gesehen haben: Stände mit anderen Empfängern vergleichen.\n\
- Dass Personen sind, wer ihre Schlüssel sagen: wer das geprüft hat, steht in jeder Einschreibung.\n\
- Die Zuordnungen in `controls/` beschreiben und beweisen nichts.\n\
- Was `pack.json` unter `not_included` nennt.\n\n\
## Mit üblichen Werkzeugen\n\n\
```text\ncd statements\n\
tail -n +2 ../signatures.tsv | while IFS=\"$(printf '\\t')\" read -r f s who ns; do\n\
  ssh-keygen -Y verify -f ../allowed_signers -I \"$who\" -n \"$ns\" -s \"$s\" < \"$f\" || echo \"FALSCH: $f\"\n\
done\n```\n\n\
`allowed_signers` ist, was das Ledger sagt: Schlüssel von Personen wo möglich von anderswo nehmen. \
Schlüssel in `revoked_keys` gelten nach Position, wie die Zeilen dort sagen, nicht für alle Zeit nicht. \
`proofs/*.tlog-proof` sind C2SP-tlog-Beweise der Einträge zum Portfolio. `attestations/` sind \
in-toto-Aussagen über Entscheidungen in DSSE-Umschlägen, signiert mit `engine.pem`; sie sagen, was das Ledger enthält, und entscheiden nichts.\n";
