//! Figures that another tool claimed, against the series that it gave.
//!
//! In: a checked bundle of kind `import`. Out: one [`Comparison`] per claimed figure whose rule is
//! known ([`rules`]), with what the series gives under that tool's own convention ([`expected`]),
//! and a finding for each that the convention does not explain. Nothing here is judged: the gate
//! judges what it derives itself.

mod expected;
mod rules;

use super::Tool;
use super::stats::amount;
use crate::evidence::bundle::CheckedBundle;
use crate::evidence::finding::{Code, Finding};
use crate::evidence::manifest::{Claim, EvidenceKind, Valuation};
use crate::kernel::text::visible;
use crate::kernel::time::DAY_MS;
use crate::metrics::periods::{median_spacing_ms, periods_per_year};
use expected::Ground;

pub use rules::convention;

/// Name under which a person's `--periods-per-year` stands among the claims.
pub const PERIODS: &str = "periods_per_year";
/// Name of the claim that counts days on which positions contradict the returns.
pub const POSITIONS: &str = "positions_off";
/// Name of the claim that counts trades which do not explain the series and were left out.
pub const LEFT_OUT: &str = "trades_left_out";
/// Name of the claim that names an imported file by its digest.
pub const SOURCE: &str = "source_sha256";
/// Name under which quantstats prints its risk-free rate.
const RISK_FREE: &str = "Risk-Free Rate";
/// Relative difference that is rounding.
const ROUNDING: f64 = 1e-6;

/// One claimed figure beside what the series gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The tool's name for it.
    pub name: String,
    /// As it was printed.
    pub claimed: String,
    /// What the series gives under the tool's convention, in the tool's unit and sign; several
    /// where its versions differ.
    pub expected: Vec<f64>,
    /// True when one of them is what was printed.
    pub agrees: bool,
    /// The convention, as it stands in the claim.
    pub convention: String,
}

/// Compares every claimed figure whose rule is known.
#[must_use]
pub fn compare(bundle: &CheckedBundle) -> Vec<Comparison> {
    if bundle.manifest.kind != EvidenceKind::Import {
        return Vec::new();
    }
    let claimed = &bundle.manifest.claimed;
    let stated = |name: &str| {
        let claim = claimed.iter().find(|c| c.name == name)?;
        amount(&claim.value).map(|a| a.value)
    };
    let ground = Ground {
        times: &bundle.full.times,
        returns: &bundle.full.returns,
        trades: bundle.trades.as_deref(),
        capital: bundle
            .configuration
            .capital
            .as_ref()
            .map_or(1.0, |c| c.to_f64()),
        periods: stated(PERIODS),
        risk_free: stated(RISK_FREE).unwrap_or(0.0),
    };
    let one = |claim: &Claim| {
        let rule = rules::of(Tool::of(&claim.tool)?, &claim.name)?;
        let printed = amount(&claim.value)?;
        let scale = if printed.percent { 1.0 } else { rule.scale };
        let values = ground.values(rule.what);
        let expected: Vec<f64> = values.into_iter().map(|x| x * scale).collect();
        let close = |x: &f64| {
            let most = printed.half * 1.02 + rule.slack + ROUNDING * x.abs() + 1e-12;
            (printed.value - x).abs() <= most
        };
        (!expected.is_empty()).then(|| Comparison {
            name: claim.name.clone(),
            claimed: claim.value.clone(),
            agrees: expected.iter().any(close),
            expected,
            convention: claim.convention.clone(),
        })
    };
    claimed.iter().filter_map(one).collect()
}

/// What is to be said about an imported bundle: contradictions, and what its series leaves out.
#[must_use]
pub fn findings(bundle: &CheckedBundle) -> Vec<Finding> {
    let contradiction = |c: Comparison| {
        let given = c.expected.first().copied().unwrap_or(f64::NAN);
        let message = format!(
            "evidence.json claimed: `{}` is {}, the series gives {given:.6} ({})",
            visible(&c.name, 80),
            visible(&c.claimed, 80),
            visible(&c.convention, 200),
        );
        Finding::new(Code::Claimed, message)
    };
    let compared = compare(bundle).into_iter().filter(|c| !c.agrees);
    let mut all: Vec<Finding> = compared.map(contradiction).collect();
    if bundle.manifest.conventions.valuation == Valuation::Realised {
        let what = "the series counts closed trades only: losses of open positions are hidden, so \
                    nothing that depends on them can pass";
        all.push(Finding::new(Code::Valuation, what));
    }
    all.extend(weekends(bundle));
    all.extend(bundle.manifest.claimed.iter().filter_map(counted));
    all
}

/// What the import itself counted and found to be wrong.
fn counted(claim: &Claim) -> Option<Finding> {
    let (code, what) = match claim.name.as_str() {
        POSITIONS if claim.value != "0" => (Code::Claimed, "positions"),
        LEFT_OUT => (Code::Unsupported, "trades left out"),
        _ => return None,
    };
    let (value, why) = (visible(&claim.value, 40), visible(&claim.convention, 300));
    Some(Finding::new(code, format!("{what}: {value} {why}")))
}

/// A daily series that has some weekends is neither a market with nor one without them.
fn weekends(bundle: &CheckedBundle) -> Option<Finding> {
    let times = &bundle.full.times;
    let daily = median_spacing_ms(times).is_some_and(|ms| (23..=25).contains(&(ms / 3_600_000)));
    let import = bundle.manifest.kind == EvidenceKind::Import;
    let q = periods_per_year(times).unwrap_or(0.0);
    if !daily || !import || q > 300.0 {
        return None;
    }
    // 1970-01-01 was a Thursday.
    let weekend = |ms: i64| matches!(ms.div_euclid(DAY_MS).rem_euclid(7), 2 | 3);
    let there = times.iter().filter(|t| weekend(t.millis())).count();
    (there > 0).then(|| {
        let what = format!(
            "series/full.csv: {there} of {} days are Saturdays or Sundays (UTC), yet {q} periods a \
             year are counted",
            times.len()
        );
        Finding::new(Code::Calendar, what)
    })
}
