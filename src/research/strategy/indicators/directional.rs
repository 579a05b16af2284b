//! Directional movement: +DI, -DI and ADX.
//!
//! # Formula
//! Wilder (1978), chapter 4. up = high - previous high, down = previous low - low; +DM = up when up >
//! down and up > 0, else 0; -DM = down when down > up and down > 0, else 0. With +DM, -DM and the
//! true range smoothed over n, +DI = 100 +DM / TR and -DI = 100 -DM / TR; DX = 100 |+DI - -DI| / (+DI
//! + -DI); ADX is the smoothed DX. The smoothing starts with its first value.
//!
//! # Degenerate cases
//! No true range: both indicators are 0. Both indicators 0: DX is 0. The indicators are defined from n
//! changes on, the first n bars after the first one; ADX from n values of DX on, so from bar 2 n.

use super::average::Smooth;
use super::range::true_range;

/// The three indicators at one bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Movement {
    /// +DI.
    pub plus: f64,
    /// -DI.
    pub minus: f64,
    /// ADX.
    pub adx: f64,
}

const UNDEFINED: Movement = Movement {
    plus: f64::NAN,
    minus: f64::NAN,
    adx: f64::NAN,
};

/// +DM and -DM between two bars.
fn moves(high: f64, low: f64, high_before: f64, low_before: f64) -> (f64, f64) {
    let (up, down) = (high - high_before, low_before - low);
    let plus = if up > down && up > 0.0 { up } else { 0.0 };
    let minus = if down > up && down > 0.0 { down } else { 0.0 };
    (plus, minus)
}

fn indicator(movement: f64, range: f64) -> f64 {
    if range > 0.0 {
        100.0 * movement / range
    } else {
        0.0
    }
}

fn index(plus: f64, minus: f64) -> f64 {
    let both = plus + minus;
    if both > 0.0 {
        100.0 * (plus - minus).abs() / both
    } else {
        0.0
    }
}

/// Directional movement, one bar at a time.
#[derive(Debug, Clone)]
pub struct Directional {
    window: usize,
    before: Option<(f64, f64, f64)>,
    changes: usize,
    range: Smooth,
    plus: Smooth,
    minus: Smooth,
    index: Smooth,
}

impl Directional {
    /// Over `window` changes.
    #[must_use]
    pub fn new(window: usize) -> Self {
        let smooth = || Smooth::wilder(window);
        Self {
            window,
            before: None,
            changes: 0,
            range: smooth(),
            plus: smooth(),
            minus: smooth(),
            index: smooth(),
        }
    }

    /// Takes a bar; parts that are not defined yet are NaN.
    pub fn push(&mut self, high: f64, low: f64, close: f64) -> Movement {
        let Some((high_before, low_before, close_before)) = self.before.replace((high, low, close))
        else {
            return UNDEFINED;
        };
        self.changes += 1;
        let (up, down) = moves(high, low, high_before, low_before);
        let range = self.range.push(true_range(high, low, close_before));
        let plus = indicator(self.plus.push(up), range);
        let minus = indicator(self.minus.push(down), range);
        if self.changes < self.window {
            return UNDEFINED;
        }
        let adx = self.index.push(index(plus, minus));
        let ready = self.changes + 1 >= 2 * self.window;
        Movement {
            plus,
            minus,
            adx: if ready { adx } else { f64::NAN },
        }
    }
}

/// [`Directional`] over columns: +DI, -DI, ADX.
#[must_use]
pub fn directional(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    window: usize,
) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let bars = high.iter().zip(low).zip(close);
    let pairs = bars.clone().skip(1).zip(bars);
    let smooth = || Smooth::wilder(window);
    // The recursions of one pass wait for themselves only, not for each other.
    let (mut range, mut plus, mut minus, mut adx) = (smooth(), smooth(), smooth(), smooth());
    let undefined = || vec![f64::NAN; close.len().min(window)];
    let (mut all_plus, mut all_minus, mut all_adx) = (undefined(), undefined(), undefined());
    for (change, (((high, low), _), ((high_before, low_before), close_before))) in pairs.enumerate()
    {
        let (up, down) = moves(*high, *low, *high_before, *low_before);
        let span = range.push(true_range(*high, *low, *close_before));
        let plus = indicator(plus.push(up), span);
        let minus = indicator(minus.push(down), span);
        // The first `window - 1` changes only warm the smoothing.
        if change + 1 >= window {
            all_plus.push(plus);
            all_minus.push(minus);
            all_adx.push(adx.push(index(plus, minus)));
        }
    }
    let early = all_adx.len().min(2 * window - 1);
    all_adx.get_mut(..early).unwrap_or_default().fill(f64::NAN);
    (all_plus, all_minus, all_adx)
}

#[cfg(test)]
mod tests {
    use super::super::range::tests::bars;
    use super::super::tests::same;
    use super::*;

    /// n = 2. Changes: up 2 (true range 3), up 2 (4), down 3 (6).
    #[test]
    fn four_bars_by_hand() {
        let high = [10.0, 12.0, 14.0, 13.0];
        let low = [8.0, 9.0, 10.0, 7.0];
        let close = [9.0, 11.0, 11.0, 8.0];
        let (plus, minus, adx) = directional(&high, &low, &close, 2);
        // +DM 2, 2, 0 -> smoothed 2, 2, 1. -DM 0, 0, 3 -> 0, 0, 1.5. TR 3, 4, 6 -> 3, 3.5, 4.75.
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(plus[1].is_nan() && near(plus[2], 200.0 / 3.5) && near(plus[3], 100.0 / 4.75));
        assert!(minus[1].is_nan() && near(minus[2], 0.0) && near(minus[3], 150.0 / 4.75));
        // DX 100, then 100 * 0.5 / 2.5 = 20; ADX from bar 4 on: (100 + 20) / 2.
        assert!(adx[2].is_nan() && near(adx[3], 60.0), "{adx:?}");
    }

    #[test]
    fn when_both_sides_grow_only_the_greater_one_counts() {
        assert_eq!(moves(12.0, 7.0, 10.0, 8.0), (2.0, 0.0));
        assert_eq!(moves(11.0, 6.0, 10.0, 8.0), (0.0, 2.0));
        assert_eq!(moves(11.0, 7.0, 10.0, 8.0), (0.0, 0.0));
        assert_eq!(moves(9.0, 9.0, 10.0, 8.0), (0.0, 0.0));
    }

    #[test]
    fn both_forms_agree() {
        let (high, low, close) = bars(13, 700);
        for window in [2, 3, 14, 60, 400] {
            let mut one = Directional::new(window);
            let seen: Vec<Movement> = (0..close.len())
                .map(|i| one.push(high[i], low[i], close[i]))
                .collect();
            let (plus, minus, adx) = directional(&high, &low, &close, window);
            let column = |part: fn(&Movement) -> f64| seen.iter().map(part).collect::<Vec<_>>();
            assert!(same(&column(|m| m.plus), &plus), "{window}");
            assert!(same(&column(|m| m.minus), &minus), "{window}");
            assert!(same(&column(|m| m.adx), &adx), "{window}");
        }
    }

    #[test]
    fn a_flat_line_has_no_direction() {
        let (plus, minus, adx) = directional(&[5.0; 9], &[5.0; 9], &[5.0; 9], 3);
        assert_eq!((plus[8], minus[8], adx[8]), (0.0, 0.0, 0.0));
    }
}
