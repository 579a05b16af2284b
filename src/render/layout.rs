//! One layout for what people read in a terminal: tables and running text of a given width.
//!
//! In: columns with what each of them can bear, rows of cells, a width in characters. Out: lines
//! without trailing blanks. A column in which every cell is empty is left out. Where a row is too
//! wide, fingerprints are shortened first, then notes go to an indented line of their own, then
//! whole columns from the right. Numbers and limits are never cut: a line longer than the width is
//! one word that has no place to break.

/// Width where nothing says how wide the terminal is.
pub const WIDTH_DEFAULT: usize = 80;

/// Narrower than this nothing is laid out.
pub const WIDTH_MIN: usize = 40;

/// Blanks between columns.
const GAP: usize = 2;
/// Indentation of what stands below its row.
const INDENT: usize = 4;
/// Letters of a fingerprint that are left when it is shortened.
const SHORT: usize = 16;

/// What a column can bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bears {
    /// Words: moved below its row as a whole when there is no room.
    Text,
    /// A number or a limit, set to the right; moved like text.
    Number,
    /// A fingerprint: shortened when there is no room.
    Key,
    /// A remark: the first to be moved below its row.
    Note,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its heading, and its name below a row.
    pub name: &'static str,
    /// What it can bear.
    pub bears: Bears,
}

/// Columns by name and what they can bear.
#[must_use]
pub fn columns<const N: usize>(list: [(&'static str, Bears); N]) -> [Column; N] {
    list.map(|(name, bears)| Column { name, bears })
}

/// A column with its cells, all as many as there are rows.
struct Filled {
    column: Column,
    cells: Vec<String>,
    below: bool,
}

impl Filled {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| length(cell));
        cells.chain([length(self.column.name)]).max().unwrap_or(0)
    }
}

/// `rows` under a ruled heading, at most `width` wide where words allow it.
#[must_use]
pub fn table(columns: &[Column], rows: &[Vec<String>], width: usize) -> String {
    let mut filled = filled(columns, rows);
    if total(&filled) > width {
        shorten(&mut filled);
    }
    while total(&filled) > width {
        let Some(next) = next_below(&filled) else {
            break;
        };
        if let Some(moved) = filled.get_mut(next) {
            moved.below = true;
        }
    }
    let heading: Vec<String> = beside(&filled).map(|f| pad(f.column.name, f)).collect();
    let heading = heading.join(&" ".repeat(GAP));
    let rule = "-".repeat(total(&filled));
    let mut out = format!("{}\n{rule}\n", heading.trim_end());
    for row in 0..rows.len() {
        let cells: Vec<String> = beside(&filled)
            .map(|f| pad(f.cells.get(row).map_or("", String::as_str), f))
            .collect();
        out.push_str(cells.join(&" ".repeat(GAP)).trim_end());
        out.push('\n');
        for f in filled.iter().filter(|f| f.below) {
            let cell = f.cells.get(row).map_or("", String::as_str);
            if !cell.is_empty() {
                let text = format!("{}: {cell}", f.column.name);
                out.push_str(&paragraph(&text, INDENT, width));
            }
        }
    }
    out
}

/// `text` broken at blanks into lines of `width`: `indent` blanks before the first, more before
/// the others.
#[must_use]
pub fn paragraph(text: &str, indent: usize, width: usize) -> String {
    let mut out = String::new();
    let mut line = " ".repeat(indent);
    let mut fresh = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !fresh && length(&line) + 1 + length(word) > width {
            out.push_str(&line);
            out.push('\n');
            line = " ".repeat(indent + 2);
            fresh = true;
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(word);
        fresh = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}

fn filled(columns: &[Column], rows: &[Vec<String>]) -> Vec<Filled> {
    let cells = |at: usize| -> Vec<String> {
        let cell = |row: &Vec<String>| row.get(at).cloned().unwrap_or_default();
        rows.iter().map(cell).collect()
    };
    let all = columns.iter().enumerate().map(|(at, column)| Filled {
        column: *column,
        cells: cells(at),
        below: false,
    });
    all.filter(|f| f.cells.iter().any(|cell| !cell.is_empty()))
        .collect()
}

/// Fingerprints to their first letters.
fn shorten(filled: &mut [Filled]) {
    let keys = filled.iter_mut().filter(|f| f.column.bears == Bears::Key);
    for cell in keys.flat_map(|f| &mut f.cells) {
        if length(cell) > SHORT {
            *cell = cell.chars().take(SHORT).chain(['…']).collect();
        }
    }
}

/// The column that goes below its row next: notes from the right, then others from the right. The
/// first column stays.
fn next_below(filled: &[Filled]) -> Option<usize> {
    let open = |note: bool| {
        let mut from_the_right = filled.iter().enumerate().skip(1).rev();
        let found =
            from_the_right.find(|(_, f)| !f.below && (f.column.bears == Bears::Note) == note);
        found.map(|(at, _)| at)
    };
    open(true).or_else(|| open(false))
}

fn beside(filled: &[Filled]) -> impl Iterator<Item = &Filled> {
    filled.iter().filter(|f| !f.below)
}

/// The width of the columns that stand beside each other.
fn total(filled: &[Filled]) -> usize {
    let widths: Vec<usize> = beside(filled).map(Filled::width).collect();
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

fn pad(cell: &str, f: &Filled) -> String {
    let blanks = " ".repeat(f.width().saturating_sub(length(cell)));
    match f.column.bears {
        Bears::Number => format!("{blanks}{cell}"),
        Bears::Text | Bears::Key | Bears::Note => format!("{cell}{blanks}"),
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn example(width: usize) -> String {
        let columns = columns([
            ("criterion", Bears::Text),
            ("limit", Bears::Number),
            ("empty", Bears::Text),
            ("key", Bears::Key),
            ("why", Bears::Note),
        ]);
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        let key = "SHA256:abcdefghijklmnopqrstuvwxyz";
        let rows = [
            row(["sharpe", "≥ 0.80 / 1.00", "", key, ""]),
            row(["trades", "≥ 30", "", key, "no value: run it for longer"]),
        ];
        table(&columns, &rows, width)
    }

    #[test]
    fn what_fits_stands_on_one_line() {
        let wanted = concat!(
            "criterion          limit  key                                why\n",
            "-------------------------------------------------------------------------------------\n",
            "sharpe     ≥ 0.80 / 1.00  SHA256:abcdefghijklmnopqrstuvwxyz\n",
            "trades              ≥ 30  SHA256:abcdefghijklmnopqrstuvwxyz  no value: run it for longer\n",
        );
        let shown = example(100);
        assert_eq!(shown.lines().next(), wanted.lines().next());
        assert_eq!(shown.lines().nth(2), wanted.lines().nth(2));
        assert_eq!(shown.lines().nth(3), wanted.lines().nth(3));
        assert_eq!(shown.lines().count(), 4);
    }

    #[test]
    fn fingerprints_go_first_then_notes_then_columns() {
        let at = |width, line| example(width).lines().nth(line).unwrap().to_owned();
        assert_eq!(
            at(80, 3),
            "trades              ≥ 30  SHA256:abcdefghi…  no value: run it for longer"
        );
        assert_eq!(at(50, 3), "trades              ≥ 30  SHA256:abcdefghi…");
        assert_eq!(at(50, 4), "    why: no value: run it for longer");
        assert_eq!(at(30, 3), "    key: SHA256:abcdefghi…");
        assert_eq!(at(30, 5), "    key: SHA256:abcdefghi…");
        assert_eq!(at(30, 6), "    why: no value: run it for");
        assert_eq!(at(30, 7), "      longer");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked_unless_one_word_is(
            cells in prop::collection::vec("[a-z]{1,9}( [a-z]{1,9}){0,4}", 12),
            width in 40_usize..120,
        ) {
            let columns = columns([
                ("one", Bears::Text),
                ("two", Bears::Number),
                ("three", Bears::Text),
                ("four", Bears::Note),
            ]);
            let rows: Vec<Vec<String>> = cells.chunks(4).map(<[String]>::to_vec).collect();
            let shown = table(&columns, &rows, width);
            // The first column is at most 49 wide and never broken.
            prop_assert!(shown.lines().all(|line| length(line) <= width.max(49)), "{}", shown);
            // Every word is still there.
            for word in cells.iter().flat_map(|cell| cell.split(' ')) {
                prop_assert!(shown.contains(word));
            }
        }
    }
}
