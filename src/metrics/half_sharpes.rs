//! Sharpe ratios of many trials over any choice of blocks, from block sums alone.
//!
//! # Formula
//! The blocks are split into a lower and an upper group. Per group, the sums (n, sum of r, sum of r^2)
//! of every subset are tabled once, subset by subset, all trials side by side; a choice of blocks is
//! then one row of each table added up. With n, s1 and s2 of a choice: s1/n over
//! sqrt((s2 - s1^2/n) / (n - 1)), per period.
//!
//! # Degenerate cases
//! Below two returns, or where (s2 - s1^2/n) is at most 1e-10 of s2 (rounding noise): minus infinity,
//! so that the trial counts as the worst.

/// Below this share of the second moment, a variance is rounding noise.
const ZERO_SHARE: f64 = 1e-10;

/// Sums over the returns of one block.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Block {
    /// Number of returns.
    pub n: u32,
    /// Their sum.
    pub sum: f64,
    /// Sum of their squares.
    pub sumsq: f64,
}

/// The sums of every subset of one group: row after row, one column per trial.
#[derive(Debug, Clone, Default)]
struct Group {
    n: Vec<f64>,
    sum: Vec<f64>,
    sumsq: Vec<f64>,
}

impl Group {
    /// From one list of blocks per block number, one entry per trial.
    fn new(trials: usize, columns: &[Vec<Block>]) -> Self {
        let mut table = Self {
            n: vec![0.0; trials],
            sum: vec![0.0; trials],
            sumsq: vec![0.0; trials],
        };
        for column in columns {
            append(&mut table.n, column.iter().map(|b| f64::from(b.n)));
            append(&mut table.sum, column.iter().map(|b| b.sum));
            append(&mut table.sumsq, column.iter().map(|b| b.sumsq));
        }
        table
    }
}

/// Doubles the rows: each once more, with the new block in.
fn append(rows: &mut Vec<f64>, own: impl Iterator<Item = f64>) {
    let own: Vec<f64> = own.collect();
    let with: Vec<f64> = rows
        .chunks(own.len().max(1))
        .flat_map(|row| row.iter().zip(&own).map(|(sum, own)| sum + own))
        .collect();
    rows.extend(with);
}

/// One subset's sums, one column per trial.
struct Row<'a> {
    n: &'a [f64],
    sum: &'a [f64],
    sumsq: &'a [f64],
}

impl Group {
    fn row(&self, subset: u32, trials: usize) -> Row<'_> {
        let from = usize::try_from(subset)
            .unwrap_or(usize::MAX)
            .saturating_mul(trials);
        let part = from..from.saturating_add(trials);
        Row {
            n: self.n.get(part.clone()).unwrap_or_default(),
            sum: self.sum.get(part.clone()).unwrap_or_default(),
            sumsq: self.sumsq.get(part).unwrap_or_default(),
        }
    }
}

/// The tables of both groups.
#[derive(Debug, Clone)]
pub struct HalfSharpes {
    trials: usize,
    low_bits: u32,
    low: Group,
    high: Group,
}

impl HalfSharpes {
    /// Tables for `trials`, each with the blocks of the same bars; at most 20 blocks. Trials with
    /// fewer blocks than the first one, and blocks beyond 20, are not seen.
    #[must_use]
    pub fn new<T: AsRef<[Block]>>(trials: &[T]) -> Self {
        let blocks = trials.iter().map(|t| t.as_ref().len()).min().unwrap_or(0);
        let blocks = blocks.min(20);
        let low = blocks / 2;
        let column = |at: usize| {
            let of = |trial: &T| trial.as_ref().get(at).copied().unwrap_or_default();
            trials.iter().map(of).collect::<Vec<Block>>()
        };
        let columns: Vec<Vec<Block>> = (0..blocks).map(column).collect();
        let (lower, upper) = columns.split_at(low);
        Self {
            trials: trials.len(),
            low_bits: u32::try_from(low).unwrap_or(0),
            low: Group::new(trials.len(), lower),
            high: Group::new(trials.len(), upper),
        }
    }

    /// Writes every trial's Sharpe ratio over the blocks of `chosen` (bit i is block i).
    pub fn sharpes(&self, chosen: u32, into: &mut [f64]) {
        let low = self
            .low
            .row(chosen & ((1 << self.low_bits) - 1), self.trials);
        let high = self.high.row(chosen >> self.low_bits, self.trials);
        let sums = low.sum.iter().zip(high.sum);
        let squares = low.sumsq.iter().zip(high.sumsq);
        let counts = low.n.iter().zip(high.n);
        let all = into.iter_mut().zip(sums).zip(squares).zip(counts);
        for (((sharpe, (s1, t1)), (s2, t2)), (n1, n2)) in all {
            *sharpe = ratio(n1 + n2, s1 + t1, s2 + t2);
        }
    }
}

/// Sharpe ratio per period from its sums, without a branch, so that several are done at once.
fn ratio(n: f64, sum: f64, sumsq: f64) -> f64 {
    let squares = sumsq - sum * sum / n;
    // The square root of std is rounded correctly on every machine, as that of libm.
    let sharpe = sum / n / (squares / (n - 1.0)).sqrt();
    let none = (squares <= ZERO_SHARE * sumsq) | (n < 2.0);
    if none { f64::NEG_INFINITY } else { sharpe }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::sharpe::sharpe;
    use proptest::prelude::*;

    fn block(returns: &[f64]) -> Block {
        Block {
            n: u32::try_from(returns.len()).unwrap(),
            sum: returns.iter().sum(),
            sumsq: returns.iter().map(|r| r * r).sum(),
        }
    }

    #[test]
    fn by_hand() {
        // One per cent and three: mean 2, deviation sqrt(2).
        let trials = [
            [block(&[0.01]), block(&[0.03])],
            [block(&[0.02]), block(&[0.02])],
        ];
        let tables = HalfSharpes::new(&trials);
        let mut found = [0.0; 2];
        tables.sharpes(3, &mut found);
        assert!((found[0] - 2.0_f64.sqrt()).abs() < 1e-12);
        // Constant; and one return is none.
        assert_eq!(found[1].to_bits(), f64::NEG_INFINITY.to_bits());
        tables.sharpes(1, &mut found);
        assert!(found.iter().all(|x| x.is_infinite()));
    }

    proptest! {
        #[test]
        fn any_choice_of_blocks_is_what_the_returns_give(
            rows in prop::collection::vec(prop::collection::vec(-0.05_f64..0.05, 24), 1..5),
            blocks in 2_usize..8, chosen in any::<u32>(),
        ) {
            let per = 24 / blocks;
            let trials: Vec<Vec<Block>> = rows
                .iter()
                .map(|r| r.chunks_exact(per).take(blocks).map(block).collect())
                .collect();
            let chosen = chosen & ((1 << blocks) - 1);
            let mut found = vec![0.0; rows.len()];
            HalfSharpes::new(&trials).sharpes(chosen, &mut found);
            for (row, found) in rows.iter().zip(found) {
                let in_it = |i: &usize| i / per < blocks && chosen >> (i / per) & 1 == 1;
                let part: Vec<f64> = (0..24).filter(in_it).map(|i| row[i]).collect();
                match sharpe(&part, 1.0, 0.0) {
                    Ok(wanted) => prop_assert!((found - wanted).abs() < 1e-9 * (1.0 + wanted.abs())),
                    Err(_) => prop_assert!(found.is_infinite()),
                }
            }
        }
    }
}
