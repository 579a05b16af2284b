//! The log of a session in a folder, as our own or an outside system writes it.
//!
//! In: a folder with `full.csv` (the form of `series/full.csv` in a bundle) or `returns.csv` (time
//! and return, as any tool writes them), and where there are any `trades.csv`, `orders.csv` and
//! `events.csv` in the form of a bundle. Out: the session. The ids of trades and orders are the
//! session's own; the joined bundle puts the session's name in front of them.

use std::path::Path;

use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::evidence::series::FullSeries;
use crate::evidence::session_bundle::SessionPart;
use crate::evidence::table::TableError;
use crate::evidence::{events, orders, returns_csv, trades};
use crate::kernel::id::SessionId;
use crate::kernel::text::visible;

/// Most bytes of one table.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Reads the log of `session` from `folder`.
///
/// # Errors
/// Exit 3 when there is no table of bars, or a table is malformed.
pub fn read(session: &SessionId, folder: &Path) -> Result<SessionPart, Failure> {
    let series = match table(folder, "full.csv", FullSeries::decode)? {
        Some(series) => series,
        None => {
            let returns = table(folder, "returns.csv", returns_csv::parse)?;
            let returns = returns.ok_or_else(|| absent(folder))?;
            FullSeries::new(returns.times, returns.returns, Vec::new())
        }
    };
    Ok(SessionPart {
        id: session.to_string(),
        series,
        trades: table(folder, "trades.csv", trades::decode)?.unwrap_or_default(),
        orders: table(folder, "orders.csv", orders::decode)?.unwrap_or_default(),
        events: table(folder, "events.csv", events::decode)?.unwrap_or_default(),
    })
}

fn table<T>(
    folder: &Path,
    name: &str,
    decode: impl FnOnce(&[u8]) -> Result<T, TableError>,
) -> Result<Option<T>, Failure> {
    let path = folder.join(name);
    let size = match std::fs::metadata(&path) {
        Ok(found) => found.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failure::io("read", &path, &e)),
    };
    if size > BYTES_MAX {
        let text = format!(
            "`{}` is too large",
            visible(&path.display().to_string(), 200)
        );
        return Err(Failure::new(Exit::Invalid, "session.log", text));
    }
    let bytes = std::fs::read(&path).map_err(|e| failure::io("read", &path, &e))?;
    decode(&bytes).map(Some).map_err(|e| malformed(&path, &e))
}

fn absent(folder: &Path) -> Failure {
    let name = visible(&folder.display().to_string(), 200);
    let text = format!("`{name}` holds neither full.csv nor returns.csv");
    Failure::new(Exit::Invalid, "session.log", text)
        .hint("the log of a session is a folder with a table of its bars")
}

/// A table that is not what it should be.
#[must_use]
pub fn malformed(path: &Path, error: &TableError) -> Failure {
    let doing = format!("`{}`", visible(&path.display().to_string(), 200));
    Failure::from_error(Exit::Invalid, "session.log", &doing, error)
}
