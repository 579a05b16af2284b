//! `series/regime.csv`: the market regime of every bar of the full series.
//!
//! `time,label`, one row per row of `series/full.csv`; labels as [`crate::metrics::regime`] gives
//! them. They are believed where a rerun reproduces them.

use super::table::{TableError, check_order, open_with};
use crate::kernel::time::UtcTime;
use crate::metrics::regime::Regime;

const HEADER: &str = "time,label";

/// Times and labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegimeSeries {
    /// Opening time of each bar.
    pub times: Vec<UtcTime>,
    /// Regime of each bar.
    pub labels: Vec<Regime>,
}

impl RegimeSeries {
    /// The bytes of `series/regime.csv`.
    ///
    /// # Errors
    /// When there is no row, or not one label per time.
    pub fn encode(&self) -> Result<Vec<u8>, TableError> {
        if self.times.is_empty() || self.times.len() != self.labels.len() {
            return Err(TableError::Empty);
        }
        let mut out = format!("{HEADER}\n");
        for (time, label) in self.times.iter().zip(&self.labels) {
            out.push_str(&format!("{time},{}\n", label.as_str()));
        }
        Ok(out.into_bytes())
    }

    /// Reads `series/regime.csv`.
    ///
    /// # Errors
    /// When the bytes are not such a table, with the line.
    pub fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let (mut times, mut labels) = (Vec::new(), Vec::new());
        for mut row in open_with(bytes, HEADER)? {
            let time = row.time()?;
            check_order(&times, time, row.line)?;
            times.push(time);
            labels.push(row.parsed(str::parse)?);
            row.end()?;
        }
        Ok(Self { times, labels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_refuses() {
        let table = "time,label\n\
            2026-01-05T10:00:00.000Z,warm_up\n\
            2026-01-05T11:00:00.000Z,calm_up\n";
        let read = RegimeSeries::decode(table.as_bytes()).unwrap();
        assert_eq!(read.labels, [Regime::WarmUp, Regime::CalmUp]);
        assert_eq!(read.encode().unwrap(), table.as_bytes());
        for (from, to) in [
            ("calm_up", "sunny"),
            ("T11", "T10"),
            ("calm_up", "calm_up,1"),
        ] {
            let bad = table.replacen(from, to, 1);
            let error = RegimeSeries::decode(bad.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("line 3"), "{from}: {error}");
        }
        assert!(RegimeSeries::decode(b"time,label\n").is_err());
    }
}
