//! CryptoDataDownload's volume columns, which change their meaning under a constant header.
//!
//! Bitstamp's BTC/EUR file swaps them three times. Row by row the prices decide: what was paid is
//! what was traded times a price inside the bar, so `low * base <= quote <= high * base` within
//! 1 %. Where that holds only with the columns exchanged, they are exchanged. Where it holds in
//! neither order nothing can be known, and the row is a fault.

use super::rows::RawRow;

/// Slack for rounding in the file.
const TOLERANCE: f64 = 0.01;

/// What the prices say about the two volumes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volumes {
    /// As the header says, or there is only one column.
    Right,
    /// Exchanged.
    Swapped,
    /// Both zero: either order is right.
    Zero,
    /// In no order.
    Contradictory,
}

/// Judges the volumes of one row with valid prices.
#[must_use]
pub fn judge(row: &RawRow) -> Volumes {
    let Some(quote) = row.quote else {
        return Volumes::Right;
    };
    let base = row.volume;
    if base.abs() + quote.abs() <= 0.0 {
        Volumes::Zero
    } else if fits(row, base, quote) {
        Volumes::Right
    } else if fits(row, quote, base) {
        Volumes::Swapped
    } else {
        Volumes::Contradictory
    }
}

fn fits(row: &RawRow, base: f64, quote: f64) -> bool {
    row.low * base * (1.0 - TOLERANCE) <= quote && quote <= row.high * base * (1.0 + TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::UtcTime;

    #[test]
    fn the_prices_decide() {
        let judged = |volume, quote| {
            judge(&RawRow {
                line: 1,
                time: UtcTime::EPOCH,
                open: 15_798.0,
                high: 15_802.0,
                low: 15_787.0,
                close: 15_788.0,
                volume,
                quote,
            })
        };
        assert_eq!(judged(1.65765029, Some(26_170.98277852)), Volumes::Right);
        assert_eq!(judged(26_170.98277852, Some(1.65765029)), Volumes::Swapped);
        assert_eq!(judged(0.0, Some(0.0)), Volumes::Zero);
        assert_eq!(judged(0.0, Some(5.0)), Volumes::Contradictory);
        assert_eq!(judged(1.0, Some(17_000.0)), Volumes::Contradictory);
        assert_eq!(judged(5.0, None), Volumes::Right);
        // Within 1 % on either side.
        assert_eq!(judged(1.0, Some(15_802.0 * 1.0099)), Volumes::Right);
        assert_eq!(judged(1.0, Some(15_802.0 * 1.0101)), Volumes::Contradictory);
    }
}
