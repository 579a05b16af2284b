//! Bars, and the digest that names a series of them.
//!
//! A stored series is clean: times strictly ascending, prices finite and positive, the range
//! `low..=high` holds open and close, volume finite and not negative. [`BarSeries::check`] says
//! where that is broken; what reads bars from a file calls it.
//!
//! The digest is SHA-256 over one line per bar, `time_ms,open,high,low,close,volume\n`, floats as
//! the shortest decimal that reads back to the same f64, never with an exponent. It depends on
//! nothing else: not on the file format, not on who made the bars.

use std::fmt::Write as _;

use super::symbol::Symbol;
use super::timeframe::Timeframe;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// When it begins.
    pub time: UtcTime,
    /// First price, in the quote currency.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded quantity, in the base currency.
    pub volume: f64,
}

/// Bars of one symbol and timeframe, in order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct BarSeries {
    /// What was traded.
    pub symbol: Symbol,
    /// Length of a bar.
    pub timeframe: Timeframe,
    /// The bars, strictly ascending.
    pub bars: Vec<Bar>,
    /// Invented, not traded; once true, for ever.
    pub synthetic: bool,
}

/// What breaks a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// Not later than the bar before.
    #[error("bar {0} is not later than the bar before it")]
    Order(usize),
    /// A price or volume that is not finite, not positive, or a range that contradicts itself.
    #[error("bar {0} has values that no trading can give")]
    Values(usize),
}

impl Bar {
    /// True when all values are finite and in range, and the range holds open and close.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let prices = [self.open, self.high, self.low, self.close];
        prices.iter().all(|p| p.is_finite() && *p > 0.0)
            && self.volume.is_finite()
            && self.volume >= 0.0
            && self.low <= self.open.min(self.close)
            && self.high >= self.open.max(self.close)
    }

    /// Appends the bar's canonical line to `out`.
    fn write_line(&self, out: &mut String) {
        // Adding zero turns a negative zero into zero, so that equal bars have equal lines.
        let _infallible = writeln!(
            out,
            "{},{},{},{},{},{}",
            self.time.millis(),
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume + 0.0
        );
    }
}

impl BarSeries {
    /// First and last bar; none when there is no bar.
    #[must_use]
    pub fn span(&self) -> Option<(UtcTime, UtcTime)> {
        Some((self.bars.first()?.time, self.bars.last()?.time))
    }

    /// Opening times of the bars.
    #[must_use]
    pub fn times(&self) -> Vec<UtcTime> {
        self.bars.iter().map(|bar| bar.time).collect()
    }

    /// The digest of the bars.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        sha256(&self.bars)
    }

    /// Checks what every stored series promises.
    ///
    /// # Errors
    /// The first bar that breaks it, counted from 0.
    pub fn check(&self) -> Result<(), SeriesError> {
        let mut before: Option<UtcTime> = None;
        for (index, bar) in self.bars.iter().enumerate() {
            if before.is_some_and(|time| time >= bar.time) {
                return Err(SeriesError::Order(index));
            }
            if !bar.is_valid() {
                return Err(SeriesError::Values(index));
            }
            before = Some(bar.time);
        }
        Ok(())
    }

    /// The bars with `from <= time < to`, where given.
    #[must_use]
    pub fn between(&self, from: Option<UtcTime>, to: Option<UtcTime>) -> Self {
        let keep =
            |bar: &&Bar| from.is_none_or(|t| bar.time >= t) && to.is_none_or(|t| bar.time < t);
        Self {
            symbol: self.symbol.clone(),
            timeframe: self.timeframe,
            bars: self.bars.iter().filter(keep).copied().collect(),
            synthetic: self.synthetic,
        }
    }
}

/// The digest of `bars`; see the module comment.
#[must_use]
pub fn sha256(bars: &[Bar]) -> Digest {
    let mut text = String::with_capacity(bars.len().saturating_mul(64));
    for bar in bars {
        bar.write_line(&mut text);
    }
    Digest::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(ms: i64, close: f64, volume: f64) -> Bar {
        Bar {
            time: UtcTime::from_millis(ms).unwrap(),
            open: 1.5,
            high: close.max(1.5),
            low: close.min(1.5),
            close,
            volume,
        }
    }

    #[test]
    fn digest_is_that_of_the_written_lines() {
        let text = "3600000,1.5,1.5,0.0000001,0.0000001,0\n7200000,1.5,21000000,1.5,21000000,0.1\n";
        let bars = [bar(3_600_000, 1e-7, -0.0), bar(7_200_000, 2.1e7, 0.1)];
        assert_eq!(sha256(&bars), Digest::of(text.as_bytes()));
    }

    #[test]
    fn a_series_says_where_it_breaks() {
        let series = |bars| BarSeries {
            symbol: "BTC/EUR".parse().unwrap(),
            timeframe: "1h".parse().unwrap(),
            bars,
            synthetic: false,
        };
        assert_eq!(
            series(vec![bar(0, 1.0, 0.0), bar(1, 2.0, 1.0)]).check(),
            Ok(())
        );
        let twice = series(vec![bar(1, 1.0, 0.0), bar(1, 2.0, 1.0)]);
        assert_eq!(twice.check(), Err(SeriesError::Order(1)));
        for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
            assert_eq!(
                series(vec![bar(0, bad, 1.0)]).check(),
                Err(SeriesError::Values(0)),
                "{bad}"
            );
        }
        assert_eq!(
            series(vec![bar(0, 1.0, -1.0)]).check(),
            Err(SeriesError::Values(0))
        );
        let inverted = Bar {
            high: 1.0,
            low: 2.0,
            ..bar(0, 1.5, 1.0)
        };
        assert_eq!(series(vec![inverted]).check(), Err(SeriesError::Values(0)));
    }
}
