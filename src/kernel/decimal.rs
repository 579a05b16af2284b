//! Exact decimal numbers: what verdicts compare.
//!
//! Grammar: `-?(0|[1-9][0-9]*)(\.[0-9]+)?`, at most 30 integer and 40 fraction digits, no exponent.
//! A value is held as an integer mantissa and a power of ten with trailing zeros removed, so equal
//! numbers are equal values and have one spelling. There is no division and no f64 arithmetic: a
//! verdict that depends on binary rounding cannot be replayed by hand years later.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};

/// Most digits before the point.
pub const INTEGER_DIGITS_MAX: usize = 30;
/// Most digits after the point.
pub const FRACTION_DIGITS_MAX: usize = 40;
/// Decimals to which every judged value is rounded, half to even, before comparison and hashing.
pub const JUDGED_DECIMALS: u32 = 9;

/// An exact decimal: `mantissa / 10^scale`, trailing zeros removed.
#[derive(
    Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Decimal {
    mantissa: BigInt,
    scale: u32,
}

/// Why a text or float is not a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not of the grammar.
    #[error(
        "`{0}` is not a decimal number: digits with an optional sign and fraction are wanted, no exponent"
    )]
    Spelling(String),
    /// More than 30 integer or 40 fraction digits.
    #[error("`{0}` has more than 30 integer or 40 fraction digits")]
    OutOfRange(String),
    /// NaN or an infinity.
    #[error("not a finite number")]
    NotFinite,
}

impl Decimal {
    /// Zero.
    #[must_use]
    pub fn zero() -> Self {
        Self {
            mantissa: BigInt::ZERO,
            scale: 0,
        }
    }

    /// The integer `n`.
    #[must_use]
    pub fn from_int(n: i64) -> Self {
        Self::normal(BigInt::from(n), 0)
    }

    /// The shortest decimal that reads back to the same f64.
    ///
    /// # Errors
    /// NaN, infinities, and values beyond 30 integer or 40 fraction digits.
    pub fn from_f64(x: f64) -> Result<Self, DecimalError> {
        if !x.is_finite() {
            return Err(DecimalError::NotFinite);
        }
        // Display of f64 prints the shortest digits that read back, never an exponent.
        format!("{x}").parse()
    }

    /// The nearest f64. For display, charts and research input; never for a comparison.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// This value rounded to `decimals` places, half to even.
    #[must_use]
    pub fn round(&self, decimals: u32) -> Self {
        if self.scale <= decimals {
            return self.clone();
        }
        let divisor = pow10(self.scale - decimals);
        let quotient = &self.mantissa / &divisor;
        let rest = (&self.mantissa - &quotient * &divisor).magnitude() * 2_u32;
        let up = match rest.cmp(divisor.magnitude()) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => quotient.bit(0),
        };
        let step = if self.mantissa.sign() == Sign::Minus {
            -1
        } else {
            1
        };
        Self::normal(if up { quotient + step } else { quotient }, decimals)
    }

    /// This value as it is judged: rounded half-even to [`JUDGED_DECIMALS`].
    #[must_use]
    pub fn judged(&self) -> Self {
        self.round(JUDGED_DECIMALS)
    }

    /// Text with exactly `decimals` places, rounded half to even: for display only.
    #[must_use]
    pub fn to_fixed(&self, decimals: u32) -> String {
        let rounded = self.round(decimals);
        let text = rounded.to_string();
        let have = text
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let missing = (decimals as usize).saturating_sub(have);
        let point = if have == 0 && decimals > 0 { "." } else { "" };
        format!("{text}{point}{}", "0".repeat(missing))
    }

    /// Exact difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let (a, b, scale) = align(self, other);
        Self::normal(a - b, scale)
    }

    /// Exact sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let (a, b, scale) = align(self, other);
        Self::normal(a + b, scale)
    }

    /// Exact product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        Self::normal(&self.mantissa * &other.mantissa, self.scale + other.scale)
    }

    /// The value with the other sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self {
            mantissa: -&self.mantissa,
            scale: self.scale,
        }
    }

    /// -1, 0 or 1.
    #[must_use]
    pub fn signum(&self) -> i32 {
        match self.mantissa.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    /// `self / other` rounded half to even to `decimals` places, for display of scores only;
    /// none when `other` is zero.
    #[must_use]
    pub fn ratio_for_display(&self, other: &Self, decimals: u32) -> Option<Self> {
        if other.signum() == 0 {
            return None;
        }
        let (a, b, _) = align(self, other);
        // One guard digit plus a sticky digit keep the half-even rounding honest.
        let scaled = a * pow10(decimals + 2);
        let quotient = &scaled / &b;
        let sticky = i32::from(&quotient * &b != scaled);
        let sign = if (scaled.sign() == Sign::Minus) == (b.sign() == Sign::Minus) {
            1
        } else {
            -1
        };
        let digits = quotient * 10 + sticky * sign;
        Some(Self::normal(digits, decimals + 3).round(decimals))
    }

    fn normal(mut mantissa: BigInt, mut scale: u32) -> Self {
        let ten = BigInt::from(10);
        while scale > 0 {
            let quotient = &mantissa / &ten;
            if &quotient * &ten != mantissa {
                break;
            }
            mantissa = quotient;
            scale -= 1;
        }
        Self { mantissa, scale }
    }
}

fn pow10(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

fn align(a: &Decimal, b: &Decimal) -> (BigInt, BigInt, u32) {
    let scale = a.scale.max(b.scale);
    (
        &a.mantissa * pow10(scale - a.scale),
        &b.mantissa * pow10(scale - b.scale),
        scale,
    )
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b, _) = align(self, other);
        a.cmp(&b)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.magnitude().to_string();
        let scale = self.scale as usize;
        let sign = if self.mantissa.sign() == Sign::Minus {
            "-"
        } else {
            ""
        };
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (integer, fraction) = padded.split_at(padded.len() - scale);
        let point = if scale > 0 { "." } else { "" };
        f.pad(&format!("{sign}{integer}{point}{fraction}"))
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let refuse = || DecimalError::Spelling(super::text::visible(text, 80));
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (integer, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(refuse()),
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let leading_zero = integer.len() > 1 && integer.starts_with('0');
        if integer.is_empty() || leading_zero || !digits(integer) || !digits(fraction) {
            return Err(refuse());
        }
        if integer.len() > INTEGER_DIGITS_MAX || fraction.len() > FRACTION_DIGITS_MAX {
            return Err(DecimalError::OutOfRange(super::text::visible(text, 80)));
        }
        let magnitude: BigInt = format!("{integer}{fraction}")
            .parse()
            .map_err(|_| refuse())?;
        let signed = if text.starts_with('-') {
            -magnitude
        } else {
            magnitude
        };
        let scale = u32::try_from(fraction.len()).map_err(|_| refuse())?;
        Ok(Self::normal(signed, scale))
    }
}

impl TryFrom<String> for Decimal {
    type Error = DecimalError;
    fn try_from(text: String) -> Result<Self, DecimalError> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(value: Decimal) -> String {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn grammar() {
        for bad in [
            "", "-", ".5", "5.", "01", "1e3", "+1", "1,5", "NaN", "0x1", " 1", "--1", "1.2.3", "٣",
        ] {
            assert!(
                matches!(bad.parse::<Decimal>(), Err(DecimalError::Spelling(_))),
                "{bad:?}"
            );
        }
        assert_eq!(dec("1.500").to_string(), "1.5");
        assert_eq!(dec("-0.0").to_string(), "0");
        assert!("9".repeat(30).parse::<Decimal>().is_ok());
        assert!(matches!(
            "9".repeat(31).parse::<Decimal>(),
            Err(DecimalError::OutOfRange(_))
        ));
        let tiny = format!("0.{}1", "0".repeat(40));
        assert!(matches!(
            tiny.parse::<Decimal>(),
            Err(DecimalError::OutOfRange(_))
        ));
    }

    #[test]
    fn half_to_even() {
        assert_eq!(dec("0.0000000005").judged(), dec("0"));
        assert_eq!(dec("0.0000000015").judged(), dec("0.000000002"));
        assert_eq!(dec("0.0000000025").judged(), dec("0.000000002"));
        assert_eq!(dec("-0.0000000015").judged(), dec("-0.000000002"));
        assert_eq!(dec("0.00000000250000000001").judged(), dec("0.000000003"));
        assert_eq!(dec("0.8").to_fixed(2), "0.80");
        assert_eq!(dec("12").to_fixed(2), "12.00");
        assert_eq!(dec("12").to_fixed(0), "12");
        assert_eq!(
            dec("-0.05").ratio_for_display(&dec("1"), 3).unwrap(),
            dec("-0.05")
        );
        assert_eq!(
            dec("2").ratio_for_display(&dec("3"), 3).unwrap(),
            dec("0.667")
        );
        assert_eq!(
            dec("-2").ratio_for_display(&dec("3"), 3).unwrap(),
            dec("-0.667")
        );
        assert_eq!(
            dec("1").ratio_for_display(&dec("8"), 2).unwrap(),
            dec("0.12")
        );
    }

    #[test]
    fn floats_become_their_shortest_decimal() {
        assert_eq!(Decimal::from_f64(0.1).unwrap().to_string(), "0.1");
        assert_eq!(
            Decimal::from_f64(6.85e27).unwrap().to_string(),
            "6850000000000000000000000000"
        );
        assert!(Decimal::from_f64(f64::NAN).is_err());
        assert!(Decimal::from_f64(1e31).is_err());
        assert!(Decimal::from_f64(1e-41).is_err());
    }

    proptest! {
        #[test]
        fn order_and_arithmetic_agree_with_integers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, s in 0_u32..6, t in 0_u32..6) {
            let x = Decimal::normal(BigInt::from(a), s);
            let y = Decimal::normal(BigInt::from(b), t);
            let left = i128::from(a) * 10_i128.pow(t);
            let right = i128::from(b) * 10_i128.pow(s);
            prop_assert_eq!(x.cmp(&y), left.cmp(&right));
            prop_assert_eq!(x == y, left == right);
            prop_assert_eq!(x.minus(&y).plus(&y), x.clone());
            prop_assert_eq!(dec(&x.to_string()), x);
        }

        #[test]
        fn floats_round_trip(x in -1e15_f64..1e15) {
            prop_assert_eq!(Decimal::from_f64(x).unwrap().to_f64().to_bits(), (x + 0.0).to_bits());
        }
    }
}
