//! The annual self-assessment of a ledger.
//!
//! In: an open desk, a year, control mappings. Out: an [`Assessment`] from the entries up to the end
//! of that year and nothing later: once the year is over, the same bytes for good.

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::desk::Desk;
use crate::app::gate::log::fold;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::expiry::settle;
use crate::governance::regulator::assessment::{Assessment, Period, assess};
use crate::governance::regulator::controls::Controls;
use crate::kernel::time::UtcTime;

/// Assesses `year`.
///
/// # Errors
/// Exit 7 when the ledger does not reach into the year.
pub fn of_year(desk: &Desk, year: u16, controls: &Controls) -> Result<Assessment, Failure> {
    let start = |year: u16| UtcTime::parse_loose(&format!("{year:04}-01-01"));
    let bad = |e: &dyn std::error::Error| Failure::from_error(Exit::Usage, "usage.year", "", e);
    let from = start(year).map_err(|e| bad(&e))?;
    let to = start(year.saturating_add(1)).map_err(|e| bad(&e))?;
    let entries = &desk.entries;
    let size = entries.iter().take_while(|e| e.leaf.time < to).count();
    let closed = size < entries.len();
    let reaches = entries.last().is_some_and(|last| last.leaf.time >= from);
    let none = || {
        let text = format!("the ledger has nothing to say about {year}");
        let first = entries.first().map(|e| e.leaf.time.date());
        let last = entries.last().map(|e| e.leaf.time.date());
        Failure::new(Exit::Conflict, "assessment.no-entries", text).hint(format!(
            "its entries are from {} to {}",
            first.unwrap_or_default(),
            last.unwrap_or_default()
        ))
    };
    if size == 0 || !reaches {
        return Err(none());
    }
    let mut state = fold(desk, size).ok_or_else(none)?;
    let kept = entries.get(..size).ok_or_else(none)?;
    let head = match entries.get(size) {
        Some(next) => Head {
            size: next.seq,
            root: next.leaf.prev_root,
        },
        None => desk.head(),
    };
    // What was due by the end of a year that is over belongs to it, recorded or not.
    let last = state.last_time();
    settle(&mut state, if closed { to.plus_millis(-1) } else { last });
    let period = Period {
        year,
        from,
        to,
        closed,
    };
    Ok(assess(&state, kept, head, period, controls))
}
