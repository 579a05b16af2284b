//! `promote token issue`: the one thing that lets a live session begin.

use clap::Args;

use crate::app::access::token::{Ask, issue, verified};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::runtime::block_on;
use crate::cli::commands::access::with_desk;
use crate::cli::commands::gate::signing::{SigningArgs, told};
use crate::cli::confirm;
use crate::cli::context::Context;
use crate::governance::token::claims::{TTL_MINUTES, TTL_MINUTES_MAX};
use crate::kernel::id::{InstanceId, PortfolioId};

/// Flags of `token issue`.
#[derive(Debug, Args)]
pub struct IssueArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// Instance that may redeem it [default: the only enrolled one]
    #[arg(long, value_name = "NAME")]
    pub instance: Option<InstanceId>,
    /// Minutes in which it can be redeemed, at most 60
    #[arg(long, value_name = "MIN", default_value_t = TTL_MINUTES, value_parser = clap::value_parser!(i64).range(1..=TTL_MINUTES_MAX))]
    pub ttl: i64,
    /// The portfolio's name again, instead of typing it when asked
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Signature by ops
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Issues a token and prints it, and nothing else, on stdout.
///
/// # Errors
/// Exit 2 without confirmation, exit 8 when something is missing, exit 9 when the ledger does not
/// verify.
pub fn run(args: &IssueArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let doing = "a token lets a live session begin";
    confirm::name(context, doing, &args.portfolio, args.confirm.as_deref())?;
    let how = args.signing.how(context)?;
    let ledger = context.ledger_path()?;
    block_on(verified(&ledger))?;
    let ask = Ask {
        portfolio: args.portfolio.clone(),
        instance: args.instance.clone(),
        ttl_minutes: args.ttl,
    };
    let ((made, token), _) = with_desk(context, async |desk, world| {
        issue(desk, &ask, &how, world).await
    })?;
    let Some(token) = token else {
        return told(context, &made, None);
    };
    if context.global.json {
        context.print_json(&token)?;
        return Ok(Exit::Done);
    }
    context.print(&format!("{}\n", token.token))?;
    context.say(&format!(
        "token {} for `{}` and the instance `{}`, to be redeemed before {}: seq {}, leaf {}\nnext: promote live start --config CONFIG --confirm-token-file FILE",
        token.jti, token.portfolio, token.instance, token.expires_at, token.seq, token.leaf
    ));
    Ok(Exit::Done)
}
