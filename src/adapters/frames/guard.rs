//! Turns a panic inside polars into an error, quietly.
//!
//! Readers of foreign formats panic on some damaged files. A data file is input, so that is an
//! error of the input; the process-wide panic hook stays as it is for every other thread and
//! every other code.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use super::FrameError;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs `work` on this thread; a panic becomes [`FrameError::Parquet`] and prints nothing.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, FrameError>) -> Result<T, FrameError> {
    HOOK.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.with(Cell::get) {
                previous(info);
            }
        }));
    });
    QUIET.with(|quiet| quiet.set(true));
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.with(|quiet| quiet.set(false));
    result.unwrap_or_else(|_| {
        Err(FrameError::Parquet(
            "its parts contradict each other".into(),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_a_result_passes() {
        let panicked: Result<(), _> = guarded(|| panic!("inside"));
        assert!(matches!(panicked, Err(FrameError::Parquet(_))));
        assert_eq!(guarded(|| Ok(7)).unwrap(), 7);
    }
}
