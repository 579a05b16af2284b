//! Confirmations: what is dangerous is typed again.
//!
//! In: what is about to happen, the flags, the terminal. Out: nothing, or exit 2 before anything is
//! signed. INVARIANT: without a terminal, or with `--no-input`, nothing is asked: what a prompt
//! would ask is a flag.

use std::io::{Read, Write};

use super::context::Context;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::promotion::statement::Request;
use crate::governance::stage::Target;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;

/// Longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 200;

/// Whom a prompt asks.
pub(super) struct Asker<'a> {
    /// Answers.
    pub input: &'a mut dyn Read,
    /// Where it asks.
    pub err: &'a mut dyn Write,
    /// False when nobody may be asked.
    pub may_ask: bool,
}

/// What the flags confirm already.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    /// `--yes`.
    pub yes: bool,
    /// `--confirm NAME`.
    pub name: Option<String>,
}

impl Asker<'_> {
    fn say(&mut self, line: &str) {
        let _written = writeln!(self.err, "{line}");
    }

    /// One line, without its end.
    fn line(&mut self) -> String {
        let mut answer = String::new();
        let mut input = Read::take(&mut *self.input, ANSWER_MAX);
        let mut byte = [0_u8; 1];
        while Read::read(&mut input, &mut byte).is_ok_and(|n| n == 1) {
            let [byte] = byte;
            if byte == b'\n' {
                break;
            }
            answer.push(char::from(byte));
        }
        answer
    }

    fn name(
        &mut self,
        doing: &str,
        portfolio: &PortfolioId,
        given: Option<&str>,
    ) -> Result<(), Failure> {
        let hint = format!("say --confirm {portfolio}");
        let answer = match given {
            Some(name) => name.to_owned(),
            None if self.may_ask => {
                self.say(&format!("{doing}: type `{portfolio}` to go on"));
                self.line()
            }
            None => {
                let text = format!("{doing}: the portfolio's name is wanted again");
                return Err(missing(text, hint));
            }
        };
        if answer.trim() == portfolio.as_str() {
            return Ok(());
        }
        let shown = visible(answer.trim(), 80);
        let text = format!("`{shown}` is not `{portfolio}`: nothing was done");
        Err(Failure::new(Exit::Usage, "confirmation.other", text).hint(hint))
    }

    fn yes(&mut self, doing: &str, given: bool) -> Result<(), Failure> {
        if given {
            return Ok(());
        }
        if !self.may_ask {
            let text = format!("{doing}: a confirmation is wanted");
            return Err(missing(text, "say --yes".to_owned()));
        }
        self.say(&format!("{doing}: go on? [y/N]"));
        let answer = self.line();
        if matches!(answer.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
        let text = format!("{doing}: not confirmed, nothing was done");
        Err(Failure::new(Exit::Usage, "confirmation.declined", text).hint("answer `y` to go on"))
    }
}

fn missing(text: String, hint: String) -> Failure {
    Failure::new(Exit::Usage, "confirmation.missing", text).hint(hint)
}

/// Wants the portfolio's name: from `--confirm`, or typed at a terminal.
///
/// # Errors
/// Exit 2 when it is not given, or another.
pub(super) fn name(
    context: &mut Context<'_, '_>,
    doing: &str,
    portfolio: &PortfolioId,
    given: Option<&str>,
) -> Result<(), Failure> {
    let may_ask = context.ports.terminal && !context.global.no_input;
    let mut asker = Asker {
        input: &mut *context.ports.input,
        err: &mut *context.ports.err,
        may_ask,
    };
    asker.name(doing, portfolio, given)
}

/// Confirms an approval: nothing before SHADOW, y/N before TESTNET, the portfolio's name before
/// LIVE. `statement` is shown before somebody is asked; true when it was.
///
/// # Errors
/// Exit 2 when it is not confirmed.
pub(super) fn approval(
    asker: &mut Asker<'_>,
    request: &Request,
    given: &Given,
    statement: &str,
) -> Result<bool, Failure> {
    let (id, portfolio, target) = (&request.request, &request.portfolio, request.target);
    let doing = format!("approving `{id}` lets `{portfolio}` rise to {target}");
    let named = given.name.as_deref();
    let asks = named.is_none() && asker.may_ask;
    let asks = match target {
        Target::Shadow => false,
        Target::Testnet => asks && !given.yes,
        Target::Live => asks,
    };
    let shows = asks && !statement.is_empty();
    if shows {
        asker.say(statement);
    }
    match target {
        Target::Shadow => {}
        Target::Testnet if named.is_none() => asker.yes(&doing, given.yes)?,
        Target::Testnet | Target::Live => asker.name(&doing, portfolio, named)?,
    }
    Ok(shows)
}
