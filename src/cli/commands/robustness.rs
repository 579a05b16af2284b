//! `promote robustness`: backtest, walk-forward, Monte-Carlo and stress tests of a preset, written
//! as an evidence bundle with its reports.

mod flags;

use std::path::PathBuf;

use clap::Args;

use crate::app::candidates::{self, Source, Wanted};
use crate::app::config::{Config, basis_points};
use crate::app::evidence::view;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::moment::Moment;
use crate::app::results_folder::shown;
use crate::app::robustness::account::repeated;
use crate::app::robustness::run::Ended;
use crate::app::robustness::{self, Overrides, Purpose, of_sweep, printed};
use crate::app::trials::Place;
use crate::app::workspace::Workspace;
use crate::cli::commands::account::AccountArgs;
use crate::cli::commands::data::later_bars;
use crate::cli::commands::evidence::sealing::{SealingArgs, UNSIGNED, told_waiting};
use crate::cli::commands::gate::open;
use crate::cli::commands::research::format::ReportFormat;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{PortfolioId, ProfileId, StrategyId};
use crate::kernel::time::UtcTime;
use crate::metrics::bootstrap::Method;
use crate::research::portfolio::recipe::Preset;

use self::flags::{McMethod, MonteCarloArgs, StressArgs};
pub(super) use self::flags::{StressName, StressPosition, block_size, number};

/// What is said where no ledger counts the run.
const UNREGISTERED: &str = "note: no ledger with its engine key is at hand: the run is recorded in results/trials, and the evidence says `unregistered`, which LIVE refuses";

/// Flags of `robustness`. A flag wins over the preset, also with its default value.
#[derive(Debug, Args)]
pub struct RobustnessArgs {
    /// Preset to run; `promote presets list` shows them
    #[arg(long, value_name = "NAME", required_unless_present = "sweep_name")]
    portfolio_preset: Option<String>,
    /// Sweep whose best are the portfolio instead: one strategy each, with equal weights
    #[arg(short, long, value_name = "NAME", conflicts_with = "portfolio_preset",
        value_parser = StrategyId::new)]
    sweep_name: Option<StrategyId>,
    /// How many of the best [default: 3]
    #[arg(short = 'n', long, value_name = "N", requires = "sweep_name",
        value_parser = clap::value_parser!(u16).range(1..=100))]
    top_n: Option<u16>,
    /// Their risk profile [default: moderate]
    #[arg(long, value_name = "NAME", requires = "sweep_name", value_parser = ProfileId::new)]
    profile: Option<ProfileId>,
    /// Presets [default: config/portfolio_recipes.toml in the workspace]
    #[arg(long, value_name = "FILE")]
    recipes_config: Option<PathBuf>,
    /// Settings [default: config/config.toml in the workspace]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Name of the portfolio in the evidence [default: the preset's]
    #[arg(long, value_name = "NAME")]
    portfolio_name: Option<PortfolioId>,
    /// One weight per strategy; they add up to 1 [default: the preset's]
    #[arg(long, value_name = "W", num_args = 1.., value_parser = number)]
    weights: Option<Vec<Decimal>>,
    #[command(flatten)]
    monte_carlo: MonteCarloArgs,
    #[command(flatten)]
    stress: StressArgs,
    /// Run on invented bars, marked synthetic, instead of those of the workspace
    #[arg(long)]
    use_dummy_data: bool,
    /// How many of them [default: 500]
    #[arg(long, value_name = "N", requires = "use_dummy_data",
        value_parser = clap::value_parser!(u32).range(2..))]
    dummy_bars: Option<u32>,
    /// Only bars that open before this time, such as 2024-01-01
    #[arg(long, value_name = "TIME", value_parser = UtcTime::parse_loose)]
    end: Option<UtcTime>,
    /// Fee per side in basis points [default: costs.fee_bps of the settings, shipped 26]
    #[arg(long, value_name = "N", value_parser = number)]
    fee_bps: Option<Decimal>,
    /// Slippage per side in basis points [default: costs.slippage_bps of the settings, shipped 5]
    #[arg(long, value_name = "N", value_parser = number)]
    slippage_bps: Option<Decimal>,
    #[command(flatten)]
    account: AccountArgs,
    /// Directory of the bundle, which must not exist
    /// [default: results/reports/portfolio_robustness_DATE/PRESET-DIGEST8, of `research portfolio`
    /// portfolio_DATE/PRESET-DIGEST8]
    #[arg(long, visible_alias = "output-dir", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Signature
    #[command(flatten)]
    sealing: SealingArgs,
    /// Report files; `json` writes both and prints JSON [default: the preset's, else both]
    #[arg(long, value_name = "FORMAT")]
    format: Option<ReportFormat>,
}

impl RobustnessArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Some(ReportFormat::Json)
    }

    /// The preset of that name, or the one that the best of a sweep make.
    fn preset(&self, workspace: &Workspace, context: &Context<'_, '_>) -> Result<Preset, Failure> {
        let Some(sweep) = &self.sweep_name else {
            let recipes = self.recipes_config.as_ref().map(|p| context.path(p));
            let (catalogue, from) = robustness::catalogue(Some(workspace), recipes.as_deref())?;
            let name = self.portfolio_preset.as_deref().unwrap_or_default();
            return catalogue.preset(name).cloned().map_err(|said| {
                Failure::new(Exit::Usage, "preset.unknown", said)
                    .hint(format!("presets are in `{from}`"))
            });
        };
        let wanted = Wanted {
            source: Source::Results {
                name: sweep.clone(),
                from: None,
                grid: None,
                costs: None,
            },
            figure: None,
            top: usize::from(self.top_n.unwrap_or(3)),
        };
        let profile = match &self.profile {
            Some(profile) => profile.clone(),
            None => ProfileId::new("moderate")
                .map_err(|e| Failure::from_error(Exit::Usage, "usage", "", &e))?,
        };
        let preset = of_sweep::preset(&candidates::field(workspace, &wanted)?, profile)?;
        of_sweep::check_name(&preset, self.portfolio_name.as_ref())?;
        Ok(preset)
    }

    fn invented(&self) -> Option<u32> {
        self.use_dummy_data.then(|| self.dummy_bars.unwrap_or(500))
    }

    fn overrides(&self) -> Result<Overrides, Failure> {
        let bps = |name: &str, given: &Option<Decimal>| match given {
            None => Ok(None),
            Some(bps) => basis_points(bps).map(Some).ok_or_else(|| {
                Failure::new(
                    Exit::Usage,
                    "usage",
                    format!("{name}: `{bps}` is not from 0 to 5000"),
                )
            }),
        };
        Ok(Overrides {
            portfolio: self.portfolio_name.clone(),
            weights: self.weights.clone(),
            fee: bps("--fee-bps", &self.fee_bps)?,
            slippage: bps("--slippage-bps", &self.slippage_bps)?,
            account: self.account.overrides(),
            run_monte_carlo: self.monte_carlo.run_montecarlo,
            mc_runs: self.monte_carlo.mc_num_runs,
            mc_method: self.monte_carlo.mc_method.map(|m| match m {
                McMethod::Simple => Method::Simple,
                McMethod::MovingBlock => Method::MovingBlock,
                McMethod::Stationary => Method::Stationary,
            }),
            mc_block: self.monte_carlo.mc_block_size,
            mc_seed: self.monte_carlo.mc_seed,
            run_stress: self.stress.run_stress_tests,
            scenarios: self
                .stress
                .stress_scenarios
                .iter()
                .map(|name| name.scenario())
                .collect(),
            severity: self.stress.stress_severity.clone(),
            window: self.stress.stress_window,
            position: self.stress.stress_position.map(StressPosition::struck),
            stress_seed: self.stress.stress_seed,
            format: self.format.map(ReportFormat::files),
        })
    }

    /// The command that repeats this run, without paths of this machine.
    fn command(
        &self,
        purpose: Purpose,
        resolved: &robustness::Resolved,
        end: Option<UtcTime>,
    ) -> String {
        let mut words = vec![
            purpose.command().to_owned(),
            match &self.sweep_name {
                None => format!("--portfolio-preset {}", resolved.preset),
                Some(sweep) => format!(
                    "--sweep-name {sweep} --top-n {} --profile {}",
                    resolved.configuration.strategies.len(),
                    resolved.configuration.profile
                ),
            },
            format!("--portfolio-name {}", resolved.configuration.portfolio),
        ];
        let weights: Vec<String> = resolved
            .configuration
            .strategies
            .iter()
            .map(|s| s.weight.to_string())
            .collect();
        words.push(format!("--weights {}", weights.join(" ")));
        match &resolved.wanted.monte_carlo {
            None => words.push("--run-montecarlo=false".to_owned()),
            Some(mc) => words.push(format!(
                "--run-montecarlo --mc-num-runs {} --mc-method {} --mc-block-size {} --mc-seed {}",
                mc.runs,
                mc.method.as_str(),
                mc.block,
                mc.seed
            )),
        }
        match &resolved.wanted.stress {
            None => words.push("--run-stress-tests=false".to_owned()),
            Some(stress) => {
                let names: Vec<&str> = stress.scenarios.iter().map(|s| s.as_str()).collect();
                words.push(format!(
                    "--run-stress-tests --stress-scenarios {} --stress-severity {} \
                     --stress-window {} --stress-position {} --stress-seed {}",
                    names.join(" "),
                    stress.severity,
                    stress.window,
                    stress.position.as_str(),
                    stress.seed
                ));
            }
        }
        let ten_thousand = Decimal::from_int(10_000);
        words.push(format!(
            "--fee-bps {} --slippage-bps {}",
            resolved.configuration.fee.times(&ten_thousand),
            resolved.configuration.slippage.times(&ten_thousand)
        ));
        if let Some(bars) = self.invented() {
            words.push(format!("--use-dummy-data --dummy-bars {bars}"));
        }
        let configuration = &resolved.configuration;
        words.extend(repeated(&configuration.fill, &configuration.account));
        if let Some(end) = end {
            words.push(format!("--end {end}"));
        }
        words.join(" ")
    }
}

/// Runs the preset and writes its evidence.
///
/// # Errors
/// Exit 2 for flags, exit 3 for configuration and data, exit 7 when the directory exists.
pub fn run(args: &RobustnessArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    run_for(Purpose::Robustness, args, context)
}

/// Runs the preset for `purpose` and writes its evidence.
///
/// # Errors
/// As [`run`].
pub fn run_for(
    purpose: Purpose,
    args: &RobustnessArgs,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let workspace = context.workspace()?;
    let preset = args.preset(&workspace, context)?;
    let settings = args.config.as_ref().map(|p| context.path(p));
    let config = Config::load(Some(&workspace), settings.as_deref())?;
    let resolved = robustness::resolve(&preset, &config, &args.overrides()?)?;
    let configured = config
        .identity_key
        .as_ref()
        .map(|key| workspace.resolve(key));
    let sealing = args.sealing.sealing(configured, context)?;
    let moment = open::moment(context)?;
    // What comes back signed is computed again on the bars that there were when it was produced.
    let now = sealing.produced_at(moment.now);
    let known = robustness::run::known(&resolved, Moment { now, ..moment })?;
    let ledger = Place::at(context.ledger_path()?, open::when(context)?);
    let job = robustness::run::Job {
        purpose,
        workspace: &workspace,
        invented: args.invented(),
        end: args.end,
        known,
        out: args.out.as_ref().map(|p| context.path(p)),
        now,
        ledger,
        engine: crate::app::evidence::engine(),
        sealing,
        command: args.command(purpose, &resolved, args.end.into_iter().chain(known).min()),
    };
    let ran = robustness::run(&resolved, &job)?;
    if ran.later > 0 {
        context.say(&later_bars(ran.later, now));
    }
    let counted = match (ran.entry, job.sealing.trials()) {
        (Some(entry), _) => format!("trial registered: seq {}, leaf {}", entry.seq, entry.leaf),
        (None, Some(_)) => "the trial was counted when the manifest was written out".to_owned(),
        (None, None) => UNREGISTERED.to_owned(),
    };
    context.say(&counted);
    let written = match ran.ended {
        Ended::Written(written) => written,
        Ended::Waiting(file) => return Ok(told_waiting(context, &file)),
    };
    if context.global.json || args.wants_json() {
        context.print_json(&view::built_json(&written.path, &written.built))?;
    } else {
        let text = match purpose {
            Purpose::Robustness => printed::evidence_text(&written),
            Purpose::Portfolio => printed::portfolio_text(&written),
        };
        context.print(&text)?;
    }
    if !written.signed {
        context.say(UNSIGNED);
    }
    let named = word(&shown(&written.path));
    context.say(&format!(
        "next: promote evidence verify {named}\nthen: promote check {} --target shadow --evidence {named}",
        resolved.configuration.portfolio
    ));
    Ok(Exit::Done)
}
