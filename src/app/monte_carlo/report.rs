//! The report of Monte-Carlo runs, as a value.

use super::compute::{Asked, CONFIDENCE, Method, Outcome, QUANTILES};
use super::json::{MonteCarloJson, Probability, probabilities};
use crate::app::candidates::Field;
use crate::app::candidates::report::{candidate, frame};
use crate::kernel::decimal::Decimal;
use crate::kernel::unit::Unit;
use crate::metrics::Undefined;
use crate::metrics::random_stream::RNG;
use crate::render::report::monte_carlo::{
    CandidatePart, DrawsPart, FigurePart, MonteCarloReport, NeighboursPart, ProbabilityPart,
};
use crate::research::robustness::draws::{Drawn, Draws};

/// The report.
pub(super) fn report(
    document: &MonteCarloJson,
    field: &Field,
    outcomes: &[Outcome],
    asked: &Asked,
) -> MonteCarloReport {
    let ground = &document.ground;
    let luck = field.without_skill.as_ref();
    let one = |outcome: &Outcome| CandidatePart {
        head: candidate(&outcome.best, &outcome.own.run, ground),
        draws: parts(outcome, asked, luck),
        neighbours: outcome.neighbours.as_ref().map(|_| near(outcome)),
    };
    MonteCarloReport {
        frame: frame(
            "Monte-Carlo",
            (ground, &document.made),
            ("Drawn", document.asked.text()),
            format!("{} ({RNG})", asked.seed),
            uncovered(asked),
        ),
        candidates: outcomes.iter().map(one).collect(),
    }
}

/// What resampling cannot say.
fn uncovered(asked: &Asked) -> Vec<String> {
    let own = match &asked.method {
        Method::Bars(options) => {
            use crate::metrics::bootstrap::Method as Drawing;
            let order = match options.method {
                Drawing::Simple => {
                    "Bars are drawn one by one: calm and wild times, and streaks of losses, are torn apart, so that drawdowns look shallower than they are. Blocks keep them."
                }
                Drawing::MovingBlock | Drawing::Stationary => {
                    "Blocks keep what hangs together within them; what lasts longer than a block is torn apart."
                }
            };
            [
                "Drawing again repeats what happened. No return is drawn that is worse than those of these bars, and no market that they do not hold. The stress tests ask about those.",
                order,
            ]
        }
        Method::Trades => [
            "Another order repeats what happened: the same trades with the same results, so that return and Sharpe ratio are the same in every order. No trade is worse than those that were made.",
            "Trades are taken as independent of each other, and the drawdown is measured from trade to trade: what a position loses while it is held is not seen.",
        ],
    };
    let always = [
        "The strategy does not decide again. Its returns are drawn, not the market's: on other prices it would have entered and left elsewhere.",
        "Bounds say how far the number of runs leaves a figure open; more runs narrow them. They do not say how far the history does.",
    ];
    own.into_iter().chain(always).map(str::to_owned).collect()
}

fn parts(outcome: &Outcome, asked: &Asked, luck: Option<&Decimal>) -> Vec<DrawsPart> {
    let words = match &asked.method {
        Method::Bars(_) => {
            let block = outcome.draws.block.filter(|_| asked.block().is_some());
            let blocks = block.map_or_else(String::new, |block| {
                format!(" Blocks have {block} bars{}.", mean_text(asked))
            });
            format!(
                "The returns of the run are drawn again with replacement, {} times, by {}.{blocks} In brackets: 95 % bounds of each quantile.",
                asked.runs,
                asked.method_name()
            )
        }
        Method::Trades => format!(
            "The trades of the run in {} random orders, each with the whole equity. The run itself is measured from trade to trade as well.",
            asked.runs
        ),
    };
    let mut parts = vec![part("Draws", words, outcome, &outcome.draws, asked, luck)];
    if let (Some(costs), Some(spread)) = (&outcome.costs, &asked.cost_jitter) {
        let edge = |sign: f64| crate::render::axis::grouped(1.0 + sign * spread.to_f64(), 2);
        let words = format!(
            "The same trades at costs from {} to {} times those assumed, {} times; for each trade a factor from 0.5 to 1.5 comes on top.",
            edge(-1.0),
            edge(1.0),
            asked.runs
        );
        parts.push(part("Other costs", words, outcome, costs, asked, None));
    }
    parts
}

fn mean_text(asked: &Asked) -> &'static str {
    match asked.method_name() {
        "stationary" => " in the mean",
        _ => "",
    }
}

fn part(
    title: &str,
    words: String,
    outcome: &Outcome,
    draws: &Draws,
    asked: &Asked,
    luck: Option<&Decimal>,
) -> DrawsPart {
    let figures = draws.columns.iter().filter_map(|(drawn, values)| {
        let found = draws.distribution(*drawn)?;
        let quantile = |p: f64| {
            let bounds = found.bounds(p, CONFIDENCE);
            let few = Err(Undefined::TooFewObservations);
            let (low, high) = bounds.map_or((few, few), |b| (b.low, b.high));
            (found.quantile(p), low, high)
        };
        Some(FigurePart {
            name: name(*drawn).to_owned(),
            unit: unit(*drawn),
            own: outcome.own.figure(*drawn, &asked.method),
            quantiles: QUANTILES.map(quantile).into(),
            // Growth per year is growth over the sample on another scale.
            values: (*drawn != Drawn::Cagr).then(|| values.clone()),
            limits: limits(*drawn, asked, luck),
        })
    });
    let told = probabilities(draws, asked, luck);
    DrawsPart {
        title: title.to_owned(),
        words,
        quantiles: QUANTILES.into(),
        figures: figures.collect(),
        probabilities: told.iter().map(probability).collect(),
    }
}

/// The name of a figure for people.
fn name(drawn: Drawn) -> &'static str {
    match drawn {
        Drawn::Sharpe => "Sharpe ratio",
        Drawn::TotalReturn => "Total return",
        Drawn::Cagr => "CAGR",
        Drawn::MaxDrawdown => "Max drawdown",
        Drawn::LosingStreak => "Losing streak",
    }
}

/// The unit of a figure.
fn unit(drawn: Drawn) -> Unit {
    match drawn {
        Drawn::Sharpe => Unit::Ratio,
        Drawn::TotalReturn | Drawn::Cagr | Drawn::MaxDrawdown => Unit::Fraction,
        Drawn::LosingStreak => Unit::Count,
    }
}

fn limits(drawn: Drawn, asked: &Asked, luck: Option<&Decimal>) -> Vec<(String, f64)> {
    match drawn {
        Drawn::Sharpe => {
            let floor = &asked.sharpe_floor;
            let mut limits = vec![(format!("floor {floor}"), floor.to_f64())];
            limits.extend(luck.map(|luck| {
                let label = format!("best without skill {}", luck.to_fixed(2));
                (label, luck.to_f64())
            }));
            limits
        }
        Drawn::MaxDrawdown => {
            let ceiling = &asked.drawdown_ceiling;
            let percent = ceiling.times(&Decimal::from_int(100));
            vec![(format!("ceiling {percent} %"), ceiling.to_f64())]
        }
        Drawn::TotalReturn => vec![("no loss".to_owned(), 0.0)],
        Drawn::Cagr | Drawn::LosingStreak => Vec::new(),
    }
}

fn probability(found: &Probability) -> ProbabilityPart {
    let share = &found.share;
    ProbabilityPart {
        words: probability_text(found),
        hits: (share.hits as u64, share.runs as u64),
        share: (share.value, share.low, share.high),
    }
}

/// What a probability is about.
fn probability_text(found: &Probability) -> String {
    let limit = found.limit.as_ref();
    let plain = limit.map_or_else(String::new, ToString::to_string);
    match found.name {
        "sharpe_above_floor" => format!("Sharpe ratio above the floor of {plain}"),
        "sharpe_above_best_without_skill" => format!(
            "Sharpe ratio above {}, what the best of all trials shows without skill",
            limit.map_or_else(String::new, |l| l.to_fixed(2))
        ),
        "drawdown_below_ceiling" => {
            let percent = limit.map(|l| l.times(&Decimal::from_int(100)).to_string());
            format!(
                "Drawdown below the ceiling of {} %",
                percent.unwrap_or_default()
            )
        }
        _ => "A loss at the end".to_owned(),
    }
}

fn near(outcome: &Outcome) -> NeighboursPart {
    let some = |x: Option<f64>| x.ok_or(Undefined::ZeroVariance);
    let own = &outcome.own.run.figures;
    let first = (
        "the candidate".to_owned(),
        String::new(),
        own.sharpe,
        own.total_return,
        own.max_drawdown,
    );
    let others = outcome.neighbours.iter().flatten().map(|neighbour| {
        (
            neighbour.parameter.clone(),
            neighbour.value.clone(),
            some(neighbour.sharpe),
            Ok(neighbour.total_return),
            Ok(neighbour.max_drawdown),
        )
    });
    NeighboursPart {
        rows: std::iter::once(first).chain(others).collect(),
    }
}
