//! What can be swept: the named sweeps, and the kinds of strategies with their parameters.

use std::fmt::Write as _;

use serde::Serialize;

use super::summary::{Counts, Grid};
use crate::kernel::text::visible;
use crate::render::layout::{self, Bears, columns, paragraph};
use crate::research::strategy::kind::Kind;
use crate::research::strategy::registry::KINDS;
use crate::research::sweep::grid::{Plan, Sweep, Sweeps};

/// `promote/sweeps/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct SweepsJson {
    schema: &'static str,
    /// Every named sweep, by name.
    pub sweeps: Vec<SweepLine>,
}

/// One named sweep.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct SweepLine {
    /// The grid.
    pub grid: Grid,
    /// Combinations that run; null when the sweep cannot run.
    pub runs: Option<u64>,
}

/// The sweeps of a file.
#[must_use]
pub fn sweeps_json(sweeps: &Sweeps) -> SweepsJson {
    let line = |sweep: &Sweep| SweepLine {
        grid: Grid::of(sweep),
        runs: sweep.plan(None).ok().map(|p| p.combinations.len() as u64),
    };
    SweepsJson {
        schema: "promote/sweeps/v1",
        sweeps: sweeps.0.values().map(line).collect(),
    }
}

/// The sweeps as a table.
#[must_use]
pub fn sweeps_text(list: &SweepsJson, width: usize) -> String {
    if list.sweeps.is_empty() {
        return "no sweep\n".to_owned();
    }
    let columns = columns([
        ("sweep", Bears::Text),
        ("kind", Bears::Text),
        ("runs", Bears::Number),
        ("what", Bears::Note),
    ]);
    let row = |line: &SweepLine| {
        let runs = line
            .runs
            .map_or_else(|| "none".to_owned(), |n| n.to_string());
        let words = [
            line.grid.name.as_str(),
            &line.grid.kind,
            &runs,
            &line.grid.description,
        ];
        words.map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = list.sweeps.iter().map(row).collect();
    layout::table(&columns, &rows, width)
}

/// `promote/strategies/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct StrategiesJson {
    schema: &'static str,
    /// Kinds, in the order in which they are explained.
    pub strategies: Vec<StrategyJson>,
}

/// One kind of strategy.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct StrategyJson {
    /// Name.
    pub kind: &'static str,
    /// The rule, per closed bar.
    pub rule: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// Its parameters.
    pub parameters: Vec<ParameterJson>,
    /// What must hold between them.
    pub conditions: Vec<String>,
}

/// One parameter of a kind.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ParameterJson {
    /// Name.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What it may be.
    pub takes: String,
    /// Without it; null: it must be given.
    pub default: Option<String>,
}

/// `promote/sweep-catalog/v1`: what can be swept.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct CatalogJson {
    schema: &'static str,
    /// Every named sweep, by name.
    pub sweeps: Vec<SweepLine>,
    /// Every kind, in the order in which they are explained.
    pub strategies: Vec<StrategyJson>,
}

/// Named sweeps and kinds together.
#[must_use]
pub fn catalog(sweeps: &Sweeps) -> CatalogJson {
    CatalogJson {
        schema: "promote/sweep-catalog/v1",
        sweeps: sweeps_json(sweeps).sweeps,
        strategies: KINDS.iter().map(|kind| strategy(kind)).collect(),
    }
}

/// Named sweeps and kinds, one table after the other.
#[must_use]
pub fn catalog_text(list: CatalogJson, width: usize) -> String {
    let sweeps = SweepsJson {
        schema: list.schema,
        sweeps: list.sweeps,
    };
    let strategies = StrategiesJson {
        schema: list.schema,
        strategies: list.strategies,
    };
    [
        sweeps_text(&sweeps, width),
        strategies_text(&strategies, width),
    ]
    .join("\n")
}

fn strategy(kind: &Kind) -> StrategyJson {
    let parameters = kind.specs.iter().map(|spec| ParameterJson {
        name: spec.name,
        meaning: spec.meaning,
        takes: spec.wanted(),
        default: spec.default(),
    });
    let conditions = kind.conditions.iter();
    StrategyJson {
        kind: kind.name,
        rule: kind.rule,
        source: kind.source,
        parameters: parameters.collect(),
        conditions: conditions
            .map(|c| format!("{} must be {}", c.parameter, c.wanted))
            .collect(),
    }
}

/// Every kind, or the one called `only`.
///
/// # Errors
/// A sentence that lists the kinds.
pub fn strategies(only: Option<&str>) -> Result<StrategiesJson, String> {
    let chosen = KINDS
        .iter()
        .filter(|k| only.is_none_or(|name| k.name == name));
    let strategies: Vec<StrategyJson> = chosen.map(|kind| strategy(kind)).collect();
    match (only, strategies.is_empty()) {
        (Some(name), true) => {
            let known = KINDS.map(|kind| kind.name).join(", ");
            Err(format!(
                "unknown kind `{}`; there are: {known}",
                visible(name, 64)
            ))
        }
        _ => Ok(StrategiesJson {
            schema: "promote/strategies/v1",
            strategies,
        }),
    }
}

/// The kinds with the names of their parameters.
#[must_use]
pub fn strategies_text(list: &StrategiesJson, width: usize) -> String {
    let columns = columns([("kind", Bears::Text), ("parameters", Bears::Note)]);
    let row = |strategy: &StrategyJson| {
        let names: Vec<&str> = strategy.parameters.iter().map(|p| p.name).collect();
        vec![strategy.kind.to_owned(), names.join(", ")]
    };
    let rows: Vec<Vec<String>> = list.strategies.iter().map(row).collect();
    layout::table(&columns, &rows, width)
}

/// The rule and the parameters of each kind.
#[must_use]
pub fn parameters_text(list: &StrategiesJson, width: usize) -> String {
    let columns = columns([
        ("parameter", Bears::Text),
        ("default", Bears::Text),
        ("must be", Bears::Text),
        ("meaning", Bears::Note),
    ]);
    let one = |strategy: &StrategyJson| {
        let rule = strategy.rule.replace('\n', " ");
        let mut text = paragraph(&format!("{}: {rule}", strategy.kind), 0, width);
        text.push('\n');
        let row = |p: &ParameterJson| {
            let default = p
                .default
                .clone()
                .unwrap_or_else(|| "must be given".to_owned());
            vec![
                p.name.to_owned(),
                default,
                p.takes.clone(),
                p.meaning.to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = strategy.parameters.iter().map(row).collect();
        text.push_str(&layout::table(&columns, &rows, width));
        for condition in &strategy.conditions {
            text.push_str(&paragraph(condition, 0, width));
        }
        text
    };
    let texts: Vec<String> = list.strategies.iter().map(one).collect();
    texts.join("\n")
}

/// `promote/sweep-plan/v1`: what would run.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct PlanJson {
    schema: &'static str,
    /// The grid.
    pub sweep: Grid,
    /// How much of it would run; nothing has, so that no result is distinct.
    pub counts: Counts,
    /// Bars until the indicators of every combination are defined.
    pub longest_warm_up: u64,
}

/// What would run of `sweep`.
#[must_use]
pub fn plan_json(sweep: &Sweep, plan: &Plan) -> PlanJson {
    let warm_ups = plan.combinations.iter().map(|c| c.rule.warm_up());
    PlanJson {
        schema: "promote/sweep-plan/v1",
        sweep: Grid::of(sweep),
        counts: Counts {
            grid: plan.grid as u64,
            constrained: plan.constrained as u64,
            impossible: plan.impossible as u64,
            beyond: plan.beyond as u64,
            ran: plan.combinations.len() as u64,
            distinct: 0,
        },
        longest_warm_up: warm_ups.max().unwrap_or(0) as u64,
    }
}

/// The plan for people.
#[must_use]
pub fn plan_text(plan: &PlanJson, width: usize) -> String {
    let grid = &plan.sweep;
    let mut text = format!(
        "{}: {}\nkind {}, long or flat\n\n",
        grid.name, grid.description, grid.kind
    );
    let columns = columns([
        ("parameter", Bears::Text),
        ("values", Bears::Number),
        ("which", Bears::Note),
    ]);
    let rows: Vec<Vec<String>> = grid
        .axes
        .iter()
        .map(|axis| {
            let values: Vec<String> = axis.values.iter().map(ToString::to_string).collect();
            vec![
                axis.name.clone(),
                values.len().to_string(),
                values.join(", "),
            ]
        })
        .collect();
    text.push_str(&layout::table(&columns, &rows, width));
    for constraint in &grid.constraints {
        let _infallible = writeln!(text, "constraint: {constraint}");
    }
    let _infallible = write!(
        text,
        "\n{}\n{} bars at least: the longest warm-up is {}\nnothing was run, nothing was registered\n",
        counts_text(&plan.counts, "would run", width).trim_end(),
        plan.longest_warm_up + 2,
        plan.longest_warm_up
    );
    text
}

/// How much of a grid ran or would run, in a sentence.
#[must_use]
pub fn counts_text(counts: &Counts, ran: &str, width: usize) -> String {
    let left_out = [
        (counts.constrained, "break a constraint"),
        (counts.impossible, "are not allowed by the rule"),
        (counts.beyond, "are beyond --max-runs"),
    ];
    let mut text = format!("{} of {} combinations {ran}", counts.ran, counts.grid);
    for (count, why) in left_out.into_iter().filter(|(count, _)| *count > 0) {
        let _infallible = write!(text, "; {count} {why}");
    }
    paragraph(&text, 0, width)
}
