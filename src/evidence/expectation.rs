//! A shadow contract as figures to be read: what is expected after so many days, how wide that is,
//! how wide the policy lets it be, and where a session lies in it.
//!
//! In: a [`ShadowContract`], and for a session its bundle. Out: decimals, rounded as judged values
//! are. Nothing is decided on them: the distance that counts is the `drift_*` metric, which comes
//! from the same ranges.

use serde::Serialize;

use super::bundle::{CheckedBundle, is_research};
use super::consistency::examine;
use super::contract::ShadowContract;
use super::session_figures::observed;
use crate::kernel::decimal::Decimal;
use crate::kernel::time::DAY_MS;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricResult, Undefined, drawdown, total_return, volatility};

/// Figures that a contract speaks about, each by its drift metric, with the unit of what is
/// observed.
const FIGURES: [(Metric, &str, Unit); 5] = [
    (Metric::DriftReturn, "total_return", Unit::Fraction),
    (Metric::DriftVolatility, "volatility", Unit::Fraction),
    (Metric::DriftDrawdown, "max_drawdown", Unit::Fraction),
    (Metric::DriftTrades, "trades", Unit::Count),
    (Metric::DriftSlippage, "slippage", Unit::Fraction),
];

/// What a session of one length may be expected to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExpectedAfter {
    /// Days.
    pub days: i64,
    /// The same in bars.
    pub bars: i64,
    /// One per drift metric.
    pub figures: Vec<ExpectedFigure>,
}

/// The range of one figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExpectedFigure {
    /// What is observed, such as `total_return`.
    pub figure: &'static str,
    /// The metric that says how far it lies from the centre.
    pub metric: Metric,
    /// Unit of the numbers below.
    pub unit: Unit,
    /// The range; null where there is none.
    pub range: Option<ExpectedRange>,
    /// Why there is none.
    pub undefined: Option<Undefined>,
}

/// Edges, centre and widths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExpectedRange {
    /// The 1 % quantile.
    pub low: Decimal,
    /// The median.
    pub centre: Decimal,
    /// The 99 % quantile.
    pub high: Decimal,
    /// From edge to edge.
    pub width: Decimal,
    /// The largest width that the policy allows.
    pub width_max: Decimal,
    /// True when it is wider than that: then nothing can be judged by it.
    pub too_wide: bool,
}

/// Where a session lies in its range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Placed {
    /// Bars of the session.
    pub bars: i64,
    /// The range.
    pub expected: ExpectedFigure,
    /// What the session showed; null where that is not known.
    pub observed: Option<Decimal>,
}

/// What `contract` expects after `days` days.
#[must_use]
pub fn expected_after(contract: &ShadowContract, days: i64) -> ExpectedAfter {
    let bars = days * DAY_MS / contract.bar_ms.max(1);
    let figures = FIGURES.map(|(metric, _, _)| figure(contract, metric, bars));
    ExpectedAfter {
        days,
        bars,
        figures: figures.into_iter().flatten().collect(),
    }
}

/// Where the session in `bundle` lies, by drift metric; none for a bundle of research.
#[must_use]
pub fn placed(contract: &ShadowContract, bundle: &CheckedBundle) -> Vec<Placed> {
    if is_research(bundle.manifest.kind) {
        return Vec::new();
    }
    let (trust, _) = examine(bundle);
    let seen = observed(bundle, trust);
    let bars = i64::try_from(seen.returns.len()).unwrap_or(i64::MAX);
    let periods = contract.periods_per_year.to_f64();
    let of = |metric| -> MetricResult {
        match metric {
            Metric::DriftReturn => total_return::total_return(seen.returns),
            Metric::DriftVolatility => volatility::volatility(seen.returns, periods),
            Metric::DriftDrawdown => drawdown::max_drawdown(seen.returns),
            Metric::DriftTrades => seen.entries,
            _ => seen.slippage,
        }
    };
    let one = |(metric, _, _)| {
        let value = match trust.full {
            true => of(metric).ok().and_then(|value| decimal(value).ok()),
            false => None,
        };
        Some(Placed {
            bars,
            expected: figure(contract, metric, bars)?,
            observed: value,
        })
    };
    FIGURES.into_iter().filter_map(one).collect()
}

fn figure(contract: &ShadowContract, metric: Metric, bars: i64) -> Option<ExpectedFigure> {
    let (_, name, unit) = FIGURES.into_iter().find(|(known, ..)| *known == metric)?;
    let found = range(contract, metric, bars);
    Some(ExpectedFigure {
        figure: name,
        metric,
        unit,
        undefined: found.as_ref().err().copied(),
        range: found.ok(),
    })
}

fn range(contract: &ShadowContract, metric: Metric, bars: i64) -> Result<ExpectedRange, Undefined> {
    let bars = usize::try_from(bars).map_err(|_| Undefined::OutOfRange)?;
    let (range, most) = contract.range(metric, bars)?;
    Ok(ExpectedRange {
        low: decimal(range.low)?,
        centre: decimal(range.centre)?,
        high: decimal(range.high)?,
        width: decimal(range.width())?,
        width_max: decimal(most)?,
        too_wide: range.width() > most,
    })
}

fn decimal(value: f64) -> Result<Decimal, Undefined> {
    let value = Decimal::from_f64(value).map_err(|_| Undefined::OutOfRange)?;
    Ok(value.judged())
}
