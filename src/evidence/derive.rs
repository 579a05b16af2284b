//! The gate's own derivation: a checked bundle, the policy's conventions and an instant in; facts
//! and findings out.
//!
//! Nothing that the producer states is believed: every value is measured again from the judged
//! files, and a stated value that is off by more than 1e-8 is a finding; only the measured one is
//! judged. A stated metric that cannot be measured becomes a fact without value, `unsupported`.
//! Costs below the policy's minimum mark every fact that they flatter ([`Fact::deviates`]), as do
//! series that do not value open positions; fills
//! at the price that triggered them do so above SHADOW only, which is why facts are taken with
//! [`Derived::facts_for`]. On an exchange, costs and fills are not assumed: sessions of testnet and
//! live deviate from nothing. The age of the data, the deflated Sharpe ratio, the drift and the book
//! depend on more than the bundle: what is stated about them is not even compared.

use super::bundle::{CheckedBundle, is_filled_in_later, is_research};
use super::conventions::GateConventions;
use super::facts::Fact;
use super::finding::{Code, Finding};
use super::given::Given;
use super::import::claimed;
use super::manifest::{EvidenceKind, MetricRecord, OosKind, Valuation};
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::metrics::{Metric, MetricKey, Sample, Undefined};

pub use super::measure::{Measured, Measures, measure};

/// What the gate made of one bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    /// One fact per `metric:sample`, sorted; `deviates` as at SHADOW.
    pub facts: Vec<Fact>,
    /// The same values at full precision.
    pub values: Vec<Measured>,
    /// What was seen, faults first.
    pub findings: Vec<Finding>,
    /// Kind of the bundle.
    pub kind: EvidenceKind,
    /// True when orders were filled at the price that triggered them, or nothing is known about it.
    pub same_close: bool,
    /// True when any of the data was generated: good for SHADOW at most outside sandboxes.
    pub synthetic: bool,
    /// How the out-of-sample part came about.
    pub oos_kind: Option<OosKind>,
}

impl Derived {
    /// True when the bundle contradicts itself or a stated value is off.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.findings.iter().any(Finding::is_fault)
    }

    /// The facts as a policy judges them: above SHADOW, same-close fills deviate too.
    #[must_use]
    pub fn facts_for(&self, above_shadow: bool) -> Vec<Fact> {
        let marks = above_shadow && self.same_close;
        let mark = |fact: &Fact| Fact {
            deviates: fact.deviates || (marks && depends_on_fills(fact.metric)),
            ..fact.clone()
        };
        self.facts.iter().map(mark).collect()
    }
}

/// Derives everything that can be derived from `bundle` at the instant `now`.
#[must_use]
pub fn derive(bundle: &CheckedBundle, gate: &GateConventions, now: UtcTime) -> Derived {
    derive_given(bundle, gate, now, &Given::default())
}

/// As [`derive()`], with what the ledger knows: the shadow contract and the number of trials.
#[must_use]
pub fn derive_given(
    bundle: &CheckedBundle,
    gate: &GateConventions,
    now: UtcTime,
    given: &Given<'_>,
) -> Derived {
    let Measures {
        values,
        mut findings,
    } = measure(bundle, gate, now, given);
    let conventions = &bundle.manifest.conventions;
    // On an exchange, costs are what was paid, and fills are what they are.
    let research = is_research(bundle.manifest.kind);
    let assumed = research || bundle.manifest.kind == EvidenceKind::Shadow;
    let low = conventions.fee < gate.fee_min || conventions.slippage < gate.slippage_min;
    let cheap = assumed && low;
    let realised = conventions.valuation == Valuation::Realised;
    let mut facts: Vec<Fact> = values
        .iter()
        .map(|m| Fact {
            deviates: (cheap || realised) && depends_on_fills(m.key.metric),
            ..Fact::computed(m.key, m.result, &m.source)
        })
        .collect();
    for record in &bundle.manifest.metrics {
        let key = MetricKey::new(record.metric, record.sample);
        match values.iter().find(|m| m.key == key) {
            _ if is_filled_in_later(record.metric) => {}
            Some(measured) => findings.extend(compare(record, measured)),
            None => {
                findings.push(Finding::new(
                    Code::Unsupported,
                    format!("`{key}` is stated, but cannot be derived from this bundle"),
                ));
                facts.push(Fact::computed(
                    key,
                    Err(Undefined::Unsupported),
                    "evidence.json",
                ));
            }
        }
    }
    let same_close = research && conventions.fill != "next_open";
    findings.extend(conventions_of(bundle, gate, cheap, same_close));
    findings.extend(claimed::findings(bundle));
    if bundle.full.times.last().is_some_and(|last| *last > now) {
        findings.push(Finding::new(
            Code::Future,
            format!("series/full.csv: the last bar lies after {now}"),
        ));
    }
    facts.sort_by_key(Fact::key);
    findings.sort_by_key(|f| f.weight);
    Derived {
        facts,
        values,
        findings,
        kind: bundle.manifest.kind,
        same_close,
        synthetic: bundle.manifest.data.iter().any(|d| d.synthetic),
        oos_kind: bundle.manifest.samples.oos.as_ref().map(|o| o.kind),
    }
}

/// Largest difference between a stated and a measured value that is not a finding.
const TOLERANCE: &str = "0.00000001";

fn compare(record: &MetricRecord, measured: &Measured) -> Option<Finding> {
    let value = measured
        .result
        .and_then(|x| Decimal::from_f64(x).map_err(|_| Undefined::OutOfRange));
    let derived = match (&record.value, &value) {
        (Some(stated), Ok(value)) => {
            let off = stated.minus(value);
            let off = if off.signum() < 0 { off.negated() } else { off };
            if TOLERANCE
                .parse::<Decimal>()
                .is_ok_and(|tolerance| off <= tolerance)
            {
                return None;
            }
            value.to_string()
        }
        (None, Err(reason)) if record.undefined == Some(*reason) => return None,
        (_, Ok(value)) => value.to_string(),
        (_, Err(reason)) => format!("undefined: {reason}"),
    };
    let stated = match (&record.value, record.undefined) {
        (Some(value), _) => value.to_string(),
        (None, Some(reason)) => format!("undefined: {reason}"),
        (None, None) => "nothing".to_owned(),
    };
    Some(Finding::new(
        Code::Claim,
        format!(
            "`{}` is stated as {stated}, the files give {derived}",
            measured.key
        ),
    ))
}

fn conventions_of(
    bundle: &CheckedBundle,
    gate: &GateConventions,
    cheap: bool,
    same_close: bool,
) -> Vec<Finding> {
    let conventions = &bundle.manifest.conventions;
    let mut notes = Vec::new();
    if cheap {
        notes.push(Finding::new(
            Code::Costs,
            format!(
                "fee {} and slippage {} per side are below the policy's minimum of {} and {}",
                conventions.fee, conventions.slippage, gate.fee_min, gate.slippage_min
            ),
        ));
    }
    if same_close {
        notes.push(Finding::new(
            Code::Fill,
            "fills are not at the next bar's open: good for SHADOW at most",
        ));
    }
    if bundle.manifest.data.iter().any(|d| d.synthetic) {
        notes.push(Finding::new(
            Code::Synthetic,
            "the data is generated: outside a sandbox good for SHADOW at most",
        ));
    }
    notes
}

/// True for metrics that cheaper or kinder fills, or hidden losses of open positions, would improve.
fn depends_on_fills(metric: Metric) -> bool {
    !matches!(
        metric,
        Metric::Trades
            | Metric::TradesPerMonth
            | Metric::HistoryDays
            | Metric::DataAgeDays
            | Metric::McRuns
            | Metric::Styles
            | Metric::Strategies
            | Metric::Trials
            | Metric::LimitBreaches
            | Metric::OrderSuccess
    )
}

/// The value of `metric` on `sample` among facts.
#[must_use]
pub fn fact_of(facts: &[Fact], metric: Metric, sample: Sample) -> Option<&Fact> {
    facts
        .iter()
        .find(|f| f.key() == MetricKey::new(metric, sample))
}
