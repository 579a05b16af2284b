//! What is asked about a candidate, and what came of it.

use crate::app::candidates::{Candidate, Field, figures};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::summary::{Best, FiguresJson};
use crate::kernel::decimal::Decimal;
use crate::metrics::bootstrap::Seed;
use crate::metrics::dispersion::count_of;
use crate::metrics::{MetricResult, Undefined};
use crate::research::robustness::draws::{self, Drawn, Draws};
use crate::research::robustness::options::{BlockSize, MonteCarloOptions};
use crate::research::sweep::ranking::neighbours;

/// Confidence of every bound.
pub const CONFIDENCE: f64 = 0.95;
/// The quantiles that are told.
pub const QUANTILES: [f64; 7] = [0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975];

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// The returns, bar by bar or in blocks.
    Bars(MonteCarloOptions),
    /// The order of the trades.
    Trades,
}

/// What is asked about each candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What is drawn.
    pub method: Method,
    /// Draws.
    pub runs: u32,
    /// Seed.
    pub seed: i64,
    /// The Sharpe ratio that should be exceeded.
    pub sharpe_floor: Decimal,
    /// The drawdown that should not be reached, a positive fraction.
    pub drawdown_ceiling: Decimal,
    /// Costs are drawn from 1 - this to 1 + this times those assumed; none: they are not drawn.
    pub cost_jitter: Option<Decimal>,
    /// The neighbours in the grid are told.
    pub parameter_jitter: bool,
}

/// What came of a candidate.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Rank, parameters and figures of the sweep.
    pub best: Best,
    /// The run itself.
    pub own: Own,
    /// The draws that were asked for.
    pub draws: Draws,
    /// The trades at other costs.
    pub costs: Option<Draws>,
    /// The neighbours in the grid that ran, where they were asked for.
    pub neighbours: Option<Vec<Neighbour>>,
}

/// Figures of the run itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Own {
    /// By the engine, bar by bar.
    pub run: figures::Own,
    /// Maximum drawdown from trade to trade: what other orders are compared with.
    pub trade_drawdown: MetricResult,
    /// Most losing trades in a row.
    pub losing_streak: MetricResult,
}

/// A combination one step away.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    /// Its row in `results.csv`, from 1.
    pub run: u64,
    /// The parameter that differs.
    pub parameter: String,
    /// Its value there.
    pub value: String,
    /// Sharpe ratio.
    pub sharpe: Option<f64>,
    /// Total return.
    pub total_return: f64,
    /// Maximum drawdown.
    pub max_drawdown: f64,
    /// All figures.
    pub figures: FiguresJson,
}

impl Asked {
    /// The block length, where bars are drawn in blocks.
    #[must_use]
    pub fn block(&self) -> Option<BlockSize> {
        use crate::metrics::bootstrap::Method as Drawing;
        match &self.method {
            Method::Bars(options) if options.method != Drawing::Simple => Some(options.block),
            Method::Bars(_) | Method::Trades => None,
        }
    }

    /// Name of what is drawn.
    #[must_use]
    pub fn method_name(&self) -> &'static str {
        match &self.method {
            Method::Bars(options) => options.method.as_str(),
            Method::Trades => "trade_shuffle",
        }
    }
}

impl Own {
    fn of(field: &Field, candidate: &Candidate) -> Self {
        let traded = draws::as_traded(&candidate.account.trades);
        Self {
            run: figures::Own::of(field, candidate),
            trade_drawdown: traded.map(|(deepest, _)| deepest),
            losing_streak: traded.map(|(_, streak)| f64::from(streak)),
        }
    }

    /// The figure of the run itself that draws of `drawn` are compared with.
    pub(super) fn figure(&self, drawn: Drawn, method: &Method) -> MetricResult {
        let figures = &self.run.figures;
        match (drawn, method) {
            (Drawn::Sharpe, _) => figures.sharpe,
            (Drawn::TotalReturn, _) => figures.total_return,
            (Drawn::Cagr, _) => self.run.cagr,
            (Drawn::MaxDrawdown, Method::Trades) => self.trade_drawdown,
            (Drawn::MaxDrawdown, Method::Bars(_)) => figures.max_drawdown,
            (Drawn::LosingStreak, _) => self.losing_streak,
        }
    }
}

/// Draws for `candidate` all that is asked.
///
/// # Errors
/// Exit 3 when its series cannot be drawn from.
pub fn outcome(field: &Field, candidate: &Candidate, asked: &Asked) -> Result<Outcome, Failure> {
    let account = &candidate.account;
    let refuse = |reason: Undefined| {
        let said = format!(
            "candidate {} cannot be drawn from: {reason}",
            candidate.best.rank
        );
        Failure::new(Exit::Invalid, "monte-carlo.series", said)
    };
    let runs = u64::from(asked.runs);
    let seed = Seed::from_int(asked.seed);
    let draws = match &asked.method {
        Method::Bars(options) => field
            .year
            .and_then(|year| draws::of_bars(&account.returns, year, options)),
        Method::Trades => draws::of_trade_orders(&account.trades, runs, seed),
    };
    let years = field.year.map(|year| count_of(&account.returns) / year);
    let costs = asked
        .cost_jitter
        .as_ref()
        .map(|spread| draws::of_costs(&account.trades, spread.to_f64(), years.ok(), runs, seed));
    Ok(Outcome {
        best: candidate.best.clone(),
        own: Own::of(field, candidate),
        draws: draws.map_err(refuse)?,
        costs: costs.transpose().map_err(refuse)?,
        neighbours: asked.parameter_jitter.then(|| around(field, candidate)),
    })
}

/// The combinations one step along one axis away that ran: the axes in order, upwards first.
fn around(field: &Field, candidate: &Candidate) -> Vec<Neighbour> {
    let own = &candidate.combination.at;
    let found = neighbours(own).into_iter().filter_map(|place| {
        let index = field.at.iter().position(|at| *at == place)?;
        let row = field.rows.get(index)?;
        let axes = field.grid.axes.iter().zip(place.iter().zip(own));
        let (axis, (there, _)) = axes.into_iter().find(|(_, (there, here))| there != here)?;
        Some(Neighbour {
            run: index as u64 + 1,
            parameter: axis.name.clone(),
            value: axis.values.get(*there)?.to_string(),
            sharpe: row.sharpe,
            total_return: row.total_return,
            max_drawdown: row.max_drawdown,
            figures: FiguresJson::of(row),
        })
    });
    found.collect()
}
