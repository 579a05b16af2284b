//! Importing and checking files of bars.
//!
//! A file is Parquet when it begins with `PAR1`, else it is CSV. All symbols of a file are judged
//! before the first is written: either all of them are stored, or none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::adapters::frames::{self, foreign};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::workspace::Workspace;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::research::market::layout::Source;
use crate::research::market::manifest::Origin;
use crate::research::market::quality::{self, Assessment};
use crate::research::market::rows::{RawRow, RowSet, Wanted};
use crate::research::market::{Bar, BarSeries, FaultCode, Symbol, Timeframe, csv};

use super::report::{self, DataReport, Reported};
use super::store::{self, Replace};
use super::{frame_failure, paths};
use crate::app::gate::moment::Moment;

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which symbols.
    pub wanted: Wanted,
    /// Length of a bar; checked.
    pub timeframe: Timeframe,
    /// Layout; none finds out.
    pub source: Option<Source>,
    /// Faults accepted by name.
    pub accepted: BTreeSet<FaultCode>,
}

/// A file that was read and judged.
struct Judged {
    name: String,
    sha256: Digest,
    layout: Source,
    skipped: i64,
    synthetic: bool,
    symbols: BTreeMap<Symbol, Assessment>,
}

/// Checks a file and writes nothing.
///
/// # Errors
/// Exit 3 when it cannot be read as bars; faults are in the refusal of the result.
pub fn check_file(path: &Path, reading: &Reading, moment: Moment) -> Result<Reported, Failure> {
    let judged = judge(path, reading)?;
    let reports = judged.reports(reading.timeframe, moment);
    let refusal = report::refusal(&judged.name, &reports);
    Ok(Reported { reports, refusal })
}

/// Imports a file into the workspace, whole: a replay reads the bars that lie after now.
///
/// # Errors
/// Exit 3 when it cannot be read as bars, exit 7 when other bars are in the way.
pub fn import_file(
    workspace: &Workspace,
    path: &Path,
    reading: &Reading,
    replace: Replace,
    moment: Moment,
) -> Result<Reported, Failure> {
    let judged = judge(path, reading)?;
    let mut reports = judged.reports(reading.timeframe, moment);
    if let Some(refusal) = report::refusal(&judged.name, &reports) {
        return Ok(Reported {
            reports,
            refusal: Some(refusal),
        });
    }
    let invented = invented_digests(workspace)?;
    let mut plans = Vec::new();
    for (report, (symbol, assessment)) in reports.iter_mut().zip(judged.symbols) {
        let mut series = BarSeries {
            symbol,
            timeframe: reading.timeframe,
            bars: assessment.bars,
            synthetic: judged.synthetic,
        };
        series.synthetic |= invented.contains(&series.sha256());
        report.synthetic = series.synthetic;
        let origin = Origin::File {
            name: judged.name.clone(),
            sha256: judged.sha256,
            layout: judged.layout.as_str().to_owned(),
            rows: assessment.figures.rows,
        };
        if series.bars.is_empty() {
            continue; // `empty` was accepted, or every row was dropped
        }
        report.written = store::is_needed(workspace, &series, replace)?;
        report.path = Some(shown_path(workspace, &series));
        if report.written {
            plans.push((series, origin, assessment.figures.faults));
        }
    }
    for (series, origin, faults) in plans {
        store::save(workspace, &series, origin, faults)?;
    }
    Ok(Reported {
        reports,
        refusal: None,
    })
}

/// The bars of `symbol` in a file, judged as for an import and stored nowhere. What the workspace
/// knows as invented stays so.
///
/// # Errors
/// Exit 3 when it cannot be read as bars, is refused for its faults, or has no bar of the symbol.
pub fn read_file(
    workspace: &Workspace,
    path: &Path,
    reading: &Reading,
    symbol: &Symbol,
    moment: Moment,
) -> Result<BarSeries, Failure> {
    let mut judged = judge(path, reading)?;
    let reports = judged.reports(reading.timeframe, moment);
    if let Some(refusal) = report::refusal(&judged.name, &reports) {
        return Err(refusal);
    }
    let found = judged.symbols.remove(symbol);
    let bars = found.map(|assessment| assessment.bars).unwrap_or_default();
    if bars.is_empty() {
        let said = format!("`{}` has no bar of {symbol}", judged.name);
        return Err(Failure::new(Exit::Invalid, "data.absent", said));
    }
    let mut series = BarSeries {
        symbol: symbol.clone(),
        timeframe: reading.timeframe,
        bars,
        synthetic: judged.synthetic,
    };
    series.synthetic |= invented_digests(workspace)?.contains(&series.sha256());
    Ok(series)
}

/// The report on bars that are in the workspace, or about to be, as far as they exist.
#[must_use]
pub fn check_stored(workspace: &Workspace, stored: &BarSeries, moment: Moment) -> DataReport {
    let series = &stored.between(None, moment.first_open(stored.timeframe.millis()));
    let rows: Vec<RawRow> = (1..)
        .zip(&series.bars)
        .map(|(line, bar)| RawRow {
            line,
            time: bar.time,
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
            volume: bar.volume,
            quote: None,
        })
        .collect();
    // What is stored was accepted when it was imported.
    let accepted: BTreeSet<FaultCode> = FaultCode::ALL.into_iter().collect();
    let assessment = quality::assess(rows, series.timeframe, &accepted);
    DataReport {
        schema: report::SCHEMA,
        symbol: series.symbol.clone(),
        timeframe: series.timeframe,
        figures: assessment.figures,
        layout: None,
        skipped_rows: 0,
        bars: count(series.bars.len()),
        later_bars: count(stored.bars.len().saturating_sub(series.bars.len())),
        sha256: (!series.bars.is_empty()).then(|| series.sha256()),
        synthetic: series.synthetic,
        path: Some(shown_path(workspace, series)),
        written: false,
    }
}

/// Where `series` is stored, below the workspace.
pub(super) fn shown_path(workspace: &Workspace, series: &BarSeries) -> String {
    let (path, _) = paths(workspace, &series.symbol, series.timeframe);
    let below = path.strip_prefix(&workspace.root).unwrap_or(&path);
    below.display().to_string()
}

/// Digests of all bars in the workspace that were invented: they stay so when they come back
/// under another name.
fn invented_digests(workspace: &Workspace) -> Result<BTreeSet<Digest>, Failure> {
    let manifests = store::manifests(workspace)?;
    let invented = manifests.iter().filter(|manifest| manifest.synthetic);
    Ok(invented.map(|manifest| manifest.bars_sha256).collect())
}

fn count(bars: usize) -> i64 {
    i64::try_from(bars).unwrap_or(i64::MAX)
}

fn judge(path: &Path, reading: &Reading) -> Result<Judged, Failure> {
    let bytes = frames::read_capped(path).map_err(|e| frame_failure(path, &e))?;
    let name = path
        .file_name()
        .map_or_else(String::new, |name| visible(&name.to_string_lossy(), 120));
    let (rows, synthetic) = read(path, &name, &bytes, reading)?;
    let judge_one = |(symbol, rows): (Symbol, Vec<RawRow>)| {
        let assessment = quality::assess(rows, reading.timeframe, &reading.accepted);
        (symbol, assessment)
    };
    Ok(Judged {
        name,
        sha256: Digest::of(&bytes),
        layout: rows.source,
        skipped: rows.skipped,
        synthetic,
        symbols: rows.series.into_iter().map(judge_one).collect(),
    })
}

fn read(
    path: &Path,
    name: &str,
    bytes: &[u8],
    reading: &Reading,
) -> Result<(RowSet, bool), Failure> {
    let foreign_format: [(&[u8], &str); 4] = [
        (b"PK\x03\x04", "is a zip archive: unpack it first"),
        (b"\x1f\x8b", "is compressed with gzip: unpack it first"),
        (b"\xff\xfe", "is UTF-16 text: save it as UTF-8"),
        (b"\xfe\xff", "is UTF-16 text: save it as UTF-8"),
    ];
    if let Some((_, problem)) = foreign_format
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
    {
        return Err(Failure::new(
            Exit::Invalid,
            "data.file",
            format!("`{name}` {problem}"),
        ));
    }
    let (rows, synthetic) = if bytes.starts_with(b"PAR1") {
        let read = foreign::read_rows(bytes, reading.source, &reading.wanted)
            .map_err(|e| frame_failure(path, &e))?;
        (read.rows, read.synthetic)
    } else {
        (csv::read(bytes, reading.source, &reading.wanted), false)
    };
    let rows = rows.map_err(|e| {
        let doing = format!("cannot read bars from `{name}`");
        Failure::from_error(Exit::Invalid, "data.file", &doing, &e)
            .hint("docs/market-data.md describes the layouts")
    })?;
    Ok((rows, synthetic))
}

impl Judged {
    fn reports(&self, timeframe: Timeframe, moment: Moment) -> Vec<DataReport> {
        let first_open = moment.first_open(timeframe.millis());
        let later = |bar: &&Bar| first_open.is_some_and(|first| bar.time >= first);
        let report = |(symbol, assessment): (&Symbol, &Assessment)| {
            let usable = assessment.figures.refusing().is_empty() && !assessment.bars.is_empty();
            let bars = crate::research::market::bar::sha256;
            DataReport {
                schema: report::SCHEMA,
                symbol: symbol.clone(),
                timeframe,
                figures: assessment.figures.clone(),
                layout: Some(self.layout.as_str()),
                skipped_rows: self.skipped,
                bars: count(assessment.bars.len()),
                later_bars: count(assessment.bars.iter().filter(later).count()),
                sha256: usable.then(|| bars(&assessment.bars)),
                synthetic: self.synthetic,
                path: None,
                written: false,
            }
        };
        self.symbols.iter().map(report).collect()
    }
}
