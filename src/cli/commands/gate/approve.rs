//! `promote approve`: signs what was judged; the last approval decides.

use clap::Args;

use super::signing::{SigningArgs, shown, told};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::{Wish, World, act};
use crate::app::gate::answer::{Answer, answer};
use crate::app::gate::desk::Desk;
use crate::app::gate::publish::drafts_differ;
use crate::app::gate::resemblance;
use crate::app::gate::signing::{How, Made};
use crate::app::runtime::block_on;
use crate::cli::confirm::{self, Asker, Given};
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::statement::Request;
use crate::kernel::id::RequestId;
use crate::render::resemblance::text;

/// Flags of `approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// Request
    pub request: RequestId,
    /// Slot to fill: `research`, `risk`, `ops` or `authoriser`
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
    /// A word to the record
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub comment: String,
    /// Approve for testnet without being asked; needed where nobody can be asked
    #[arg(long)]
    pub yes: bool,
    /// The portfolio's name again, instead of typing it when asked: what approving for live wants
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Signature
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Approves: exit 8 while slots are open, 0 when it decided.
///
/// # Errors
/// Exit 2 when it is not confirmed; when it is refused, or the evidence does not give what was
/// judged.
pub fn run(args: &ApproveArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let wish = Wish::Approve {
        comment: args.comment.clone(),
    };
    let given = Given {
        yes: args.yes,
        name: args.confirm.clone(),
    };
    carry_out(context, &args.request, &wish, Some(args.role), &how, &given)
}

/// Carries out a person's wish and tells what came of it.
///
/// # Errors
/// When it is refused.
pub(super) fn carry_out(
    context: &mut Context<'_, '_>,
    id: &RequestId,
    wish: &Wish,
    role: Option<Role>,
    how: &How,
    given: &Given,
) -> Result<Exit, Failure> {
    let path = context.ledger_path()?;
    let when = super::open::when(context)?;
    let drafts = super::open::drafts(context).filter(|_| matches!(wish, Wish::Approve { .. }));
    let mut warning = None;
    let (mut statement, mut resembles) = (String::new(), None);
    let mut shows = false;
    let may_ask = context.ports.terminal && !context.global.no_input;
    let ports = &mut *context.ports;
    let entropy = &mut *ports.entropy;
    let mut asker = Asker {
        input: &mut *ports.input,
        err: &mut *ports.err,
        may_ask,
    };
    let outcome = block_on(async {
        let mut desk = Desk::write(&path, when).await?;
        warning = drafts_differ(&desk, drafts.as_ref());
        let mut show = |bytes: &str| statement = shown(bytes);
        if matches!(wish, Wish::Approve { .. }) {
            resembles = resemblance::of(&mut desk, id).await?;
        }
        let role = role.map(Role::as_str);
        let show = &mut show;
        let world = World { entropy, show };
        let mut agree = |request: &Request, bytes: &str| {
            let statement = match bytes {
                "" => String::new(),
                bytes => shown(bytes),
            };
            shows = confirm::approval(&mut asker, request, given, &statement)?;
            Ok(())
        };
        let agree = &mut agree;
        let (made, written) = act(&mut desk, id, wish, role, how, (world, agree)).await?;
        let answer = match &made {
            Made::Signed(_) => Some(Answer {
                resemblance: resembles.clone(),
                ..answer(&desk, "promote/request-state/v1", id, &written)?
            }),
            Made::Written { .. } => None,
        };
        Ok((made, answer))
    });
    if let Some(warning) = warning {
        context.say(&warning);
    }
    if let Some(resembles) = resembles {
        context.say(text(&resembles).trim_end());
    }
    if !shows && !statement.is_empty() {
        context.say(&statement);
    }
    let (made, answer) = outcome?;
    told(context, &made, answer.as_ref())
}
