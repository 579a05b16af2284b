//! Trades of each strategy, and what higher costs would leave.

use crate::kernel::unit::Unit;
use crate::metrics::{MetricResult, Undefined};
use crate::render::axis::grouped;
use crate::render::report::document::{Block, Section};
use crate::render::report::number::{count, metric, number, why};
use crate::render::report::robustness::{CostSection, TradeRow};

/// The section, where there are strategies.
pub(super) fn trades(rows: &[TradeRow], unit: &str) -> Option<Section> {
    if rows.is_empty() {
        return None;
    }
    let share = |value: MetricResult| metric(value, Unit::Fraction);
    let results: Vec<[String; 9]> = rows
        .iter()
        .map(|row| {
            [
                row.strategy.clone(),
                count(row.trades),
                share(row.hit_ratio),
                metric(row.profit_factor, Unit::Ratio),
                share(row.mean_return),
                one_sided(row.mean_win, row.trades, "none won"),
                one_sided(row.mean_loss, row.trades, "none lost"),
                share(row.best),
                share(row.worst),
            ]
        })
        .collect();
    let use_of_capital: Vec<[String; 6]> = rows
        .iter()
        .map(|row| {
            [
                row.strategy.clone(),
                hours(row.mean_hours),
                number(row.exposure, Unit::Fraction),
                share(row.turnover),
                money(row.costs, unit),
                money(row.net, unit),
            ]
        })
        .collect();
    let heads = [
        "Strategy",
        "#Trades",
        "#Hit ratio",
        "#Profit factor",
        "#Expectancy",
        "#Mean win",
        "#Mean loss",
        "#Best",
        "#Worst",
    ];
    let capital_heads = [
        "Strategy",
        "#Average hold",
        "#Exposure",
        "#Turnover per year",
        "#Costs",
        "#Net result",
    ];
    let words = "Results are net of costs, as a share of what the trade put in; expectancy is their \
        mean. Exposure is the share of bars in which a position was held. Turnover counts buying and \
        selling the whole portfolio once as 100 %.";
    let blocks = vec![
        Block::table(heads, results),
        Block::table(capital_heads, use_of_capital),
        Block::text(words),
    ];
    Some(Section::new("Trades", blocks))
}

/// A mean over winning or losing trades only, of which there may be none among the trades.
fn one_sided(value: MetricResult, trades: u64, none: &str) -> String {
    match value {
        Err(Undefined::NoTrades) if trades > 0 => format!("undefined ({none})"),
        value => metric(value, Unit::Fraction),
    }
}

fn money(x: f64, unit: &str) -> String {
    let text = format!("{} {unit}", grouped(x, 2));
    text.trim_end().to_owned()
}

/// A time, in days from two days on.
fn hours(value: MetricResult) -> String {
    match value {
        Ok(x) if x >= 48.0 => format!("{} d", grouped(x / 24.0, 1)),
        Ok(x) => format!("{} h", grouped(x, 1)),
        Err(reason) => format!("undefined ({})", why(reason)),
    }
}

/// What higher costs would leave.
pub(super) fn costs(section: &CostSection) -> Section {
    let said = match section.breakeven {
        Ok(x) if x <= 0.0 => format!(
            "The trades together lose even without costs; no lower costs would have helped \
             (break-even multiple {}).",
            number(x, Unit::Ratio)
        ),
        Ok(x) if x < 1.0 => format!(
            "The trades together lose: at {} times the costs assumed they would have earned nothing.",
            number(x, Unit::Ratio)
        ),
        Ok(x) => format!(
            "At {} times the costs assumed the trades together would have earned nothing.",
            number(x, Unit::Ratio)
        ),
        Err(reason) => format!("The break-even multiple is undefined ({}).", why(reason)),
    };
    let rows: Vec<[String; 4]> = section
        .rows
        .iter()
        .map(|row| {
            [
                multiple(row.multiple),
                metric(row.total_return, Unit::Fraction),
                metric(row.sharpe, Unit::Ratio),
                metric(row.max_drawdown, Unit::Fraction),
            ]
        })
        .collect();
    let heads = ["Costs", "#Total return", "#Sharpe ratio", "#Max drawdown"];
    let mut blocks = vec![Block::text(said)];
    blocks.extend(Block::table_if(heads, rows));
    blocks.push(Block::text(
        "The same trades at the same size of the equity, with every fee, spread and slippage \
         multiplied; what shorts pay for borrowing stays what it was.",
    ));
    Section::new("Costs", blocks)
}

fn multiple(x: f64) -> String {
    let words = if x < 0.5 {
        "none"
    } else if x < 1.5 {
        "as run"
    } else {
        return format!("{} x", grouped(x, 0));
    };
    format!("{} x ({words})", grouped(x, 0))
}
