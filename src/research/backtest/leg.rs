//! Legs: one position from its entry to its exit, at market prices, before costs and size.

use serde::{Deserialize, Serialize};

use crate::research::strategy::Signal;

/// Long or short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Bought first.
    Long,
    /// Sold first.
    Short,
}

impl Side {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }

    /// 1 or -1.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Long => 1.0,
            Self::Short => -1.0,
        }
    }

    /// The side that a signal wants.
    #[must_use]
    pub fn wanted(signal: Signal) -> Option<Self> {
        match signal {
            Signal::Long => Some(Self::Long),
            Signal::Flat => None,
            Signal::Short => Some(Self::Short),
        }
    }
}

/// Why a position ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The signal changed; filled at the next open.
    Signal,
    /// The stop-loss was reached.
    Stop,
    /// The trailing stop was reached.
    TrailingStop,
    /// The take-profit was reached.
    TakeProfit,
    /// The data ended; closed at the last close.
    EndOfData,
}

impl Reason {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Stop => "stop",
            Self::TrailingStop => "trailing_stop",
            Self::TakeProfit => "take_profit",
            Self::EndOfData => "end_of_data",
        }
    }
}

/// An exit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exit {
    /// Market price, before slippage.
    pub price: f64,
    /// Why.
    pub reason: Reason,
}

impl Exit {
    /// True when it happened at the bar's open, before any entry of that bar.
    #[must_use]
    pub fn at_open(&self) -> bool {
        self.reason == Reason::Signal
    }
}

/// A position from entry to exit. Entries are always at a bar's open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// Long or short.
    pub side: Side,
    /// Index of the bar of the entry.
    pub entry_bar: usize,
    /// Market price of the entry, before slippage.
    pub entry_price: f64,
    /// Index of the bar of the exit; at least `entry_bar`.
    pub exit_bar: usize,
    /// The exit.
    pub exit: Exit,
}
