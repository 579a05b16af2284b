//! Colours at their ends, cells with and without a number, and pictures of any size.

use super::colours::{BLUE, ORANGE, PALE, mixed};
use super::plane::WIDTH_MAX;
use super::*;

fn names(n: usize, before: &str) -> Vec<String> {
    (0..n).map(|i| format!("{before}{i}")).collect()
}

fn map<'a>(
    columns: &'a [String],
    rows: &'a [String],
    cells: &'a [Vec<Option<f64>>],
    colours: Colours,
) -> Heatmap<'a> {
    Heatmap {
        title: "Values of a < b & \"c\"",
        across: "a",
        down: "b",
        columns,
        rows,
        cells,
        scale: Scale::Number,
        decimals: 2,
        colours,
        frame: None,
    }
}

#[test]
fn the_ends_are_dark_and_the_middle_is_pale() {
    let diverging = Colours::Diverging {
        middle: 0.0,
        reach: 2.0,
    };
    for (value, colour) in [(-2.0, ORANGE), (0.0, PALE), (2.0, BLUE), (9.0, BLUE)] {
        assert_eq!(written(diverging.of(value)), written(colour), "{value}");
    }
    assert_eq!(diverging.marks().to_vec(), vec![-2.0, 0.0, 2.0]);
    let falling = Colours::Sequential(0.4, 0.1);
    assert_eq!(written(falling.of(0.1)), written(BLUE));
    assert_eq!(written(falling.of(0.5)), written(PALE));
    assert_eq!(
        (ink(PALE), ink(BLUE), ink(ORANGE)),
        ("#1c2430", "#ffffff", "#ffffff")
    );
    // A range without width is no division by zero.
    let flat = Colours::Sequential(1.0, 1.0).of(1.0);
    assert_eq!(written(flat), written(mixed(PALE, BLUE, 0.5)));
    let cells = [vec![Some(-3.0), None], vec![Some(f64::NAN), Some(1.0)]];
    assert_eq!(Colours::fitting(&cells), Colours::Sequential(-3.0, 1.0));
    assert_eq!(
        Colours::around(0.0, &cells).marks().to_vec(),
        vec![-3.0, 0.0, 3.0]
    );
    assert_eq!(Colours::fitting(&[]), Colours::Sequential(0.0, 1.0));
    assert_eq!(
        Colours::around(1.0, &[]).marks().to_vec(),
        vec![0.0, 1.0, 2.0]
    );
}

#[test]
fn numbers_stand_in_their_cells_and_undefined_ones_are_crossed() {
    let (columns, rows) = (names(3, "x"), names(2, "y"));
    let cells = [
        vec![Some(1.234), None, Some(-0.5)],
        // Too short: the last cell is undefined.
        vec![Some(f64::INFINITY), Some(2.0)],
    ];
    let mut heat = map(&columns, &rows, &cells, Colours::around(0.0, &cells));
    heat.frame = Some(Frame {
        row: 1,
        column: 1,
        words: "the <best>",
    });
    let svg = heat.svg();
    for number in [">1.23<", ">-0.50<", ">2.00<"] {
        assert!(svg.contains(number), "{number}: {svg}");
    }
    assert_eq!(svg.matches("class=\"undefined\"").count(), 3);
    assert!(svg.contains("crossed: undefined") && svg.contains("framed: the &lt;best&gt;"));
    assert!(svg.contains("a &lt; b &amp; &quot;c&quot;") && !svg.contains("inf"));
    heat.scale = Scale::Percent;
    heat.decimals = 1;
    assert!(heat.svg().contains(">123.4 %<"));
    assert_eq!(heat.svg(), heat.svg());
}

#[test]
fn any_size_gives_a_picture_that_fits() {
    for (across, down) in [(0, 0), (1, 1), (2, 40), (150, 70), (12, 12)] {
        let (columns, rows) = (
            names(across, "a_rather_long_name_of_a_column_"),
            names(down, "r"),
        );
        let cells = vec![vec![Some(0.123_456); across]; down];
        let svg = map(&columns, &rows, &cells, Colours::fitting(&cells)).svg();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
        let size: Vec<f64> = size
            .split('"')
            .next()
            .unwrap()
            .split(' ')
            .map(|n| n.parse().unwrap())
            .collect();
        assert!(size[0] <= WIDTH_MAX + 1.0 && size[1] <= 1000.0, "{size:?}");
        let shown = svg.matches("<title>0.12</title>").count();
        assert_eq!(shown, if across == 150 { across * down } else { 0 });
    }
}
