//! How closely a candidate's returns follow those of an earlier request that got no stage.
//!
//! In: what each comparison gave. Out: the closest one, with a remark where it is almost the same,
//! everything that could not be compared by name, and the same as text. Keeps: it informs those who
//! approve; nothing is judged by it.

use serde::Serialize;

use super::decision_log::status;
use crate::governance::promotion::resembling::ENDED_MAX;
use crate::governance::promotion::state::{RequestRecord, Status};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, RequestId};
use crate::kernel::time::UtcTime;
use crate::metrics::resemblance::{COMMON_MIN, Resemblance};

/// Decimals of a correlation as it is shown and remarked on.
const PLACES: u32 = 4;

/// Correlation from which two configurations are called almost the same.
const ALMOST_SAME: f64 = 0.9;

/// What the comparison with one earlier request gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Compared {
    /// Both series were there.
    Series(Resemblance),
    /// It has no bundle with the returns of a backtest.
    NoSeries,
    /// A blob of that digest is not kept, or has other bytes.
    BlobMissing(Digest),
    /// The blob of that digest is no such file.
    BlobMalformed(Digest),
}

/// The resemblance of a candidate to the earlier requests that got no stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ResemblanceJson {
    /// The one whose returns follow the candidate's most closely; null where none could be compared.
    pub closest: Option<Closest>,
    /// A word where they are almost the same.
    pub remark: Option<String>,
    /// Earlier requests that were compared.
    pub compared: usize,
    /// Those that could not be compared, and why; with the candidate itself where its own returns
    /// are not there.
    pub not_compared: Vec<NotCompared>,
    /// Older requests beyond the newest 200, which were left out.
    pub left_out: usize,
}

/// An earlier request and how closely the candidate follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Closest {
    /// Request.
    pub request: RequestId,
    /// Its portfolio.
    pub portfolio: PortfolioId,
    /// Who asked.
    pub requester: PersonId,
    /// How it ended: `REJECT`, `REVISE` or `DENIED`.
    pub verdict: &'static str,
    /// When.
    pub ended_at: Option<UtcTime>,
    /// Pearson correlation of the returns, 4 decimals.
    pub correlation: Decimal,
    /// Bars that both have.
    pub common_bars: usize,
    /// True from a correlation of 0.9 on.
    pub almost_the_same: bool,
}

/// A request that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NotCompared {
    /// Request.
    pub request: RequestId,
    /// Why.
    pub reason: Why,
    /// The blob that is meant.
    pub sha256: Option<Digest>,
    /// Bars that both have, where that is the reason.
    pub common_bars: Option<usize>,
}

/// Why two requests could not be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Fewer than 60 bars in common.
    TooFewCommonBars,
    /// One of them does not move on the common bars.
    NoCorrelation,
    /// No bundle with the returns of a backtest.
    NoSeries,
    /// The blob is not kept, or has other bytes.
    BlobMissing,
    /// The blob is no such file.
    BlobMalformed,
}

impl ResemblanceJson {
    /// What the comparisons with `each`, newest first, come to.
    #[must_use]
    pub fn new<'a>(
        each: impl IntoIterator<Item = (&'a RequestRecord, Compared)>,
        left_out: usize,
    ) -> Self {
        let mut found = Self {
            closest: None,
            remark: None,
            compared: 0,
            not_compared: Vec::new(),
            left_out,
        };
        for (record, compared) in each {
            found.add(record, compared);
        }
        let close = found.closest.as_ref().filter(|c| c.almost_the_same);
        found.remark = close.map(|c| {
            let ended = ended(c.verdict);
            format!("almost the same returns as {}, which {ended}", c.request)
        });
        found
    }

    /// What is known where the candidate's own returns are not there.
    #[must_use]
    pub fn without_own(record: &RequestRecord, compared: Compared, left_out: usize) -> Self {
        let mut found = Self::new([], left_out);
        found.add(record, compared);
        found
    }

    fn add(&mut self, record: &RequestRecord, compared: Compared) {
        let mut not = |reason, sha256, common_bars| {
            self.not_compared.push(NotCompared {
                request: record.request.request.clone(),
                reason,
                sha256,
                common_bars,
            });
        };
        let Resemblance {
            common_bars,
            correlation,
        } = match compared {
            Compared::Series(resemblance) => resemblance,
            Compared::NoSeries => return not(Why::NoSeries, None, None),
            Compared::BlobMissing(digest) => return not(Why::BlobMissing, Some(digest), None),
            Compared::BlobMalformed(digest) => return not(Why::BlobMalformed, Some(digest), None),
        };
        if common_bars < COMMON_MIN {
            return not(Why::TooFewCommonBars, None, Some(common_bars));
        }
        let shown = correlation.ok().and_then(|r| Decimal::from_f64(r).ok());
        let Some(correlation) = shown.map(|r| r.round(PLACES)) else {
            return not(Why::NoCorrelation, None, Some(common_bars));
        };
        self.compared += 1;
        // The newest of equals stays.
        let closer = |held: &Closest| correlation > held.correlation;
        if self.closest.as_ref().is_none_or(closer) {
            self.closest = Some(closest(record, correlation, common_bars));
        }
    }
}

fn closest(record: &RequestRecord, correlation: Decimal, common_bars: usize) -> Closest {
    let request = &record.request;
    Closest {
        request: request.request.clone(),
        portfolio: request.portfolio.clone(),
        requester: record.mark.person.clone(),
        verdict: status(record),
        ended_at: record.end.as_ref().map(|end| end.time),
        // Of the figure that is shown, so that the remark never contradicts it.
        almost_the_same: correlation.to_f64() >= ALMOST_SAME,
        correlation,
        common_bars,
    }
}

fn ended(verdict: &str) -> &'static str {
    let is = |status: Status| verdict == status.as_str();
    match verdict {
        _ if is(Status::Denied) => "was denied",
        _ if is(Status::Revise) => "was to be revised",
        _ => "was rejected",
    }
}

/// The same as text.
#[must_use]
pub fn text(found: &ResemblanceJson) -> String {
    let mut out = match &found.closest {
        None if found.not_compared.is_empty() => {
            "resemblance: no earlier request with another strategy was rejected, revised or denied\n"
                .to_owned()
        }
        None => "resemblance: cannot be compared with any earlier request\n".to_owned(),
        Some(closest) => nearest(closest, found.compared),
    };
    if let Some(remark) = &found.remark {
        out.push_str(&format!("remark: {remark}\n"));
    }
    let few = |n: &&NotCompared| n.reason == Why::TooFewCommonBars;
    let short: Vec<String> = found.not_compared.iter().filter(few).map(bars).collect();
    if !short.is_empty() {
        out.push_str(&format!(
            "  cannot be compared, fewer than {COMMON_MIN} common bars: {}\n",
            short.join(", ")
        ));
    }
    for not in found.not_compared.iter().filter(|n| !few(n)) {
        out.push_str(&format!("  cannot be compared, {}\n", why(not)));
    }
    if found.left_out > 0 {
        out.push_str(&format!(
            "  {} older requests were left out: only the newest {ENDED_MAX} are compared\n",
            found.left_out
        ));
    }
    out
}

fn nearest(closest: &Closest, compared: usize) -> String {
    let on = closest.ended_at.map(|time| format!(" on {}", time.date()));
    format!(
        "resemblance: closest is {} ({}{}), correlation {} over {} common bars ({compared} compared)\n",
        closest.request,
        closest.verdict,
        on.unwrap_or_default(),
        closest.correlation.to_fixed(PLACES),
        closest.common_bars,
    )
}

fn bars(not: &NotCompared) -> String {
    format!("{} ({})", not.request, not.common_bars.unwrap_or_default())
}

fn why(not: &NotCompared) -> String {
    let blob = not.sha256.map(|digest| digest.to_string());
    let (request, blob) = (&not.request, blob.unwrap_or_default());
    match not.reason {
        Why::NoSeries => format!("{request} shows no backtest"),
        Why::BlobMissing => format!("{request}: the blob {blob} is not kept as it was"),
        Why::BlobMalformed => format!("{request}: the blob {blob} cannot be read"),
        Why::NoCorrelation => format!("{request}: returns without movement"),
        Why::TooFewCommonBars => bars(not),
    }
}
