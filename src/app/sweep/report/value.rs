//! The value of a sweep's report, from the summary and the rows.

use super::Job;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::rows::Table;
use crate::app::sweep::summary::{self, Best, Summary};
use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;
use crate::render::report::robustness::DataRow;
use crate::render::report::sweep::{
    BestRow, CountsRow, EffectRow, PlaneRow, StatisticsRow, SweepReport, TrialsRow, label,
};
use crate::research::portfolio::configuration::Parameter;
use crate::research::sweep::grid::Axis;
use crate::research::sweep::landscape::{Effect, Landscape, Over, Plane, Quartiles, strongest};
use crate::research::sweep::ranking::{self, Figure, Ranked};
use crate::research::sweep::standing;
use crate::research::sweep::tally::Figures;

/// The report, and what programs get beside it.
pub(super) struct Made {
    /// For people.
    pub(super) report: SweepReport,
    /// The best, as the sweep itself tells them.
    pub(super) best: Vec<Best>,
}

/// The report on `table`; `heat` are the axes of the heat maps.
///
/// # Errors
/// Exit 3 when the rows do not belong to the grid that the summary names.
pub(super) fn report(
    job: &Job<'_>,
    table: &Table,
    heat: Option<[usize; 2]>,
) -> Result<Made, Failure> {
    let summary = &job.results.summary;
    let axes = &summary.sweep.axes;
    let own = Figure::named(&summary.metric).ok_or_else(|| foreign("its metric is unknown"))?;
    if summary.counts.ran != table.rows.len() as u64 {
        return Err(foreign("it counts other rows"));
    }
    let (figure, sizes) = (job.figure.unwrap_or(own), sizes(axes));
    let plotted = job.plotted.unwrap_or(figure);
    let field = Landscape {
        at: &table.at,
        rows: &table.rows,
        sizes: &sizes,
    };
    let at: Vec<&[usize]> = table.at.iter().map(Vec::as_slice).collect();
    let ranked = ranking::best(&at, &table.rows, figure, job.top);
    let first = ranked.first().copied();
    let place = first.and_then(|best| table.at.get(best.index));
    let edges = place.map_or_else(Vec::new, |at| {
        standing::edges(&summary.sweep.kind, axes, at)
    });
    let effects = field.effects(plotted);
    let heat = heat.or_else(|| strongest(&effects));
    let report = SweepReport {
        kept: first.and_then(|best| kept(&best, field, figure)),
        edges: edges
            .iter()
            .map(|edge| (name(axes, edge.axis), edge.smallest))
            .collect(),
        best: ranked
            .iter()
            .zip(1_u64..)
            .filter_map(|(ranked, rank)| best_row(axes, table, ranked, rank))
            .collect(),
        counts: counts(summary, &table.rows),
        statistics: statistics(field),
        effects: named(axes, field.effects(figure)),
        plotted_effects: named(axes, effects),
        planes: heat.map_or_else(Vec::new, |heat| planes(axes, field, plotted, heat, place)),
        values: field.values(plotted),
        ranked_by: figure,
        plotted,
        ..ground(summary)
    };
    let best = summary::best(axes, &at, &table.rows, &ranked);
    Ok(Made { report, best })
}

fn foreign(said: &str) -> Failure {
    let said = format!("`{}` is not that of a sweep: {said}", summary::FILE_NAME);
    Failure::new(Exit::Invalid, "sweep.summary", said)
}

fn sizes(axes: &[Axis]) -> Vec<usize> {
    axes.iter().map(|axis| axis.values.len()).collect()
}

fn name(axes: &[Axis], axis: usize) -> String {
    axes.get(axis)
        .map_or_else(String::new, |axis| axis.name.clone())
}

fn texts(axis: &Axis) -> Vec<String> {
    axis.values.iter().map(Parameter::to_string).collect()
}

fn kept(best: &Ranked, field: Landscape<'_>, figure: Figure) -> Option<f64> {
    let quartiles = Quartiles::of(field.values(figure))?;
    standing::kept(best, quartiles.median)
}

/// What the summary says; what follows from the rows is empty.
fn ground(summary: &Summary) -> SweepReport {
    let (data, trials) = (&summary.data, &summary.trials);
    let currency = data.symbol.split('/').nth(1).unwrap_or_default();
    SweepReport {
        name: summary.sweep.name.to_string(),
        description: summary.sweep.description.clone(),
        kind: summary.sweep.kind.clone(),
        tag: summary.tag.clone(),
        data: DataRow {
            symbol: data.symbol.clone(),
            timeframe: data.timeframe.clone(),
            first: data.first,
            last: data.last,
            bars: data.bars,
            sha256: data.sha256,
            synthetic: data.synthetic,
        },
        axes: summary
            .sweep
            .axes
            .iter()
            .map(|axis| (axis.name.clone(), texts(axis)))
            .collect(),
        constraints: summary.sweep.constraints.clone(),
        warm_up: summary.longest_warm_up,
        costs: [summary.costs.fee.to_f64(), summary.costs.slippage.to_f64()],
        capital: summary
            .capital
            .as_ref()
            .map(|capital| (capital.to_f64(), currency.to_owned())),
        trials: TrialsRow {
            portfolio: trials.portfolio.to_string(),
            runs: trials.runs,
            earlier: trials.earlier,
            seq: trials.entry.as_ref().map(|entry| entry.seq),
            luck: summary.sharpe_without_skill.as_ref().map(Decimal::to_f64),
        },
        engine: format!("{} {}", summary.engine.name, summary.engine.version),
        run_sha256: summary.run_sha256,
        results_sha256: summary.results_sha256,
        command: summary.command.clone(),
        counts: counts(summary, &[]),
        ranked_by: Figure::Sharpe,
        plotted: Figure::Sharpe,
        best: Vec::new(),
        kept: None,
        edges: Vec::new(),
        statistics: Vec::new(),
        effects: Vec::new(),
        plotted_effects: Vec::new(),
        planes: Vec::new(),
        values: Vec::new(),
    }
}

fn counts(summary: &Summary, rows: &[Figures]) -> CountsRow {
    let counts = &summary.counts;
    let count = |wanted: fn(&Figures) -> bool| rows.iter().filter(|row| wanted(row)).count() as u64;
    CountsRow {
        grid: counts.grid,
        constrained: counts.constrained,
        impossible: counts.impossible,
        beyond: counts.beyond,
        ran: counts.ran,
        distinct: counts.distinct,
        idle: count(|row| row.trades == 0),
        earning: count(|row| row.total_return > 0.0),
    }
}

fn best_row(axes: &[Axis], table: &Table, ranked: &Ranked, rank: u64) -> Option<BestRow> {
    let (at, row) = (table.at.get(ranked.index)?, table.rows.get(ranked.index)?);
    let parameter = |(axis, index): (&Axis, &usize)| {
        Some((axis.name.clone(), axis.values.get(*index)?.to_string()))
    };
    Some(BestRow {
        rank,
        run: ranked.index as u64 + 1,
        parameters: axes.iter().zip(at).filter_map(parameter).collect(),
        at: at.clone(),
        value: ranked.value,
        plateau: ranked.plateau,
        neighbours: ranked.neighbours as u64,
        figures: Figure::ALL.map(|figure| (figure, figure.of(row))).into(),
        trades: u64::from(row.trades),
        costs: row.costs,
    })
}

/// Every figure, and beside them trades and costs of what traded.
fn statistics(field: Landscape<'_>) -> Vec<StatisticsRow> {
    let all = field.rows.len();
    let row = |label: String, unit: Unit, values: Vec<f64>| StatisticsRow {
        label,
        unit,
        undefined: (all - values.len()) as u64,
        quartiles: Quartiles::of(values),
    };
    let traded = |value: fn(&Figures) -> f64| {
        let rows = field.rows.iter().filter(|row| row.trades > 0);
        rows.map(value).collect::<Vec<f64>>()
    };
    let figures = Figure::ALL.into_iter().map(|figure| {
        let values = field.values(figure);
        row(label(figure), figure.unit(), values)
    });
    let trades = traded(|row| f64::from(row.trades));
    let costs = traded(|row| row.costs);
    figures
        .chain([
            row("Trades".to_owned(), Unit::Count, trades),
            row("Costs, of the capital".to_owned(), Unit::Fraction, costs),
        ])
        .collect()
}

fn named(axes: &[Axis], effects: Vec<Effect>) -> Vec<EffectRow> {
    let row = |effect: Effect| {
        let axis = axes.get(effect.axis)?;
        Some(EffectRow {
            name: axis.name.clone(),
            values: texts(axis).into_iter().zip(effect.values).collect(),
            spread: effect.spread,
            idle: effect.idle,
        })
    };
    effects.into_iter().filter_map(row).collect()
}

/// The heat maps: the mean of the figure, its best where something is left to choose, and the
/// drawdown.
fn planes(
    axes: &[Axis],
    field: Landscape<'_>,
    figure: Figure,
    heat: [usize; 2],
    best: Option<&Vec<usize>>,
) -> Vec<PlaneRow> {
    let varied = axes.iter().enumerate().filter(|(_, a)| a.values.len() > 1);
    let others = varied.filter(|(index, _)| !heat.contains(index)).count() > 0;
    let mut wanted = vec![(figure, Over::Mean)];
    if others {
        wanted.push((figure, Over::Best));
    }
    if figure != Figure::MaxDrawdown {
        wanted.push((Figure::MaxDrawdown, Over::Mean));
    }
    let [across, down] = heat.map(|axis| axes.get(axis));
    let (Some(across), Some(down)) = (across, down) else {
        return Vec::new();
    };
    let best = best.and_then(|at| Some([*at.get(heat[1])?, *at.get(heat[0])?]));
    let one = |(figure, over): (Figure, Over)| {
        let Plane { cells, .. } = field.plane(figure, heat, over);
        PlaneRow {
            figure,
            over,
            others,
            across: (across.name.clone(), texts(across)),
            down: (down.name.clone(), texts(down)),
            cells,
            best,
        }
    };
    wanted.into_iter().map(one).collect()
}
