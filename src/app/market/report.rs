//! `promote/data-report/v1`: what was found in the bars of one symbol.

use serde::Serialize;

use crate::kernel::digest::Digest;
use crate::research::market::quality::Figures;
use crate::research::market::{FaultCode, Symbol, Timeframe};

use crate::app::exit::Exit;
use crate::app::failure::Failure;

/// `promote/data-report/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DataReport {
    /// Schema name.
    pub schema: &'static str,
    /// What was traded.
    pub symbol: Symbol,
    /// Length of a bar.
    pub timeframe: Timeframe,
    /// What was found; describes the file, before any remedy.
    #[serde(flatten)]
    pub figures: Figures,
    /// Layout as which the file was read; none for stored and synthetic bars.
    pub layout: Option<&'static str>,
    /// Rows of other symbols, left aside.
    pub skipped_rows: i64,
    /// Bars after the remedies.
    pub bars: i64,
    /// Bars that end after now: they do not exist yet for research, where time is a ledger's. Stored
    /// bars are judged, counted and digested without them.
    pub later_bars: i64,
    /// Digest of these bars; none when there are none or the file is refused.
    pub sha256: Option<Digest>,
    /// Invented, not traded.
    pub synthetic: bool,
    /// Where they are stored, below the workspace; none when nothing is stored.
    pub path: Option<String>,
    /// Written by this command.
    pub written: bool,
}

/// Schema name of [`DataReport`].
pub const SCHEMA: &str = "promote/data-report/v1";

/// `promote/data-reports/v1`: the reports on a file with several symbols.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DataReports {
    /// [`DataReports::SCHEMA`].
    pub schema: &'static str,
    /// One per symbol, sorted by symbol.
    pub reports: Vec<DataReport>,
}

impl DataReports {
    /// Schema name.
    pub const SCHEMA: &str = "promote/data-reports/v1";
}

/// Reports, and the refusal that ends the command after they are shown.
#[derive(Debug)]
pub struct Reported {
    /// One per symbol.
    pub reports: Vec<DataReport>,
    /// Why nothing was accepted.
    pub refusal: Option<Failure>,
}

/// The refusal of a file for its faults; none when all of them are accepted.
#[must_use]
pub fn refusal(name: &str, reports: &[DataReport]) -> Option<Failure> {
    let mut found = Vec::new();
    let mut codes: Vec<FaultCode> = Vec::new();
    let several = reports.len() > 1;
    for report in reports {
        for fault in report.figures.refusing() {
            let of = if several {
                format!(" of {}", report.symbol)
            } else {
                String::new()
            };
            let place = fault
                .first_line
                .map_or(String::new(), |line| format!(", first in line {line}"));
            found.push(format!("{}{of} ({}{place})", fault.code, fault.count));
            if !codes.contains(&fault.code) {
                codes.push(fault.code);
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    let message = format!("`{name}` is refused: {}", found.join("; "));
    let flags: Vec<String> = codes
        .iter()
        .map(|code| format!("--accept {code}"))
        .collect();
    let effects: Vec<String> = codes
        .iter()
        .map(|code| format!("{code}: {}", code.remedy()))
        .collect();
    let hint = format!(
        "get a better file, or accept by name: {} ({})",
        flags.join(" "),
        effects.join("; ")
    );
    let other = |report: &&DataReport| {
        let usual = report.figures.usual_step;
        usual.filter(|usual| *usual != report.timeframe)
    };
    let mismatch = codes.contains(&FaultCode::IntervalMismatch);
    let hint = match reports.iter().find_map(|report| other(&report)) {
        Some(usual) if mismatch => {
            format!("the bars are {usual} apart: say --timeframe {usual}; or {hint}")
        }
        _ => hint,
    };
    Some(Failure::new(Exit::Invalid, "data.refused", message).hint(hint))
}
