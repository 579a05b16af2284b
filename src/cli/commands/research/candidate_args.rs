//! Flags of the commands that look closer at the best candidates of a sweep.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::format::ReportFormat;
use super::grid;
use crate::app::candidates::look::Job;
use crate::app::candidates::{Source, Wanted};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::summary::{Costs, Grid};
use crate::app::workspace::Workspace;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;
use crate::research::sweep::grid::Sweep;

/// Which candidates, and where what comes of them is written.
#[derive(Debug, Args)]
pub struct CandidateArgs {
    /// Sweep whose newest results are looked at
    #[arg(short, long, value_name = "NAME", value_parser = StrategyId::new)]
    pub(super) sweep_name: StrategyId,
    /// Directory of the results [default: the newest of this sweep below results/reports]
    #[arg(short, long, value_name = "DIR", conflicts_with = "use_dummy_data")]
    experiments_dir: Option<PathBuf>,
    /// Settings: the costs; results at other costs are refused [default: those of the results]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sweeps; results of another grid are refused [default: the grid of the results]
    #[arg(long, value_name = "FILE")]
    sweeps_config: Option<PathBuf>,
    /// Invent bars, run the sweep on them and look at its best; marked SYNTHETIC, counted nowhere
    #[arg(long)]
    use_dummy_data: bool,
    /// How many bars are invented
    #[arg(long, requires = "use_dummy_data", value_name = "N", default_value_t = 500,
        value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    dummy_bars: u32,
    /// Directory of the results, which must not exist
    /// [default: results/reports/COMMAND_NAME_DATE/DIGEST8]
    #[arg(short, long, visible_alias = "output-dir", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Report files; `json` writes both and prints JSON
    #[arg(long, value_name = "FORMAT", default_value = "both")]
    format: ReportFormat,
}

impl CandidateArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == ReportFormat::Json
    }

    /// The look that asks about the best `top`; `command` repeats it.
    ///
    /// # Errors
    /// Exit 2 for an unknown sweep, exit 3 for files that cannot be read.
    pub(super) fn job<'w, T>(
        &self,
        workspace: &'w Workspace,
        top: u16,
        (asked, command): (T, String),
        context: &Context<'_, '_>,
    ) -> Result<Job<'w, T>, Failure> {
        Ok(Job {
            wanted: self.wanted(workspace, top, context)?,
            workspace,
            asked,
            format: self.format.files(),
            out: self.out.as_ref().map(|p| context.path(p)),
            now: open::moment(context)?.now,
            engine: crate::app::evidence::engine(),
            command,
        })
    }

    /// Prints the `document` of a look, or what `text` makes of it, and what its bars are worth.
    ///
    /// # Errors
    /// When the terminal does not take it.
    pub(super) fn tell<D: Serialize>(
        &self,
        document: &D,
        text: impl FnOnce(&D, usize) -> String,
        context: &mut Context<'_, '_>,
    ) -> Result<Exit, Failure> {
        if context.global.json || self.wants_json() {
            context.print_json(document)?;
        } else {
            context.print(&text(document, context.width()))?;
        }
        if self.use_dummy_data {
            context.say("these bars are invented: whatever is made from them is marked SYNTHETIC");
        }
        Ok(Exit::Done)
    }

    /// The best `top` of the sweep.
    ///
    /// # Errors
    /// Exit 2 for an unknown sweep, exit 3 for files that cannot be read.
    fn wanted(
        &self,
        workspace: &Workspace,
        top: u16,
        context: &Context<'_, '_>,
    ) -> Result<Wanted, Failure> {
        let source = if self.use_dummy_data {
            self.dummy(workspace, context)?
        } else {
            self.results(workspace, context)?
        };
        Ok(Wanted {
            source,
            figure: None,
            top: usize::from(top),
        })
    }

    fn results(&self, workspace: &Workspace, context: &Context<'_, '_>) -> Result<Source, Failure> {
        let grid = match &self.sweeps_config {
            None => None,
            Some(_) => Some(Box::new(Grid::of(&self.sweep(workspace, context)?))),
        };
        let costs = match &self.config {
            None => None,
            Some(_) => Some(self.costs(workspace, context)?),
        };
        Ok(Source::Results {
            name: self.sweep_name.clone(),
            from: self.experiments_dir.as_ref().map(|p| context.path(p)),
            grid,
            costs,
        })
    }

    fn dummy(&self, workspace: &Workspace, context: &Context<'_, '_>) -> Result<Source, Failure> {
        Ok(Source::Dummy {
            sweep: Box::new(self.sweep(workspace, context)?),
            bars: self.dummy_bars,
            costs: self.costs(workspace, context)?,
        })
    }

    fn sweep(&self, workspace: &Workspace, context: &Context<'_, '_>) -> Result<Sweep, Failure> {
        let file = self.sweeps_config.as_ref();
        grid::sweep(self.sweep_name.as_str(), file, workspace, context)
    }

    fn costs(&self, workspace: &Workspace, context: &Context<'_, '_>) -> Result<Costs, Failure> {
        grid::costs(self.config.as_ref(), workspace, context)
    }

    /// The flags that repeat this choice, without paths of this machine.
    pub(super) fn words(&self, top: u16) -> String {
        let mut words = format!("--sweep-name {} --top-n {top}", self.sweep_name);
        if let Some(name) = self.experiments_dir.as_ref().and_then(|d| d.file_name()) {
            let name = crate::kernel::text::visible(&name.to_string_lossy(), 120);
            words.push_str(&format!(
                " --experiments-dir {}",
                crate::cli::pasted::word(&name)
            ));
        }
        if self.use_dummy_data {
            words.push_str(&format!(
                " --use-dummy-data --dummy-bars {}",
                self.dummy_bars
            ));
        }
        words
    }
}

/// A fraction above 0 and at most 1.
pub(super) fn fraction(text: &str) -> Result<Decimal, String> {
    let number: Decimal = crate::cli::commands::robustness::number(text)?;
    if number.signum() > 0 && number <= Decimal::from_int(1) {
        Ok(number)
    } else {
        Err("not a fraction above 0 and at most 1; 25 % is written 0.25".to_owned())
    }
}
