//! Confirmations: what is dangerous is typed again.

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;

use super::context::Context;

/// Longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 200;

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
    let hint = format!("say --confirm {portfolio}");
    let answer = match given {
        Some(name) => name.to_owned(),
        None if context.ports.terminal && !context.global.no_input => {
            context.say(&format!("{doing}: type `{portfolio}` to go on"));
            let mut answer = String::new();
            let mut input = std::io::Read::take(&mut *context.ports.input, ANSWER_MAX);
            let mut byte = [0_u8; 1];
            while std::io::Read::read(&mut input, &mut byte).is_ok_and(|n| n == 1) {
                if byte == *b"\n" {
                    break;
                }
                answer.push(char::from(byte[0]));
            }
            answer
        }
        None => {
            let text = format!("{doing}: the portfolio's name is wanted again");
            return Err(Failure::new(Exit::Usage, "confirmation.missing", text).hint(hint));
        }
    };
    if answer.trim() == portfolio.as_str() {
        return Ok(());
    }
    let shown = visible(answer.trim(), 80);
    let text = format!("`{shown}` is not `{portfolio}`: nothing was done");
    Err(Failure::new(Exit::Usage, "confirmation.other", text).hint(hint))
}
