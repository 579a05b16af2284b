//! `events.csv`: what happened in a session besides orders, such as a breach of a limit, a lost
//! connection, a restart.
//!
//! `code` is one plain word. The gate knows [`LIMIT_BREACH`]; every other code is for people.

use super::table::{TableError, open_with};
use super::trades::word;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

const HEADER: &str = "time,code,severity";

/// Code of an event that says that an execution limit was exceeded.
pub const LIMIT_BREACH: &str = "limit_breach";

/// How much an event weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Somebody should look at it.
    Warning,
    /// Somebody must act.
    Critical,
}

impl Severity {
    /// Every severity.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub time: UtcTime,
    /// What, in one word.
    pub code: String,
    /// How bad.
    pub severity: Severity,
}

/// The bytes of `events.csv`.
///
/// # Errors
/// When a code could not be read back.
pub fn encode(events: &[Event]) -> Result<Vec<u8>, TableError> {
    let mut out = format!("{HEADER}\n");
    for (i, event) in events.iter().enumerate() {
        let code = word(&event.code).map_err(|what| TableError::line(i + 2, what))?;
        out.push_str(&format!(
            "{},{code},{}\n",
            event.time,
            event.severity.as_str()
        ));
    }
    Ok(out.into_bytes())
}

/// Reads `events.csv`; a table without rows is one without events.
///
/// # Errors
/// When the bytes are not such a table, with the line.
pub fn decode(bytes: &[u8]) -> Result<Vec<Event>, TableError> {
    if bytes == format!("{HEADER}\n").as_bytes() {
        return Ok(Vec::new());
    }
    let mut events: Vec<Event> = Vec::new();
    for mut row in open_with(bytes, HEADER)? {
        let line = row.line;
        let event = Event {
            time: row.time()?,
            code: row.parsed(word)?,
            severity: row.parsed(severity)?,
        };
        row.end()?;
        if events.last().is_some_and(|before| before.time > event.time) {
            return Err(TableError::line(line, "events are sorted by their time"));
        }
        events.push(event);
    }
    Ok(events)
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or_else(|| format!("`{}` is none of info, warning, critical", visible(text, 20)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_refuses() {
        let table = "time,code,severity\n\
            2026-01-05T10:00:00.000Z,restart,warning\n\
            2026-01-05T10:00:00.000Z,limit_breach,critical\n";
        let events = decode(table.as_bytes()).unwrap();
        assert_eq!(events[1].code, LIMIT_BREACH);
        assert_eq!(encode(&events).unwrap(), table.as_bytes());
        assert_eq!(decode(b"time,code,severity\n"), Ok(Vec::new()));
        for (from, to) in [
            ("critical", "fatal"),
            ("limit_breach", ""),
            ("T10:00:00.000Z,limit", "T09:00:00.000Z,limit"),
        ] {
            let bad = table.replacen(from, to, 1);
            let error = decode(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("line 3"), "{from}: {error}");
        }
    }
}
