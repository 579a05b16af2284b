//! What a number looks like: the colours of a heat map, and the ink that can be read on each.
//!
//! In: the range of the colours, a number. Out: red, green and blue, and how SVG writes them. A
//! number beyond an end has the colour of that end, and a range without width is no division by
//! zero. The colours differ in lightness too: blue and orange, which people with any common colour
//! blindness tell apart, and a black and white print keeps the order of a sequence.

/// Red, green and blue, 0 to 255.
pub(super) type Rgb = [f64; 3];

pub(super) const PALE: Rgb = [247.0, 248.0, 250.0];
pub(super) const BLUE: Rgb = [23.0, 78.0, 140.0];
pub(super) const ORANGE: Rgb = [166.0, 73.0, 8.0];

/// What the colours range over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colours {
    /// From pale at the first number to dark blue at the second, which may be the smaller.
    Sequential(f64, f64),
    /// Pale in the middle, orange below and blue above, dark at a distance of `reach`.
    Diverging {
        /// Neither good nor bad, such as 0.
        middle: f64,
        /// Distance at which the colours are darkest; positive.
        reach: f64,
    },
}

impl Colours {
    /// A sequence from the smallest to the largest number of `cells`.
    #[must_use]
    pub fn fitting(cells: &[Vec<Option<f64>>]) -> Self {
        let (low, high) = finite(cells)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
                (low.min(x), high.max(x))
            });
        if low <= high {
            Self::Sequential(low, high)
        } else {
            Self::Sequential(0.0, 1.0)
        }
    }

    /// Two colours around `middle` that reach as far as the number of `cells` that is farthest from
    /// it.
    #[must_use]
    pub fn around(middle: f64, cells: &[Vec<Option<f64>>]) -> Self {
        let far = finite(cells).fold(0.0_f64, |far, x| far.max((x - middle).abs()));
        let reach = if far > 0.0 { far } else { 1.0 };
        Self::Diverging { middle, reach }
    }

    /// The numbers at the left end, in the middle and at the right end of the scale.
    pub(super) fn marks(self) -> [f64; 3] {
        match self {
            Self::Sequential(pale, dark) => [pale, f64::midpoint(pale, dark), dark],
            Self::Diverging { middle, reach } => [middle - reach, middle, middle + reach],
        }
    }

    /// The colour of a number.
    pub(super) fn of(self, value: f64) -> Rgb {
        match self {
            Self::Sequential(pale, dark) => {
                let width = dark - pale;
                let share = if width.abs() > 0.0 {
                    (value - pale) / width
                } else {
                    0.5
                };
                mixed(PALE, BLUE, share)
            }
            Self::Diverging { middle, reach } => {
                let dark = if value < middle { ORANGE } else { BLUE };
                mixed(PALE, dark, (value - middle).abs() / reach)
            }
        }
    }
}

/// The finite numbers of a table.
pub(super) fn finite(cells: &[Vec<Option<f64>>]) -> impl Iterator<Item = f64> + '_ {
    let all = cells.iter().flatten().copied().flatten();
    all.filter(|x| x.is_finite())
}

/// `share` of the way from one colour to another; beyond an end, or nowhere, it is that end.
pub(super) fn mixed(from: Rgb, to: Rgb, share: f64) -> Rgb {
    let share = if share > 0.0 { share.min(1.0) } else { 0.0 };
    let mut out = from;
    for (part, to) in out.iter_mut().zip(to) {
        *part += (to - *part) * share;
    }
    out
}

/// As SVG writes it.
pub(super) fn written([red, green, blue]: Rgb) -> String {
    format!("rgb({red:.0},{green:.0},{blue:.0})")
}

/// Ink that can be read on `ground`.
pub(super) fn ink([red, green, blue]: Rgb) -> &'static str {
    if 0.299 * red + 0.587 * green + 0.114 * blue > 140.0 {
        "#1c2430"
    } else {
        "#ffffff"
    }
}
