//! Order success: the share of orders that were executed as they were wanted.
//!
//! # Formula
//! successes / (successes + failures). An order filled completely is a success; one filled in part,
//! refused, lapsed or lost is a failure. Orders that the session took back itself, or that a limit
//! stopped, are neither.
//!
//! # Units
//! Fraction from 0 to 1.
//!
//! # Degenerate cases
//! No order on either side: `too_few_observations`; a session that never traded proves nothing.

use super::{MetricResult, Undefined};

/// Share of successes among orders; none of an order that does not count.
///
/// # Errors
/// `too_few_observations` when no order counts.
pub fn order_success(orders: impl IntoIterator<Item = Option<bool>>) -> MetricResult {
    let (mut good, mut all) = (0_u32, 0_u32);
    for succeeded in orders.into_iter().flatten() {
        good += u32::from(succeeded);
        all += 1;
    }
    if all == 0 {
        return Err(Undefined::TooFewObservations);
    }
    Ok(f64::from(good) / f64::from(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts() {
        let orders = [Some(true), None, Some(true), Some(false), Some(true)];
        assert_eq!(order_success(orders), Ok(0.75));
        assert_eq!(order_success([None]), Err(Undefined::TooFewObservations));
        assert_eq!(order_success([]), Err(Undefined::TooFewObservations));
    }
}
