//! Market data: symbols, timeframes, bars, the layouts in which files arrive, their faults and
//! remedies, and synthetic bars. Pure: bytes and tables in, bars and reports out.

pub mod bar;
pub mod csv;
pub mod fault;
pub mod layout;
pub mod manifest;
pub mod quality;
pub mod rows;
pub mod stamp;
pub mod symbol;
pub mod synth;
pub mod timeframe;
pub mod volume_swap;

pub use bar::{Bar, BarSeries};
pub use fault::{FaultCode, FaultRecord};
pub use manifest::DataManifest;
pub use symbol::Symbol;
pub use timeframe::Timeframe;
