//! `monte_carlo.json`, `promote/monte-carlo/v1`. Numbers are decimals as text, undefined where null.

use serde::Serialize;

use super::compute::{Asked, CONFIDENCE, Method, Neighbour, Outcome, QUANTILES};
use crate::app::candidates::Head;
use crate::app::made::Made;
use crate::app::sweep::summary::{Best, FiguresJson, decimal};
use crate::kernel::decimal::Decimal;
use crate::metrics::MetricResult;
use crate::metrics::distribution::{Distribution, Share};
use crate::metrics::quantile::{Worst, quantile, sorted};
use crate::metrics::random_stream::RNG;
use crate::research::robustness::draws::{Drawn, Draws};

/// The value of `schema`.
pub const SCHEMA: &str = "promote/monte-carlo/v1";

/// `promote/monte-carlo/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct MonteCarloJson {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// What the candidates stand on.
    pub ground: Head,
    /// What was asked.
    pub asked: AskedJson,
    /// Best first.
    pub candidates: Vec<CandidateJson>,
    /// What made it.
    #[serde(flatten)]
    pub made: Made,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct AskedJson {
    /// How many candidates there are.
    pub candidates: u64,
    /// `simple`, `moving_block`, `stationary` or `trade_shuffle`.
    pub method: &'static str,
    /// Draws per candidate.
    pub runs: u64,
    /// Block length in bars, or `auto`; null where no blocks are drawn.
    pub block: Option<String>,
    /// Seed.
    pub seed: i64,
    /// Random stream.
    pub rng: &'static str,
    /// Confidence of the bounds.
    pub confidence: Decimal,
    /// The Sharpe ratio that should be exceeded.
    pub sharpe_floor: Decimal,
    /// The drawdown that should not be reached.
    pub drawdown_ceiling: Decimal,
    /// How far costs are drawn from those assumed, a fraction; null where they are not.
    pub cost_jitter: Option<Decimal>,
    /// The neighbours in the grid are told.
    pub parameter_jitter: bool,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CandidateJson {
    /// Rank, parameters and figures of the sweep.
    pub best: Best,
    /// Block length in bars that was drawn with; null where no blocks are.
    pub block: Option<u64>,
    /// The figures that the draws have.
    pub figures: Vec<DistributionJson>,
    /// How often what should hold holds.
    pub probabilities: Vec<ProbabilityJson>,
    /// The trades at other costs; null where this was not asked.
    pub costs: Option<CostsJson>,
    /// The neighbours in the grid; null where this was not asked.
    pub neighbours: Option<NeighboursJson>,
}

/// One figure over all draws.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DistributionJson {
    /// `sharpe`, `total_return`, `cagr`, `max_drawdown` or `losing_streak`.
    pub figure: &'static str,
    /// That of the run itself; of trade orders, measured from trade to trade.
    pub own: Option<Decimal>,
    /// Mean; null where a draw has no value.
    pub mean: Option<Decimal>,
    /// Standard deviation (n - 1); null where a draw has no value.
    pub std: Option<Decimal>,
    /// Draws without a value; they count at the end at which they hurt.
    pub without_value: u64,
    /// Quantiles (type 7), ascending.
    pub quantiles: Vec<QuantileJson>,
}

/// One quantile with its bounds.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct QuantileJson {
    /// Which, a fraction.
    pub p: Decimal,
    /// Its value.
    pub value: Option<Decimal>,
    /// Lower bound; null where there are too few draws for one.
    pub low: Option<Decimal>,
    /// Upper bound.
    pub high: Option<Decimal>,
}

/// How often something holds.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ProbabilityJson {
    /// `sharpe_above_floor`, `sharpe_above_best_without_skill`, `drawdown_below_ceiling` or `loss`.
    pub name: &'static str,
    /// The limit; null for a loss, which has none.
    pub limit: Option<Decimal>,
    /// Draws for which it holds.
    pub hits: u64,
    /// All draws.
    pub runs: u64,
    /// Their share.
    pub value: Option<Decimal>,
    /// Lower bound.
    pub low: Option<Decimal>,
    /// Upper bound.
    pub high: Option<Decimal>,
}

/// The trades at other costs.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CostsJson {
    /// Total return and growth per year.
    pub figures: Vec<DistributionJson>,
    /// How often a loss is left.
    pub probabilities: Vec<ProbabilityJson>,
}

/// The combinations one step along one axis of the grid away that ran.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct NeighboursJson {
    /// Lowest, median and highest of each figure over them; none without a neighbour.
    pub spread: Vec<SpreadJson>,
    /// Each of them.
    pub each: Vec<NeighbourJson>,
}

/// A figure over the neighbours.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SpreadJson {
    /// `sharpe`, `total_return` or `max_drawdown`.
    pub figure: &'static str,
    /// Of the candidate.
    pub own: Option<Decimal>,
    /// The lowest.
    pub lowest: Option<Decimal>,
    /// The median (type 7).
    pub median: Option<Decimal>,
    /// The highest.
    pub highest: Option<Decimal>,
}

/// One neighbour.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct NeighbourJson {
    /// Its row in `results.csv`, from 1.
    pub run: u64,
    /// The parameter that differs.
    pub parameter: String,
    /// Its value there.
    pub value: String,
    /// Its figures.
    pub figures: FiguresJson,
}

/// A probability with what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Probability {
    /// As [`ProbabilityJson::name`].
    pub name: &'static str,
    /// The limit.
    pub limit: Option<Decimal>,
    /// How often.
    pub share: Share,
}

fn number(value: MetricResult) -> Option<Decimal> {
    value.ok().and_then(decimal)
}

impl AskedJson {
    /// How and how often is drawn, for people.
    #[must_use]
    pub fn text(&self) -> String {
        let block = self.block.as_ref();
        let block = block.map_or_else(String::new, |block| format!(", block {block}"));
        format!(
            "{} runs, {}{block}, seed {}",
            self.runs, self.method, self.seed
        )
    }
}

impl Asked {
    /// For programs.
    #[must_use]
    pub fn json(&self, candidates: usize) -> AskedJson {
        AskedJson {
            candidates: candidates as u64,
            method: self.method_name(),
            runs: u64::from(self.runs),
            block: self.block().map(|block| block.to_string()),
            seed: self.seed,
            rng: RNG,
            confidence: decimal(CONFIDENCE).unwrap_or_else(Decimal::zero),
            sharpe_floor: self.sharpe_floor.clone(),
            drawdown_ceiling: self.drawdown_ceiling.clone(),
            cost_jitter: self.cost_jitter.clone(),
            parameter_jitter: self.parameter_jitter,
        }
    }
}

impl Outcome {
    /// For programs; `luck` is the Sharpe ratio of the best without skill.
    #[must_use]
    pub fn json(&self, asked: &Asked, luck: Option<&Decimal>) -> CandidateJson {
        let all = |draws: &Draws| self.distributions(draws, &asked.method);
        let told = |found: Vec<Probability>| found.iter().map(Probability::json).collect();
        CandidateJson {
            best: self.best.clone(),
            block: match asked.block() {
                Some(_) => self.draws.block.map(|b| b as u64),
                None => None,
            },
            figures: all(&self.draws),
            probabilities: told(probabilities(&self.draws, asked, luck)),
            costs: self.costs.as_ref().map(|costs| CostsJson {
                figures: all(costs),
                probabilities: told(probabilities(costs, asked, None)),
            }),
            neighbours: self.neighbours.as_ref().map(|near| self.near(near)),
        }
    }

    fn distributions(&self, draws: &Draws, method: &Method) -> Vec<DistributionJson> {
        let one = |(drawn, values): &(Drawn, Vec<MetricResult>)| {
            let found = draws.distribution(*drawn)?;
            let spread = found.spread();
            let quantile = |p: f64| {
                let bounds = found.bounds(p, CONFIDENCE);
                QuantileJson {
                    p: decimal(p).unwrap_or_else(Decimal::zero),
                    value: number(found.quantile(p)),
                    low: number(bounds.and_then(|b| b.low)),
                    high: number(bounds.and_then(|b| b.high)),
                }
            };
            Some(DistributionJson {
                figure: drawn.as_str(),
                own: number(self.own.figure(*drawn, method)),
                mean: number(spread.map(|s| s.mean)),
                std: number(spread.map(|s| s.std)),
                without_value: values.iter().filter(|v| v.is_err()).count() as u64,
                quantiles: QUANTILES.map(quantile).into(),
            })
        };
        draws.columns.iter().filter_map(one).collect()
    }

    fn near(&self, near: &[Neighbour]) -> NeighboursJson {
        let figure = |name, own: &Option<Decimal>, of: &dyn Fn(&Neighbour) -> Option<f64>| {
            let values = near.iter().filter_map(of).map(Ok);
            let ascending = sorted(values, Worst::Lowest);
            SpreadJson {
                figure: name,
                own: own.clone(),
                lowest: number(quantile(&ascending, 0.0)),
                median: number(quantile(&ascending, 0.5)),
                highest: number(quantile(&ascending, 1.0)),
            }
        };
        let own = &self.best.figures;
        let spread = vec![
            figure("sharpe", &own.sharpe, &|n| n.sharpe),
            figure("total_return", &own.total_return, &|n| Some(n.total_return)),
            figure("max_drawdown", &own.max_drawdown, &|n| Some(n.max_drawdown)),
        ];
        let each = near.iter().map(|neighbour| NeighbourJson {
            run: neighbour.run,
            parameter: neighbour.parameter.clone(),
            value: neighbour.value.clone(),
            figures: neighbour.figures.clone(),
        });
        NeighboursJson {
            spread: if near.is_empty() { Vec::new() } else { spread },
            each: each.collect(),
        }
    }
}

impl Probability {
    fn json(&self) -> ProbabilityJson {
        let share = &self.share;
        ProbabilityJson {
            name: self.name,
            limit: self.limit.clone(),
            hits: share.hits as u64,
            runs: share.runs as u64,
            value: decimal(share.value),
            low: decimal(share.low),
            high: decimal(share.high),
        }
    }
}

/// How often what should hold holds in `draws`, as far as they have the figure.
#[must_use]
pub fn probabilities(draws: &Draws, asked: &Asked, luck: Option<&Decimal>) -> Vec<Probability> {
    let share = |found: &Distribution, holds: &dyn Fn(MetricResult) -> bool| {
        found.share(CONFIDENCE, holds).ok()
    };
    let mut all = Vec::new();
    let mut add = |name, limit: Option<&Decimal>, share: Option<Share>| {
        all.extend(share.map(|share| Probability {
            name,
            limit: limit.cloned(),
            share,
        }));
    };
    if let Some(found) = draws.distribution(Drawn::Sharpe) {
        let above = |limit: &Decimal| {
            let limit = limit.to_f64();
            share(&found, &|x| x.is_ok_and(|x| x > limit))
        };
        let floor = &asked.sharpe_floor;
        add("sharpe_above_floor", Some(floor), above(floor));
        if let Some(luck) = luck {
            add("sharpe_above_best_without_skill", Some(luck), above(luck));
        }
    }
    if let Some(found) = draws.distribution(Drawn::MaxDrawdown) {
        let ceiling = &asked.drawdown_ceiling;
        let limit = ceiling.to_f64();
        let below = share(&found, &|x| x.is_ok_and(|x| x < limit));
        add("drawdown_below_ceiling", Some(ceiling), below);
    }
    if let Some(found) = draws.distribution(Drawn::TotalReturn) {
        let lost = share(&found, &|x| !x.is_ok_and(|x| x >= 0.0));
        add("loss", None, lost);
    }
    all
}
