//! Reads one framework of controls and checks what it says of itself.
//!
//! In: the name and the text of a file. Out: a [`Framework`], or every problem with its place: an
//! unknown key, a date or a line that is none, an event that no entry has, two controls of one
//! name.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::{Control, Coverage, EVENTS, FILE_MAX_BYTES, Framework, Origin, Words};
use crate::governance::policy::problem::{PolicyError, utf8};
use crate::kernel::text::{is_forbidden, visible};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFramework {
    framework: Spanned<String>,
    version: Spanned<String>,
    name: Words,
    jurisdiction: Spanned<String>,
    valid_from: Option<Spanned<String>>,
    valid_to: Option<Spanned<String>>,
    #[serde(default)]
    control: Vec<RawControl>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawControl {
    id: Spanned<String>,
    title: Words,
    source: Origin,
    status: Coverage,
    #[serde(default)]
    criteria: Vec<Spanned<String>>,
    #[serde(default)]
    events: Vec<Spanned<String>>,
    query: Option<Spanned<String>>,
    gap: Option<Words>,
}

/// A file being checked.
struct Checking<'t> {
    file: &'t str,
    text: &'t str,
    problems: Vec<PolicyError>,
}

impl Checking<'_> {
    fn report(&mut self, place: std::ops::Range<usize>, code: &'static str, message: String) {
        let problem = PolicyError::at(self.file, self.text, place, code, message);
        self.problems.push(problem);
    }

    fn line(&mut self, value: &Spanned<String>) {
        let text = value.get_ref();
        if text.is_empty() || text.len() > 300 || text.chars().any(|c| c == '\n' || is_forbidden(c))
        {
            let message = "one line of 1 to 300 bytes is wanted".to_owned();
            self.report(value.span(), "bad-text", message);
        }
    }

    fn date(&mut self, value: &Spanned<String>) {
        let text = value.get_ref();
        let fits = crate::kernel::time::UtcTime::parse_loose(text);
        if text.len() != 10 || fits.is_err() {
            let message = format!(
                "`{}` is not a date: YYYY-MM-DD is wanted",
                visible(text, 40)
            );
            self.report(value.span(), "bad-date", message);
        }
    }

    fn words(&mut self, id: &Spanned<String>, words: &Words) {
        for text in [&words.de, &words.en] {
            if text.is_empty()
                || text.len() > 600
                || text.chars().any(|c| c == '\n' || is_forbidden(c))
            {
                let message = "both languages want one line of 1 to 600 bytes".to_owned();
                self.report(id.span(), "bad-text", message);
            }
        }
    }

    fn control(&mut self, raw: RawControl) -> Control {
        let id = raw.id.get_ref();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        if id.is_empty() || id.len() > 64 || !id.chars().all(fits) {
            let message = "a control's id is 1 to 64 of a-z, 0-9, `.`, `_` and `-`".to_owned();
            self.report(raw.id.span(), "bad-id", message);
        }
        self.words(&raw.id, &raw.title);
        for event in &raw.events {
            if !EVENTS.contains(&event.get_ref().as_str()) {
                let shown = visible(event.get_ref(), 60);
                let message = format!("`{shown}` is no kind of entry");
                self.report(event.span(), "unknown-event", message);
            }
        }
        for criterion in &raw.criteria {
            if !crate::kernel::id::is_identifier(criterion.get_ref()) {
                let shown = visible(criterion.get_ref(), 60);
                let message = format!("`{shown}` is no id of a criterion");
                self.report(criterion.span(), "bad-id", message);
            }
        }
        if let Some(query) = &raw.query {
            self.line(query);
            if !query.get_ref().starts_with("promote ") {
                let message = "a query is a command that begins with `promote `".to_owned();
                self.report(query.span(), "bad-query", message);
            }
        }
        match (&raw.gap, raw.status) {
            (Some(gap), Coverage::Partial | Coverage::NotCovered) => self.words(&raw.id, gap),
            (None, Coverage::Covered) => {}
            (Some(_), Coverage::Covered) => {
                let message = "what is covered has no gap".to_owned();
                self.report(raw.id.span(), "gap", message);
            }
            (None, _) => {
                let message = "what is not wholly covered names its gap".to_owned();
                self.report(raw.id.span(), "gap", message);
            }
        }
        if raw.status != Coverage::NotCovered && raw.events.is_empty() && raw.criteria.is_empty() {
            let message = "what is covered names events or criteria".to_owned();
            self.report(raw.id.span(), "no-evidence", message);
        }
        let plain = |list: Vec<Spanned<String>>| list.into_iter().map(Spanned::into_inner);
        Control {
            title: raw.title,
            source: raw.source,
            status: raw.status,
            criteria: plain(raw.criteria).collect(),
            events: plain(raw.events).collect(),
            query: raw.query.map(Spanned::into_inner),
            gap: raw.gap,
            id: raw.id.into_inner(),
        }
    }
}

/// Reads one file; `shown` is how problems name it.
pub(super) fn framework(
    shown: &str,
    name: &str,
    bytes: &[u8],
) -> Result<Framework, Vec<PolicyError>> {
    if bytes.len() > FILE_MAX_BYTES {
        let message = format!("larger than {FILE_MAX_BYTES} bytes");
        return Err(vec![PolicyError::whole(shown, "too-large", message)]);
    }
    let text = utf8(shown, bytes).map_err(|problem| vec![*problem])?;
    let raw: RawFramework = toml::from_str(text).map_err(|error| {
        let message = visible(error.message(), 300);
        let place = error.span().unwrap_or(0..0);
        vec![PolicyError::at(shown, text, place, "bad-controls", message)]
    })?;
    let mut checking = Checking {
        file: shown,
        text,
        problems: Vec::new(),
    };
    for line in [&raw.version, &raw.jurisdiction] {
        checking.line(line);
    }
    checking.words(&raw.framework, &raw.name);
    for date in [&raw.valid_from, &raw.valid_to].into_iter().flatten() {
        checking.date(date);
    }
    let short = raw.framework.get_ref();
    if !crate::kernel::id::is_identifier(short) || format!("{short}.toml") != name {
        let message = "the file is called after its framework".to_owned();
        checking.report(raw.framework.span(), "bad-id", message);
    }
    let mut seen = BTreeSet::new();
    for control in &raw.control {
        if !seen.insert(control.id.get_ref().clone()) {
            let message = "this control is there twice".to_owned();
            checking.report(control.id.span(), "duplicate-id", message);
        }
    }
    if raw.control.is_empty() {
        let message = "a framework without controls says nothing".to_owned();
        checking.report(raw.framework.span(), "no-controls", message);
    }
    let controls = raw
        .control
        .into_iter()
        .map(|c| checking.control(c))
        .collect();
    if !checking.problems.is_empty() {
        return Err(checking.problems);
    }
    let plain = |date: Option<Spanned<String>>| date.map(Spanned::into_inner);
    Ok(Framework {
        framework: raw.framework.into_inner(),
        version: raw.version.into_inner(),
        name: raw.name,
        jurisdiction: raw.jurisdiction.into_inner(),
        valid_from: plain(raw.valid_from),
        valid_to: plain(raw.valid_to),
        controls,
    })
}
