//! `promote request`: asks for a promotion; recorded, then judged at once.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::signing::{SigningArgs, shown, told};
use crate::adapters::host::git;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::answer::{Answer, answer};
use crate::app::gate::desk::Desk;
use crate::app::gate::publish::drafts_differ;
use crate::app::gate::request::{Ask, request};
use crate::app::gate::signing::Made;
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::statement::WorkspaceState;
use crate::governance::promotion::tracks::rise::remark;
use crate::governance::stage::Target;
use crate::kernel::id::{InstanceId, PortfolioId, RequestId};

/// Flags of `request`.
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// `shadow`, `testnet` or `live`: the next stage
    #[arg(long, value_name = "TARGET")]
    pub target: Target,
    /// Evidence bundle; repeat for several kinds
    #[arg(long, value_name = "DIR", required = true)]
    pub evidence: Vec<PathBuf>,
    /// Why, for the decision log
    #[arg(long, value_name = "TEXT")]
    pub summary: String,
    /// Recorded; never lowers a requirement
    #[arg(long, value_name = "HOW", default_value = "material")]
    pub materiality: Materiality,
    /// What happens if it goes wrong; wanted for live
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub fallback: String,
    /// Execution limits as JSON [default: the bundle's]
    #[arg(long, value_name = "FILE")]
    pub limits: Option<PathBuf>,
    /// Report folder, for the decision log
    #[arg(long, value_name = "DIR")]
    pub report: Vec<String>,
    /// Next step, for the decision log
    #[arg(long, value_name = "TEXT")]
    pub next: Vec<String>,
    /// The request that ended with REVISE and is taken up again
    #[arg(long, value_name = "ID", conflicts_with = "supersede")]
    pub revises: Option<RequestId>,
    /// The open request that this one replaces
    #[arg(long, value_name = "ID")]
    pub supersede: Option<RequestId>,
    /// Instance that will run it, live only [default: the only enrolled one]
    #[arg(long, value_name = "NAME")]
    pub instance: Option<InstanceId>,
    /// Portfolio that this one continues: its looks at the data count here too
    #[arg(long, value_name = "PORTFOLIO")]
    pub predecessor: Vec<PortfolioId>,
    /// Signature
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// How much a change weighs, in the requester's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Materiality {
    /// A material change.
    Material,
    /// An immaterial one.
    Immaterial,
}

/// Requests: exit 5, 6, 8 while something is missing, 0 when nothing is.
///
/// # Errors
/// When the evidence is not acceptable or the request is refused.
pub fn run(args: &RequestArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let ask = ask(args, context);
    let how = args.signing.how(context)?;
    let path = context.ledger_path()?;
    let when = super::open::when(context)?;
    let drafts = super::open::drafts(context);
    let mut warning = None;
    let mut statement = String::new();
    let entropy = &mut *context.ports.entropy;
    let mut note = None;
    let mut spent = None;
    let outcome = block_on(async {
        let mut desk = Desk::write(&path, when).await?;
        warning = drafts_differ(&desk, drafts.as_ref());
        let mut show = |bytes: &str| statement = shown(bytes);
        let asked = request(&mut desk, &ask, &how, entropy, &mut show).await?;
        let (made, id) = (asked.made, asked.id);
        let record = desk.state.requests.get(&id);
        let answer = match &made {
            Made::Signed(_) => {
                let answer = answer(&desk, "promote/request/v1", &id, &asked.written)?;
                let looks = record.map(|record| Looks::of(&desk.state, record));
                Some(Answer { looks, ..answer })
            }
            Made::Written { .. } => {
                spent = Some(asked.looks);
                None
            }
        };
        note = record.and_then(|r| remark(&desk.state, &r.request, desk.now));
        Ok((made, answer))
    });
    if let Some(looks) = spent {
        context.say(&format!("note: {looks}"));
    }
    if let Some(note) = note {
        context.say(&format!("note: {note}"));
    }
    if let Some(warning) = warning {
        context.say(&warning);
    }
    let (made, answer) = outcome?;
    if !statement.is_empty() {
        context.say(&statement);
    }
    told(context, &made, answer.as_ref())
}

fn ask(args: &RequestArgs, context: &Context<'_, '_>) -> Ask {
    let root = context.workspace().ok().map(|w| w.root);
    let git = root.as_deref().and_then(git::state);
    Ask {
        portfolio: args.portfolio.clone(),
        target: args.target,
        evidence: args.evidence.iter().map(|d| context.path(d)).collect(),
        limits: args.limits.as_ref().map(|f| context.path(f)),
        summary: args.summary.clone(),
        materiality: match args.materiality {
            Materiality::Material => "material".to_owned(),
            Materiality::Immaterial => "immaterial".to_owned(),
        },
        fallback: args.fallback.clone(),
        next: args.next.clone(),
        reports: args.report.clone(),
        revises: args.revises.clone(),
        supersedes: args.supersede.clone(),
        instance: args.instance.clone(),
        predecessors: {
            let mut named = args.predecessor.clone();
            named.sort();
            named
        },
        workspace: WorkspaceState {
            git_commit: git.as_ref().map(|(commit, _)| commit.clone()),
            config_differs: git.is_some_and(|(_, differs)| differs),
        },
    }
}
