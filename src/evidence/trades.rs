//! `trades.csv`: what was bought and sold, net of costs.
//!
//! `id` is unique; `side` is `long` or `short`; `exit_time` is empty for a position that is still
//! open at the end, whose `exit_price` is then the price at which it is valued. `costs` are all
//! fees and slippage of the trade that the prices do not already contain; `pnl` is net of them.
//! `pnl` is counted in the money of the account, which starts with the `capital` of
//! `strategy.json`: per strategy, the sum of `pnl` over all rows, open ones too, is what the
//! strategy changed the equity by, the sum over t of capital x equity\[t-1\] x weight_ID\[t\] x
//! return_ID\[t\] of `series/full.csv`. `sample` is `oos` for a trade that was closed
//! inside an out-of-sample window, and the series' own sample for every other one.

use super::table::{TableError, open_with, put_number};
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::metrics::Sample;

const HEADER: &str =
    "id,strategy,symbol,side,entry_time,exit_time,quantity,entry_price,exit_price,costs,pnl,sample";

/// Direction of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Bought first.
    Long,
    /// Sold first.
    Short,
}

impl Side {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }

    /// 1 for long, -1 for short.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Long => 1.0,
            Self::Short => -1.0,
        }
    }
}

/// One trade.
#[derive(Debug, Clone, PartialEq)]
pub struct Trade {
    /// Unique in the table.
    pub id: String,
    /// Which strategy traded.
    pub strategy: StrategyId,
    /// Such as `BTC/EUR`.
    pub symbol: String,
    /// Direction.
    pub side: Side,
    /// When it was opened.
    pub entry_time: UtcTime,
    /// When it was closed; none while open.
    pub exit_time: Option<UtcTime>,
    /// Units, positive.
    pub quantity: f64,
    /// Price per unit at entry.
    pub entry_price: f64,
    /// Price per unit at exit, or of the valuation.
    pub exit_price: f64,
    /// Costs in money that the prices do not contain.
    pub costs: f64,
    /// Result in money, net.
    pub pnl: f64,
    /// `oos`, or the sample of the series.
    pub sample: Sample,
}

/// The bytes of `trades.csv`.
///
/// # Errors
/// When a number is beyond the decimal grammar, or an id or symbol could not be read back.
pub fn encode(trades: &[Trade]) -> Result<Vec<u8>, TableError> {
    let mut out = format!("{HEADER}\n");
    for (i, t) in trades.iter().enumerate() {
        let word = |w: &str| word(w).map_err(|what| TableError::line(i + 2, what));
        let exit = t.exit_time.map(|t| t.to_string()).unwrap_or_default();
        out.push_str(&format!(
            "{},{},{},{},{},{exit}",
            word(&t.id)?,
            t.strategy,
            word(&t.symbol)?,
            t.side.as_str(),
            t.entry_time
        ));
        for x in [t.quantity, t.entry_price, t.exit_price, t.costs, t.pnl] {
            out.push(',');
            put_number(&mut out, x)?;
        }
        out.push_str(&format!(",{}\n", t.sample));
    }
    Ok(out.into_bytes())
}

/// Reads `trades.csv`; a table without rows is one without trades.
///
/// # Errors
/// When the bytes are not such a table, with the line.
pub fn decode(bytes: &[u8]) -> Result<Vec<Trade>, TableError> {
    if bytes == format!("{HEADER}\n").as_bytes() {
        return Ok(Vec::new());
    }
    let mut trades = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for mut row in open_with(bytes, HEADER)? {
        let line = row.line;
        let trade = Trade {
            id: row.parsed(word)?,
            strategy: row.parsed(StrategyId::new)?,
            symbol: row.parsed(word)?,
            side: row.parsed(side)?,
            entry_time: row.time()?,
            exit_time: row.parsed(|text| match text {
                "" => Ok(None),
                text => text.parse().map(Some),
            })?,
            quantity: row.number()?,
            entry_price: row.number()?,
            exit_price: row.number()?,
            costs: row.number()?,
            pnl: row.number()?,
            sample: row.parsed(str::parse)?,
        };
        row.end()?;
        if trade.exit_time.is_some_and(|exit| exit < trade.entry_time) {
            return Err(TableError::line(line, "closed before it was opened"));
        }
        if trade.quantity < 0.0 || trade.costs < 0.0 {
            return Err(TableError::line(
                line,
                "quantity and costs are not negative",
            ));
        }
        if !ids.insert(trade.id.clone()) {
            return Err(TableError::line(
                line,
                format!("trade `{}` is there twice", trade.id),
            ));
        }
        trades.push(trade);
    }
    Ok(trades)
}

/// An id or symbol: 1 to 64 printable ASCII characters without comma, quote, or a sign by which a
/// spreadsheet knows a formula.
pub(super) fn word(text: &str) -> Result<String, String> {
    let plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b'#');
    let head = text
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric());
    if head && text.len() <= 64 && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{}` is not a plain word", visible(text, 40)))
    }
}

fn side(text: &str) -> Result<Side, String> {
    match text {
        "long" => Ok(Side::Long),
        "short" => Ok(Side::Short),
        other => Err(format!(
            "`{}` is neither `long` nor `short`",
            visible(other, 20)
        )),
    }
}
