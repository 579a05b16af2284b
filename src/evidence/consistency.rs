//! Does a bundle agree with itself? Every identity of the format, checked over every row.
//!
//! Tolerances (numbers are stored at full precision, so these are rounding, not leniency):
//! equity\[t\] = equity\[t-1\] x (1 + return\[t\]) within 1e-9 of the value; the sum of weight x return
//! within 1e-10 of the portfolio's return; out-of-sample rows exactly those of the full series;
//! trades: per strategy, the sum of `pnl` is what the strategy changed the equity by, the sum of
//! capital x equity\[t-1\] x weight_ID\[t\] x return_ID\[t\], within 1e-6 of the larger of the capital and
//! the money that moved; in all but imports, each `pnl` is quantity x price difference - costs
//! within 1e-6 of the entry value; every quantity is above 0. A session without columns per strategy reconciles as a whole, and
//! its orders with its trades (see [`super::fills`]); regime labels stand at the bars of the series.
//! What a broken identity touches is not judged: see [`Trust`].

use super::bundle::{CheckedBundle, is_research};
use super::fills;
use super::finding::{Code, Finding};
use super::manifest::{EvidenceKind, OosKind};
use super::parts::{sample_of, samples_of};
use super::regimes::RegimeSeries;
use super::series::{FullSeries, OosSeries};
use super::trades::Trade;
use super::windows::Windows;
use crate::kernel::id::StrategyId;
use crate::metrics::Sample;
use crate::metrics::periods::median_spacing_ms;

const EQUITY_TOLERANCE: f64 = 1e-9;
const WEIGHT_TOLERANCE: f64 = 1e-10;
const MONEY_TOLERANCE: f64 = 1e-6;

/// Which parts of a bundle may be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trust {
    /// The portfolio's series.
    pub full: bool,
    /// The columns per strategy.
    pub strategies: bool,
    /// The out-of-sample series.
    pub oos: bool,
    /// The trades.
    pub trades: bool,
    /// The orders.
    pub orders: bool,
    /// The regime labels.
    pub regimes: bool,
}

/// Checks every identity.
#[must_use]
pub fn examine(bundle: &CheckedBundle) -> (Trust, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut holds = |found: Option<Finding>| {
        let good = found.is_none();
        findings.extend(found);
        good
    };
    let full = &bundle.full;
    let columns = !full.strategies.is_empty();
    let equity = holds(equity(full));
    let weights = holds(if columns { weights(full) } else { None });
    let ids = holds(if columns { ids(bundle) } else { None });
    let samples = holds(samples(bundle));
    let walk_forward = bundle
        .manifest
        .samples
        .oos
        .as_ref()
        .is_some_and(|oos| oos.kind == OosKind::WalkForward);
    let oos = match &bundle.oos {
        // A refitted walk-forward is not a slice of the full run: only a rerun can confirm it.
        Some(oos) => holds(slice(full, oos, walk_forward)),
        None => false,
    };
    let session = !is_research(bundle.manifest.kind);
    let trades = match &bundle.trades {
        Some(list) if columns || session => holds(trades(bundle, list)),
        _ => false,
    };
    let orders = match &bundle.further.orders {
        Some(orders) => holds(fills::examine(bundle, orders)),
        None => false,
    };
    let regimes = match &bundle.further.regimes {
        Some(regimes) => holds(regimes_at(full, regimes)),
        None => false,
    };
    let series = equity && weights && samples;
    let trust = Trust {
        full: series,
        strategies: series && columns && ids,
        oos: series && oos,
        trades: series && ids && trades,
        orders: series && ids && trades && orders,
        regimes: series && regimes,
    };
    (trust, findings)
}

fn equity(full: &FullSeries) -> Option<Finding> {
    let mut before = 1.0;
    for ((time, r), stated) in full.times.iter().zip(&full.returns).zip(&full.equity) {
        let wanted = before * (1.0 + r);
        if (stated - wanted).abs() > EQUITY_TOLERANCE * wanted.abs() + 1e-20 {
            return Some(Finding::new(
                Code::Equity,
                format!("series/full.csv: equity at {time} is {stated}, the returns give {wanted}"),
            ));
        }
        before = *stated;
    }
    None
}

fn weights(full: &FullSeries) -> Option<Finding> {
    let mut sums = vec![0.0; full.times.len()];
    for s in &full.strategies {
        for ((sum, w), r) in sums.iter_mut().zip(&s.weights).zip(&s.returns) {
            *sum += w * r;
        }
    }
    let rows = full.times.iter().zip(&full.returns).zip(sums);
    rows.into_iter()
        .find(|((_, r), sum)| (*r - sum).abs() > WEIGHT_TOLERANCE)
        .map(|((time, r), sum)| {
            Finding::new(
                Code::Weights,
                format!("series/full.csv: return at {time} is {r}, the strategies give {sum}"),
            )
        })
}

fn ids(bundle: &CheckedBundle) -> Option<Finding> {
    let mut columns: Vec<_> = bundle.full.strategies.iter().map(|s| &s.id).collect();
    let mut configured: Vec<_> = bundle
        .configuration
        .strategies
        .iter()
        .map(|s| &s.id)
        .collect();
    columns.sort();
    configured.sort();
    (columns != configured).then(|| {
        Finding::new(
            Code::Strategies,
            "series/full.csv has columns of other strategies than strategy.json",
        )
    })
}

fn samples(bundle: &CheckedBundle) -> Option<Finding> {
    let stated = &bundle.manifest.samples;
    let oos = stated.oos.as_ref().map(|o| o.kind).zip(bundle.oos.as_ref());
    let counted = samples_of(&bundle.full, oos).ok();
    (counted.as_ref() != Some(stated)).then(|| {
        Finding::new(
            Code::Samples,
            "evidence.json: samples are not the ranges of the series",
        )
    })
}

fn regimes_at(full: &FullSeries, regimes: &RegimeSeries) -> Option<Finding> {
    (full.times != regimes.times).then(|| {
        let what = "series/regime.csv: not the bars of series/full.csv";
        Finding::new(Code::Regimes, what)
    })
}

fn slice(full: &FullSeries, oos: &OosSeries, walk_forward: bool) -> Option<Finding> {
    for (time, r) in oos.times.iter().zip(&oos.returns) {
        let row = full.times.binary_search(time).ok();
        let in_full = row.and_then(|i| full.returns.get(i));
        let good = in_full.is_some_and(|x| walk_forward || x.to_bits() == r.to_bits());
        if !good {
            let there = in_full.map_or("no such row".to_owned(), ToString::to_string);
            return Some(Finding::new(
                Code::Oos,
                format!("series/oos.csv: return at {time} is {r}, series/full.csv has {there}"),
            ));
        }
    }
    None
}

fn trades(bundle: &CheckedBundle, trades: &[Trade]) -> Option<Finding> {
    let found =
        |message: String| Some(Finding::new(Code::Trades, format!("trades.csv: {message}")));
    let own = sample_of(bundle.manifest.kind);
    let windows = bundle
        .oos
        .as_ref()
        .map(|oos| Windows::of(&bundle.full, oos));
    let bar_ms = median_spacing_ms(&bundle.full.times).unwrap_or(0);
    for trade in trades {
        let oos = windows.as_ref().is_some_and(|w| w.hold(trade));
        let sample = if oos { Sample::Oos } else { own };
        if trade.sample != sample {
            return found(format!(
                "trade `{}` is of sample `{sample}`, not `{}`",
                trade.id, trade.sample
            ));
        }
        if !is_inside(&bundle.full, bar_ms, trade) {
            return found(format!("trade `{}` lies outside the series", trade.id));
        }
        if !is_real(trade) {
            return found(format!("trade `{}` has no quantity", trade.id));
        }
        if bundle.manifest.kind != EvidenceKind::Import && !adds_up(trade) {
            return found(format!(
                "pnl of trade `{}` does not follow from its prices",
                trade.id
            ));
        }
        if !known(bundle, &trade.strategy) {
            return found(format!("strategy `{}` has no series", trade.strategy));
        }
    }
    let Some(capital) = &bundle.configuration.capital else {
        return found("strategy.json states no capital to reconcile with".to_owned());
    };
    let capital = capital.to_f64();
    let full = &bundle.full;
    if full.strategies.is_empty() {
        let whole = vec![1.0; full.returns.len()];
        let shares = whole.iter().zip(&full.returns);
        return reconcile("the portfolio", shares, full, capital, trades.iter());
    }
    full.strategies.iter().find_map(|s| {
        let own = trades.iter().filter(|t| t.strategy == s.id);
        let shares = s.weights.iter().zip(&s.returns);
        reconcile(&format!("`{}`", s.id), shares, full, capital, own)
    })
}

fn is_inside(full: &FullSeries, bar_ms: i64, trade: &Trade) -> bool {
    let ends = (full.times.first(), full.times.last());
    let last_time = trade.exit_time.unwrap_or(trade.entry_time);
    matches!(ends, (Some(first), Some(last))
        if trade.entry_time >= *first && last_time <= last.plus_millis(bar_ms))
}

/// Says why `trades` do not reconcile with a series of one strategy whose account began with
/// `capital`; none when they do.
pub(super) fn unreconciled(full: &FullSeries, capital: f64, trades: &[Trade]) -> Option<String> {
    let bar_ms = median_spacing_ms(&full.times).unwrap_or(0);
    if let Some(stray) = trades.iter().find(|t| !is_inside(full, bar_ms, t)) {
        return Some(format!("trade `{}` lies outside the series", stray.id));
    }
    if let Some(empty) = trades.iter().find(|t| !is_real(t)) {
        return Some(format!("trade `{}` has no quantity", empty.id));
    }
    let whole = vec![1.0; full.returns.len()];
    let shares = whole.iter().zip(&full.returns);
    let found = reconcile("all trades", shares, full, capital, trades.iter());
    found.map(|finding| finding.message.replace("trades.csv: ", ""))
}

/// True when the series, or where it has no columns per strategy the configuration, names `id`.
fn known(bundle: &CheckedBundle, id: &StrategyId) -> bool {
    let columns = &bundle.full.strategies;
    let configured = &bundle.configuration.strategies;
    columns.iter().any(|s| &s.id == id)
        || (columns.is_empty() && configured.iter().any(|s| &s.id == id))
}

/// True when something was traded: a trade of nothing must not count as one.
fn is_real(trade: &Trade) -> bool {
    trade.quantity.is_finite() && trade.quantity > 0.0
}

fn adds_up(trade: &Trade) -> bool {
    let gross = trade.side.sign() * trade.quantity * (trade.exit_price - trade.entry_price);
    let value = (trade.quantity * trade.entry_price).abs();
    (trade.pnl - (gross - trade.costs)).abs() <= MONEY_TOLERANCE * value
}

/// Compares the results of `trades` with what the shares (weight and return per bar) of `name` made
/// of the equity.
fn reconcile<'a>(
    name: &str,
    shares: impl Iterator<Item = (&'a f64, &'a f64)>,
    full: &FullSeries,
    capital: f64,
    trades: impl Iterator<Item = &'a Trade>,
) -> Option<Finding> {
    let (mut wanted, mut equity) = (0.0, capital);
    for ((w, r), all) in shares.zip(&full.returns) {
        wanted += equity * w * r;
        equity *= 1.0 + all;
    }
    let (sum, moved) = trades.fold((0.0, capital.abs()), |(sum, moved), t| {
        (sum + t.pnl, moved + t.pnl.abs())
    });
    // Written so that a NaN counts as a difference.
    let close = (sum - wanted).abs() <= MONEY_TOLERANCE * moved;
    (!close).then(|| {
        Finding::new(
            Code::Trades,
            format!("trades.csv: pnl of {name} adds up to {sum}, its series gives {wanted}"),
        )
    })
}
