//! The desk: what one strategy holds on the account, and what it earned in the bar at hand.
//!
//! In: entries, exits, adjustments and marks at market prices. Out: a [`Moved`] for each, which the
//! account books as cash and units, and a [`Trade`] for each position that ended. A position is one
//! trade however often it was rebalanced: its quantity is everything that was entered, its prices
//! are the means over what was entered and over what was left, weighted by quantity. So the number
//! of trades counts decisions of the strategy, and quantity x price is what was really turned over.

use super::{Component, Costs, Trade};
use crate::research::backtest::leg::{Exit, Leg};

#[derive(Debug, Clone, Copy)]
pub(super) struct Holding {
    leg: usize,
    sign: f64,
    pub(super) quantity: f64,
    pub(super) mark: f64,
    costs: f64,
    /// What the adjustments made of it; none before the first.
    adjusted: Option<Adjusted>,
}

/// Everything that was entered, and what was left before the last exit.
#[derive(Debug, Clone, Copy)]
struct Adjusted {
    quantity: f64,
    entered: f64,
    left: f64,
}

/// Units that changed hands: more than 0 bought, less sold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    pub(super) quantity: f64,
    pub(super) price: f64,
    pub(super) costs: f64,
}

impl Moved {
    /// What it takes from the free cash.
    pub(super) fn taken(&self) -> f64 {
        self.quantity.abs() * self.price + self.costs
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Desk {
    pub(super) next_leg: usize,
    pub(super) held: Option<Holding>,
    pub(super) profit: f64,
}

impl Desk {
    /// The held leg, if it ends in `bar`.
    pub(super) fn ending(&self, component: &Component<'_>, bar: usize) -> Option<Leg> {
        let leg = component.legs.get(self.held?.leg)?;
        (leg.exit_bar == bar).then_some(*leg)
    }

    /// The next leg, if nothing is held and it starts in `bar`.
    pub(super) fn starting(&self, component: &Component<'_>, bar: usize) -> Option<Leg> {
        let leg = component.legs.get(self.next_leg)?;
        (self.held.is_none() && leg.entry_bar == bar).then_some(*leg)
    }

    /// Units held, less than 0 when short.
    pub(super) fn units(&self) -> f64 {
        self.held.map_or(0.0, |held| held.sign * held.quantity)
    }

    /// Enters `leg` for `notional` at its fill.
    pub(super) fn open(&mut self, leg: Leg, notional: f64, costs: Costs) -> Moved {
        let direction = leg.side.sign();
        let quantity = notional / (leg.entry_price * (1.0 + direction * costs.slippage));
        let paid = side_costs(quantity, leg.entry_price, direction, costs);
        self.profit -= paid;
        self.held = Some(Holding {
            leg: self.next_leg,
            sign: direction,
            quantity,
            mark: leg.entry_price,
            costs: paid,
            adjusted: None,
        });
        self.next_leg += 1;
        Moved {
            quantity: direction * quantity,
            price: leg.entry_price,
            costs: paid,
        }
    }

    /// Ends the held leg, books its last profit, and gives the trade.
    pub(super) fn close(
        &mut self,
        strategy: usize,
        leg: Leg,
        costs: Costs,
    ) -> Option<(Trade, Moved)> {
        let held = self.held.take()?;
        let sign = leg.side.sign();
        let Exit { price, reason } = leg.exit;
        let paid = side_costs(held.quantity, price, -sign, costs);
        self.profit += sign * held.quantity * (price - held.mark) - paid;
        let costs = held.costs + paid;
        let (quantity, entry_price, exit_price) = match held.adjusted {
            None => (held.quantity, leg.entry_price, price),
            Some(all) => (
                all.quantity,
                all.entered / all.quantity,
                (all.left + held.quantity * price) / all.quantity,
            ),
        };
        let trade = Trade {
            strategy,
            side: leg.side,
            entry_bar: leg.entry_bar,
            exit_bar: leg.exit_bar,
            quantity,
            entry_price,
            exit_price,
            costs,
            pnl: sign * quantity * (exit_price - entry_price) - costs,
            reason,
        };
        let moved = Moved {
            quantity: -sign * held.quantity,
            price,
            costs: paid,
        };
        Some((trade, moved))
    }

    /// Values what is held at `price`.
    pub(super) fn mark(&mut self, price: f64) {
        if let Some(held) = &mut self.held {
            self.profit += held.sign * held.quantity * (price - held.mark);
            held.mark = price;
        }
    }

    /// Pays `share` of the marked notional for what a short borrows, and gives the amount.
    pub(super) fn borrow(&mut self, share: f64) -> f64 {
        let Some(held) = self.held.as_mut().filter(|held| held.sign < 0.0) else {
            return 0.0;
        };
        let paid = held.quantity * held.mark * share;
        held.costs += paid;
        self.profit -= paid;
        paid
    }

    /// By how many units an entry of `notional` at the mark would differ from what is held.
    pub(super) fn off(&self, notional: f64, costs: Costs) -> f64 {
        self.held.map_or(0.0, |held| {
            notional / held.fill_price(costs) - held.quantity
        })
    }

    /// Adds units for `notional` at their fill, at the mark.
    pub(super) fn add(&mut self, leg: Leg, notional: f64, costs: Costs) -> Option<Moved> {
        let held = self.held.as_mut()?;
        let quantity = notional / held.fill_price(costs);
        let paid = side_costs(quantity, held.mark, held.sign, costs);
        let all = held.adjusted(leg);
        held.adjusted = Some(Adjusted {
            quantity: all.quantity + quantity,
            entered: all.entered + quantity * held.mark,
            ..all
        });
        held.quantity += quantity;
        held.costs += paid;
        self.profit -= paid;
        Some(Moved {
            quantity: held.sign * quantity,
            price: held.mark,
            costs: paid,
        })
    }

    /// Leaves `quantity` units, at the mark.
    pub(super) fn reduce(&mut self, leg: Leg, quantity: f64, costs: Costs) -> Option<Moved> {
        let held = self.held.as_mut()?;
        let paid = side_costs(quantity, held.mark, -held.sign, costs);
        let all = held.adjusted(leg);
        held.adjusted = Some(Adjusted {
            left: all.left + quantity * held.mark,
            ..all
        });
        held.quantity -= quantity;
        held.costs += paid;
        self.profit -= paid;
        Some(Moved {
            quantity: -held.sign * quantity,
            price: held.mark,
            costs: paid,
        })
    }

    /// The leg that is held.
    pub(super) fn leg(&self, component: &Component<'_>) -> Option<Leg> {
        component.legs.get(self.held?.leg).copied()
    }
}

impl Holding {
    /// What an entry at the mark pays or gets per unit.
    pub(super) fn fill_price(&self, costs: Costs) -> f64 {
        self.mark * (1.0 + self.sign * costs.slippage)
    }

    fn adjusted(&self, leg: Leg) -> Adjusted {
        self.adjusted.unwrap_or(Adjusted {
            quantity: self.quantity,
            entered: self.quantity * leg.entry_price,
            left: 0.0,
        })
    }
}

/// Fee and slippage of buying (`direction` 1) or selling (-1) `quantity` at market price `price`.
fn side_costs(quantity: f64, price: f64, direction: f64, costs: Costs) -> f64 {
    let notional = quantity * price;
    notional * costs.slippage + notional * (1.0 + direction * costs.slippage) * costs.fee
}
