//! The held state of a rule that enters on one condition and leaves on another.
//!
//! Per closed bar, first the exit of what is held, then an entry, so that a bar may turn a position
//! round. Long goes before short where both want to enter. Rules without such a memory (long exactly
//! while a condition holds) do not need this.

use super::Signal;

/// What the conditions of one side say at a bar. A condition on an undefined value does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Enter this side.
    pub enter: bool,
    /// Leave this side.
    pub leave: bool,
}

/// Long, short or flat, between two bars.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    allow_short: bool,
    state: Signal,
}

impl Held {
    /// Flat.
    #[must_use]
    pub fn new(allow_short: bool) -> Self {
        Self {
            allow_short,
            state: Signal::Flat,
        }
    }

    /// Takes the wishes of a bar.
    pub fn step(&mut self, long: Wish, short: Wish) -> Signal {
        match self.state {
            Signal::Long if long.leave => self.state = Signal::Flat,
            Signal::Short if short.leave => self.state = Signal::Flat,
            Signal::Long | Signal::Short | Signal::Flat => {}
        }
        if self.state == Signal::Flat {
            if long.enter {
                self.state = Signal::Long;
            } else if short.enter && self.allow_short {
                self.state = Signal::Short;
            }
        }
        self.state
    }
}

/// The signal of a rule without memory: long while `above`, short while `below` where allowed.
#[must_use]
pub fn while_holding(above: bool, below: bool, allow_short: bool) -> Signal {
    if above {
        Signal::Long
    } else if below && allow_short {
        Signal::Short
    } else {
        Signal::Flat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: Wish = Wish {
        enter: false,
        leave: false,
    };
    const ENTER: Wish = Wish {
        enter: true,
        leave: false,
    };
    const LEAVE: Wish = Wish {
        enter: false,
        leave: true,
    };

    #[test]
    fn a_position_is_held_until_its_exit_and_may_turn_round() {
        let mut held = Held::new(true);
        assert_eq!(held.step(NO, NO), Signal::Flat);
        assert_eq!(held.step(ENTER, NO), Signal::Long);
        assert_eq!(held.step(NO, ENTER), Signal::Long);
        assert_eq!(held.step(LEAVE, ENTER), Signal::Short);
        assert_eq!(held.step(NO, NO), Signal::Short);
        assert_eq!(held.step(NO, LEAVE), Signal::Flat);
        assert_eq!(held.step(ENTER, ENTER), Signal::Long);
    }

    #[test]
    fn without_shorts_the_other_side_is_flat() {
        let mut held = Held::new(false);
        assert_eq!(held.step(NO, ENTER), Signal::Flat);
        assert_eq!(while_holding(false, true, false), Signal::Flat);
        assert_eq!(while_holding(false, true, true), Signal::Short);
        assert_eq!(while_holding(true, true, true), Signal::Long);
    }
}
