//! The strategies together: figures of the whole, correlation, shares of risk.

use super::Material;
use super::curves::{WINDOW_DAYS, window_bars};
use crate::kernel::time::UtcTime;
use crate::metrics::correlation_matrix::{
    CorrelationMatrix, Rolling, rolling_correlation, tail_correlation,
};
use crate::metrics::shortfall_components::ShortfallComponents;
use crate::metrics::{Metric, MetricResult, Sample, Undefined, quantile, risk};
use crate::render::report::number::{metric, number};
use crate::render::report::robustness::{Figure, PairRow, RiskSection, RollingCorrelation};

/// The worst bars that tail figures look at.
const TAIL: f64 = 0.05;
/// About how many windows a curve has.
const WINDOWS: usize = 40;

/// Figures of the portfolio as a whole: the gate's own where it has them.
pub(super) fn figures(material: &Material<'_>, turnover: MetricResult) -> Vec<Figure> {
    let gate = |id: Metric| metric(material.stated(id, Sample::Full), id.unit());
    let figure = |name: &str, value: String, words: &str| Figure {
        name: name.to_owned(),
        value,
        words: words.to_owned(),
    };
    let strategies = material.configuration.strategies.len();
    let styles = match material.stated(Metric::Styles, Sample::Full) {
        Ok(x) if x < 1.5 => "all of one style".to_owned(),
        _ => format!("of {} styles", gate(Metric::Styles)),
    };
    let mut figures = vec![figure(
        "Strategies",
        number(strategies as f64, Metric::Strategies.unit()),
        &styles,
    )];
    if strategies > 1 {
        figures.extend([
            figure(
                "Diversification ratio",
                gate(Metric::DiversificationRatio),
                "weighted mean volatility over the portfolio's: 1 means nothing is spread",
            ),
            figure(
                "Effective bets",
                gate(Metric::EffectiveBets),
                "how many equal, independent bets would share the risk alike",
            ),
            figure(
                "Largest share of risk",
                gate(Metric::RiskContributionMax),
                "of one strategy, of the volatility",
            ),
            figure(
                "Mean correlation",
                gate(Metric::CorrelationMean),
                "over all pairs of strategies",
            ),
            figure(
                "Largest correlation",
                gate(Metric::CorrelationMax),
                "between strategies of different style",
            ),
        ]);
    }
    figures.push(figure(
        "Turnover per year",
        metric(turnover, crate::kernel::unit::Unit::Fraction),
        "of the portfolio; buying and selling all of it once is 100 %",
    ));
    figures
}

/// Correlation and shares of risk; none for a lone strategy.
pub(super) fn risk_section(material: &Material<'_>) -> Option<RiskSection> {
    let backtest = &material.outcome.backtest;
    let series = &backtest.account.strategy_returns;
    if series.len() < 2 {
        return None;
    }
    let members = &material.outcome.portfolio.members;
    let weights: Vec<f64> = members.iter().map(|m| m.weight).collect();
    let columns: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    let all = CorrelationMatrix::new(&columns);
    let tail = tail_correlation(&columns, &backtest.account.returns, TAIL);
    let shares = |found: Result<Vec<f64>, Undefined>| match found {
        Ok(shares) => shares.into_iter().map(Ok).collect(),
        Err(reason) => vec![Err(reason); columns.len()],
    };
    let windows = window_bars(&backtest.times)
        .ok_or(Undefined::TooFewObservations)
        .and_then(|window| {
            let step = backtest.times.len().saturating_sub(window) / WINDOWS;
            rolling_correlation(&columns, window, step.max(1))
        });
    let mut pairs = vec![
        pair("all bars".to_owned(), &all),
        pair(
            format!(
                "the portfolio's worst {} of all bars",
                number(TAIL, crate::kernel::unit::Unit::Fraction)
            ),
            &tail,
        ),
    ];
    if let Ok(windows) = &windows {
        pairs.push(PairRow {
            bars: format!("highest of any {WINDOW_DAYS} days"),
            mean: highest(windows, |w| w.mean),
            max: highest(windows, |w| w.max),
        });
    }
    Some(RiskSection {
        strategies: material.strategy_ids(),
        weights: weights.clone(),
        correlation: all.map_or_else(
            |reason| vec![vec![Err(reason); columns.len()]; columns.len()],
            |table| table.cells,
        ),
        contribution: shares(risk::decompose(&weights, &columns).map(|risk| risk.shares)),
        shortfall: shares(
            ShortfallComponents::new(&weights, &columns, TAIL).and_then(|found| found.shares()),
        ),
        tail_share: TAIL,
        pairs,
        rolling: windows
            .ok()
            .map(|windows| rolling(&windows, &backtest.times)),
    })
}

fn pair(bars: String, table: &Result<CorrelationMatrix, Undefined>) -> PairRow {
    let of = |figure: &dyn Fn(&CorrelationMatrix) -> MetricResult| {
        table.as_ref().map_err(|reason| *reason).and_then(figure)
    };
    PairRow {
        bars,
        mean: of(&CorrelationMatrix::mean),
        max: of(&CorrelationMatrix::max),
    }
}

/// The largest value of any window; undefined where no window has one.
fn highest(windows: &[Rolling], of: impl Fn(&Rolling) -> MetricResult) -> MetricResult {
    let mut values: Vec<MetricResult> = windows.iter().map(of).filter(Result::is_ok).collect();
    values.sort_by(|a, b| a.unwrap_or(0.0).total_cmp(&b.unwrap_or(0.0)));
    quantile::quantile(&values, 1.0)
}

fn rolling(windows: &[Rolling], times: &[UtcTime]) -> RollingCorrelation {
    let points = |of: fn(&Rolling) -> MetricResult| -> Vec<(UtcTime, f64)> {
        windows
            .iter()
            .filter_map(|w| Some((*times.get(w.bar)?, of(w).ok()?)))
            .collect()
    };
    let mean = points(|w| w.mean);
    RollingCorrelation {
        days: WINDOW_DAYS.unsigned_abs(),
        idle: (windows.len() - mean.len()) as u64,
        mean,
        max: points(|w| w.max),
    }
}
