//! The history of one symbol, as rules in batch form read it.

use crate::research::market::bar::Bar;

/// Bars, and their prices as columns.
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    /// The bars themselves.
    pub bars: &'a [Bar],
    /// Highest prices.
    pub high: Vec<f64>,
    /// Lowest prices.
    pub low: Vec<f64>,
    /// Last prices.
    pub close: Vec<f64>,
}

impl<'a> Columns<'a> {
    /// The columns of `bars`.
    #[must_use]
    pub fn of(bars: &'a [Bar]) -> Self {
        let column = |price: fn(&Bar) -> f64| bars.iter().map(price).collect();
        Self {
            bars,
            high: column(|bar| bar.high),
            low: column(|bar| bar.low),
            close: column(|bar| bar.close),
        }
    }
}
