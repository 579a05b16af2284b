//! Synthetic bars: seeded, with regimes, fat tails and gaps. They stay marked as invented.
//!
//! The log price is `fundamental + deviation`. The fundamental drifts; the deviation is an
//! Ornstein-Uhlenbeck process in steps of one bar, `d' = (1 - reversion) * d + shock`. With
//! `reversion = 0` the deviation never comes back and the price is a random walk; with a reversion
//! of 0.02 half of a deviation is gone after 35 bars. Shocks are Student-t with four degrees of
//! freedom, scaled to unit variance, drawn with Bailey's method
//! `sqrt(n * (u^(-2/n) - 1)) * cos(2 pi v)` (R. W. Bailey, 1994), times the volatility of the
//! regime. Regimes (calm, rising, falling, wild) follow a Markov chain with a mean stay of 250
//! bars; rising and falling ones have opposite drifts.
//!
//! The same parameters, symbol and timeframe give the same bars everywhere: ChaCha8 keyed with
//! their SHA-256, arithmetic in a fixed order with `libm`. Two symbols with one seed are
//! independent.

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;

use super::bar::{Bar, BarSeries};
use super::symbol::Symbol;
use super::timeframe::Timeframe;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// Most bars that are made at once.
pub const BARS_MAX: u32 = 5_000_000;
/// Milliseconds in 365 days: what annual figures are scaled by.
const YEAR_MS: f64 = 31_536_000_000.0;
/// Degrees of freedom of the shocks.
const TAIL: f64 = 4.0;
/// Chance per bar that the regime changes.
const SWITCH: f64 = 1.0 / 250.0;
/// Drift and volatility of the regimes, as multiples of the annual volatility.
const REGIMES: [(f64, f64); 4] = [(0.0, 0.6), (1.0, 0.9), (-1.0, 1.1), (0.0, 1.7)];

/// What to make.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthPlan {
    /// Symbol to write on the bars.
    pub symbol: Symbol,
    /// Length of a bar.
    pub timeframe: Timeframe,
    /// First bar.
    pub start: UtcTime,
    /// Bars, gaps included: a gap leaves some of them out.
    pub bars: u32,
    /// Seed.
    pub seed: i64,
    /// First price.
    pub price: f64,
    /// Annual volatility, a fraction.
    pub volatility: f64,
    /// Annual drift of the log price, a fraction.
    pub drift: f64,
    /// Share of a deviation that is gone after one bar, 0 to below 1.
    pub reversion: f64,
    /// Chance per bar that a gap of 1 to 12 bars begins.
    pub gaps: f64,
}

/// A parameter out of range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} must be {wanted}")]
pub struct PlanError {
    /// Which parameter.
    pub parameter: &'static str,
    /// What is allowed.
    pub wanted: &'static str,
}

impl SynthPlan {
    /// Checks every parameter.
    ///
    /// # Errors
    /// The first one that is out of range.
    pub fn check(&self) -> Result<(), PlanError> {
        let rules = [
            ((1..=BARS_MAX).contains(&self.bars), "bars", "1 to 5000000"),
            (
                (1e-6..=1e9).contains(&self.price),
                "price",
                "between 0.000001 and 1000000000",
            ),
            (
                (0.0..=5.0).contains(&self.volatility),
                "volatility",
                "a fraction from 0 to 5",
            ),
            (
                (-5.0..=5.0).contains(&self.drift),
                "drift",
                "a fraction from -5 to 5",
            ),
            (
                (0.0..1.0).contains(&self.reversion),
                "reversion",
                "a fraction from 0 to below 1",
            ),
            (
                (0.0..=0.5).contains(&self.gaps),
                "gaps",
                "a chance from 0 to 0.5",
            ),
            (
                self.ends_in_time(),
                "start and bars",
                "such that the last bar is before the year 10000",
            ),
        ];
        let broken = rules.into_iter().find(|(holds, _, _)| !holds);
        broken.map_or(Ok(()), |(_, parameter, wanted)| {
            Err(PlanError { parameter, wanted })
        })
    }

    fn ends_in_time(&self) -> bool {
        let length = i64::from(self.bars) * self.timeframe.millis();
        UtcTime::from_millis(self.start.millis().saturating_add(length)).is_ok()
    }

    fn key(&self) -> [u8; 32] {
        let text = format!(
            "promote synth v1\n{}\n{}\n{}",
            self.seed, self.symbol, self.timeframe
        );
        *Digest::of(text.as_bytes()).as_bytes()
    }
}

/// The state between two bars.
struct Walk {
    rng: ChaCha8Rng,
    regime: usize,
    fundamental: f64,
    deviation: f64,
    close: f64,
}

impl Walk {
    /// Uniform in (0, 1): 53 bits, never an end.
    fn uniform(&mut self) -> f64 {
        let bits = self.rng.next_u64() >> 11;
        (bits as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// Student-t, scaled to unit variance.
    fn shock(&mut self) -> f64 {
        let (u, v) = (self.uniform(), self.uniform());
        let radius = libm::sqrt(TAIL * (libm::pow(u, -2.0 / TAIL) - 1.0));
        let t = radius * libm::cos(2.0 * std::f64::consts::PI * v);
        // Cut at 12 deviations: a price must stay a price.
        (t / libm::sqrt(TAIL / (TAIL - 2.0))).clamp(-12.0, 12.0)
    }

    /// The next bar at `time`.
    fn step(&mut self, plan: &SynthPlan, time: UtcTime) -> Bar {
        if self.uniform() < SWITCH {
            // One of the other three, all alike.
            let draw = self.uniform();
            let by = if draw < 1.0 / 3.0 {
                1
            } else if draw < 2.0 / 3.0 {
                2
            } else {
                3
            };
            self.regime = (self.regime + by) % REGIMES.len();
        }
        let (lean, wildness) = REGIMES.get(self.regime).copied().unwrap_or((0.0, 1.0));
        let years = plan.timeframe.millis() as f64 / YEAR_MS;
        let spread = plan.volatility * wildness * libm::sqrt(years);
        self.fundamental += (plan.drift + lean * plan.volatility) * years;
        self.deviation = (1.0 - plan.reversion) * self.deviation + spread * self.shock();

        let open = self.close;
        let log_price = (self.fundamental + self.deviation).clamp(-30.0, 30.0);
        let close = rounded(plan.price * libm::exp(log_price));
        let reach = |draw: f64| libm::exp(0.5 * spread * draw.abs());
        let up = reach(self.shock());
        let down = reach(self.shock());
        let high = rounded(open.max(close) * up);
        let low = rounded(open.min(close) / down);
        let busy =
            libm::exp(0.5 * self.shock()) * (1.0 + (close / open - 1.0).abs() / (spread + 1e-9));
        let volume = libm::round(busy * 1e4 / (plan.price * wildness.recip()) * 1e8) / 1e8;
        self.close = close;
        Bar {
            time,
            open,
            high,
            low,
            close,
            volume,
        }
    }
}

/// Seven significant digits, as an exchange would print; keeps the order of prices.
fn rounded(price: f64) -> f64 {
    let decimals = (6.0 - libm::floor(libm::log10(price))).clamp(0.0, 12.0);
    let scale = libm::pow(10.0, decimals);
    (libm::round(price * scale) / scale).max(1e-12)
}

/// Makes the bars.
///
/// # Errors
/// When a parameter is out of range.
pub fn generate(plan: &SynthPlan) -> Result<BarSeries, PlanError> {
    plan.check()?;
    let mut walk = Walk {
        rng: ChaCha8Rng::from_seed(plan.key()),
        regime: 0,
        fundamental: 0.0,
        deviation: 0.0,
        close: rounded(plan.price),
    };
    let mut bars = Vec::new();
    let mut left_out = 0_u32;
    for index in 0..plan.bars {
        let time = plan
            .start
            .plus_millis(i64::from(index) * plan.timeframe.millis());
        // Time passes in a gap as well; only the record is missing.
        let bar = walk.step(plan, time);
        let begins = walk.uniform() < plan.gaps;
        let length = walk.uniform();
        if left_out > 0 {
            left_out -= 1;
            continue;
        }
        bars.push(bar);
        if begins {
            left_out = (1_u32..12)
                .find(|n| length < f64::from(*n) / 12.0)
                .unwrap_or(12);
        }
    }
    Ok(BarSeries {
        symbol: plan.symbol.clone(),
        timeframe: plan.timeframe,
        bars,
        synthetic: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(seed: i64, reversion: f64, bars: u32) -> SynthPlan {
        SynthPlan {
            symbol: "BTC/EUR".parse().unwrap(),
            timeframe: "1h".parse().unwrap(),
            start: UtcTime::parse_loose("2023-01-01").unwrap(),
            bars,
            seed,
            price: 20_000.0,
            volatility: 0.6,
            drift: 0.0,
            reversion,
            gaps: 0.001,
        }
    }

    fn returns(series: &BarSeries) -> Vec<f64> {
        let pairs = series.bars.iter().zip(series.bars.iter().skip(1));
        pairs.map(|(a, b)| (b.close / a.close).ln()).collect()
    }

    #[test]
    fn the_same_plan_gives_the_same_clean_bars() {
        let series = generate(&plan(1, 0.02, 5000)).unwrap();
        assert_eq!(series.check(), Ok(()));
        assert!(series.synthetic);
        assert_eq!(series, generate(&plan(1, 0.02, 5000)).unwrap());
        assert_ne!(
            series.sha256(),
            generate(&plan(2, 0.02, 5000)).unwrap().sha256()
        );
        let mut other = plan(1, 0.02, 5000);
        other.symbol = "ETH/EUR".parse().unwrap();
        assert_ne!(returns(&series), returns(&generate(&other).unwrap()));
        // A longer plan begins with the bars of the shorter one.
        let longer = generate(&plan(1, 0.02, 6000)).unwrap();
        assert_eq!(longer.bars[..series.bars.len()], series.bars[..]);
        expect_test::expect!["af8e766f"].assert_eq(&series.sha256().short());
    }

    #[test]
    fn tails_are_fat_volatility_is_as_asked_and_gaps_appear() {
        let series = generate(&plan(7, 0.0, 100_000)).unwrap();
        let returns = returns(&series);
        let n = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / n;
        let moment = |k: i32| returns.iter().map(|r| (r - mean).powi(k)).sum::<f64>() / n;
        let annual = (moment(2) * 8760.0).sqrt();
        assert!((0.5..0.85).contains(&annual), "{annual}");
        let kurtosis = moment(4) / moment(2).powi(2);
        assert!(kurtosis > 5.0, "{kurtosis}");
        let left_out = 100_000 - series.bars.len();
        assert!((300..1100).contains(&left_out), "{left_out}");
    }

    #[test]
    fn reversion_pulls_the_price_back() {
        // Variance of 240-bar returns over 240 times that of one-bar returns: near 1 for a random
        // walk, far below it with a half-life of 35 bars.
        let ratio = |reversion| {
            let series = generate(&SynthPlan {
                gaps: 0.0,
                ..plan(3, reversion, 100_000)
            })
            .unwrap();
            let logs: Vec<f64> = series.bars.iter().map(|b| b.close.ln()).collect();
            let variance = |lag: usize| {
                let steps: Vec<f64> = logs.windows(lag + 1).map(|w| w[lag] - w[0]).collect();
                steps.iter().map(|s| s * s).sum::<f64>() / steps.len() as f64
            };
            variance(240) / (240.0 * variance(1))
        };
        let (walk, reverting) = (ratio(0.0), ratio(0.02));
        assert!((0.6..1.6).contains(&walk), "{walk}");
        assert!(reverting < 0.45, "{reverting}");
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let bad = |change: fn(&mut SynthPlan)| {
            let mut plan = plan(1, 0.0, 10);
            change(&mut plan);
            generate(&plan).unwrap_err().parameter
        };
        assert_eq!(bad(|p| p.bars = 0), "bars");
        assert_eq!(bad(|p| p.bars = BARS_MAX + 1), "bars");
        assert_eq!(bad(|p| p.price = f64::NAN), "price");
        assert_eq!(bad(|p| p.volatility = -0.1), "volatility");
        assert_eq!(bad(|p| p.drift = f64::INFINITY), "drift");
        assert_eq!(bad(|p| p.reversion = 1.0), "reversion");
        assert_eq!(bad(|p| p.gaps = 0.6), "gaps");
        assert_eq!(
            bad(|p| p.start = UtcTime::parse_loose("9999-12-31T23:00:00Z").unwrap()),
            "start and bars"
        );
    }
}
