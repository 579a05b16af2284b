//! `promote token list`: every token that was issued, and where it stands.

use clap::Args;

use crate::app::access::records::tokens;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;
use crate::render::layout::{self, Bears, columns};
use crate::render::register::holders::{Standing, TokenLine};

/// Flags of `token list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl ListArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Where a token stands, in words.
pub(super) fn standing(token: &TokenLine) -> String {
    match token.standing {
        Standing::Issued => "issued".to_owned(),
        Standing::Redeemed => {
            format!("redeemed by entry {}", token.redeemed.unwrap_or_default())
        }
        Standing::Revoked => format!("revoked by entry {}", token.revoked.unwrap_or_default()),
        Standing::Expired => "expired".to_owned(),
        Standing::Dead => format!("dead: {}", token.reason.as_deref().unwrap_or_default()),
    }
}

/// Tokens as a table of this width.
pub(super) fn table(tokens: &[TokenLine], width: usize) -> String {
    let columns = columns([
        ("token", Bears::Text),
        ("portfolio", Bears::Text),
        ("instance", Bears::Text),
        ("issued by", Bears::Text),
        ("until", Bears::Text),
        ("standing", Bears::Note),
    ]);
    let row = |token: &TokenLine| {
        vec![
            token.jti.clone(),
            token.portfolio.to_string(),
            token.instance.to_string(),
            token.issued_by.to_string(),
            token.expires_at.to_string(),
            standing(token),
        ]
    };
    let rows: Vec<Vec<String>> = tokens.iter().map(row).collect();
    layout::table(&columns, &rows, width)
}

/// Lists the tokens.
///
/// # Errors
/// When the ledger cannot be read.
pub fn run(args: &ListArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let list = tokens(&desk.state, desk.now);
    if context.global.json || args.wants_json() {
        context.print_json(&list)?;
        return Ok(Exit::Done);
    }
    if !list.tokens.is_empty() {
        context.print(&table(&list.tokens, context.width()))?;
    }
    if list.tokens.is_empty() {
        context.say("no token was issued");
    }
    Ok(Exit::Done)
}
