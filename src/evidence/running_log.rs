//! The running digest of a session's log: what a commit holds the session to.
//!
//! In: the bars' times and returns so far, the bytes of `orders.csv` and `events.csv` so far. Out:
//! the SHA-256 over three tables, one after the other: `time,return` in the spelling of
//! `series/full.csv`, then the two others as they are. Whoever has the tables can compute it with
//! `cat` and `sha256sum`, and the gate computes it again from the bundle of the session.

use super::table::{TableError, put_number};
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

const HEADER: &str = "time,return\n";

/// The table of bars: one row per bar.
///
/// # Errors
/// When a return is beyond the decimal grammar.
pub fn bars_table(times: &[UtcTime], returns: &[f64]) -> Result<Vec<u8>, TableError> {
    let mut out = String::from(HEADER);
    for (time, value) in times.iter().zip(returns) {
        out.push_str(&time.to_string());
        out.push(',');
        put_number(&mut out, *value)?;
        out.push('\n');
    }
    Ok(out.into_bytes())
}

/// The running digest.
///
/// # Errors
/// When a return is beyond the decimal grammar.
pub fn log_sha256(
    times: &[UtcTime],
    returns: &[f64],
    orders: &[u8],
    events: &[u8],
) -> Result<Digest, TableError> {
    let bars = bars_table(times, returns)?;
    Ok(Digest::of(&[bars.as_slice(), orders, events].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_tables() {
        let times = [UtcTime::EPOCH, UtcTime::EPOCH.plus_days(1)];
        let returns = [0.01, -0.5];
        let text =
            "time,return\n1970-01-01T00:00:00.000Z,0.01\n1970-01-02T00:00:00.000Z,-0.5\nrest";
        let digest = log_sha256(&times, &returns, b"re", b"st").unwrap();
        assert_eq!(digest, Digest::of(text.as_bytes()));
        let other = log_sha256(&times, &[0.01, -0.4], b"re", b"st").unwrap();
        assert_ne!(digest, other);
        assert!(log_sha256(&times, &[0.01, f64::NAN], b"", b"").is_err());
    }
}
