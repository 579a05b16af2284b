//! Amounts for people: a value and its limit in the same rounding.
//!
//! The rounding starts at two decimals (one for percentages), or fewer where fewer are exact, and
//! grows until two different numbers look different, so that 0.7999 never appears as
//! "0.80 < 0.80". `18%` and `0.8` are written as the playbook writes them.

use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;

/// `value` alone.
#[must_use]
pub fn show(value: &Decimal, unit: Unit) -> String {
    with(value, unit, first(&[value], unit))
}

/// `value` and `others` with as many decimals as it takes to tell `value` from each of them.
#[must_use]
pub fn show_all(value: &Decimal, others: &[&Decimal], unit: Unit) -> (String, Vec<String>) {
    let all: Vec<&Decimal> = std::iter::once(value)
        .chain(others.iter().copied())
        .collect();
    let places = (first(&all, unit)..=9)
        .find(|places| {
            others.iter().all(|other| {
                *other == value || with(other, unit, *places) != with(value, unit, *places)
            })
        })
        .unwrap_or(9);
    (
        with(value, unit, places),
        others.iter().map(|o| with(o, unit, places)).collect(),
    )
}

fn decimals(unit: Unit) -> u32 {
    match unit {
        Unit::Fraction => 1,
        Unit::Ratio => 2,
        Unit::Count | Unit::Days => 0,
    }
}

/// The fewest decimals that are exact for all of `values`, at most those that amounts begin with.
fn first(values: &[&Decimal], unit: Unit) -> u32 {
    let most = decimals(unit);
    let hundred = match unit {
        Unit::Fraction => 2,
        Unit::Ratio | Unit::Count | Unit::Days => 0,
    };
    let exact = |places: &u32| values.iter().all(|v| v.round(places + hundred) == **v);
    (0..most).find(exact).unwrap_or(most)
}

fn with(value: &Decimal, unit: Unit, places: u32) -> String {
    match unit {
        Unit::Fraction => {
            let percent = value.times(&Decimal::from_int(100));
            format!("{}%", percent.to_fixed(places))
        }
        Unit::Ratio | Unit::Count | Unit::Days => value.to_fixed(places),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_numbers_look_different() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        let (value, limits) = show_all(&d("0.7999"), &[&d("0.8"), &d("1")], Unit::Ratio);
        assert_eq!((value.as_str(), limits[0].as_str()), ("0.7999", "0.8000"));
        let (value, limits) = show_all(&d("0.18"), &[&d("0.2")], Unit::Fraction);
        assert_eq!((value.as_str(), limits[0].as_str()), ("18%", "20%"));
        let (value, limits) = show_all(&d("0.184"), &[&d("0.2")], Unit::Fraction);
        assert_eq!((value.as_str(), limits[0].as_str()), ("18.4%", "20.0%"));
        let (value, limits) = show_all(&d("0.9999"), &[&d("0.9")], Unit::Fraction);
        assert_eq!((value.as_str(), limits[0].as_str()), ("100.0%", "90.0%"));
        assert_eq!(show(&d("1.05"), Unit::Ratio), "1.05");
        let (value, limits) = show_all(&d("0.8"), &[&d("0.8")], Unit::Ratio);
        assert_eq!((value.as_str(), limits[0].as_str()), ("0.8", "0.8"));
        assert_eq!(show(&d("29.5"), Unit::Count), "30");
        let (value, _) = show_all(&d("29.5"), &[&d("30")], Unit::Count);
        assert_eq!(value, "29.5");
    }
}
