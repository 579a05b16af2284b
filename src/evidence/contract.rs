//! The shadow contract: what a session may be expected to show, fixed before the session begins.
//!
//! In: a checked bundle with an out-of-sample series, and the policy's conventions. Out: a
//! [`ShadowContract`], which the decision for SHADOW carries and against which the sessions of
//! SHADOW, TESTNET and LIVE are judged: `drift_return`, `drift_volatility`, `drift_drawdown`,
//! `drift_trades`, `drift_slippage`. It is a function of those two inputs alone (the resamples are
//! seeded by the digest of `series/oos.csv`), so whoever has the bundle can compute it again.
//!
//! Nobody knows beforehand how long a session will run: the ranges stand at a ladder of lengths
//! from one day to a year, none longer than the series they come from; between two rungs they
//! are interpolated along the number of bars. Slippage has no resample: it is expected between zero
//! and twice what the backtest assumed (never less than the policy's minimum).

use serde::{Deserialize, Serialize};

use super::bundle::CheckedBundle;
use super::consistency::examine;
use super::conventions::{GateConventions, WidthMax};
use super::path;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::time::{DAY_MS, UtcTime};
use crate::metrics::bootstrap::{Method, Resampling, Seed, block_cube_root};
use crate::metrics::drift::{self, drift, drift_above};
use crate::metrics::expected::{Earlier, Expected, expected};
use crate::metrics::random_stream;
use crate::metrics::{
    Metric, MetricResult, Undefined, drawdown, periods, total_return, volatility,
};

/// The value of `schema`.
pub const SCHEMA: &str = "promote/shadow-contract/v1";

/// Lengths of the ladder in days; a series shorter than the last one ends it with its own length.
const LADDER_DAYS: [i64; 16] = [
    1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84, 112, 168, 252, 365,
];

/// Expected ranges per length of session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShadowContract {
    /// [`SCHEMA`].
    pub schema: String,
    /// Bundle that the ranges come from.
    pub evidence_sha256: Digest,
    /// Its `series/oos.csv`, which seeds the resamples.
    pub series_sha256: Digest,
    /// `simple`, `moving_block` or `stationary`.
    pub method: String,
    /// Block length in bars.
    pub block: i64,
    /// Resamples.
    pub runs: i64,
    /// Name of the random stream.
    pub rng: String,
    /// Length of a bar in milliseconds; a session with other bars is not comparable.
    pub bar_ms: i64,
    /// Periods per year of such bars.
    pub periods_per_year: Decimal,
    /// Slippage per side, fraction of price, whatever the length.
    pub slippage: Range,
    /// Largest widths, from the policy.
    pub width_max: WidthMax,
    /// Ranges by length, shortest first.
    pub rungs: Vec<Rung>,
}

/// Ranges for sessions of one length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Length in bars.
    pub bars: i64,
    /// Growth over the session, fraction.
    pub total_return: Range,
    /// Annualised volatility, fraction.
    pub volatility: Range,
    /// Maximum drawdown, positive fraction.
    pub max_drawdown: Range,
    /// Positions opened, count; none when the bundle says nothing about trades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trades: Option<Range>,
}

/// Edges and centre of what is expected: quantiles 1 %, 50 % and 99 %, 9 decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Lower edge.
    pub low: Decimal,
    /// Centre.
    pub centre: Decimal,
    /// Upper edge.
    pub high: Decimal,
}

impl Range {
    fn of(range: &drift::Range) -> Result<Self, Undefined> {
        let decimal = |x: f64| Decimal::from_f64(x).map_err(|_| Undefined::OutOfRange);
        Ok(Self {
            low: decimal(range.low)?.judged(),
            centre: decimal(range.centre)?.judged(),
            high: decimal(range.high)?.judged(),
        })
    }

    fn to_f64(&self) -> drift::Range {
        drift::Range {
            low: self.low.to_f64(),
            centre: self.centre.to_f64(),
            high: self.high.to_f64(),
        }
    }
}

/// What a session showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed<'a> {
    /// Times of its bars.
    pub times: &'a [UtcTime],
    /// Returns per bar.
    pub returns: &'a [f64],
    /// Positions opened, or why that is not known.
    pub entries: MetricResult,
    /// Mean slippage per side of its fills (0 without one), or why that is not known.
    pub slippage: MetricResult,
}

/// The contract that `bundle` gives under the policy's conventions.
///
/// # Errors
/// `unsupported` when the policy names no largest widths, or the bundle has no out-of-sample
/// series that can be trusted; `too_few_observations` for one shorter than a day or two bars.
pub fn shadow_contract(
    bundle: &CheckedBundle,
    gate: &GateConventions,
) -> Result<ShadowContract, Undefined> {
    let width_max = gate
        .contract_width_max
        .clone()
        .ok_or(Undefined::Unsupported)?;
    let oos = bundle.oos.as_ref().ok_or(Undefined::Unsupported)?;
    let (trust, _) = examine(bundle);
    let cube_root = gate.mc_block == "cube_root";
    if !trust.oos || !cube_root {
        return Err(Undefined::Unsupported);
    }
    let method: Method = gate.mc_method.parse().map_err(|_| Undefined::Unsupported)?;
    let series_sha256 = bundle.sha256_of(path::OOS).ok_or(Undefined::Unsupported)?;
    let block = block_cube_root(oos.returns.len());
    let periods_per_year = periods::periods_per_year(&oos.times)?;
    let bar_ms = periods::median_spacing_ms(&oos.times).ok_or(Undefined::TooFewObservations)?;
    let entries = trust.trades.then(|| entries_per_bar(bundle, &oos.times));
    let earlier = Earlier {
        returns: &oos.returns,
        entries: &entries
            .clone()
            .unwrap_or_else(|| vec![0; oos.returns.len()]),
        periods_per_year,
        resampling: Resampling {
            method,
            block,
            seed: Seed::from_digest(&series_sha256),
        },
    };
    let lengths = ladder(bar_ms, oos.returns.len())?;
    let found = expected(&earlier, &lengths, gate.mc_runs)?;
    let rungs = found.iter().map(|e| rung(e, entries.is_some()));
    Ok(ShadowContract {
        schema: SCHEMA.to_owned(),
        evidence_sha256: bundle.evidence_sha256,
        series_sha256,
        method: method.as_str().to_owned(),
        block: i64::try_from(block).map_err(|_| Undefined::OutOfRange)?,
        runs: i64::from(gate.mc_runs),
        rng: random_stream::RNG.to_owned(),
        bar_ms,
        periods_per_year: Decimal::from_f64(periods_per_year).map_err(|_| Undefined::OutOfRange)?,
        slippage: slippage(&bundle.manifest.conventions.slippage, &gate.slippage_min),
        width_max,
        rungs: rungs.collect::<Result<_, _>>()?,
    })
}

fn rung(expected: &Expected, trades: bool) -> Result<Rung, Undefined> {
    Ok(Rung {
        bars: i64::try_from(expected.bars).map_err(|_| Undefined::OutOfRange)?,
        total_return: Range::of(&expected.total_return)?,
        volatility: Range::of(&expected.volatility)?,
        max_drawdown: Range::of(&expected.max_drawdown)?,
        trades: match trades {
            true => Some(Range::of(&expected.entries)?),
            false => None,
        },
    })
}

fn slippage(assumed: &Decimal, least: &Decimal) -> Range {
    let centre = assumed.max(least).judged();
    Range {
        low: Decimal::zero(),
        high: centre.plus(&centre),
        centre,
    }
}

/// Positions opened in each out-of-sample bar.
fn entries_per_bar(bundle: &CheckedBundle, times: &[UtcTime]) -> Vec<u32> {
    let mut counts = vec![0_u32; times.len()];
    for trade in bundle.trades.iter().flatten() {
        let bar = times.binary_search(&trade.entry_time).ok();
        if let Some(count) = bar.and_then(|bar| counts.get_mut(bar)) {
            *count = count.saturating_add(1);
        }
    }
    counts
}

/// Lengths in bars: the ladder as far as the series reaches, and the end of a series below a year.
fn ladder(bar_ms: i64, bars: usize) -> Result<Vec<usize>, Undefined> {
    let in_bars = |days: i64| usize::try_from(days * DAY_MS / bar_ms.max(1)).ok();
    let year = LADDER_DAYS.last().and_then(|days| in_bars(*days));
    let year = year.unwrap_or(usize::MAX);
    let mut lengths: Vec<usize> = LADDER_DAYS
        .iter()
        .filter_map(|days| in_bars(*days))
        .chain([bars].into_iter().filter(|bars| *bars < year))
        .filter(|length| (2..=bars).contains(length))
        .collect();
    lengths.sort_unstable();
    lengths.dedup();
    let one_day = in_bars(1).unwrap_or(usize::MAX);
    let longest = lengths.last().copied().unwrap_or(0);
    if longest < one_day.max(2) {
        return Err(Undefined::TooFewObservations);
    }
    Ok(lengths)
}

impl ShadowContract {
    /// The five drift metrics of a session.
    pub fn drifts(&self, observed: &Observed<'_>) -> [(Metric, MetricResult); 5] {
        let ranges = self.at(observed);
        let q = self.periods_per_year.to_f64();
        let bars = observed.returns.len();
        let most = |metric| self.width_max(metric, bars);
        let within = |range: drift::Range, most: f64| match range.width() <= most {
            true => Ok(range),
            false => Err(Undefined::TooWide),
        };
        let of = |pick: &dyn Fn(&Ranges) -> MetricRange, most: f64| {
            ranges.and_then(|r| within(pick(&r)?, most))
        };
        let growth = of(&|r| Ok(r.total_return), most(Metric::DriftReturn));
        let spread = of(&|r| Ok(r.volatility), most(Metric::DriftVolatility));
        let fall = of(&|r| Ok(r.max_drawdown), most(Metric::DriftDrawdown));
        let trades = of(
            &|r| r.trades.ok_or(Undefined::Unsupported),
            most(Metric::DriftTrades),
        );
        let paid = within(self.slippage.to_f64(), most(Metric::DriftSlippage));
        [
            (
                Metric::DriftReturn,
                growth.and_then(|r| drift(total_return::total_return(observed.returns)?, &r)),
            ),
            (
                Metric::DriftVolatility,
                spread.and_then(|r| drift(volatility::volatility(observed.returns, q)?, &r)),
            ),
            (
                Metric::DriftDrawdown,
                fall.and_then(|r| drift_above(drawdown::max_drawdown(observed.returns)?, &r)),
            ),
            (
                Metric::DriftTrades,
                trades.and_then(|r| drift(observed.entries?, &r)),
            ),
            (
                Metric::DriftSlippage,
                paid.and_then(|r| drift_above(observed.slippage?, &r)),
            ),
        ]
    }

    /// The largest width that the policy allows for one drift metric of a session of `bars`.
    fn width_max(&self, metric: Metric, bars: usize) -> f64 {
        let widths = &self.width_max;
        let years = bars as f64 / self.periods_per_year.to_f64();
        match metric {
            Metric::DriftReturn => widths.total_return.to_f64() * libm::sqrt(years),
            Metric::DriftVolatility => widths.volatility.to_f64(),
            Metric::DriftDrawdown => widths.max_drawdown.to_f64(),
            Metric::DriftTrades => widths.trades.to_f64(),
            Metric::DriftSlippage => widths.slippage.to_f64(),
            _ => 0.0,
        }
    }

    /// The expected range of one drift metric after `bars` bars, and the largest width allowed.
    ///
    /// # Errors
    /// Why there is none: the session is shorter or longer than the ladder, or nothing is known.
    pub(super) fn range(
        &self,
        metric: Metric,
        bars: usize,
    ) -> Result<(drift::Range, f64), Undefined> {
        let ranges = || self.after(bars);
        let range = match metric {
            Metric::DriftReturn => ranges()?.total_return,
            Metric::DriftVolatility => ranges()?.volatility,
            Metric::DriftDrawdown => ranges()?.max_drawdown,
            Metric::DriftTrades => ranges()?.trades.ok_or(Undefined::Unsupported)?,
            Metric::DriftSlippage => self.slippage.to_f64(),
            _ => return Err(Undefined::Unsupported),
        };
        Ok((range, self.width_max(metric, bars)))
    }

    /// The ranges at the length of `observed`.
    fn at(&self, observed: &Observed<'_>) -> Result<Ranges, Undefined> {
        let spacing = periods::median_spacing_ms(observed.times);
        if spacing != Some(self.bar_ms) || observed.times.len() != observed.returns.len() {
            return Err(match spacing {
                None => Undefined::TooFewObservations,
                Some(_) => Undefined::Unsupported,
            });
        }
        self.after(observed.returns.len())
    }

    /// The ranges at a length of `bars`.
    fn after(&self, bars: usize) -> Result<Ranges, Undefined> {
        let bars = i64::try_from(bars).map_err(|_| Undefined::OutOfRange)?;
        let above = self.rungs.partition_point(|rung| rung.bars < bars);
        let upper = self.rungs.get(above).ok_or(Undefined::OutOfRange)?;
        if upper.bars == bars {
            return Ok(Ranges::of(upper));
        }
        let lower = above.checked_sub(1).and_then(|i| self.rungs.get(i));
        let lower = lower.ok_or(Undefined::TooFewObservations)?;
        let share = (bars - lower.bars) as f64 / (upper.bars - lower.bars) as f64;
        Ok(Ranges::of(lower).towards(&Ranges::of(upper), share))
    }
}

type MetricRange = Result<drift::Range, Undefined>;

/// One rung in f64.
#[derive(Debug, Clone, Copy)]
struct Ranges {
    total_return: drift::Range,
    volatility: drift::Range,
    max_drawdown: drift::Range,
    trades: Option<drift::Range>,
}

impl Ranges {
    fn of(rung: &Rung) -> Self {
        Self {
            total_return: rung.total_return.to_f64(),
            volatility: rung.volatility.to_f64(),
            max_drawdown: rung.max_drawdown.to_f64(),
            trades: rung.trades.as_ref().map(Range::to_f64),
        }
    }

    fn towards(&self, other: &Self, share: f64) -> Self {
        let trades = self.trades.zip(other.trades);
        Self {
            total_return: self.total_return.towards(&other.total_return, share),
            volatility: self.volatility.towards(&other.volatility, share),
            max_drawdown: self.max_drawdown.towards(&other.max_drawdown, share),
            trades: trades.map(|(a, b)| a.towards(&b, share)),
        }
    }
}
