//! Values in their bars, labels apart from each other, and a picture of any input.

use super::*;

/// Sums of twelve numbers of a counter generator: nearly normal.
fn bell(n: usize) -> Vec<f64> {
    let mut state = 3_u64;
    let mut unit = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    (0..n)
        .map(|_| (0..12).map(|_| unit()).sum::<f64>() - 6.0)
        .collect()
}

fn bins(values: &[f64]) -> Bins {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Bins::of(&sorted).unwrap()
}

#[test]
fn every_value_is_in_one_bar_or_counted_as_beyond() {
    for n in [2, 3, 50, 3000] {
        let found = bins(&bell(n));
        let inside: u32 = found.counts.iter().sum();
        assert_eq!(inside as usize + found.beyond, n);
        assert!((BARS_MIN..=BARS_MAX).contains(&found.counts.len()));
        assert_eq!(found.beyond, 0, "{n}");
    }
    // 2 IQR n^(-1/3) = 2 x 1.349 / 14.4: about 37 bars over 7 standard deviations.
    assert!((30..=45).contains(&bins(&bell(3000)).counts.len()));
    let mut tail = bell(3000);
    tail.extend([1e4, 1e5, -1e6]);
    let found = bins(&tail);
    let inside: u32 = found.counts.iter().sum();
    assert!(found.beyond >= 3 && inside as usize + found.beyond == 3003);
    assert!(found.end() < 10.0);
    // By hand: eight bars of half a unit, the upper edge in the last.
    let found = bins(&[0.0, 0.4, 1.0, 4.0]);
    assert_eq!(found.counts.iter().sum::<u32>(), 4);
    assert_eq!((found.counts[0], found.counts.last()), (2, Some(&1)));
}

#[test]
fn labels_do_not_cover_each_other() {
    let plane = Plane {
        low: 0.0,
        high: 1.0,
        most: 1.0,
        top: HEAD,
    };
    let line = |at: f64| Line {
        at,
        label: "quantile 0.123",
        limit: false,
    };
    let lines = [0.0, 0.01, 0.02, 0.5, 0.51, 1.0].map(line);
    assert_eq!(rows(&lines, &plane), [2, 1, 0, 1, 0, 0]);
}

#[test]
fn any_input_gives_a_picture() {
    let limits = [
        ("a <b> & \"c\"\u{1b}".to_owned(), 0.2),
        ("nan".to_owned(), f64::NAN),
        ("far".to_owned(), 1e9),
    ];
    let marks = [("5 %".to_owned(), -1.5), ("50 %".to_owned(), 0.0)];
    let holes = [f64::NAN, 1.0, f64::INFINITY, 2.0];
    let large = [-1e308, 1e308, 1e300];
    for values in [
        &[][..],
        &[1.0],
        &[5.0; 9],
        &[0.0; 4],
        &holes,
        &large,
        &bell(900),
    ] {
        for scale in [Scale::Number, Scale::Percent] {
            let histogram = Histogram {
                title: "x < y",
                values,
                scale,
                marks: &marks,
                limits: &limits,
            };
            let svg = histogram.svg();
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(!svg.contains('\u{1b}') && !svg.contains("<b>"));
            assert_eq!(svg, histogram.svg());
            assert!(svg.len() < 12_000, "{}", svg.len());
        }
    }
    let holed = Histogram {
        title: "t",
        values: &holes,
        scale: Scale::Number,
        marks: &[],
        limits: &limits,
    };
    let svg = holed.svg();
    assert!(svg.contains("2 without a number") && svg.contains("far →"));
}
