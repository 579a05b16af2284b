//! Walk-forward: parameters are chosen on one window of bars and tried on the next one, again and
//! again.
//!
//! `length` is how long a window is as people write it, `windows` lays windows over a time line,
//! `fit` chooses on the train bars of one, `tested` runs what was chosen on its test bars, `walk` does
//! both for every window, `stitched` joins the test windows to one series, and `summary` says what all
//! windows together show.
//!
//! Nothing after a window's train bars is reachable while it chooses: `fit` gets the history up to
//! their end and nothing else. What a walk-forward cannot guard against is the person who wrote the
//! grid after having seen all of the bars.

pub mod fit;
pub mod length;
pub mod stitched;
pub mod summary;
pub mod tested;
pub mod walk;
pub mod windows;
