//! `orders.csv`: every order of a session, with what became of it.
//!
//! `id` is unique; `client_id` is what the session called it towards the exchange (an order that was
//! sent twice shows here). `reference_price` is the price at which the signal was decided; where an
//! order was filled, `fill_price` is the mean price it got, `quantity` what was filled, and `costs`
//! its fees in money. An order that was not filled at all leaves `fill_price` empty, `costs` is then
//! 0 and `quantity` is what was wanted. `reason` says why, in one word, and may be empty.

use super::table::{TableError, open_with, put_number};
use super::trades::word;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

const HEADER: &str =
    "id,client_id,time,symbol,side,quantity,reference_price,fill_price,costs,status,reason";

/// Direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderSide {
    /// Buys.
    Buy,
    /// Sells.
    Sell,
}

impl OrderSide {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }

    /// 1 for a purchase, -1 for a sale.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Buy => 1.0,
            Self::Sell => -1.0,
        }
    }
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// Filled as wanted.
    Filled,
    /// Filled in part, the rest will not be.
    Partial,
    /// Taken back by the session itself.
    Cancelled,
    /// Stopped by a limit before it was sent: the limit worked.
    Blocked,
    /// Refused by the exchange.
    Rejected,
    /// Lapsed without a fill.
    Expired,
    /// Lost: no answer, an unknown state, an error.
    Failed,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Filled,
        Self::Partial,
        Self::Cancelled,
        Self::Blocked,
        Self::Rejected,
        Self::Expired,
        Self::Failed,
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Partial => "partial",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// True when something was filled.
    #[must_use]
    pub fn has_fill(self) -> bool {
        matches!(self, Self::Filled | Self::Partial)
    }

    /// Whether the order was executed as wanted; none where the session itself took it back or a
    /// limit stopped it.
    #[must_use]
    pub fn succeeded(self) -> Option<bool> {
        match self {
            Self::Filled => Some(true),
            Self::Partial | Self::Rejected | Self::Expired | Self::Failed => Some(false),
            Self::Cancelled | Self::Blocked => None,
        }
    }
}

/// One order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Unique in the table.
    pub id: String,
    /// The session's own name for it.
    pub client_id: String,
    /// When it was sent.
    pub time: UtcTime,
    /// Such as `BTC/EUR`.
    pub symbol: String,
    /// Direction.
    pub side: OrderSide,
    /// Units filled, or wanted where nothing was.
    pub quantity: f64,
    /// Price at which the signal was decided.
    pub reference_price: f64,
    /// Mean price of the fill.
    pub fill_price: Option<f64>,
    /// Fees in money.
    pub costs: f64,
    /// What became of it.
    pub status: OrderStatus,
    /// Why, in one word; may be empty.
    pub reason: String,
}

/// The bytes of `orders.csv`.
///
/// # Errors
/// When a number is beyond the decimal grammar, or a word could not be read back.
pub fn encode(orders: &[Order]) -> Result<Vec<u8>, TableError> {
    let mut out = format!("{HEADER}\n");
    for (i, o) in orders.iter().enumerate() {
        let plain = |w: &str| word(w).map_err(|what| TableError::line(i + 2, what));
        out.push_str(&format!(
            "{},{},{},{},{}",
            plain(&o.id)?,
            plain(&o.client_id)?,
            o.time,
            plain(&o.symbol)?,
            o.side.as_str()
        ));
        for x in [Some(o.quantity), Some(o.reference_price), o.fill_price] {
            out.push(',');
            if let Some(x) = x {
                put_number(&mut out, x)?;
            }
        }
        out.push(',');
        put_number(&mut out, o.costs)?;
        let reason = match o.reason.as_str() {
            "" => String::new(),
            text => plain(text)?,
        };
        out.push_str(&format!(",{},{reason}\n", o.status.as_str()));
    }
    Ok(out.into_bytes())
}

/// Reads `orders.csv`; a table without rows is one without orders.
///
/// # Errors
/// When the bytes are not such a table, with the line.
pub fn decode(bytes: &[u8]) -> Result<Vec<Order>, TableError> {
    if bytes == format!("{HEADER}\n").as_bytes() {
        return Ok(Vec::new());
    }
    let mut orders: Vec<Order> = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for mut row in open_with(bytes, HEADER)? {
        let line = row.line;
        let order = Order {
            id: row.parsed(word)?,
            client_id: row.parsed(word)?,
            time: row.time()?,
            symbol: row.parsed(word)?,
            side: row.parsed(side)?,
            quantity: row.number()?,
            reference_price: row.number()?,
            fill_price: row.optional_number()?,
            costs: row.number()?,
            status: row.parsed(status)?,
            reason: row.parsed(|text| match text {
                "" => Ok(String::new()),
                text => word(text),
            })?,
        };
        row.end()?;
        check(&order).map_err(|what| TableError::line(line, what))?;
        if orders.last().is_some_and(|before| before.time > order.time) {
            return Err(TableError::line(line, "orders are sorted by their time"));
        }
        if !ids.insert(order.id.clone()) {
            let what = format!("order `{}` is there twice", order.id);
            return Err(TableError::line(line, what));
        }
        orders.push(order);
    }
    Ok(orders)
}

fn check(order: &Order) -> Result<(), &'static str> {
    let positive = |x: f64| x > 0.0;
    if !positive(order.quantity) || !positive(order.reference_price) {
        return Err("quantity and reference_price are above 0");
    }
    if order.costs < 0.0 {
        return Err("costs are not negative");
    }
    if order.status.has_fill() != order.fill_price.is_some_and(positive) {
        return Err("a filled order has a fill_price above 0, any other one none");
    }
    if order.fill_price.is_none() && order.costs > 0.0 {
        return Err("an order without a fill has no costs");
    }
    Ok(())
}

fn side(text: &str) -> Result<OrderSide, String> {
    match text {
        "buy" => Ok(OrderSide::Buy),
        "sell" => Ok(OrderSide::Sell),
        other => Err(format!(
            "`{}` is neither `buy` nor `sell`",
            visible(other, 20)
        )),
    }
}

fn status(text: &str) -> Result<OrderStatus, String> {
    OrderStatus::ALL
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or_else(|| format!("`{}` is no status of an order", visible(text, 20)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "id,client_id,time,symbol,side,quantity,reference_price,fill_price,costs,status,reason\n\
        o1,c1,2026-01-05T10:00:00.000Z,BTC/EUR,buy,0.5,100,100.1,0.05,filled,\n\
        o2,c2,2026-01-05T11:00:00.000Z,BTC/EUR,sell,0.5,101,,0,rejected,min_notional\n";

    #[test]
    fn reads_back() {
        let orders = decode(TABLE.as_bytes()).unwrap();
        assert_eq!(orders.len(), 2);
        assert_eq!(orders[1].status, OrderStatus::Rejected);
        assert_eq!(encode(&orders).unwrap(), TABLE.as_bytes());
        assert_eq!(encode(&[]).unwrap(), format!("{HEADER}\n").as_bytes());
        assert_eq!(decode(format!("{HEADER}\n").as_bytes()), Ok(Vec::new()));
    }

    #[test]
    fn what_is_refused_names_its_line() {
        for (from, to) in [
            ("o2,", "o1,"),
            ("sell,", "hold,"),
            ("0.5,101", "0,101"),
            ("0.5,101", "0.5,-1"),
            (",,0,rejected", ",101,0,rejected"),
            (",,0,rejected", ",,0,filled"),
            (",,0,rejected", ",,1,rejected"),
            (",rejected,", ",refused,"),
            ("11:00:00", "09:00:00"),
            ("min_notional", "=cmd()"),
        ] {
            let bad = TABLE.replacen(from, to, 1);
            assert_ne!(bad, TABLE, "{from}");
            let error = decode(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("line 3"), "{from} {to}: {error}");
        }
    }
}
