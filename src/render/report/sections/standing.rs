//! The market's regimes, and how sure the figures are.

use crate::kernel::text::of;
use crate::kernel::unit::Unit;
use crate::metrics::{MetricResult, Sample, Undefined};
use crate::render::report::document::{Block, Section};
use crate::render::report::number::{count, label, metric, number, why};
use crate::render::report::robustness::{HonestySection, RegimeRow, RegimeSection};

/// The portfolio in each regime of the market.
pub(super) fn regimes(section: &RegimeSection) -> Section {
    let phases = format!(
        "The market is the mean return of the symbols. The label of a bar rests on the bars before it \
         alone, with the last {} days ({} bars) to look back on, and the rule has nothing to choose: \
         volatile when the standard deviation of those bars is above that of all bars before; \
         otherwise trending when their sum is more than one standard error from zero, ranging when it \
         is not. The first {} bars are too early to say.",
        section.days,
        count(section.bars),
        count(2 * section.bars),
    );
    let regimes = "By the rule behind the policy's regime_sharpe_min: wild when those bars moved more \
        than all before, else calm; up when their sum is not negative.";
    let mut blocks = vec![Block::text(phases)];
    blocks.extend(table(&section.phases));
    blocks.push(Block::text(regimes));
    blocks.extend(table(&section.regimes));
    blocks.push(Block::text(
        "Return and drawdown are those of a regime's bars put one after the other. A Sharpe ratio wants \
         at least 30 bars.",
    ));
    Section::new("Market regimes", blocks)
}

fn table(rows: &[RegimeRow]) -> Vec<Block> {
    let rows: Vec<[String; 7]> = rows
        .iter()
        .map(|row| {
            [
                words(&row.name),
                count(row.bars),
                number(row.share, Unit::Fraction),
                metric(row.total_return, Unit::Fraction),
                metric(row.market_return, Unit::Fraction),
                metric(row.sharpe, Unit::Ratio),
                metric(row.max_drawdown, Unit::Fraction),
            ]
        })
        .collect();
    let heads = [
        "Regime",
        "#Bars",
        "#Share",
        "#Return",
        "#Market",
        "#Sharpe ratio",
        "#Max drawdown",
    ];
    Block::table_if(heads, rows)
}

/// A label in words.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// How sure the figures are.
pub(super) fn honesty(section: &HonestySection) -> Section {
    let share = |value: MetricResult| metric(value, Unit::Fraction);
    let trials = if section.unregistered {
        "runs among which somebody could choose, at least; no ledger counted them"
    } else {
        "runs among which somebody could choose, at least, as the ledger counted them"
    };
    let deflated = format!(
        "the same, after taking the best of {}",
        of(section.trials, "trial")
    );
    let pbo = match section.pbo {
        Err(Undefined::Unsupported) => {
            "needs the series of several trials beside this one, which this run has not"
        }
        _ => "share of splits of the history in which the best half ranks below the median",
    };
    let rows = vec![
        [
            "Trials".to_owned(),
            count(section.trials),
            trials.to_owned(),
        ],
        [
            "Probabilistic Sharpe ratio".to_owned(),
            share(section.psr),
            "probability that the true Sharpe ratio out of sample is above 0".to_owned(),
        ],
        [
            "Deflated Sharpe ratio".to_owned(),
            share(section.dsr),
            deflated,
        ],
        [
            "Probability of backtest overfitting".to_owned(),
            share(section.pbo),
            pbo.to_owned(),
        ],
    ];
    let mut blocks = vec![Block::table(["Figure", "#Value", "What it is"], rows)];
    blocks.extend(tracks(section));
    blocks.extend(bounds(section));
    Section::new("How sure the figures are", blocks)
}

fn tracks(section: &HonestySection) -> Vec<Block> {
    let have = metric(section.track_days, Unit::Days);
    let rows: Vec<[String; 5]> = section
        .tracks
        .iter()
        .map(|row| {
            let (bars, days, enough) = match row.bars {
                Ok(bars) => (
                    number(libm::ceil(bars), Unit::Count),
                    metric(row.days, Unit::Days),
                    if bars <= section.track_bars as f64 {
                        "enough"
                    } else {
                        "too short"
                    },
                ),
                Err(Undefined::Infinite) => (
                    "none".to_owned(),
                    "none".to_owned(),
                    "no length is enough: the Sharpe ratio found is not above it",
                ),
                Err(reason) => {
                    let said = format!("undefined ({})", why(reason));
                    (said.clone(), said, "cannot be said")
                }
            };
            let above = format!("{} ({})", number(row.benchmark, Unit::Ratio), row.words);
            [above, bars, days, have.clone(), enough.to_owned()]
        })
        .collect();
    let heads = [
        "True Sharpe ratio above",
        "#Bars needed",
        "#Days needed",
        "#Days out of sample",
        "Track record",
    ];
    let mut blocks = vec![Block::heading(
        "Shortest track record for a confidence of 95 %",
    )];
    blocks.extend(Block::table_if(heads, rows));
    blocks
}

fn bounds(section: &HonestySection) -> Vec<Block> {
    let rows: Vec<[String; 5]> = section
        .bounds
        .iter()
        .map(|row| {
            let unit = row.key.metric.unit();
            let sample = match row.key.sample {
                Sample::Oos => " (out of sample)",
                _ => "",
            };
            [
                format!("{}{sample}", label(row.key.metric)),
                metric(row.value, unit),
                metric(row.low, unit),
                metric(row.high, unit),
                row.how.clone(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let heads = ["Metric", "#Value", "#Not below", "#Not above", "By"];
    vec![
        Block::heading("Bounds at 95 %"),
        Block::table(heads, rows),
        Block::text(
            "They cover chance within this history. They know nothing of a market that changes, nor \
             of parameters that were chosen by looking.",
        ),
    ]
}
