//! Signs of life of what takes longer than a second: a bar that redraws itself on a terminal, lines
//! elsewhere.
//!
//! All of it goes to stderr and none of it is a result. What is done within a second says nothing, so
//! that a script sees the same text whenever its machine is fast enough.

use std::io::Write;

use super::context::Context;
use crate::adapters::host::Clock;
use crate::kernel::time::UtcTime;
use crate::render::axis::grouped;

/// Silence at the beginning, ms.
const SILENT_MS: i64 = 1000;
/// Least time between two drawings of the bar, ms.
const BAR_MS: i64 = 100;
/// Least time between two lines, ms.
const LINE_MS: i64 = 10_000;
/// Characters in the bar.
const CELLS: usize = 24;

/// What is told of one piece of work.
pub struct Progress<'a> {
    err: &'a mut dyn Write,
    clock: &'a dyn Clock,
    terminal: bool,
    what: &'static str,
    begun: UtcTime,
    told: Option<UtcTime>,
    /// Letters of the bar that stand on the terminal.
    drawn: usize,
}

impl<'a> Progress<'a> {
    /// Work that begins now; `what` is counted, such as `combinations`.
    pub fn begin(context: &'a mut Context<'_, '_>, what: &'static str) -> Self {
        let ports = &mut *context.ports;
        Self {
            begun: ports.clock.now(),
            err: &mut *ports.err,
            clock: ports.clock,
            terminal: ports.terminal,
            what,
            told: None,
            drawn: 0,
        }
    }

    /// `done` of `total` are done. A broken stderr is not worth failing for.
    pub fn tell(&mut self, done: usize, total: usize) {
        let now = self.clock.now();
        let pause = if self.terminal { BAR_MS } else { LINE_MS };
        let early = now.millis_since(self.begun) < SILENT_MS;
        let often = self.told.is_some_and(|told| now.millis_since(told) < pause);
        if early || often || done >= total {
            return;
        }
        self.told = Some(now);
        let percent = done * 100 / total.max(1);
        let count = |n: usize| grouped(n as f64, 0);
        let words = format!(
            "{percent:>3} %  {} of {} {}",
            count(done),
            count(total),
            self.what
        );
        if self.terminal {
            let full = done * CELLS / total.max(1);
            let bar = "#".repeat(full) + &"-".repeat(CELLS.saturating_sub(full));
            let line = format!("[{bar}] {words}");
            let width = self.drawn;
            self.drawn = line.chars().count();
            let _written = write!(self.err, "\r{line:<width$}");
        } else {
            let _written = writeln!(self.err, "{}", words.trim_start());
        }
        let _flushed = self.err.flush();
    }

    /// The work has ended: nothing of a bar stays.
    pub fn end(self) {
        if self.drawn > 0 {
            let width = self.drawn;
            let _written = write!(self.err, "\r{:width$}\r", "");
            let _flushed = self.err.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A clock that advances by so much each time it is asked.
    struct Steps(Cell<i64>, i64);

    impl Clock for Steps {
        fn now(&self) -> UtcTime {
            let now = self.0.get();
            self.0.set(now + self.1);
            UtcTime::EPOCH.plus_millis(now)
        }
    }

    fn told(terminal: bool, step: i64) -> String {
        let clock = Steps(Cell::new(0), step);
        let mut err = Vec::new();
        let mut progress = Progress {
            begun: clock.now(),
            err: &mut err,
            clock: &clock,
            terminal,
            what: "combinations",
            told: None,
            drawn: 0,
        };
        for done in 1..=4 {
            progress.tell(done * 300, 1200);
        }
        progress.end();
        String::from_utf8(err).unwrap()
    }

    #[test]
    fn what_is_fast_says_nothing_and_what_is_slow_says_it_in_its_way() {
        assert_eq!(told(false, 100), "");
        assert_eq!(told(true, 100), "");
        assert_eq!(
            told(false, 6000),
            "25 %  300 of 1,200 combinations\n75 %  900 of 1,200 combinations\n"
        );
        let bar = told(true, 600);
        assert_eq!(
            bar.split('\r').collect::<Vec<_>>(),
            [
                "",
                "[############------------]  50 %  600 of 1,200 combinations",
                "[##################------]  75 %  900 of 1,200 combinations",
                &" ".repeat(59),
                "",
            ]
        );
    }
}
