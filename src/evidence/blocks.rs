//! `trials/blocks.csv`: what every trial of a sweep returned, in 16 blocks of neighbouring bars.
//!
//! `trial,block,n,sum,sumsq`: number of returns, their sum and the sum of their squares, enough for
//! the Sharpe ratio of any half of the blocks and so for the probability of backtest overfitting.
//! Trials and blocks are numbered from 0 without gaps; a block has the same `n` in every trial.

use super::series::plain_count;
use super::table::{TableError, open_with, put_number};
use crate::metrics::pbo::{BLOCKS, Block, TrialBlocks};

const HEADER: &str = "trial,block,n,sum,sumsq";
/// Most trials in one bundle.
pub const TRIALS_MAX: usize = 10_000;

/// The bytes of `trials/blocks.csv`.
///
/// # Errors
/// When there is no trial, or a number is beyond the decimal grammar.
pub fn encode(trials: &[TrialBlocks]) -> Result<Vec<u8>, TableError> {
    if trials.is_empty() {
        return Err(TableError::Empty);
    }
    let mut out = format!("{HEADER}\n");
    for (trial, blocks) in trials.iter().enumerate() {
        for (number, block) in blocks.iter().enumerate() {
            out.push_str(&format!("{trial},{number},{},", block.n));
            put_number(&mut out, block.sum)?;
            out.push(',');
            put_number(&mut out, block.sumsq)?;
            out.push('\n');
        }
    }
    Ok(out.into_bytes())
}

/// Reads `trials/blocks.csv`.
///
/// # Errors
/// When the bytes are not such a table, with the line.
pub fn decode(bytes: &[u8]) -> Result<Vec<TrialBlocks>, TableError> {
    let mut rows: Vec<Block> = Vec::new();
    let mut line = 1;
    for mut row in open_with(bytes, HEADER)? {
        line = row.line;
        let refuse = |what: &str| Err(TableError::line(line, what));
        let place = (row.parsed(plain_count)?, row.parsed(plain_count)?);
        let wanted = (count(rows.len() / BLOCKS), count(rows.len() % BLOCKS));
        if place != wanted {
            return refuse("trials and their 16 blocks are numbered from 0 without gaps");
        }
        let block = Block {
            n: row.parsed(plain_count)?,
            sum: row.number()?,
            sumsq: row.number()?,
        };
        row.end()?;
        let first = rows
            .get(rows.len() % BLOCKS)
            .filter(|_| rows.len() >= BLOCKS);
        if block.n == 0 || first.is_some_and(|first| first.n != block.n) {
            return refuse("a block has the same number of returns in every trial, at least 1");
        }
        if block.sumsq < 0.0 {
            return refuse("a sum of squares is not negative");
        }
        rows.push(block);
        if rows.len() > TRIALS_MAX * BLOCKS {
            return refuse("too many trials");
        }
    }
    let (trials, rest) = rows.as_chunks::<BLOCKS>();
    if !rest.is_empty() || trials.is_empty() {
        return Err(TableError::line(
            line,
            "the last trial has not all 16 blocks",
        ));
    }
    Ok(trials.to_vec())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<TrialBlocks> {
        let block = |sum: f64| Block {
            n: 5,
            sum,
            sumsq: 0.01,
        };
        vec![[block(0.1); BLOCKS], [block(-0.1); BLOCKS]]
    }

    #[test]
    fn reads_back_and_refuses() {
        let bytes = encode(&two()).unwrap();
        assert_eq!(decode(&bytes).unwrap(), two());
        let table = String::from_utf8(bytes).unwrap();
        for (from, to) in [
            ("\n1,3,", "\n1,4,"),
            ("\n1,3,5,", "\n1,3,6,"),
            ("\n1,3,5,-0.1,0.01", "\n1,3,5,-0.1,-0.01"),
            ("\n1,15,5,-0.1,0.01\n", "\n"),
        ] {
            let bad = table.replacen(from, to, 1);
            assert_ne!(bad, table);
            let error = decode(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("line "), "{from}: {error}");
        }
        assert!(encode(&[]).is_err());
        assert!(decode(format!("{HEADER}\n").as_bytes()).is_err());
    }
}
