//! A grid that is about to run: what a sweep, a walk-forward and a pipeline are all asked.

use std::path::{Path, PathBuf};

use super::summary::{Costs, Grid, Trials};
use crate::app::failure::Failure;
use crate::app::results_folder::{ResultsFolder, encoded};
use crate::app::trials::record::Bars;
use crate::app::trials::{self, Place, Started, Trial, Tried};
use crate::app::workspace::Workspace;
use crate::evidence::manifest::Engine;
use crate::governance::promotion::tracks::trial::TrialKind;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;
use crate::research::market::BarSeries;
use crate::research::sweep::grid::{Plan, Sweep};

/// A grid, what of it runs, and for whom.
#[derive(Clone)]
pub struct GridRun<'a> {
    /// Where bars, results and records are.
    pub workspace: &'a Workspace,
    /// The grid.
    pub sweep: &'a Sweep,
    /// What of it runs.
    pub plan: &'a Plan,
    /// What every trade pays.
    pub costs: Costs,
    /// How many of the best are told.
    pub top: usize,
    /// For whom the runs count.
    pub portfolio: PortfolioId,
    /// The ledger that counts them; none where none is at hand.
    pub ledger: Option<Place>,
    /// Threads; none: as many as the machine has.
    pub workers: Option<usize>,
    /// The present.
    pub now: UtcTime,
    /// This program.
    pub engine: Engine,
    /// The command that repeats it, without machine paths.
    pub command: String,
}

impl GridRun<'_> {
    /// How many combinations run.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.plan.combinations.len() as u64
    }

    /// The folder of the results, which must not exist.
    ///
    /// # Errors
    /// Exit 7 when it does.
    pub fn folder(
        &self,
        folder: ResultsFolder,
        out: Option<&Path>,
        run_sha256: Digest,
    ) -> Result<PathBuf, Failure> {
        let named = (self.sweep.name.as_str(), self.now);
        let path = folder.path(self.workspace, out, named, run_sha256);
        folder.check_free(&path)?;
        Ok(path)
    }

    /// Records that the runs start, as ONE trial on the bars of `series`.
    ///
    /// # Errors
    /// When the ledger is there and does not take it, or the record cannot be written.
    pub fn start(&self, what: TrialKind, series: &BarSeries) -> Result<(Started, Trials), Failure> {
        let trial = Trial {
            what,
            runs: self.runs(),
            portfolio: self.portfolio.clone(),
            tried: Tried::Grid(Digest::of(&encoded(&Grid::of(self.sweep))?)),
            data: vec![Bars::of(series)],
            command: self.command.clone(),
            now: self.now,
        };
        let started = trials::start(trial, self.workspace, self.ledger.as_ref())?;
        let counted = Trials::of(&self.portfolio, self.runs(), &started);
        Ok((started, counted))
    }
}
