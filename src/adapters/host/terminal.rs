//! How wide the terminal is.
//!
//! In: nothing. Out: columns, or nothing where there is no terminal or it does not say. It asks
//! `stty`, which every Unix has: a system call would need unsafe code.

use std::process::{Command, Stdio};

/// Where `stty` lies; not looked up, so that no folder of the user's can stand in for it.
const PLACES: [&str; 2] = ["/bin/stty", "/usr/bin/stty"];

/// The width of the terminal on standard input, in columns.
#[must_use]
pub fn width() -> Option<usize> {
    let ask = |place: &&str| {
        let mut stty = Command::new(place);
        let stty = stty.arg("size").stdin(Stdio::inherit());
        stty.stderr(Stdio::null()).output().ok()
    };
    let said = PLACES.iter().find_map(ask)?;
    columns(&String::from_utf8_lossy(&said.stdout))
}

/// The second number of `24 80`: rows and columns. A terminal without a size says 0.
fn columns(said: &str) -> Option<usize> {
    let columns: usize = said.split_whitespace().nth(1)?.parse().ok()?;
    (columns > 0).then_some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_counts() {
        assert_eq!(columns("24 100\n"), Some(100));
        assert_eq!(columns("0 0\n"), None);
        assert_eq!(columns(""), None);
        assert_eq!(columns("stty: no"), None);
    }
}
