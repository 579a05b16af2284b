//! What safety puts between a request and its stage, as lines of `missing`, and the flags of a
//! portfolio.

use crate::kernel::id::{PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

use super::{certificate, due, halt, incident, review};
use crate::governance::promotion::missing::Missing;
use crate::governance::promotion::next::lift;
use crate::governance::promotion::state::{RequestRecord, State};
use crate::governance::promotion::versions;

/// What stands on top of a portfolio's stage.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub struct Flags {
    /// A halt is in force.
    pub halted: bool,
    /// The entry that the first halt in force stands on.
    pub halted_by: Option<u64>,
    /// An incident is open.
    pub incident_open: bool,
    /// The certificate of the present stage is overdue.
    pub certificate_overdue: bool,
    /// The review of an override is due, or was missed and never made.
    pub post_review_due: bool,
    /// When the next certificate is due; shown in words from the warning on.
    pub certificate_due: Option<UtcTime>,
    /// True from the warning until the certificate is overdue.
    pub certificate_warning: bool,
}

impl Flags {
    /// The flags that are up, in words.
    #[must_use]
    pub fn words(self) -> Vec<String> {
        let all = [
            (self.incident_open, "incident_open"),
            (self.certificate_overdue, "certificate_overdue"),
            (self.post_review_due, "post_review_due"),
        ];
        let up = all.into_iter().filter(|(up, _)| *up);
        let mut words: Vec<String> = up.map(|(_, word)| word.to_owned()).collect();
        if let Some(seq) = self.halted_by {
            words.insert(0, format!("halted since entry {seq}"));
        }
        if let Some(due) = self.certificate_due.filter(|_| self.certificate_warning) {
            words.push(format!("certificate due at {due}"));
        }
        words
    }
}

/// The flags of a registered portfolio.
#[must_use]
pub fn flags(state: &State, id: &PortfolioId, now: UtcTime) -> Flags {
    let Some(held) = state.portfolios.get(id) else {
        return Flags::default();
    };
    let times = due::times(state, id);
    let halted_by = halt::in_force(state, id, &held.profile).map(|record| record.seq);
    Flags {
        halted: halted_by.is_some(),
        halted_by,
        incident_open: incident::worst_open(state, id).is_some(),
        certificate_overdue: due::overdue(state, id, now).is_some(),
        post_review_due: review::review_due(state, id).is_some(),
        certificate_due: times.map(|t| t.overdue),
        certificate_warning: times.is_some_and(|t| now >= t.warn && now < t.overdue),
    }
}

/// Adds what is missing for an open request.
pub(in crate::governance::promotion) fn lines(
    state: &State,
    record: &RequestRecord,
    now: UtcTime,
    list: &mut Vec<Missing>,
) {
    let request = &record.request;
    list.extend(standing(state, &request.portfolio, &request.profile, now));
    let other = incident::worst_on(state, request);
    if let Some(other) = other.filter(|i| i.opening.portfolio != request.portfolio) {
        list.push(open_incident(other));
    }
    let strategy = request.strategy_sha256;
    if let Some(since) = versions::overdue(state, &request.portfolio, strategy, now) {
        let text = format!("this version should have risen by {since}: it begins anew");
        list.push(Missing::new("certificate_overdue", None, text, None));
    }
}

fn open_incident(record: &incident::IncidentRecord) -> Missing {
    let (seq, severity) = (record.mark.seq, record.opening.severity.as_str());
    let of = &record.opening.portfolio;
    let text = format!("an incident of {severity} severity is open for {of} since entry {seq}");
    let command = format!("promote incident close {seq} --finding TEXT --key KEY");
    Missing::new("incident_open", Some("risk"), text, Some(command))
}

/// What safety puts between a portfolio and everything that raises risk, live sessions included.
#[must_use]
pub fn standing(
    state: &State,
    portfolio: &PortfolioId,
    profile: &ProfileId,
    now: UtcTime,
) -> Vec<Missing> {
    let mut list = Vec::new();
    if let Some(halt) = halt::in_force(state, portfolio, profile) {
        let text = format!("halted ({}) since entry {}", halt.scope, halt.seq);
        let command = lift(state, halt, now);
        list.push(Missing::new("halted", Some("risk"), text, Some(command)));
    }
    if let Some(record) = incident::worst_open(state, portfolio) {
        list.push(open_incident(record));
    }
    if let Some(record) = review::unmade(state, portfolio) {
        let seq = record.mark.seq;
        let text = format!("the review of the override at entry {seq} was missed");
        let command = format!("promote override review {seq} --finding TEXT --key KEY");
        let missing = Missing::new("post_review_due", Some("risk"), text, Some(command));
        list.push(missing);
    }
    if let Some(since) = due::overdue(state, portfolio, now) {
        let text = format!("the certificate is overdue since {since}");
        let command = certificate::command(portfolio);
        let missing = Missing::new("certificate_overdue", Some("risk"), text, Some(command));
        list.push(missing);
    }
    list
}

/// Code of a certificate that falls due soon.
pub const CERTIFICATE_DUE: &str = "certificate_due";
/// Code of a review that is due, or was missed.
pub const REVIEW_DUE: &str = "post_review_due";

/// What stands in nobody's way yet and has to be done all the same: the flags that are up before
/// anything is missing, each with its command.
#[must_use]
pub fn due(state: &State, portfolio: &PortfolioId, now: UtcTime) -> Vec<Missing> {
    let mut list = Vec::new();
    let flags = flags(state, portfolio, now);
    if let Some(due) = flags.certificate_due.filter(|_| flags.certificate_warning) {
        let text = format!("the certificate is due at {due}");
        let command = Some(certificate::command(portfolio));
        list.push(Missing::new(CERTIFICATE_DUE, Some("risk"), text, command));
    }
    for (record, until) in review::reviews_due(state, portfolio) {
        let (seq, criterion) = (record.mark.seq, &record.act.criterion);
        let word = if record.missed.is_some() {
            "was to be"
        } else {
            "is to be"
        };
        let text = format!("override {seq} of `{criterion}` {word} reviewed before {until}");
        let command = format!("promote override review {seq} --finding TEXT --key KEY");
        list.push(Missing::new(REVIEW_DUE, Some("risk"), text, Some(command)));
    }
    list
}
