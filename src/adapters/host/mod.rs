//! The host: clock, randomness, durable files, environment. Everything that a pure function would
//! have to take as an argument is asked for here, and nowhere else.

pub mod bundle_dir;
pub mod durable;
pub mod git;
pub mod machine;
pub mod refused_log;
pub mod terminal;

use crate::kernel::time::UtcTime;

/// Where the time comes from.
pub trait Clock {
    /// The present instant, rounded down to the millisecond.
    fn now(&self) -> UtcTime;
}

/// Where unpredictable bytes come from.
pub trait Entropy {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the operating system refuses.
    fn fill(&mut self, bytes: &mut [u8]) -> std::io::Result<()>;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UtcTime {
        // A clock outside 1970 to 9999 is held at the nearer end; the ledger's rules for clocks
        // that are off refuse what would raise risk then.
        let ms = chrono::Utc::now().timestamp_millis();
        UtcTime::EPOCH.plus_millis(ms)
    }
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> std::io::Result<()> {
        use rand::TryRng as _;
        rand::rngs::SysRng
            .try_fill_bytes(bytes)
            .map_err(std::io::Error::other)
    }
}
