//! What a series of returns must be before any formula sees it.
//!
//! A return is simple (0.01 is one percent), per period, finite and at least -1: nobody loses more
//! than everything. The readers refuse such series at the door; the formulas ask again, so that a
//! caller who forgot gets a reason and not a number.

use super::Undefined;

/// Checks that every return is finite and at least -1.
///
/// # Errors
/// `not_a_number`, `infinite`, or `out_of_range` for a return below -1.
pub fn check(returns: &[f64]) -> Result<(), Undefined> {
    for r in returns {
        super::defined(*r)?;
        if *r < -1.0 {
            return Err(Undefined::OutOfRange);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_reason() {
        assert_eq!(check(&[0.0, -1.0, 5.0]), Ok(()));
        assert_eq!(check(&[0.0, f64::NAN]), Err(Undefined::NotANumber));
        assert_eq!(check(&[f64::NEG_INFINITY]), Err(Undefined::Infinite));
        assert_eq!(check(&[-1.000_000_1]), Err(Undefined::OutOfRange));
    }
}
