//! What each tool's figures mean: which quantity, in which unit and with which sign, and by which
//! convention. Names are those that the tools print.

use super::super::Tool;
use super::expected::{What, Year};

/// How one figure is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    /// The quantity.
    pub what: What,
    /// From our unit (fractions, drawdowns positive) to the tool's.
    pub scale: f64,
    /// Absolute difference that the tool's own rounding explains.
    pub slack: f64,
}

type Row = (&'static str, What, f64, &'static str);

const YEAR_252: Year = Year::Fixed(252.0);
const EMPYRICAL: &str = "252 periods a year unless stated, ddof 1";
const FRACTION: &str = "fraction";
const NEGATIVE: &str = "negative fraction";

const QUANTSTATS: [Row; 9] = [
    ("Cumulative Return", What::TotalReturn, 1.0, FRACTION),
    (
        "CAGR",
        What::Cagr(YEAR_252),
        1.0,
        "fraction; by 252 days or by the calendar, as its version",
    ),
    ("Sharpe", What::Sharpe(YEAR_252), 1.0, EMPYRICAL),
    (
        "Sortino",
        What::Sortino(YEAR_252),
        1.0,
        "252 periods a year, downside over all returns",
    ),
    (
        "Volatility (ann.)",
        What::Volatility(YEAR_252),
        1.0,
        "fraction, 252 periods a year, ddof 1",
    ),
    ("Max Drawdown", What::Drawdown, -1.0, NEGATIVE),
    ("Calmar", What::Calmar(YEAR_252), 1.0, "CAGR over drawdown"),
    ("Best Day", What::Best, 1.0, FRACTION),
    ("Worst Day", What::Worst, 1.0, FRACTION),
];

const PYFOLIO: [Row; 7] = [
    (
        "Annual return",
        What::Cagr(YEAR_252),
        1.0,
        "fraction, compounded, 252 periods a year",
    ),
    ("Cumulative returns", What::TotalReturn, 1.0, FRACTION),
    (
        "Annual volatility",
        What::Volatility(YEAR_252),
        1.0,
        "fraction, 252 periods a year, ddof 1",
    ),
    ("Sharpe ratio", What::Sharpe(YEAR_252), 1.0, EMPYRICAL),
    (
        "Sortino ratio",
        What::Sortino(YEAR_252),
        1.0,
        "252 periods a year, downside over all returns",
    ),
    (
        "Calmar ratio",
        What::Calmar(YEAR_252),
        1.0,
        "annual return over drawdown",
    ),
    ("Max drawdown", What::Drawdown, -1.0, NEGATIVE),
];

const GEOMETRIC: &str =
    "geometric mean and volatility of a compounded year, 252 or 365 days; not the usual ratio";

const BACKTESTING_PY: [Row; 12] = [
    ("Equity Final [$]", What::EndMoney, 1.0, "money"),
    ("Return [%]", What::TotalReturn, 100.0, "per cent"),
    (
        "Return (Ann.) [%]",
        What::GeometricReturn,
        100.0,
        "per cent; geometric mean of days, compounded",
    ),
    (
        "Volatility (Ann.) [%]",
        What::GeometricVolatility,
        100.0,
        "per cent; of the compounded year",
    ),
    (
        "CAGR [%]",
        What::BarCagr,
        100.0,
        "per cent; calendar days over trading days of a year",
    ),
    ("Sharpe Ratio", What::GeometricSharpe, 1.0, GEOMETRIC),
    ("Sortino Ratio", What::GeometricSortino, 1.0, GEOMETRIC),
    (
        "Calmar Ratio",
        What::GeometricCalmar,
        1.0,
        "annualised geometric return over drawdown",
    ),
    (
        "Max. Drawdown [%]",
        What::Drawdown,
        -100.0,
        "negative per cent",
    ),
    ("# Trades", What::Trades, 1.0, "closed trades"),
    ("Win Rate [%]", What::WinRate, 100.0, "per cent of trades"),
    ("Commissions [$]", What::Costs, 1.0, "money"),
];

const VECTORBT: [Row; 11] = [
    ("Start Value", What::StartMoney, 1.0, "money"),
    ("End Value", What::EndMoney, 1.0, "money"),
    ("Total Return [%]", What::TotalReturn, 100.0, "per cent"),
    (
        "Max Drawdown [%]",
        What::Drawdown,
        100.0,
        "positive per cent",
    ),
    (
        "Sharpe Ratio",
        What::Sharpe(Year::Calendar),
        1.0,
        "365 days over the bar length, ddof 1",
    ),
    (
        "Sortino Ratio",
        What::Sortino(Year::Calendar),
        1.0,
        "365 days over the bar length",
    ),
    (
        "Calmar Ratio",
        What::Calmar(Year::Calendar),
        1.0,
        "365 days over the bar length",
    ),
    ("Total Trades", What::Trades, 1.0, "all trades"),
    ("Total Closed Trades", What::Trades, 1.0, "closed trades"),
    (
        "Win Rate [%]",
        What::WinRate,
        100.0,
        "per cent of closed trades",
    ),
    ("Profit Factor", What::ProfitFactor, 1.0, "of closed trades"),
];

const PER_TRADE: &str =
    "profit per calendar day over the deviation of trades (ddof 0), 365 days; not the usual ratio";
const CLOSED: &str = "positive fraction, over closed trades only";

const FREQTRADE: [Row; 12] = [
    ("profit_total", What::TotalReturn, 1.0, FRACTION),
    ("profit_total_abs", What::Profit, 1.0, "money"),
    ("final_balance", What::EndMoney, 1.0, "money"),
    ("cagr", What::DayCagr, 1.0, "fraction, 365 calendar days"),
    ("sharpe", What::TradeSharpe, 1.0, PER_TRADE),
    ("sortino", What::TradeSortino, 1.0, PER_TRADE),
    ("profit_factor", What::ProfitFactor, 1.0, "of closed trades"),
    ("winrate", What::WinRate, 1.0, "fraction of trades"),
    ("total_trades", What::Trades, 1.0, "closed trades"),
    ("max_drawdown_account", What::TradeDrawdown, 1.0, CLOSED),
    ("max_relative_drawdown", What::TradeDrawdown, 1.0, CLOSED),
    (
        "max_drawdown_abs",
        What::TradeDrawdownMoney,
        1.0,
        "money, over closed trades only",
    ),
];

const LEAN: [Row; 6] = [
    ("Start Equity", What::StartMoney, 1.0, "money"),
    ("End Equity", What::EndMoney, 1.0, "money"),
    ("Net Profit", What::TotalReturn, 1.0, "per cent"),
    (
        "Compounding Annual Return",
        What::DayCagr,
        1.0,
        "per cent, 365 calendar days",
    ),
    (
        "Drawdown",
        What::Drawdown,
        1.0,
        "positive per cent of daily closes, rounded to 0.1",
    ),
    ("Total Trades", What::Trades, 1.0, "closed trades"),
];

fn rows(tool: Tool) -> &'static [Row] {
    match tool {
        Tool::ReturnsCsv | Tool::Nautilus => &[],
        Tool::Quantstats => &QUANTSTATS,
        Tool::Pyfolio => &PYFOLIO,
        Tool::BacktestingPy => &BACKTESTING_PY,
        Tool::Vectorbt => &VECTORBT,
        Tool::Freqtrade => &FREQTRADE,
        Tool::Lean => &LEAN,
    }
}

fn row_of(tool: Tool, name: &str) -> Option<&'static Row> {
    // quantstats puts a small percent sign behind some names, whose values are fractions.
    let name = name.trim_end_matches(['%', '\u{fe6a}']);
    rows(tool).iter().find(|row| row.0 == name)
}

/// The rule of a figure; none when it is only kept.
pub(super) fn of(tool: Tool, name: &str) -> Option<Rule> {
    let (_, what, scale, _) = row_of(tool, name)?;
    let rounded = tool == Tool::Lean && *what == What::Drawdown;
    Some(Rule {
        what: *what,
        scale: *scale,
        // LEAN rounds the fraction to three digits before it prints per cent.
        slack: if rounded { 0.0005 } else { 0.0 },
    })
}

/// The convention behind the figure `name` of `tool`, as a claim states it.
#[must_use]
pub fn convention(tool: Tool, name: &str) -> String {
    let known = row_of(tool, name).map(|row| row.3);
    known.unwrap_or("as printed; not compared").to_owned()
}
