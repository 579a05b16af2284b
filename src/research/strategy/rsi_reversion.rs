//! RSI reversion: buy weakness, leave when strength has come back to the middle.
//!
//! Per closed bar, with RSI over the closes: flat becomes long when RSI < `lower` (with the trend
//! filter also close > moving average), and, where shorts are allowed, short when RSI > `upper`
//! (close < moving average). Long becomes flat when RSI >= `exit_lower`, short when RSI <=
//! `exit_upper`; in the bar of such an exit the opposite side may be entered at once. Until the
//! indicators are defined the signal is flat.

use super::indicators::{Rsi, Sma};
use super::{Signal, Strategy};
use crate::kernel::decimal::Decimal;
use crate::research::market::bar::Bar;

/// Parameters, all resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RsiReversionParameters {
    /// `rsi_window`: changes in the RSI.
    pub window: u32,
    /// `lower`: buy below.
    pub lower: Decimal,
    /// `upper`: sell short above.
    pub upper: Decimal,
    /// `exit_lower`: leave a long position at or above.
    pub exit_lower: Decimal,
    /// `exit_upper`: leave a short position at or below.
    pub exit_upper: Decimal,
    /// `use_trend_filter`: enter only on the right side of the moving average.
    pub use_trend_filter: bool,
    /// `trend_ma_window`: bars of the moving average.
    pub trend_ma_window: u32,
    /// `use_wilder`: Wilder's smoothing instead of plain means.
    pub use_wilder: bool,
}

/// The rule while it runs.
#[derive(Debug, Clone)]
pub struct RsiReversion {
    rsi: Rsi,
    average: Option<Sma>,
    lower: f64,
    upper: f64,
    exit_lower: f64,
    exit_upper: f64,
    allow_short: bool,
    state: Signal,
}

impl RsiReversion {
    /// A fresh rule that has seen no bar.
    #[must_use]
    pub fn new(parameters: &RsiReversionParameters, allow_short: bool) -> Self {
        let average = parameters
            .use_trend_filter
            .then(|| Sma::new(parameters.trend_ma_window as usize));
        Self {
            rsi: Rsi::new(parameters.window as usize, parameters.use_wilder),
            average,
            lower: parameters.lower.to_f64(),
            upper: parameters.upper.to_f64(),
            exit_lower: parameters.exit_lower.to_f64(),
            exit_upper: parameters.exit_upper.to_f64(),
            allow_short,
            state: Signal::Flat,
        }
    }

    /// Takes a close.
    pub fn push(&mut self, close: f64) -> Signal {
        let rsi = self.rsi.push(close);
        // Above and below the average count as wanted when there is no filter.
        let (above, below) = match &mut self.average {
            None => (true, true),
            Some(average) => match average.push(close) {
                None => (false, false),
                Some(mean) => (close > mean, close < mean),
            },
        };
        let Some(rsi) = rsi else { return Signal::Flat };
        match self.state {
            Signal::Long if rsi >= self.exit_lower => self.state = Signal::Flat,
            Signal::Short if rsi <= self.exit_upper => self.state = Signal::Flat,
            Signal::Long | Signal::Short | Signal::Flat => {}
        }
        if self.state == Signal::Flat {
            if rsi < self.lower && above {
                self.state = Signal::Long;
            } else if self.allow_short && rsi > self.upper && below {
                self.state = Signal::Short;
            }
        }
        self.state
    }
}

impl Strategy for RsiReversion {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        self.push(bar.close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> RsiReversionParameters {
        RsiReversionParameters {
            window: 2,
            lower: Decimal::from_int(25),
            upper: Decimal::from_int(75),
            exit_lower: Decimal::from_int(50),
            exit_upper: Decimal::from_int(50),
            use_trend_filter: false,
            trend_ma_window: 3,
            use_wilder: false,
        }
    }

    fn signals(parameters: &RsiReversionParameters, short: bool, closes: &[f64]) -> Vec<Signal> {
        let mut rule = RsiReversion::new(parameters, short);
        closes.iter().map(|c| rule.push(*c)).collect()
    }

    use Signal::{Flat, Long, Short};

    #[test]
    fn long_below_the_band_until_the_middle() {
        // RSI(2), plain: -, -, 0, 1/(1+2) = 33, 3/(3+0) = 100
        let closes = [10.0, 9.0, 7.0, 8.0, 10.0];
        assert_eq!(
            signals(&parameters(), false, &closes),
            [Flat, Flat, Long, Long, Flat]
        );
    }

    #[test]
    fn with_shorts_the_exit_bar_may_turn_round() {
        let closes = [10.0, 9.0, 7.0, 8.0, 10.0];
        assert_eq!(
            signals(&parameters(), true, &closes),
            [Flat, Flat, Long, Long, Short]
        );
    }

    #[test]
    fn a_pure_rise_is_100_and_sells_short() {
        assert_eq!(
            signals(&parameters(), true, &[1.0, 2.0, 3.0]),
            [Flat, Flat, Short]
        );
        assert_eq!(
            signals(&parameters(), false, &[1.0, 2.0, 3.0]),
            [Flat, Flat, Flat]
        );
    }

    #[test]
    fn the_trend_filter_keeps_out_of_a_falling_market() {
        let filtered = RsiReversionParameters {
            use_trend_filter: true,
            ..parameters()
        };
        let falling = [10.0, 9.0, 7.0, 6.0];
        assert_eq!(signals(&filtered, false, &falling), [Flat; 4]);
        assert_eq!(signals(&parameters(), false, &falling)[3], Long);
    }
}
