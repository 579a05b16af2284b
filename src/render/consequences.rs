//! What an act brought about, a line each.
//!
//! In: the difference of two states. Out: text that names every request, portfolio, halt and token;
//! none where nothing changed.

use crate::governance::promotion::consequences::Consequences;
use crate::kernel::text::visible;

/// The lines; empty when nothing changed.
#[must_use]
pub fn text(brought: &Consequences) -> String {
    let mut lines: Vec<String> = Vec::new();
    for ended in &brought.requests {
        let (request, portfolio) = (&ended.request, &ended.portfolio);
        lines.push(format!(
            "request {request} of {portfolio} ended: {}",
            ended.status
        ));
    }
    for void in &brought.approvals {
        lines.push(format!(
            "approval of {} by {} counts no more: slot {} is open again",
            void.request,
            void.person,
            void.role.as_str()
        ));
    }
    for request in &brought.decisions {
        lines.push(format!("the decision on {request} fell"));
    }
    for lowered in &brought.lowered {
        lines.push(format!(
            "{} was lowered from {} to {}",
            lowered.portfolio, lowered.from, lowered.to
        ));
    }
    for dropped in &brought.versions {
        lines.push(format!(
            "{}: the version in {} with strategy {} begins anew",
            dropped.portfolio,
            dropped.stage,
            dropped.strategy_sha256.short()
        ));
    }
    for halted in &brought.halts {
        let how = match halted.again {
            true => "stands again, as if nobody had lifted it",
            false => "stands",
        };
        lines.push(format!(
            "halt of {} on entry {} ({}) {how}",
            halted.scope,
            halted.seq,
            halted.cause.as_str()
        ));
    }
    for seq in &brought.incidents {
        lines.push(format!("incident {seq} is open again"));
    }
    for portfolio in &brought.certificates {
        lines.push(format!("the certificate of {portfolio} is due now"));
    }
    for dead in &brought.tokens {
        let what = match dead.running {
            true => "token that runs a session",
            false => "token",
        };
        lines.push(format!(
            "{what} {} of {} died: {}",
            visible(&dead.jti, 64),
            dead.portfolio,
            dead.reason
        ));
    }
    let each = lines.iter();
    each.map(|line| format!("brought about: {line}\n"))
        .collect()
}
