//! The list of commands, and which file runs each.

#[cfg(not(feature = "research"))]
mod absent;
mod access;
#[cfg(feature = "research")]
mod account;
pub mod audit;
pub mod completions;
pub mod config;
#[cfg(feature = "research")]
pub mod data;
#[cfg(feature = "research")]
pub mod dataset;
#[cfg(feature = "research")]
pub mod demo;
pub mod evidence;
pub mod gate;
pub mod help;
pub mod instance;
pub mod key;
pub mod ledger;
pub mod ledger_void;
pub mod live;
pub mod policy;
#[cfg(feature = "research")]
pub mod presets;
#[cfg(feature = "research")]
pub mod research;
#[cfg(feature = "research")]
pub mod robustness;
pub mod safety;
pub mod session;
pub mod token;
pub mod trial;
pub mod version;

use clap::Subcommand;

use super::context::Context;
use crate::app::exit::Exit;
use crate::app::failure::Failure;

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Help on a topic: `exit-codes`, `refusals`, or a command
    Help(help::HelpArgs),
    /// The whole way in a throw-away sandbox, narrated
    #[cfg(feature = "research")]
    Demo(demo::DemoArgs),
    /// Make a workspace with its ledger
    Init(gate::init::InitArgs),
    /// Judge evidence with the published policy set; writes nothing
    Check(gate::check::CheckArgs),
    /// Ask for a promotion; judged and recorded at once
    Request(Box<gate::request::RequestArgs>),
    /// Sign what was judged; the last approval decides
    Approve(gate::approve::ApproveArgs),
    /// Refuse a request; ends it
    Deny(gate::deny::DenyArgs),
    /// Take a request back
    Withdraw(gate::withdraw::WithdrawArgs),
    /// Decide a request whose slots are filled
    Decide(gate::decide::DecideArgs),
    /// Judge a request that could not be judged when it was made
    Evaluate(gate::decide::DecideArgs),
    /// Stop everything in scope, whatever the ledger does
    Halt(safety::halt::HaltArgs),
    /// Lift a halt: risk and ops together
    Resume(safety::resume::ResumeArgs),
    /// Show the present stage again, signed by its quorum
    Recertify(safety::recertify::RecertifyArgs),
    /// Let a soft criterion pass: two risk persons, reviewed afterwards
    Override(safety::overrides::OverrideArgs),
    /// A clock that is off: risk and ops acknowledge it
    Clock(safety::clock::ClockArgs),
    /// Take an approval back
    Unapprove(safety::unapprove::UnapproveArgs),
    /// Incidents: open, close, list
    Incident(safety::incident::IncidentArgs),
    /// Take a stage away at once
    Demote(safety::lower::DemoteArgs),
    /// Put a portfolio out of service for good
    Retire(safety::lower::RetireArgs),
    /// Where every portfolio stands, and what is missing
    Status(gate::status::StatusArgs),
    /// What can be done now, by role
    Inbox(gate::status::InboxArgs),
    /// One request with all that happened to it
    Show(gate::show::ShowArgs),
    /// Every criterion of a request with margin, source and what would flip it; what a refusal means
    Explain(gate::show::ExplainArgs),
    /// A portfolio as it stood at a time
    AsOf(gate::as_of::AsOfArgs),
    /// What must be confirmed before a transition: show it, confirm an item
    Checklist(gate::checklist::ChecklistArgs),
    /// Keys of persons: make, enrol, replace, revoke, list
    Key(key::KeyArgs),
    /// Instances that may run sessions: make, enrol, list
    Instance(instance::InstanceArgs),
    /// Live-session tokens: issue, inspect, revoke, list
    Token(token::TokenArgs),
    /// Live sessions: start
    Live(live::LiveArgs),
    /// Sessions: open, commit, close, list, join into evidence
    Session(session::SessionArgs),
    /// Trials: sweeps, walk-forwards and batches, counted
    Trial(trial::TrialArgs),
    /// The ledger: verify it, show its entries
    Ledger(ledger::LedgerArgs),
    /// The decision log and the registers: export them, check a copy
    Log(gate::log::LogArgs),
    /// For auditors and supervisors: control mappings, self-assessment, packs and their verification
    Audit(audit::AuditArgs),
    /// Policies: lint, show, evaluate bare metrics, run test cases
    Policy(policy::PolicyArgs),
    /// Market data: import, check, make and list bars
    #[cfg(feature = "research")]
    Data(data::DataArgs),
    /// Datasets: register the bars that evidence names
    #[cfg(feature = "research")]
    Dataset(dataset::DatasetArgs),
    /// Settings in force and where they come from
    Config(config::ConfigArgs),
    /// Completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Manual page in roff
    Man(completions::ManArgs),
    /// Backtest, walk-forward, Monte-Carlo and stress tests of a preset, as evidence
    #[cfg(feature = "research")]
    Robustness(Box<robustness::RobustnessArgs>),
    /// Sweeps of parameters, and the export of the best
    #[cfg(feature = "research")]
    Research(research::ResearchArgs),
    /// The catalogue of portfolio presets
    #[cfg(feature = "research")]
    Presets(presets::PresetsArgs),
    /// Check, show and import evidence bundles
    Evidence(evidence::EvidenceArgs),
    /// Version, source revision and formats
    Version(version::VersionArgs),
    /// In the whole build: the whole way in a throw-away sandbox
    #[cfg(not(feature = "research"))]
    #[command(hide = true)]
    Demo(absent::AbsentArgs),
    /// In the whole build: market data
    #[cfg(not(feature = "research"))]
    #[command(hide = true)]
    Data(absent::AbsentArgs),
    /// In the whole build: datasets
    #[cfg(not(feature = "research"))]
    #[command(hide = true)]
    Dataset(absent::AbsentArgs),
    /// In the whole build: evidence of a preset
    #[cfg(not(feature = "research"))]
    #[command(hide = true)]
    Robustness(absent::AbsentArgs),
    /// In the whole build: sweeps
    #[cfg(not(feature = "research"))]
    #[command(hide = true)]
    Research(absent::AbsentArgs),
    /// In the whole build: the catalogue
    #[cfg(not(feature = "research"))]
    #[command(hide = true)]
    Presets(absent::AbsentArgs),
}

impl Command {
    /// True when the command's own `--format` asks for JSON.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        match self {
            Self::Help(_) | Self::Completions(_) | Self::Config(_) | Self::Man(_) => false,
            #[cfg(feature = "research")]
            Self::Robustness(args) => args.wants_json(),
            #[cfg(feature = "research")]
            Self::Research(args) => args.wants_json(),
            #[cfg(feature = "research")]
            Self::Presets(args) => args.wants_json(),
            Self::Init(_)
            | Self::Request(_)
            | Self::Approve(_)
            | Self::Deny(_)
            | Self::Withdraw(_)
            | Self::Decide(_)
            | Self::Halt(_)
            | Self::Resume(_)
            | Self::Unapprove(_)
            | Self::Clock(_)
            | Self::Recertify(_)
            | Self::Demote(_)
            | Self::Retire(_)
            | Self::Evaluate(_) => false,
            #[cfg(feature = "research")]
            Self::Demo(_) | Self::Dataset(_) => false,
            Self::Check(args) => args.wants_json(),
            Self::Incident(args) => args.wants_json(),
            Self::Override(args) => args.wants_json(),
            Self::Status(args) => args.wants_json(),
            Self::Inbox(args) => args.wants_json(),
            Self::Show(args) => args.wants_json(),
            Self::Explain(args) => args.wants_json(),
            Self::AsOf(args) => args.wants_json(),
            Self::Log(args) => args.wants_json(),
            Self::Audit(args) => args.wants_json(),
            Self::Checklist(args) => args.wants_json(),
            Self::Key(args) => args.wants_json(),
            Self::Instance(args) => args.wants_json(),
            Self::Token(args) => args.wants_json(),
            Self::Live(_) => false,
            Self::Ledger(args) => args.wants_json(),
            Self::Session(args) => args.wants_json(),
            Self::Trial(args) => args.wants_json(),
            Self::Policy(args) => args.wants_json(),
            Self::Evidence(args) => args.wants_json(),
            #[cfg(feature = "research")]
            Self::Data(args) => args.wants_json(),
            #[cfg(not(feature = "research"))]
            Self::Demo(_)
            | Self::Data(_)
            | Self::Dataset(_)
            | Self::Robustness(_)
            | Self::Research(_)
            | Self::Presets(_) => false,
            Self::Version(args) => args.wants_json(),
        }
    }
}

/// Runs a command.
pub(super) fn dispatch(command: &Command, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match command {
        Command::Help(args) => help::run(args, context),
        #[cfg(feature = "research")]
        Command::Demo(args) => demo::run(args, context),
        #[cfg(feature = "research")]
        Command::Dataset(args) => dataset::run(args, context),
        Command::Init(args) => gate::init::run(args, context),
        Command::Check(args) => gate::check::run(args, context),
        Command::Request(args) => gate::request::run(args, context),
        Command::Approve(args) => gate::approve::run(args, context),
        Command::Deny(args) => gate::deny::run(args, context),
        Command::Withdraw(args) => gate::withdraw::run(args, context),
        Command::Decide(args) => gate::decide::decide(args, context),
        Command::Evaluate(args) => gate::decide::evaluate(args, context),
        Command::Halt(args) => safety::halt::run(args, context),
        Command::Resume(args) => safety::resume::run(args, context),
        Command::Recertify(args) => safety::recertify::run(args, context),
        Command::Override(args) => safety::overrides::run(args, context),
        Command::Clock(args) => safety::clock::run(args, context),
        Command::Unapprove(args) => safety::unapprove::run(args, context),
        Command::Incident(args) => safety::incident::run(args, context),
        Command::Demote(args) => safety::lower::demote(args, context),
        Command::Retire(args) => safety::lower::retire(args, context),
        Command::Status(args) => gate::status::status(args, context),
        Command::Inbox(args) => gate::status::inbox(args, context),
        Command::Show(args) => gate::show::show(args, context),
        Command::Explain(args) => gate::show::explain(args, context),
        Command::AsOf(args) => gate::as_of::run(args, context),
        Command::Ledger(args) => ledger::run(args, context),
        Command::Session(args) => session::run(args, context),
        Command::Trial(args) => trial::run(args, context),
        Command::Log(args) => gate::log::run(args, context),
        Command::Audit(args) => audit::run(args, context),
        Command::Checklist(args) => gate::checklist::run(args, context),
        Command::Key(args) => key::run(args, context),
        Command::Instance(args) => instance::run(args, context),
        Command::Token(args) => token::run(args, context),
        Command::Live(args) => live::run(args, context),
        Command::Policy(args) => policy::run(args, context),
        Command::Config(args) => config::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => completions::man(args, context),
        #[cfg(feature = "research")]
        Command::Robustness(args) => robustness::run(args, context),
        #[cfg(feature = "research")]
        Command::Research(args) => research::run(args, context),
        #[cfg(feature = "research")]
        Command::Presets(args) => presets::run(args, context),
        Command::Evidence(args) => evidence::run(args, context),
        #[cfg(feature = "research")]
        Command::Data(args) => data::run(args, context),
        #[cfg(not(feature = "research"))]
        Command::Demo(_) => absent::run("demo"),
        #[cfg(not(feature = "research"))]
        Command::Data(_) => absent::run("data"),
        #[cfg(not(feature = "research"))]
        Command::Dataset(_) => absent::run("dataset"),
        #[cfg(not(feature = "research"))]
        Command::Robustness(_) => absent::run("robustness"),
        #[cfg(not(feature = "research"))]
        Command::Research(_) => absent::run("research"),
        #[cfg(not(feature = "research"))]
        Command::Presets(_) => absent::run("presets"),
        Command::Version(args) => version::run(args, context),
    }
}
