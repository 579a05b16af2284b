//! A report as a list of sections, before it becomes Markdown or HTML.
//!
//! The decision log and the registers take the same way to HTML. Texts are plain: escaping is the
//! templates' business, for every one of them. Only a chart is
//! markup, made by [`Chart`](crate::render::chart::Chart) from escaped parts.

use serde::Serialize;

/// Said above everything else where the bars were invented.
pub(super) const BANNER: &str =
    "SYNTHETIC DATA: the bars were invented by a generator, nothing here was traded";

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// Language of its words, `en` or `de`.
    pub lang: &'static str,
    /// Heading.
    pub title: String,
    /// Shown above everything else.
    pub banner: Option<String>,
    /// Name and value, shown first.
    pub facts: Vec<(String, String)>,
    /// The sections.
    pub sections: Vec<Section>,
    /// The last line, by which the document can be checked.
    pub seal: Option<String>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// What is in it.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text {
        /// Its text.
        text: String,
    },
    /// A smaller heading.
    Heading {
        /// Its text.
        text: String,
    },
    /// Names and values.
    Facts {
        /// In this order.
        facts: Vec<(String, String)>,
    },
    /// A list.
    List {
        /// With numbers before the items.
        numbered: bool,
        /// The items.
        items: Vec<String>,
    },
    /// One word that stands out, coloured by its level.
    Badge {
        /// What it is about.
        name: String,
        /// The word.
        word: String,
        /// `good`, `warning` or `bad`.
        level: &'static str,
    },
    /// A table.
    Table(Table),
    /// A picture of a table, which Markdown shows instead.
    Pictured {
        /// SVG element, in which every number of the table stands.
        svg: String,
        /// The table.
        table: Table,
    },
    /// A picture, and what Markdown says instead.
    Chart {
        /// SVG element.
        svg: String,
        /// In words.
        words: String,
    },
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Table {
    /// Column heads.
    pub heads: Vec<Head>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// A column's head.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Head {
    /// Its text.
    pub text: String,
    /// The column holds numbers: they stand to the right.
    pub number: bool,
    /// The cells are short and stay on one line, as dates.
    pub short: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Cells, one per column.
    pub cells: Vec<String>,
    /// `good`, `warning` or `bad`, for the colour; the word stands in a cell too.
    pub level: Option<&'static str>,
    /// The cell that says it in other words.
    pub at: Option<usize>,
}

impl Head {
    /// A head; see [`Block::table`] for its mark.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.trim_start_matches(['#', '=']).to_owned(),
            number: text.starts_with('#'),
            short: text.starts_with('='),
        }
    }
}

impl Table {
    /// A table whose heads are marked as in [`Block::table`]; a row that is too short is filled up
    /// with `none`, one too long is cut.
    #[must_use]
    pub fn new(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        let heads: Vec<Head> = heads.iter().map(|head| Head::new(head)).collect();
        let row = |mut cells: Vec<String>| {
            cells.resize(heads.len(), "none".to_owned());
            Row {
                cells,
                level: None,
                at: None,
            }
        };
        let rows = rows.into_iter().map(row).collect();
        Self { heads, rows }
    }
}

impl Section {
    /// A section of `blocks`.
    #[must_use]
    pub fn new(title: &str, blocks: Vec<Block>) -> Self {
        Self {
            title: title.to_owned(),
            blocks,
        }
    }
}

impl Block {
    /// A paragraph.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A smaller heading.
    #[must_use]
    pub fn heading(text: &str) -> Self {
        Self::Heading {
            text: text.to_owned(),
        }
    }

    /// A list of `items`.
    #[must_use]
    pub fn list(items: Vec<String>) -> Self {
        let numbered = false;
        Self::List { numbered, items }
    }

    /// A table; heads that begin with `#` mark columns of numbers, with `=` of short texts.
    #[must_use]
    pub fn table<const N: usize>(heads: [&str; N], rows: Vec<[String; N]>) -> Self {
        Self::Table(Table::new(&heads, rows.into_iter().map(Vec::from)))
    }

    /// A table as [`Self::table`], or nothing when it has no row.
    #[must_use]
    pub fn table_if<const N: usize>(heads: [&str; N], rows: Vec<[String; N]>) -> Vec<Self> {
        if rows.is_empty() {
            return Vec::new();
        }
        vec![Self::table(heads, rows)]
    }
}
