//! The other side of the RSI sweep: what one would write by hand, one loop over the bars per
//! combination that carries everything along. RSI columns are computed once per window, as ours are.

use promote::research::market::Bar;
use promote::research::portfolio::account::Costs;
use promote::research::sweep::tally::Figures;

/// Parameters of one combination.
#[derive(Debug, Clone, Copy)]
pub struct Levels {
    /// Enter below.
    pub lower: f64,
    /// Leave at or above.
    pub exit: f64,
    /// Stop-loss, fraction of the entry price.
    pub stop: f64,
}

/// Everything in one pass.
#[allow(
    clippy::too_many_lines,
    reason = "one loop over the bars, as one writes it by hand"
)]
pub fn fused(bars: &[Bar], rsi: &[f64], levels: Levels, costs: Costs, year: f64) -> Figures {
    let bought = 1.0 / ((1.0 + costs.slippage) * (1.0 + costs.fee));
    let sold = (1.0 - costs.slippage) * (1.0 - costs.fee);
    let last = bars.len() - 1;
    let (mut wanted, mut barred, mut held) = (false, false, false);
    let (mut cash, mut quantity, mut level) = (1.0, 0.0, 0.0);
    let (mut entry_cash, mut before, mut peak, mut lowest) = (1.0, 1.0_f64, 1.0_f64, 1.0_f64);
    let (mut sum, mut squares, mut falls) = (0.0, 0.0, 0.0);
    let (mut trades, mut wins, mut losses) = (0_u32, 0_u32, 0_u32);
    let (mut won, mut lost, mut paid) = (0.0, 0.0, 0.0);
    for (at, (bar, rsi)) in bars.iter().zip(rsi).enumerate() {
        let mut left = None;
        if held && !wanted {
            left = Some(bar.open);
        } else if !held && wanted && !barred {
            held = true;
            (entry_cash, quantity) = (cash, cash * bought / bar.open);
            level = bar.open * (1.0 - levels.stop);
            paid += cash * (1.0 - bought);
        }
        if held && left.is_none() {
            if bar.low <= level {
                left = Some(if bar.open <= level { bar.open } else { level });
                barred = true;
            } else if at == last {
                left = Some(bar.close);
            }
        }
        if let Some(price) = left {
            held = false;
            cash = quantity * price * sold;
            paid += quantity * price * (1.0 - sold);
            let result = cash - entry_cash;
            trades += 1;
            if result > 0.0 {
                wins += 1;
                won += result;
            } else if result < 0.0 {
                losses += 1;
                lost -= result;
            }
        }
        if !wanted {
            barred = false;
        }
        let equity = if held { quantity * bar.close } else { cash };
        let r = equity / before - 1.0;
        before = equity;
        sum += r;
        squares += r * r;
        if r < 0.0 {
            falls += r * r;
        }
        if equity > peak {
            peak = equity;
        }
        if equity < peak * lowest {
            lowest = equity / peak;
        }
        wanted = if wanted {
            *rsi < levels.exit
        } else {
            *rsi < levels.lower
        };
    }
    let n = bars.len() as f64;
    let mean = sum / n;
    let variance = (squares - sum * mean) / (n - 1.0);
    let ratio = |top: f64, bottom: f64| (bottom > 0.0).then(|| top / bottom);
    Figures {
        total_return: cash - 1.0,
        sharpe: ratio(mean * year.sqrt(), variance.max(0.0).sqrt()),
        sortino: ratio(mean * year.sqrt(), (falls / n).sqrt()),
        max_drawdown: 1.0 - lowest,
        trades,
        hit_ratio: ratio(f64::from(wins), f64::from(wins + losses)),
        profit_factor: ratio(won, lost),
        costs: paid,
    }
}
