//! Invented bars that are stored nowhere: for trying a command out where no market data is at hand.
//!
//! A random walk with regimes: there is nothing in it that lasts. The bars start with 2020, run around
//! the clock without gaps, with a volatility of 60 % a year. The same symbol, length and number give the
//! same bars everywhere, and two symbols do not move together. Everything made of them is marked
//! synthetic.

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::kernel::time::UtcTime;
use crate::research::market::synth::{self, SynthPlan};
use crate::research::market::{BarSeries, Symbol, Timeframe};

/// Seed of the bars; the generator mixes the symbol into it.
const SEED: i64 = 42;

/// `bars` invented bars of `symbol`.
///
/// # Errors
/// Exit 2 when the number of bars is out of range.
pub fn series(symbol: &Symbol, timeframe: Timeframe, bars: u32) -> Result<BarSeries, Failure> {
    let wrong = |error: &dyn std::error::Error| {
        Failure::from_error(Exit::Usage, "data.synth", "could not invent bars", error)
    };
    let plan = SynthPlan {
        symbol: symbol.clone(),
        timeframe,
        start: UtcTime::parse_loose("2020-01-01").map_err(|e| wrong(&e))?,
        bars,
        seed: SEED,
        price: 100.0,
        volatility: 0.6,
        drift: 0.0,
        reversion: 0.0,
        gaps: 0.0,
    };
    synth::generate(&plan).map_err(|e| wrong(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_symbol_is_the_same_bars_and_another_is_not() {
        let of = |symbol: &str| {
            let (symbol, hour) = (symbol.parse().unwrap(), "1h".parse().unwrap());
            series(&symbol, hour, 50).unwrap()
        };
        let (one, other) = (of("BTC/EUR"), of("ETH/EUR"));
        assert_eq!(one, of("BTC/EUR"));
        assert!(one.synthetic && one.bars.len() == 50);
        assert_ne!(one.bars, other.bars);
    }
}
