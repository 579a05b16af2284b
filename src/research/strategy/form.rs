//! What a rule without shorts amounts to: comparisons of columns, bar by bar.
//!
//! This is the third form of a rule, beside the incremental and the batch one, and the one that a sweep
//! runs: combinations of a grid share most of their columns and comparisons, so that each is computed
//! once for all of them. It says the same as the other two, to the last bit; tests hold it to them.
//!
//! An undefined value (NaN) fulfils no comparison, so nothing is entered before the warm-up.

use super::columns::Columns;
use super::composite::Votes;
use super::indicators::average::smas;
use super::indicators::deviation::{Divisor, scores};
use super::indicators::directional::directional;
use super::indicators::extreme::{Side, extremes_before};
use super::indicators::rank::Ordered;
use super::indicators::rsi::rsi;
use super::indicators::side_by_side::{self, Block, Corner};
use super::vol_regime_filter::Measure;
use super::{macd, momentum, vol_regime_filter};
use crate::research::backtest::executor::Stops;

/// One number per bar, from the bars up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The last price.
    Close,
    /// Mean of the last closes.
    Mean(usize),
    /// Highest high of so many bars, this one not among them.
    HighBefore(usize),
    /// Lowest low of so many bars, this one not among them.
    LowBefore(usize),
    /// Relative strength index.
    Strength {
        /// Changes in it.
        window: usize,
        /// Wilder's smoothing; otherwise plain means.
        wilder: bool,
    },
    /// Standard deviations from the mean of the last closes.
    Score {
        /// Closes in it.
        window: usize,
        /// Of the deviation.
        divisor: Divisor,
    },
    /// Growth over so many bars.
    Momentum(usize),
    /// MACD line less its signal line; undefined until all is warm.
    Histogram {
        /// Spans of the two averages whose difference the line is, the fast one first.
        spans: [usize; 2],
        /// Span of the signal line.
        signal: usize,
    },
    /// +DI over so many changes.
    Plus(usize),
    /// -DI.
    Minus(usize),
    /// ADX.
    Adx(usize),
    /// Percentile of the volatility among its last values.
    VolRank {
        /// What is measured.
        measure: Measure,
        /// Bars of the volatility.
        window: usize,
        /// Values among which it is ranked.
        among: usize,
    },
}

/// How the left side stands to the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Is {
    /// Greater.
    Above,
    /// Smaller.
    Below,
    /// Greater or equal.
    AtLeast,
    /// Smaller or equal.
    AtMost,
}

/// The right side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Than {
    /// A column.
    Column(Column),
    /// The same number at every bar, as its bits, so that it has an order.
    Level(u64),
}

/// A column compared with another, or with a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Comparison {
    /// Left side.
    pub left: Column,
    /// How it must stand to the right one.
    pub is: Is,
    /// Right side.
    pub than: Than,
}

/// A rule, long or flat. What stands in it may be the comparisons, or something in their place.
#[derive(Debug, Clone, PartialEq)]
pub enum Form<C = Comparison> {
    /// Long exactly where all of these hold.
    While(Vec<C>),
    /// Becomes long where all of `enter` hold, and flat again where one of `leave` does and `enter`
    /// does not.
    Held {
        /// All must hold.
        enter: Vec<C>,
        /// One is enough.
        leave: Vec<C>,
        /// Levels of the rule's own, which end what it holds as well.
        stops: Stops,
    },
    /// What several rules together come to.
    Votes(Votes<C>),
}

impl Column {
    /// This column above, below, … another.
    #[must_use]
    pub const fn is(self, is: Is, other: Self) -> Comparison {
        Comparison {
            left: self,
            is,
            than: Than::Column(other),
        }
    }

    /// This column above, below, … a level.
    #[must_use]
    pub const fn is_level(self, is: Is, level: f64) -> Comparison {
        Comparison {
            left: self,
            is,
            than: Than::Level(level.to_bits()),
        }
    }
}

impl Form {
    /// The usual held rule, without levels of its own.
    #[must_use]
    pub fn held(enter: Vec<Comparison>, leave: Vec<Comparison>) -> Self {
        Self::Held {
            enter,
            leave,
            stops: Stops::default(),
        }
    }

    /// The same rule with something in the place of every comparison.
    pub fn map<C>(&self, of: &mut impl FnMut(Comparison) -> C) -> Form<C> {
        let mut all = |list: &[Comparison]| list.iter().map(|c| of(*c)).collect();
        match self {
            Self::While(list) => Form::While(all(list)),
            Self::Held {
                enter,
                leave,
                stops,
            } => Form::Held {
                enter: all(enter),
                leave: all(leave),
                stops: *stops,
            },
            Self::Votes(votes) => Form::Votes(votes.map(of)),
        }
    }
}

/// Columns that are computed in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Batch {
    /// All means: those of longer windows continue the sums of the shorter ones.
    Means,
    /// +DI, -DI and ADX over so many changes.
    Directional(usize),
    /// All histograms, which share averages.
    Histograms,
    /// All scores of one divisor, which share means.
    Scores(Divisor),
    /// The percentiles of a volatility.
    VolRanks(Measure, usize),
    /// One column.
    Single(Column),
}

impl Column {
    /// With which others it is computed.
    #[must_use]
    pub fn batch(self) -> Batch {
        match self {
            Self::Mean(_) => Batch::Means,
            Self::Plus(n) | Self::Minus(n) | Self::Adx(n) => Batch::Directional(n),
            Self::Histogram { .. } => Batch::Histograms,
            Self::Score { divisor, .. } => Batch::Scores(divisor),
            Self::VolRank {
                measure, window, ..
            } => Batch::VolRanks(measure, window),
            single => Batch::Single(single),
        }
    }
}

impl Batch {
    /// The columns `wanted` of this batch, ascending and each once; one value per bar.
    #[must_use]
    pub fn values(self, wanted: &[Column], columns: &Columns<'_>) -> Vec<Vec<f64>> {
        match self {
            Self::Means => smas(&columns.close, &windows(wanted)),
            Self::Directional(n) => {
                let Columns {
                    high, low, close, ..
                } = columns;
                let (mut plus, mut minus, mut adx) = directional(high, low, close, n);
                let each = |column: &Column| match column {
                    Column::Plus(_) => std::mem::take(&mut plus),
                    Column::Minus(_) => std::mem::take(&mut minus),
                    _ => std::mem::take(&mut adx),
                };
                wanted.iter().map(each).collect()
            }
            Self::Histograms => side_by_side::columns(wanted.len(), columns.bars.len(), |take| {
                Flow::new(wanted, columns).hand_on(wanted, take);
            }),
            Self::Scores(divisor) => scores(&columns.close, &windows(wanted), divisor),
            Self::VolRanks(measure, window) => {
                let volatility = vol_regime_filter::volatility(measure, window, columns);
                Ordered::new(&volatility).ranks(&windows(wanted))
            }
            Self::Single(column) => vec![single(column, columns)],
        }
    }
}

/// Columns that are better used as they come than kept: every combination has its own. What they are
/// made of is kept, and shared.
#[derive(Debug)]
pub struct Flow {
    averages: macd::Averages,
}

impl Flow {
    /// What `wanted` are made of.
    #[must_use]
    pub fn new(wanted: &[Column], columns: &Columns<'_>) -> Self {
        let spans = wanted.iter().filter_map(|column| column.spans());
        Self {
            averages: macd::Averages::new(&columns.close, &spans.flatten().collect()),
        }
    }

    /// Hands on the values of `wanted`, one lane each, in blocks. Columns that do not flow have none.
    pub fn hand_on(&self, wanted: &[Column], take: impl FnMut(Corner, &mut Block)) {
        let own = |column: &Column| match column {
            Column::Histogram { spans, signal } => Some((*spans, *signal)),
            _ => None,
        };
        let own: Vec<_> = wanted.iter().filter_map(own).collect();
        self.averages.histograms(&own, take);
    }
}

impl Column {
    /// Spans of the averages that a column which flows is made of; none of another.
    #[must_use]
    pub fn spans(self) -> Option<[usize; 2]> {
        match self {
            Self::Histogram { spans, .. } => Some(spans),
            _ => None,
        }
    }
}

/// The windows that tell the columns of a batch apart.
fn windows(wanted: &[Column]) -> Vec<usize> {
    let window = |column: &Column| match column {
        Column::Mean(window) | Column::Score { window, .. } => Some(*window),
        Column::VolRank { among, .. } => Some(*among),
        _ => None,
    };
    wanted.iter().filter_map(window).collect()
}

fn single(column: Column, columns: &Columns<'_>) -> Vec<f64> {
    let close = &columns.close;
    match column {
        Column::HighBefore(window) => extremes_before(&columns.high, Side::Highest, window),
        Column::LowBefore(window) => extremes_before(&columns.low, Side::Lowest, window),
        Column::Strength { window, wilder } => rsi(close, window, wilder),
        Column::Momentum(lookback) => momentum::momenta(close, lookback),
        // Columns of other batches are asked of those.
        Column::Close
        | Column::Mean(_)
        | Column::Score { .. }
        | Column::Histogram { .. }
        | Column::Plus(_)
        | Column::Minus(_)
        | Column::Adx(_)
        | Column::VolRank { .. } => close.clone(),
    }
}
