//! When a signal is filled.

/// At which price a signal becomes a fill. Every signal is given at the close of a bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FillRule {
    /// At the open of the next bar: the price that can still be had when the signal is known.
    #[default]
    NextOpen,
    /// At the close that gave the signal. Nobody can trade a price that must first be known to be
    /// the last one: good for comparing with tools that do so, and flagged wherever it is used.
    SameClose,
}

impl FillRule {
    /// Every rule.
    pub const ALL: [Self; 2] = [Self::NextOpen, Self::SameClose];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NextOpen => "next_open",
            Self::SameClose => "same_close",
        }
    }

    /// The rule called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_read_back() {
        for rule in FillRule::ALL {
            assert_eq!(FillRule::named(rule.as_str()), Some(rule));
        }
        assert_eq!(FillRule::named("close"), None);
        assert_eq!(FillRule::default().as_str(), "next_open");
    }
}
