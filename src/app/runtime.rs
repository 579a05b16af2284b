//! The one place where a command waits for the ledger.

use std::future::Future;

use super::exit::Exit;
use super::failure::Failure;

/// Runs `future` to its end on this thread.
///
/// # Errors
/// Exit 1 when no runtime can be made; else what the future says.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::from_error(Exit::Internal, "runtime", "could not start", &e))?
        .block_on(future)
}
