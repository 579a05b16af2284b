//! An account between two bars: what happens in the next one, in which order.

use super::desk::{Desk, Moved};
use super::{Account, Component, Costs, Fill};
use crate::research::backtest::fill::FillRule;
use crate::research::backtest::leg::{Leg, Reason};
use crate::research::portfolio::terms::Terms;

/// Share of the equity by which cash may be off for the rounding of its sums.
const ROUNDING: f64 = 1e-9;

/// An account between two bars.
pub(super) struct Running<'a> {
    components: &'a [Component<'a>],
    costs: Costs,
    terms: Terms,
    desks: Vec<Desk>,
    cash: f64,
    pub(super) account: Account,
}

impl<'a> Running<'a> {
    /// Before the first bar.
    pub(super) fn new(
        components: &'a [Component<'a>],
        capital: f64,
        costs: Costs,
        terms: Terms,
    ) -> Self {
        let bars = components.first().map_or(0, |c| c.bars.len());
        let series = || vec![Vec::with_capacity(bars); components.len()];
        Self {
            components,
            costs,
            terms,
            desks: vec![Desk::default(); components.len()],
            cash: capital,
            account: Account {
                returns: Vec::with_capacity(bars),
                equity: Vec::with_capacity(bars),
                strategy_returns: series(),
                cash: Vec::with_capacity(bars),
                holdings: series(),
                ..Account::default()
            },
        }
    }

    /// One bar, with `equity` at the close before it: exits at the open, adjustments, entries at the
    /// open, exits inside or at the end, marks; and entries at the close where that is the rule.
    pub(super) fn step(&mut self, bar: usize, equity: f64) {
        let begins = self.pass_to(bar);
        if self.terms.fill == FillRule::NextOpen {
            self.close(bar, |leg| leg.exit.reason == Reason::Signal);
        }
        if begins {
            self.rebalance(bar, equity);
        }
        if self.terms.fill == FillRule::NextOpen {
            self.open(bar, equity);
        }
        self.close(bar, |_| true);
        for (component, desk) in self.components.iter().zip(&mut self.desks) {
            if let Some(now) = component.bars.get(bar) {
                desk.mark(now.close);
            }
        }
        if self.terms.fill == FillRule::SameClose {
            let now = self
                .desks
                .iter()
                .fold(equity, |sum, desk| sum + desk.profit);
            self.open_with(bar, now, now - self.bound());
        }
    }

    /// Charges what time costs between the bar before and `bar`; true when a period begins with it.
    fn pass_to(&mut self, bar: usize) -> bool {
        let bars = self.components.first().map_or(&[][..], |c| c.bars);
        let before = bar.checked_sub(1).and_then(|before| bars.get(before));
        let (Some(before), Some(now)) = (before, bars.get(bar)) else {
            return false;
        };
        if self.terms.borrow_per_year > 0.0 {
            let share = self.terms.borrow_between(before.time, now.time);
            for desk in &mut self.desks {
                let paid = desk.borrow(share);
                self.cash -= paid;
                self.account.borrowing += paid;
            }
        }
        self.terms.rebalance.begins(before.time, now.time)
    }

    /// Closes the legs that end in `bar` and fit `which`.
    fn close(&mut self, bar: usize, which: impl Fn(&Leg) -> bool) {
        for strategy in 0..self.desks.len() {
            let (Some(component), Some(desk)) =
                (self.components.get(strategy), self.desks.get_mut(strategy))
            else {
                continue;
            };
            let ended = desk.ending(component, bar).filter(|leg| which(leg));
            if let Some((trade, moved)) =
                ended.and_then(|leg| desk.close(strategy, leg, self.costs))
            {
                self.account.trades.push(trade);
                self.book(strategy, bar, moved);
            }
        }
    }

    /// Enters the legs that start at the open of `bar`.
    fn open(&mut self, bar: usize, equity: f64) {
        let free = self.free(equity);
        self.open_with(bar, equity, free);
    }

    fn open_with(&mut self, bar: usize, equity: f64, mut free: f64) {
        for strategy in 0..self.desks.len() {
            let (Some(component), Some(desk)) =
                (self.components.get(strategy), self.desks.get_mut(strategy))
            else {
                continue;
            };
            let Some(leg) = desk.starting(component, bar) else {
                continue;
            };
            let wanted = component.weight * component.fraction * equity;
            let notional = wanted.min(free / (1.0 + self.costs.fee));
            let left_out = if notional > 0.0 {
                (notional < self.terms.min_notional).then_some(&mut self.account.too_small)
            } else {
                Some(&mut self.account.unfunded)
            };
            if let Some(count) = left_out {
                *count += 1;
                desk.next_leg += 1;
                continue;
            }
            let moved = desk.open(leg, notional, self.costs);
            free -= moved.taken();
            self.book(strategy, bar, moved);
        }
    }

    /// Brings every held position back to what an entry at the open of `bar` would take: first
    /// those that are too large, then with the cash that is free those that are too small.
    fn rebalance(&mut self, bar: usize, equity: f64) {
        let mut off = Vec::with_capacity(self.desks.len());
        for (component, desk) in self.components.iter().zip(&mut self.desks) {
            let open = component.bars.get(bar).map(|now| now.open);
            let stays = |open: &f64| {
                let ending = desk.ending(component, bar);
                // A level that is passed at the open fills there, to the bit; what ends a position
                // at a close is not known yet, whatever its price.
                ending.is_none_or(|leg| {
                    let level = matches!(
                        leg.exit.reason,
                        Reason::Stop | Reason::TrailingStop | Reason::TakeProfit
                    );
                    !level || leg.exit.price.to_bits() != open.to_bits()
                })
            };
            off.push(match open.filter(stays) {
                None => 0.0,
                Some(open) => {
                    desk.mark(open);
                    let units =
                        desk.off(component.weight * component.fraction * equity, self.costs);
                    let small = units.abs() * open < self.terms.min_notional;
                    if small { 0.0 } else { units }
                }
            });
        }
        for (strategy, units) in off.iter().enumerate().filter(|(_, units)| **units < 0.0) {
            self.adjust(strategy, bar, |desk, leg, costs| {
                desk.reduce(leg, -units, costs)
            });
        }
        let mut free = self.free(equity);
        for (strategy, units) in off.iter().enumerate().filter(|(_, units)| **units > 0.0) {
            let fill_price = self.desks.get(strategy).and_then(|desk| desk.held);
            let fill_price = fill_price.map_or(0.0, |held| held.fill_price(self.costs));
            let notional = (units * fill_price).min(free / (1.0 + self.costs.fee));
            if notional > 0.0 && notional >= self.terms.min_notional {
                free -= self.adjust(strategy, bar, |desk, leg, costs| {
                    desk.add(leg, notional, costs)
                });
            }
        }
    }

    /// Books one adjustment, and gives the cash that it takes.
    fn adjust(
        &mut self,
        strategy: usize,
        bar: usize,
        change: impl Fn(&mut Desk, Leg, Costs) -> Option<Moved>,
    ) -> f64 {
        let component = self.components.get(strategy);
        let desk = self.desks.get_mut(strategy);
        let moved = component.zip(desk).and_then(|(component, desk)| {
            let leg = desk.leg(component)?;
            change(desk, leg, self.costs)
        });
        let Some(moved) = moved else { return 0.0 };
        self.account.adjustments += 1;
        self.book(strategy, bar, moved);
        moved.taken()
    }

    fn book(&mut self, strategy: usize, bar: usize, moved: Moved) {
        self.cash -= moved.quantity * moved.price + moved.costs;
        self.account.fills.push(Fill {
            strategy,
            bar,
            quantity: moved.quantity,
            price: moved.price,
            costs: moved.costs,
        });
    }

    /// What is bound in positions, at their marks.
    fn bound(&self) -> f64 {
        let bound = |desk: &Desk| desk.held.map_or(0.0, |h| h.quantity * h.mark);
        self.desks.iter().map(bound).sum()
    }

    /// Cash that is free in a bar after `equity` at the close before it.
    fn free(&self, equity: f64) -> f64 {
        self.desks.iter().fold(equity, |free, desk| {
            free + (desk.profit - desk.held.map_or(0.0, |h| h.quantity * h.mark))
        })
    }

    /// Turns the profits of a bar into returns on `equity`, and gives the portfolio's.
    pub(super) fn settle(&mut self, equity: f64) -> f64 {
        let mut portfolio_return = 0.0;
        let account = &mut self.account;
        let series = account
            .strategy_returns
            .iter_mut()
            .zip(&mut account.holdings);
        for ((component, desk), (returns, holdings)) in
            self.components.iter().zip(&mut self.desks).zip(series)
        {
            let own = std::mem::take(&mut desk.profit) / (component.weight * equity);
            returns.push(own);
            holdings.push(desk.units());
            portfolio_return += component.weight * own;
        }
        account.cash.push(self.cash);
        account.overdrawn += usize::from(self.cash < -ROUNDING * equity);
        portfolio_return
    }
}
