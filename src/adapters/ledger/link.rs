//! The connection behind a ledger, which is closed before it is let go.
//!
//! In: an open connection. Out: the same, until it is dropped. SQLite works on a thread of its own:
//! a connection that is merely dropped is closed there some time later, perhaps never before the
//! program ends, and leaves the files of its write-ahead log behind. Here whoever lets go waits, on
//! every path, also where an error ends a command. A fault while closing is told only by
//! [`Link::close`]; what was committed is safe in the log either way.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

/// A connection that is closed when it is dropped.
#[derive(Debug)]
pub(super) struct Link(Option<SqliteConnection>);

impl Link {
    /// Holds `connection`.
    pub(super) fn new(connection: SqliteConnection) -> Self {
        Self(Some(connection))
    }

    /// The connection.
    ///
    /// # Errors
    /// Never before it is closed.
    pub(super) fn get(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        self.0.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Closes it; a writer's log is folded into the database file.
    ///
    /// # Errors
    /// When the database reports one.
    pub(super) async fn close(mut self) -> Result<(), sqlx::Error> {
        match self.0.take() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            let _closed = wait(connection.close());
        }
    }
}

/// Wakes the thread that waits.
struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread for what the database's own thread does: dropping happens inside a runtime,
/// which cannot be entered a second time.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Waiting(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}
