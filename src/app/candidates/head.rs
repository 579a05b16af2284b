//! What every closer look at candidates says first: the ground they stand on, and what it cannot say.

use serde::Serialize;

use super::{Behind, Field, Origin};
use crate::app::sweep::summary::{Costs, Data, decimal};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;
use crate::research::portfolio::configuration::Parameter;

/// The ground of the candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Head {
    /// The sweep.
    pub sweep: StrategyId,
    /// Kind of strategy.
    pub kind: String,
    /// The figure that the candidates are ranked by.
    pub metric: &'static str,
    /// The bars.
    pub data: Data,
    /// Bars in a year, by their spacing; null where the bars have none.
    pub periods_per_year: Option<Decimal>,
    /// What every trade pays.
    pub costs: Costs,
    /// The results that the candidates come from; null on invented bars.
    pub results: Option<Origin>,
    /// How many trials are behind the best.
    pub trials: Behind,
    /// Sharpe ratio per year at which the best of all trials is expected without any skill; null where
    /// fewer than two combinations have one.
    pub sharpe_without_skill: Option<Decimal>,
}

impl Head {
    /// That of a field.
    #[must_use]
    pub fn of(field: &Field) -> Self {
        Self {
            sweep: field.grid.name.clone(),
            kind: field.grid.kind.clone(),
            metric: field.figure.as_str(),
            data: field.data.clone(),
            periods_per_year: field.year.ok().and_then(decimal),
            costs: field.costs.clone(),
            results: field.origin.clone(),
            trials: field.behind.clone(),
            sharpe_without_skill: field.without_skill.clone(),
        }
    }

    /// Names and values for people.
    #[must_use]
    pub fn facts(&self) -> Vec<(String, String)> {
        let data = &self.data;
        let invented = if data.synthetic { ", SYNTHETIC" } else { "" };
        let basis_points = |x: &Decimal| x.times(&Decimal::from_int(10_000));
        let facts = [
            ("Sweep", format!("{} ({})", self.sweep, self.kind)),
            (
                "Bars",
                format!(
                    "{} of {} {}, {} to {}{invented}",
                    data.bars,
                    data.symbol,
                    data.timeframe,
                    data.first.date(),
                    data.last.date()
                ),
            ),
            (
                "Costs",
                format!(
                    "fee {} bp and slippage {} bp per side",
                    basis_points(&self.costs.fee),
                    basis_points(&self.costs.slippage)
                ),
            ),
            ("Candidates", format!("the best by {}", self.metric)),
            ("Trials behind the best", self.trials_text()),
        ];
        facts.map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn trials_text(&self) -> String {
        let trials = &self.trials;
        match &trials.portfolio {
            None => format!("{}, on invented bars; counted nowhere", trials.runs),
            Some(_) if trials.earlier == 0 => trials.runs.to_string(),
            Some(portfolio) => format!(
                "{}, {} of them counted earlier for {portfolio}",
                trials.all(),
                trials.earlier
            ),
        }
    }

    /// That the best was chosen, in a sentence.
    #[must_use]
    pub fn chosen_text(&self) -> String {
        let all = self.trials.all();
        let luck = self.sharpe_without_skill.as_ref().map_or_else(
            || "how good the best of so many looks without any skill, their Sharpe ratios do not tell".to_owned(),
            |luck| format!("the best of {all} is expected at a Sharpe ratio of {} without any skill", luck.to_fixed(2)),
        );
        let s = if all == 1 { "" } else { "s" };
        format!(
            "Nothing here undoes the choice. What is looked at is the best of {all} trial{s}, chosen on these bars, and stays that: {luck}."
        )
    }

    /// What makes it repeatable: names and values.
    #[must_use]
    pub fn reproducibility(&self) -> Vec<(String, String)> {
        let mut facts = vec![("Bars, SHA-256".to_owned(), self.data.sha256.to_string())];
        if let Some(results) = &self.results {
            facts.push((
                "Results of the sweep, SHA-256".to_owned(),
                results.results_sha256.to_string(),
            ));
            facts.push(("Sweep".to_owned(), results.command.clone()));
        }
        facts
    }
}

/// Parameters with their values, for people.
#[must_use]
pub fn parameters_text(best: &crate::app::sweep::summary::Best) -> String {
    let one = |(name, value): (&String, &Parameter)| format!("{name} = {value}");
    best.parameters
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join(", ")
}
