//! The book as facts: a candidate's bundle together with those of every portfolio that is LIVE.
//!
//! In: checked research bundles, from directories or from the ledger's blobs. Out: the three book
//! facts. Capital comes from `strategy.json`, the largest exposure from `limits.json`. A bundle that
//! contradicts itself, or lacks one of them, leaves the whole book `unsupported`: a book with a hole
//! is none.

use super::bundle::CheckedBundle;
use super::consistency::examine;
use super::facts::Fact;
use super::path;
use crate::metrics::book::{Book, Holding, book};
use crate::metrics::{Metric, MetricKey, MetricResult, Sample, Undefined};

/// The book facts of `candidate` among `live`.
#[must_use]
pub fn facts(candidate: &CheckedBundle, live: &[&CheckedBundle]) -> Vec<Fact> {
    let joined = joined(candidate, live);
    let of = |pick: &dyn Fn(&Book) -> MetricResult| joined.as_ref().map_err(|e| *e).and_then(pick);
    let series = format!("{} with {} LIVE portfolios", path::FULL, live.len());
    let limits = format!("{} with {} LIVE portfolios", path::LIMITS, live.len());
    [
        (Metric::BookMaxDrawdown, of(&|b| b.max_drawdown), &series),
        (
            Metric::BookCorrelationMax,
            of(&|b| b.correlation_max),
            &series,
        ),
        (Metric::BookExposure, of(&|b| b.exposure), &limits),
    ]
    .into_iter()
    .map(|(metric, result, source)| {
        Fact::computed(MetricKey::new(metric, Sample::Full), result, source)
    })
    .collect()
}

fn joined(candidate: &CheckedBundle, live: &[&CheckedBundle]) -> Result<Book, Undefined> {
    let own = holding(candidate)?;
    let others: Vec<Holding<'_>> = live
        .iter()
        .map(|bundle| holding(bundle))
        .collect::<Result<_, _>>()?;
    Ok(book(&own, &others))
}

fn holding(bundle: &CheckedBundle) -> Result<Holding<'_>, Undefined> {
    let (trust, _) = examine(bundle);
    let capital = bundle.configuration.capital.as_ref();
    match (capital, &bundle.limits) {
        (Some(capital), Some(limits)) if trust.full => Ok(Holding {
            times: &bundle.full.times,
            returns: &bundle.full.returns,
            capital: capital.to_f64(),
            exposure_max: limits.max_total_exposure_notional.to_f64(),
        }),
        _ => Err(Undefined::Unsupported),
    }
}
