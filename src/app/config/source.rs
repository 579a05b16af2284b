//! A configuration file while it is checked: what each value may be, and how a wrong one is shown.
//!
//! In: a value with its place. Out: the value, in the unit in which it is used, or a refusal that
//! names file, line and key and underlines what is wrong. No value is rounded: a number of basis
//! points is an exact fraction.

use toml::Spanned;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::snippet;
use crate::kernel::decimal::Decimal;
use crate::kernel::number::Number;

/// Largest borrow rate in basis points a year: what nobody pays is a mistake of units.
const BORROW_MAX_BPS: i64 = 100_000;

/// A file while it is checked: errors point into it.
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// A failure that underlines `span`.
    pub(super) fn refuse(&self, span: std::ops::Range<usize>, message: &str) -> Failure {
        let line = snippet::line_of(self.text, span.start);
        Failure::new(
            Exit::Invalid,
            "config.invalid",
            format!("`{}` line {line}: {message}", self.name),
        )
        .snippet(snippet::underline(self.name, self.text, span, message))
    }

    /// A number above 0.
    pub(super) fn positive(&self, name: &str, value: &Spanned<Number>) -> Result<Decimal, Failure> {
        if value.get_ref().0.signum() > 0 {
            return Ok(value.get_ref().0.clone());
        }
        Err(self.refuse(value.span(), &format!("{name} must be above 0")))
    }

    /// A number that is 0 or more.
    pub(super) fn not_negative(
        &self,
        name: &str,
        value: &Spanned<Number>,
    ) -> Result<Decimal, Failure> {
        if value.get_ref().0.signum() >= 0 {
            return Ok(value.get_ref().0.clone());
        }
        Err(self.refuse(value.span(), &format!("{name} must be 0 or more")))
    }

    /// One of a few words.
    pub(super) fn one_of(
        &self,
        name: &str,
        value: &Spanned<String>,
        of: &[&str],
    ) -> Result<String, Failure> {
        if of.contains(&value.get_ref().as_str()) {
            return Ok(value.get_ref().clone());
        }
        let said = format!("{name} must be one of: {}", of.join(", "));
        Err(self.refuse(value.span(), &said))
    }

    /// Basis points a year as a fraction.
    pub(super) fn yearly(&self, name: &str, value: &Spanned<Number>) -> Result<Decimal, Failure> {
        yearly_basis_points(&value.get_ref().0).ok_or_else(|| {
            self.refuse(
                value.span(),
                &format!("{name} must be 0 to {BORROW_MAX_BPS}"),
            )
        })
    }

    /// A URL of at most 300 printable characters.
    pub(super) fn endpoint(&self, value: &Spanned<String>) -> Result<String, Failure> {
        let text = value.get_ref();
        let plain = text.bytes().all(|b| b.is_ascii_graphic());
        if plain && text.len() <= 300 && text.contains("://") {
            return Ok(text.clone());
        }
        let said = "endpoint must be a URL such as http://127.0.0.1:9470";
        Err(self.refuse(value.span(), said))
    }

    /// Basis points as a fraction.
    pub(super) fn basis_points(
        &self,
        name: &str,
        value: &Spanned<Number>,
    ) -> Result<Decimal, Failure> {
        basis_points(&value.get_ref().0)
            .ok_or_else(|| self.refuse(value.span(), &format!("{name} must be 0 to 5000")))
    }
}

/// Basis points (0 to 5000) as an exact fraction; none outside that range.
#[must_use]
pub fn basis_points(bps: &Decimal) -> Option<Decimal> {
    let fraction = bps.times(&"0.0001".parse().ok()?);
    (fraction.signum() >= 0 && fraction <= "0.5".parse().ok()?).then_some(fraction)
}

/// Basis points a year (0 to 100000) as an exact fraction; none outside that range.
#[must_use]
pub fn yearly_basis_points(bps: &Decimal) -> Option<Decimal> {
    let inside = bps.signum() >= 0 && *bps <= Decimal::from_int(BORROW_MAX_BPS);
    let fraction = bps.times(&"0.0001".parse().ok()?);
    inside.then_some(fraction)
}
