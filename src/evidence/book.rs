//! The book as facts: a candidate's bundle together with those of every portfolio that is LIVE.
//!
//! In: checked research bundles, from directories or from the ledger's blobs, each with the limits
//! that were, or would be, approved. Out: the three book facts. Capital comes from `strategy.json`,
//! the largest exposure from the limits. A bundle that contradicts itself, limits in another form,
//! or amounts in different currencies leave the whole book `unsupported`: a book with a hole is
//! none.

use super::bundle::CheckedBundle;
use super::consistency::examine;
use super::facts::Fact;
use super::limits::Limits;
use super::path;
use crate::metrics::book::{Book, Holding, book};
use crate::metrics::{Metric, MetricKey, MetricResult, Sample, Undefined};

/// One portfolio of the book: its research bundle, and the limits that it trades under.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member<'a> {
    /// The bundle.
    pub bundle: &'a CheckedBundle,
    /// The limits; none where they are not in our form.
    pub limits: Option<&'a Limits>,
}

/// The book facts of `candidate` among `live`. `deviates` tells that the candidate's costs or fills
/// are kinder than the policy's; that flatters its returns, not its limits.
#[must_use]
pub fn facts(candidate: &Member<'_>, live: &[Member<'_>], deviates: bool) -> Vec<Fact> {
    let joined = joined(candidate, live);
    let of = |pick: &dyn Fn(&Book) -> MetricResult| joined.as_ref().map_err(|e| *e).and_then(pick);
    let series = format!("{} with {} LIVE portfolios", path::FULL, live.len());
    let limits = format!("{} with {} LIVE portfolios", path::LIMITS, live.len());
    let rows = [
        (Metric::BookMaxDrawdown, of(&|b| b.max_drawdown), &series),
        (
            Metric::BookCorrelationMax,
            of(&|b| b.correlation_max),
            &series,
        ),
        (Metric::BookExposure, of(&|b| b.exposure), &limits),
    ];
    rows.into_iter()
        .map(|(metric, result, source)| Fact {
            deviates: deviates && metric != Metric::BookExposure,
            ..Fact::computed(MetricKey::new(metric, Sample::Full), result, source)
        })
        .collect()
}

fn joined(candidate: &Member<'_>, live: &[Member<'_>]) -> Result<Book, Undefined> {
    let own = holding(candidate)?;
    let others: Vec<Holding<'_>> = live.iter().map(holding).collect::<Result<_, _>>()?;
    let currency = |member: &Member<'_>| member.limits.map(|l| l.base_currency.clone());
    let same = |other: &Member<'_>| currency(other) == currency(candidate);
    match live.iter().all(same) {
        true => Ok(book(&own, &others)),
        false => Err(Undefined::Unsupported),
    }
}

fn holding<'a>(member: &Member<'a>) -> Result<Holding<'a>, Undefined> {
    let bundle = member.bundle;
    let (trust, _) = examine(bundle);
    let capital = bundle.configuration.capital.as_ref();
    match (capital, member.limits) {
        (Some(capital), Some(limits)) if trust.full => Ok(Holding {
            times: &bundle.full.times,
            returns: &bundle.full.returns,
            capital: capital.to_f64(),
            exposure_max: limits.max_total_exposure_notional.to_f64(),
        }),
        _ => Err(Undefined::Unsupported),
    }
}
