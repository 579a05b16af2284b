//! Pieces that the readers of trades share.

use crate::evidence::trades::word;

/// A symbol as `trades.csv` can hold it: other characters become `_`, nothing becomes `unknown`.
pub(super) fn symbol(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | ':' | '#');
    let kept = text.trim().chars().take(64);
    let kept: String = kept.map(|c| if plain(c) { c } else { '_' }).collect();
    let kept = kept.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    word(kept).unwrap_or_else(|_| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_become_plain_words() {
        assert_eq!(symbol("BTC/USDT:USDT"), "BTC/USDT:USDT");
        assert_eq!(symbol(" =SUM(A1)"), "SUM_A1_");
        assert_eq!(symbol("SPY R735QTJ8XC9X"), "SPY_R735QTJ8XC9X");
        assert_eq!(symbol(""), "unknown");
        assert_eq!(symbol("ß"), "unknown");
    }
}
