//! Exports of a ledger: the decision log and the registers, written, and copies checked.

use serde::Serialize;

use super::desk::Desk;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::limits::Limits;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::state::State;
use crate::governance::promotion::verify::fold_again;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::id::PortfolioId;
use crate::render::decision_log::Language;
use crate::render::export::{self, Form, Order, What};
use crate::render::register::inventory::{KeptLimits, approved_limits};

/// `promote/log-verification/v1`: a copy that is what the ledger gives.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct LogVerificationJson {
    schema: &'static str,
    ok: bool,
    /// `decisions`, `overrides`, `incidents`, `inventory` or `reviews`.
    what: &'static str,
    /// Head that the copy covers.
    head: Head,
    /// The one portfolio that was exported; null for all.
    portfolio: Option<PortfolioId>,
    lang: &'static str,
}

impl LogVerificationJson {
    /// The answer about a copy of `order` at `head`.
    #[must_use]
    pub fn new(head: Head, order: Order) -> Self {
        Self {
            schema: "promote/log-verification/v1",
            ok: true,
            what: order.what.as_str(),
            head,
            portfolio: order.portfolio,
            lang: order.language.as_str(),
        }
    }
}

/// The export at the present head. What only time has done since the last entry is not in it: the
/// same head gives the same bytes.
///
/// # Errors
/// When a template does not render or a kept document cannot be read.
pub async fn write(desk: &mut Desk, order: &Order) -> Result<String, Failure> {
    let state = desk.folded.clone();
    at(desk, &state, desk.head(), order).await
}

/// The decision log of one portfolio as Markdown, as `log export` writes it.
///
/// # Errors
/// When a template does not render.
pub fn decisions(
    state: &State,
    head: Head,
    language: Language,
    portfolio: &PortfolioId,
) -> Result<String, Failure> {
    let order = Order {
        what: What::Decisions,
        form: Form::Markdown,
        language,
        portfolio: Some(portfolio.clone()),
    };
    written(state, &KeptLimits::new(), head, &order)
}

fn written(
    state: &State,
    limits: &KeptLimits,
    head: Head,
    order: &Order,
) -> Result<String, Failure> {
    export::write(state, limits, head, order)
        .map_err(|e| Failure::from_error(Exit::Internal, "render", "", &e))
}

async fn at(desk: &mut Desk, state: &State, head: Head, order: &Order) -> Result<String, Failure> {
    let limits = limits(desk, state).await?;
    written(state, &limits, head, order)
}

/// The documents of the limits that were approved with a stage, as far as the ledger keeps them.
pub(super) async fn limits(desk: &mut Desk, state: &State) -> Result<KeptLimits, Failure> {
    let mut kept = KeptLimits::new();
    for digest in approved_limits(state) {
        let bytes = desk.blob(&digest).await?;
        let limits = bytes.and_then(|b| canonical::decode::<Limits>(&b, DOCUMENT_MAX_BYTES).ok());
        kept.extend(limits.map(|limits| (digest, limits)));
    }
    Ok(kept)
}

/// Checks an exported text: the head that it names must be a prefix of this ledger, and a fresh
/// export for that head must give the same bytes. Gives head and order of the copy.
///
/// # Errors
/// Exit 3 when the text is no export; exit 9 when it differs, with the first such line.
pub async fn verify(desk: &mut Desk, text: &str) -> Result<(Head, Order), Failure> {
    let (head, orders) = export::read_seal(text).ok_or_else(|| {
        Failure::new(
            Exit::Invalid,
            "log.no-seal",
            "this is no export of a ledger: nothing in it names a head",
        )
        .hint("`promote log export` writes one; a sheet without rows names no head")
    })?;
    let foreign = || {
        let text = format!(
            "the head of size {} that the export names is not a prefix of this ledger",
            head.size
        );
        Failure::new(Exit::Integrity, "log.foreign-head", text)
    };
    if !desk.folded.is_prefix(&head, &desk.head()) {
        return Err(foreign());
    }
    let size = usize::try_from(head.size).map_err(|_| foreign())?;
    let state = fold(desk, size).ok_or_else(foreign)?;
    let mut differs = 0;
    for order in orders {
        let fresh = at(desk, &state, head, &order).await?;
        if fresh == text {
            return Ok((head, order));
        }
        let same = fresh.lines().zip(text.lines());
        let same = same.take_while(|(a, b)| a == b).count();
        differs = differs.max(same + 1);
    }
    let text = format!("the export differs from the ledger in line {differs}");
    Err(Failure::new(Exit::Integrity, "log.differs", text)
        .hint("`promote log export` writes it as the ledger has it"))
}

/// The fold of the first `size` entries; none when there are not so many.
#[must_use]
pub fn fold(desk: &Desk, size: usize) -> Option<State> {
    fold_again(desk.entries.get(..size)?, &desk.folded)
}
