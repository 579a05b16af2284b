//! The machine once more, naively: written from the text of the design for the small world's
//! policy set, with hours as time and nothing of the product in it.
//!
//! In: commands. Out: for each, the families of all reasons against it (none means that it is
//! done), and afterwards the stage and the status. Which of several reasons is told is the
//! machine's choice; that there is one is not.

use std::collections::{BTreeMap, BTreeSet};

/// Families of refusals, as exit codes tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// 4: who asks may not.
    Person,
    /// 7: not now, or not like this.
    Conflict,
    /// 8: something is still missing.
    Pending,
}

use Family::{Conflict, Pending, Person};

/// What the machine may say no with; nothing when it has to say yes.
pub type Against = BTreeSet<Family>;

const DAY: i64 = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Research,
    Shadow,
    Testnet,
    Live,
    Retired,
}

use Stage::{Live, Research, Retired, Shadow, Testnet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    Good,
    Short,
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Low,
    Medium,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// By its own person, who leaves.
    Left,
    /// By risk and ops.
    Compromised,
    /// By risk and ops, from the beginning.
    Distrusted,
    /// By one other risk person.
    Alone,
}

/// A command; who is named signs it with his own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The next step of the ordinary way, whatever it is.
    Onward,
    Ask {
        by: &'static str,
        supersede: bool,
    },
    Skip,
    Judge(Quality),
    /// Judging fails.
    Fail,
    Approve {
        by: &'static str,
        role: &'static str,
    },
    Keep,
    Bring,
    Unapprove {
        by: &'static str,
    },
    Deny {
        by: &'static str,
    },
    Withdraw {
        by: &'static str,
    },
    Decide,
    /// 0 the portfolio, 1 its profile, 2 everything.
    Halt {
        scope: usize,
        by: &'static str,
    },
    Resume {
        by: &'static [&'static str],
    },
    Incident {
        severity: Severity,
        by: &'static str,
    },
    Close {
        by: &'static str,
    },
    Demote {
        by: &'static str,
    },
    Retire {
        by: &'static str,
    },
    Certify {
        alone: bool,
    },
    Override {
        by: &'static [&'static str],
        hard: bool,
    },
    Review {
        by: &'static str,
    },
    Publish {
        alone: bool,
    },
    Revoke(Revocation),
    Vouch,
    Session,
    Issue {
        by: &'static str,
    },
    Redeem,
    TakeBack {
        by: &'static str,
    },
    Wait {
        hours: i64,
    },
}

/// The one role of a person.
pub fn role_of(person: &str) -> &str {
    person.split_once('-').unwrap().0
}

#[derive(Debug, Clone)]
struct Request {
    target: Stage,
    status: &'static str,
    /// Judging it has failed.
    failed: bool,
    at: i64,
    approvals: Vec<Approval>,
    vouched: bool,
    /// The override whose evidence it brings, and whether its verdict rests on it.
    word: Option<usize>,
    rests: bool,
    ended: i64,
}

#[derive(Debug, Clone)]
struct Approval {
    person: &'static str,
    role: &'static str,
    at: i64,
    until: i64,
}

#[derive(Debug, Clone)]
struct Halt {
    at: i64,
    /// Who of risk lifted it.
    lifted: Option<&'static str>,
    /// Who of risk certified the stage since.
    certified: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Incident {
    severity: Severity,
    /// Who closed it.
    closed: Option<&'static str>,
}

/// What a stage was granted on.
#[derive(Debug, Clone)]
struct Grant {
    approvers: Vec<&'static str>,
    /// An override among it.
    overridden: bool,
}

#[derive(Debug, Clone)]
struct Word {
    target: Stage,
    until: i64,
    set: usize,
    used: Option<usize>,
    /// No request uses it any more.
    ended: bool,
    due: Option<i64>,
    reviewed: bool,
    missed: bool,
}

#[derive(Debug, Clone)]
struct Token {
    exp: i64,
    redeemed: bool,
    revoked: bool,
    dead: bool,
}

#[derive(Debug, Clone)]
struct Kept {
    request: usize,
    at: i64,
    replaced: Option<i64>,
    moved: bool,
    voided: bool,
}

/// The whole state.
#[derive(Debug, Clone)]
pub struct Naive {
    now: i64,
    last: i64,
    registered: bool,
    pub stage: Stage,
    since: i64,
    covered: bool,
    requests: Vec<Request>,
    halts: Vec<Halt>,
    incidents: Vec<Incident>,
    /// What the stage's certificate is counted from.
    standing: Option<i64>,
    /// Who of risk signed it; nobody where it is a decision.
    certifier: Option<&'static str>,
    words: Vec<Word>,
    /// Policy sets published so far; the second one is the stricter.
    sets: usize,
    proposer: Option<&'static str>,
    left: bool,
    compromised: bool,
    distrusted: bool,
    granted: BTreeMap<Stage, Grant>,
    /// Somebody else may hold the key of who approved LIVE, and nobody certified it since.
    lost: bool,
    token: Option<Token>,
    kept: Option<Kept>,
}

fn against(reasons: &[(bool, Family)]) -> Against {
    let holding = reasons.iter().filter(|(holds, _)| *holds);
    holding.map(|(_, family)| *family).collect()
}

fn below(stage: Stage) -> Option<Stage> {
    match stage {
        Live => Some(Testnet),
        Testnet => Some(Shadow),
        Shadow => Some(Research),
        Research | Retired => None,
    }
}

impl Naive {
    pub fn new() -> Self {
        Self {
            now: 0,
            last: 0,
            registered: false,
            stage: Research,
            since: 0,
            covered: false,
            requests: Vec::new(),
            halts: Vec::new(),
            incidents: Vec::new(),
            standing: None,
            certifier: None,
            words: Vec::new(),
            sets: 0,
            proposer: None,
            left: false,
            compromised: false,
            distrusted: false,
            granted: BTreeMap::new(),
            lost: false,
            token: None,
            kept: None,
        }
    }

    /// Status of the last request.
    pub fn status(&self) -> Option<&'static str> {
        self.requests.last().map(|r| r.status)
    }

    fn is_open(&self) -> bool {
        matches!(
            self.status(),
            Some("SUBMITTED" | "AWAITING_APPROVAL" | "APPROVED")
        )
    }

    pub fn is_halted(&self) -> bool {
        self.halts.iter().any(|h| h.lifted.is_none())
    }

    pub fn is_overdue(&self) -> bool {
        self.standing.is_some_and(|at| self.now >= at + 2 * DAY)
    }

    pub fn incident_open(&self) -> bool {
        self.worst().is_some()
    }

    /// A review was missed, and nobody has made it.
    fn review_lacks(&self) -> bool {
        let lacks = self.words.iter().any(|w| w.missed && !w.reviewed);
        lacks && self.stage != Retired
    }

    /// The override that a review is about: the newest one that waits for its review, else the
    /// newest one that had to be reviewed.
    fn to_review(&self) -> Option<usize> {
        let waits = |w: &Word| w.due.is_some() && !w.reviewed;
        let newest = self.words.iter().rposition(waits);
        newest.or_else(|| self.words.iter().rposition(|w| w.due.is_some()))
    }

    /// The gravest incident that is open.
    fn worst(&self) -> Option<Severity> {
        let open = self.incidents.iter().filter(|i| i.closed.is_none());
        open.map(|i| i.severity).max()
    }

    /// risk-1 let the instance in.
    fn instance_gone(&self) -> bool {
        self.distrusted
    }

    /// risk-1 signed the loosening that brought the set in force.
    fn policy_in_doubt(&self) -> bool {
        self.distrusted && self.sets >= 2
    }

    /// Who of risk certifies: neither who proposed the set in force nor who has no key.
    fn certifying(&self) -> &'static str {
        match self.gone("risk-1") || self.proposer == Some("risk-1") {
            true => "risk-3",
            false => "risk-1",
        }
    }

    fn next(&self) -> Option<Stage> {
        match self.stage {
            Research => Some(Shadow),
            Shadow => Some(Testnet),
            Testnet => Some(Live),
            Live | Retired => None,
        }
    }

    /// Which set is in force, by its content: the third publication is the first set again.
    fn set(&self) -> usize {
        usize::from(self.sets == 1)
    }

    fn gone(&self, person: &str) -> bool {
        person == "risk-1" && (self.left || self.compromised || self.distrusted)
    }

    /// Persons without keys that count, or outside these roles.
    fn unfit(&self, by: &str, roles: &[&str]) -> bool {
        self.gone(by) || !roles.contains(&role_of(by))
    }

    // ----- what stands against a command -----

    /// Every family of reasons against `command`.
    pub fn against(&self, command: &Command) -> Against {
        let mut all = self.against_alone(command);
        if self.policy_in_doubt() {
            match command {
                Command::Ask { .. }
                | Command::Judge(_)
                | Command::Approve { .. }
                | Command::Bring
                | Command::Resume { .. }
                | Command::Close { .. }
                | Command::Certify { .. }
                | Command::Override { .. }
                | Command::Review { .. }
                | Command::Vouch
                | Command::Session
                | Command::Redeem => all.extend([Conflict]),
                Command::Decide | Command::Issue { .. } => all.extend([Pending]),
                _ => {}
            }
        }
        all
    }

    /// The same, with a policy set that nobody doubts.
    fn against_alone(&self, command: &Command) -> Against {
        match command {
            Command::Ask { by, supersede } => self.against_ask(by, *supersede),
            Command::Skip => against(&[(true, Conflict)]),
            Command::Judge(_) => self.against_verdict(),
            Command::Fail => against(&[(self.status() != Some("SUBMITTED"), Conflict)]),
            Command::Approve { by, role } => self.against_approval(by, role),
            Command::Bring => self.against_kept(),
            Command::Unapprove { by } => self.against_unapproval(by),
            Command::Deny { by } => against(&[
                (self.unfit(by, &["risk"]), Person),
                (!self.is_open(), Conflict),
            ]),
            Command::Withdraw { by } => {
                let neither = *by != "research-1" && role_of(by) != "risk";
                against(&[
                    (neither || self.gone(by), Person),
                    (!self.is_open(), Conflict),
                ])
            }
            Command::Decide => self.against_decision(),
            Command::Halt { by, .. } => {
                against(&[(self.unfit(by, &["ops", "risk", "authoriser"]), Person)])
            }
            Command::Resume { by } => self.against_resume(by),
            Command::Incident { by, .. } => against(&[(self.unfit(by, &["ops"]), Person)]),
            Command::Close { by } => against(&[
                (self.unfit(by, &["risk"]), Person),
                (
                    self.incidents.last().is_none_or(|i| i.closed.is_some()),
                    Conflict,
                ),
            ]),
            Command::Demote { by } => against(&[(self.unfit(by, &["ops", "risk"]), Person)]),
            Command::Retire { by } => against(&[
                (self.unfit(by, &["ops", "risk"]), Person),
                (self.stage == Retired, Conflict),
            ]),
            // Of risk whoever may signs it.
            Command::Certify { alone } => against(&[(*alone, Person)]),
            Command::Override { by, hard } => self.against_override(by, *hard),
            Command::Review { by } => self.against_review(by),
            Command::Publish { alone } => against(&[
                (*alone && self.sets > 0, Person),
                (self.gone("risk-1"), Person),
            ]),
            Command::Revoke(revocation) => self.against_revocation(*revocation),
            Command::Issue { by } => against(&[
                (self.unfit(by, &["ops"]), Person),
                (self.stage != Live || self.session_waits(), Pending),
                (self.lost || self.instance_gone(), Pending),
            ]),
            Command::Redeem => self.against_redemption(),
            Command::TakeBack { by } => against(&[
                (self.unfit(by, &["ops", "risk"]), Person),
                (self.token.as_ref().is_some_and(|t| t.revoked), Conflict),
            ]),
            Command::Onward
            | Command::Keep
            | Command::Vouch
            | Command::Session
            | Command::Wait { .. } => Against::new(),
        }
    }

    fn against_ask(&self, by: &str, supersede: bool) -> Against {
        let rejected = self.requests.iter().filter(|r| r.status == "REJECTED");
        let cools = rejected
            .map(|r| r.ended)
            .max()
            .is_some_and(|end| self.now < end + 2 * DAY);
        let dwells = self.stage != Research && (self.now < self.since + DAY || !self.covered);
        against(&[
            (self.unfit(by, &["research"]), Person),
            (self.registered && by != "research-1", Person),
            (self.is_halted() || self.review_lacks(), Conflict),
            (self.is_open() != supersede, Conflict),
            (cools, Conflict),
            (dwells, Conflict),
            (self.incident_open(), Conflict),
            (self.is_overdue(), Conflict),
            (self.next() == Some(Live) && self.instance_gone(), Person),
        ])
    }

    fn against_verdict(&self) -> Against {
        let live = self.requests.last().is_some_and(|r| r.target == Live);
        against(&[
            (self.status() != Some("SUBMITTED"), Conflict),
            (self.is_halted() || self.review_lacks(), Conflict),
            (self.incident_open(), Conflict),
            (self.is_overdue(), Conflict),
            (live && self.instance_gone(), Person),
        ])
    }

    fn slots(&self) -> &'static [&'static str] {
        match self.requests.last().map(|r| r.target) {
            Some(Testnet | Live) => &["research", "risk"],
            _ => &["risk"],
        }
    }

    /// Who may not fill a slot of the last request, whatever its state.
    fn barred(&self, by: &str, role: &str) -> bool {
        let author = by == "risk-2" || by == "research-1" || Some(by) == self.proposer;
        let signed =
            self.requests.last().is_some_and(|r| r.rests) && (by == "risk-1" || by == "risk-2");
        self.unfit(by, &[role])
            || by == "research-1"
            || (role == "risk" && (author || signed))
            || !self.slots().contains(&role)
    }

    fn slot_taken(&self, by: &str, role: &str) -> bool {
        let Some(request) = self.requests.last() else {
            return false;
        };
        let mut valid = request.approvals.iter().filter(|a| self.now < a.until);
        valid.any(|a| a.person == by || a.role == role)
    }

    fn against_approval(&self, by: &str, role: &str) -> Against {
        let waiting = matches!(self.status(), Some("AWAITING_APPROVAL" | "APPROVED"));
        let live = self.requests.last().is_some_and(|r| r.target == Live);
        against(&[
            (self.barred(by, role), Person),
            (live && self.instance_gone(), Person),
            (!waiting || self.is_halted(), Conflict),
            (self.slot_taken(by, role), Conflict),
        ])
    }

    fn against_kept(&self) -> Against {
        let Some(kept) = &self.kept else {
            return Against::new();
        };
        let last = kept.request + 1 == self.requests.len();
        let stale = kept.replaced.is_some_and(|at| self.now - at > DAY);
        let mut all = self.against_approval("risk-1", "risk");
        let late = kept.moved || kept.voided || stale || !last || self.now >= kept.at + 9 * DAY;
        all.extend(against(&[(late, Conflict)]));
        all
    }

    fn against_unapproval(&self, by: &str) -> Against {
        let given = self
            .requests
            .last()
            .is_some_and(|request| request.approvals.iter().any(|a| a.person == "risk-1"));
        against(&[
            (self.gone(by) || (given && by != "risk-1"), Person),
            (given && !self.is_open(), Conflict),
        ])
    }

    fn filled(&self) -> bool {
        let Some(request) = self.requests.last() else {
            return false;
        };
        let valid: Vec<_> = request
            .approvals
            .iter()
            .filter(|a| self.now < a.until)
            .collect();
        self.slots()
            .iter()
            .all(|role| valid.iter().any(|a| a.role == *role))
    }

    fn against_decision(&self) -> Against {
        let Some(request) = self.requests.last() else {
            return Against::new();
        };
        let valid = request.approvals.iter().filter(|a| self.now < a.until);
        let locked = valid
            .map(|a| a.at)
            .max()
            .is_some_and(|at| self.now < at + DAY);
        let live = request.target == Live;
        let unready = live && (!request.vouched || locked || self.instance_gone());
        let judged = matches!(request.status, "AWAITING_APPROVAL" | "APPROVED");
        let waits = self.incident_open() || self.is_overdue() || self.review_lacks();
        against(&[
            (!judged, Conflict),
            (judged && (!self.filled() || unready || waits), Pending),
        ])
    }

    fn against_resume(&self, by: &[&str]) -> Against {
        let Some(halt) = self.halts.iter().rev().find(|h| h.lifted.is_none()) else {
            return Against::new();
        };
        let mut roles: Vec<&str> = by.iter().map(|person| role_of(person)).collect();
        roles.sort_unstable();
        let late = self.now - halt.at > 5 * DAY;
        let running = matches!(self.stage, Shadow | Testnet | Live);
        let wanted = self.registered && (self.stage == Live || (late && running));
        let grave = self.worst() >= Some(Severity::Medium);
        let certified = !halt.certified.is_empty();
        against(&[
            (
                roles != ["ops", "risk"] || by.iter().any(|p| self.gone(p)),
                Person,
            ),
            (grave || (wanted && !certified), Conflict),
            (self.review_lacks(), Conflict),
        ])
    }

    fn against_override(&self, by: &[&str], hard: bool) -> Against {
        let two = by.len() == 2 && by.iter().all(|person| role_of(person) == "risk");
        against(&[
            (!two || by.iter().any(|p| self.gone(p)), Person),
            (
                hard || self.next() == Some(Live) || self.is_halted(),
                Conflict,
            ),
        ])
    }

    fn against_review(&self, by: &str) -> Against {
        let reviewed = self.to_review().is_some_and(|at| self.words[at].reviewed);
        against(&[(by != "risk-3", Person), (reviewed, Conflict)])
    }

    fn against_revocation(&self, revocation: Revocation) -> Against {
        let any = self.gone("risk-1");
        against(&match revocation {
            Revocation::Left => [(any, Person)],
            Revocation::Compromised => [(self.compromised || self.distrusted, Person)],
            Revocation::Distrusted => [(self.distrusted, Person)],
            Revocation::Alone => [(true, Person)],
        })
    }

    /// What keeps a live session from running beside the stage.
    fn session_waits(&self) -> bool {
        self.is_halted() || self.incident_open() || self.is_overdue() || self.review_lacks()
    }

    fn against_redemption(&self) -> Against {
        let Some(token) = &self.token else {
            return Against::new();
        };
        let used = token.redeemed || token.revoked || token.dead || self.now > token.exp;
        against(&[(used || self.stage != Live || self.session_waits(), Conflict)])
    }

    // ----- what a command does -----

    /// Does what nothing stood against.
    pub fn perform(&mut self, command: &Command) {
        let entries = !matches!(command, Command::Keep | Command::Wait { .. });
        if entries && let Some(kept) = &mut self.kept {
            kept.replaced.get_or_insert(self.now);
        }
        match command {
            Command::Ask { supersede, .. } => self.ask(*supersede),
            Command::Judge(quality) => self.judge(*quality),
            Command::Fail => self.requests.last_mut().unwrap().failed = true,
            Command::Approve { by, role } => self.approve(by, role, self.now),
            Command::Keep => {
                self.kept = Some(Kept {
                    request: self.requests.len() - 1,
                    at: self.now,
                    replaced: None,
                    moved: false,
                    voided: false,
                });
            }
            Command::Bring => {
                if let Some(kept) = self.kept.take() {
                    self.approve("risk-1", "risk", kept.at);
                }
            }
            Command::Unapprove { .. } => self.unapprove(),
            Command::Deny { .. } => self.end("DENIED"),
            Command::Withdraw { .. } => self.end("WITHDRAWN"),
            Command::Decide => self.decide(),
            Command::Halt { .. } => self.halt(self.now),
            Command::Resume { by } => {
                let halts = self.halts.iter_mut().rev();
                if let Some(halt) = halts.into_iter().find(|h| h.lifted.is_none()) {
                    halt.lifted = by.iter().find(|by| role_of(by) == "risk").copied();
                }
                self.touch();
            }
            Command::Incident { severity, .. } => self.open_incident(*severity),
            Command::Close { by } => {
                self.incidents.last_mut().unwrap().closed = Some(by);
                self.touch();
            }
            Command::Demote { .. } => {
                if let Some(to) = below(self.stage) {
                    self.lower(to, self.now);
                }
            }
            Command::Retire { .. } => self.lower(Retired, self.now),
            Command::Certify { .. } => {
                let by = self.certifying();
                self.standing = Some(self.now);
                self.certifier = Some(by);
                for halt in &mut self.halts {
                    halt.certified.push(by);
                }
                self.lost &= self.stage != Live;
                self.touch();
            }
            Command::Override { .. } => {
                if let Some(target) = self.next() {
                    self.words.push(Word {
                        target,
                        until: self.now + DAY,
                        set: self.set(),
                        used: None,
                        ended: false,
                        due: None,
                        reviewed: false,
                        missed: false,
                    });
                }
            }
            Command::Review { .. } => {
                if let Some(at) = self.to_review() {
                    self.words[at].reviewed = true;
                }
            }
            Command::Publish { .. } => self.publish(),
            Command::Revoke(revocation) => self.revoke(*revocation),
            Command::Vouch => self.requests.last_mut().unwrap().vouched = true,
            Command::Session => {
                let stage = (self.stage, self.since);
                self.last = self.now;
                self.wait(DAY);
                self.covered |= stage == (self.stage, self.since);
            }
            Command::Issue { .. } => {
                self.token = Some(Token {
                    exp: self.now,
                    redeemed: false,
                    revoked: false,
                    dead: false,
                });
            }
            Command::Redeem => self.token.as_mut().unwrap().redeemed = true,
            Command::TakeBack { .. } => self.token.as_mut().unwrap().revoked = true,
            Command::Wait { hours } => self.wait(*hours),
            Command::Onward | Command::Skip => {}
        }
        if entries {
            self.last = self.now;
        }
        self.count();
    }

    /// Something that an approver looked at has changed.
    fn touch(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.moved = true;
        }
    }

    fn ask(&mut self, supersede: bool) {
        if supersede {
            self.end("SUPERSEDED");
        }
        self.registered = true;
        let target = self.next().unwrap();
        let now = self.now;
        let usable = |w: &Word| w.target == target && now < w.until && w.used.is_none() && !w.ended;
        let word = self.words.iter().rposition(usable);
        self.requests.push(Request {
            target,
            status: "SUBMITTED",
            failed: false,
            at: now,
            approvals: Vec::new(),
            vouched: false,
            word,
            rests: false,
            ended: 0,
        });
        self.touch();
    }

    fn judge(&mut self, quality: Quality) {
        let at = self.requests.len() - 1;
        let word = self.requests[at]
            .word
            .filter(|w| self.words[*w].set == self.set() && !self.words[*w].ended);
        match quality {
            Quality::Good => self.requests[at].status = "AWAITING_APPROVAL",
            Quality::Short => match word {
                Some(word) => {
                    self.requests[at].status = "AWAITING_APPROVAL";
                    self.requests[at].rests = true;
                    self.words[word].used = Some(at);
                }
                None => self.end("REVISE"),
            },
            Quality::Bad => self.end("REJECTED"),
        }
        self.touch();
    }

    fn approve(&mut self, person: &'static str, role: &'static str, signed: i64) {
        let now = self.now;
        let request = self.requests.last_mut().unwrap();
        let life = if request.target == Live { 2 * DAY } else { DAY };
        request.approvals.push(Approval {
            person,
            role,
            at: now,
            until: signed + life,
        });
    }

    fn unapprove(&mut self) {
        let now = self.now;
        let given = self.requests.last_mut().and_then(|request| {
            request
                .approvals
                .iter_mut()
                .rev()
                .find(|a| a.person == "risk-1")
        });
        match given {
            Some(approval) => approval.until = approval.until.min(now),
            None => {
                if let Some(kept) = &mut self.kept {
                    kept.voided = true;
                }
            }
        }
    }

    fn end(&mut self, status: &'static str) {
        let now = self.now;
        if let Some(request) = self.requests.last_mut() {
            request.status = status;
            request.ended = now;
        }
        self.touch();
    }

    fn invalidate(&mut self) {
        if self.is_open() {
            self.end("INVALIDATED");
        }
    }

    fn decide(&mut self) {
        let at = self.requests.len() - 1;
        let now = self.now;
        for word in self.words.iter_mut().filter(|w| w.used == Some(at)) {
            word.due = Some(now + 2 * DAY);
        }
        let request = &self.requests[at];
        let valid = request.approvals.iter().filter(|a| now < a.until);
        let grant = Grant {
            approvers: valid.map(|a| a.person).collect(),
            overridden: request.rests,
        };
        self.stage = request.target;
        self.granted.insert(request.target, grant);
        self.since = now;
        self.standing = Some(now);
        self.certifier = None;
        self.lost = false;
        self.covered = false;
        self.end("PROMOTED");
    }

    fn halt(&mut self, at: i64) {
        self.halts.push(Halt {
            at,
            lifted: None,
            certified: Vec::new(),
        });
        self.stop();
    }

    /// What a halt ends, given or given again.
    fn stop(&mut self) {
        self.invalidate();
        for word in &mut self.words {
            word.ended = true;
        }
        if let Some(token) = &mut self.token {
            token.dead = true;
        }
        self.touch();
    }

    fn open_incident(&mut self, severity: Severity) {
        if severity >= Severity::Medium {
            self.halt(self.now);
        }
        if severity == Severity::High && matches!(self.stage, Testnet | Live) {
            self.lower(Shadow, self.now);
        }
        self.incidents.push(Incident {
            severity,
            closed: None,
        });
        self.touch();
    }

    fn lower(&mut self, to: Stage, at: i64) {
        self.invalidate();
        self.stage = to;
        self.since = at;
        self.covered = false;
        self.standing = matches!(to, Shadow | Testnet).then_some(at);
        self.certifier = None;
        if let Some(token) = &mut self.token {
            token.dead = true;
        }
        self.touch();
    }

    fn publish(&mut self) {
        self.proposer = Some(if self.sets == 0 {
            "risk-1"
        } else {
            "research-2"
        });
        self.sets += 1;
        self.invalidate();
        if let Some(token) = &mut self.token {
            token.dead = true;
        }
        self.touch();
    }

    fn revoke(&mut self, revocation: Revocation) {
        let now = self.now;
        match revocation {
            Revocation::Left | Revocation::Alone => self.left = true,
            Revocation::Compromised => self.compromised = true,
            Revocation::Distrusted => self.distrusted = true,
        }
        self.touch();
        if revocation == Revocation::Left {
            return;
        }
        // Whatever is open and not decided.
        if self.is_open() {
            let request = self.requests.last_mut().unwrap();
            let own = request.approvals.iter_mut();
            for approval in own.filter(|a| a.person == "risk-1") {
                approval.until = approval.until.min(now);
            }
            if request.rests {
                self.end("INVALIDATED");
            }
        }
        for word in &mut self.words {
            word.ended = true;
        }
        // A token stands on the approvals for LIVE.
        if self.stage == Live && self.by_risk_1(Live) {
            self.lost = true;
            if let Some(token) = &mut self.token {
                token.dead = true;
            }
        }
        if revocation == Revocation::Distrusted {
            self.disbelieve();
        }
    }

    fn by_risk_1(&self, stage: Stage) -> bool {
        let grant = self.granted.get(&stage);
        grant.is_some_and(|grant| grant.approvers.contains(&"risk-1"))
    }

    /// Nothing that risk-1 signed and that raised risk counts.
    fn disbelieve(&mut self) {
        let now = self.now;
        if let Some(token) = &mut self.token {
            token.dead = true;
        }
        if self.certifier == Some("risk-1") {
            // Another certificate is due at once.
            self.standing = self.standing.map(|at| at.min(now - 2 * DAY));
        }
        let mut again = false;
        for halt in &mut self.halts {
            halt.certified.retain(|by| *by != "risk-1");
            if halt.lifted == Some("risk-1") {
                halt.lifted = None;
                again = true;
            }
        }
        if again {
            self.stop();
        }
        for incident in &mut self.incidents {
            incident.closed = incident.closed.filter(|by| *by != "risk-1");
        }
        if self.stage == Retired {
            return;
        }
        let fell = |stage: &Stage| {
            let grant = self.granted.get(stage);
            *stage <= self.stage
                && (self.by_risk_1(*stage) || grant.is_some_and(|grant| grant.overridden))
        };
        let lowest = [Shadow, Testnet, Live].into_iter().find(fell);
        if let Some(to) = lowest.and_then(below) {
            self.lower(to, now);
            self.halt(now);
        }
    }

    // ----- what time does -----

    fn wait(&mut self, hours: i64) {
        let end = self.now + hours;
        while let Some((at, word)) = self.falls().filter(|(at, _)| *at <= end) {
            self.expire(at);
            self.now = at;
            let live = self.stage == Live;
            if let Some(word) = word {
                self.words[word].missed = true;
            }
            if let Some(to) = below(self.stage) {
                self.lower(to, at);
            }
            if (word.is_some() && self.stage != Retired) || (word.is_none() && live) {
                self.halt(at);
            }
        }
        self.expire(end);
        self.now = end;
    }

    /// The next stage that time takes: when, and for which override.
    fn falls(&self) -> Option<(i64, Option<usize>)> {
        let certificate = self.standing.map(|at| (at + 3 * DAY, None));
        let waiting = self
            .words
            .iter()
            .enumerate()
            .filter(|(_, w)| !w.reviewed && !w.missed);
        let reviews = waiting.filter_map(|(at, w)| Some((w.due?, Some(at))));
        certificate.into_iter().chain(reviews).min()
    }

    fn expire(&mut self, by: i64) {
        let over = self.requests.last().is_some_and(|r| r.at + 2 * DAY <= by);
        if self.is_open() && over {
            self.end("EXPIRED");
        }
    }

    /// AWAITING_APPROVAL or APPROVED, by what counts now.
    fn count(&mut self) {
        let filled = self.filled();
        if let Some(request) = self.requests.last_mut()
            && matches!(request.status, "AWAITING_APPROVAL" | "APPROVED")
        {
            request.status = if filled {
                "APPROVED"
            } else {
                "AWAITING_APPROVAL"
            };
        }
    }

    /// No override may be used, and one may be given.
    fn wants_word(&self) -> bool {
        let usable = |w: &Word| self.now < w.until && w.used.is_none() && !w.ended;
        let next = matches!(self.next(), Some(Shadow | Testnet));
        next && !self.gone("risk-1") && !self.words.iter().any(usable)
    }

    /// The next step of the ordinary way.
    pub fn onward(&self) -> Command {
        let risk = match self.barred("risk-1", "risk") {
            true => "risk-3",
            false => "risk-1",
        };
        let open = |role: &str| !self.slot_taken("nobody-0", role);
        let due = self.words.iter().any(|w| w.due.is_some() && !w.reviewed);
        if self.review_lacks() || (due && self.requests.len().is_multiple_of(2)) {
            return Command::Review { by: "risk-3" };
        }
        if self.incidents.last().is_some_and(|i| i.closed.is_none()) {
            return Command::Close { by: "risk-3" };
        }
        let young = self.standing.is_some_and(|at| self.now < at + DAY);
        if self.standing.is_some() && !young {
            return Command::Certify { alone: false };
        }
        if self.is_halted() {
            let wanted = self.halts.iter().rev().find(|h| h.lifted.is_none());
            let wanted = wanted.is_some_and(|h| h.certified.is_empty());
            return match wanted && self.standing.is_some() {
                true => Command::Certify { alone: false },
                false => Command::Resume {
                    by: &["risk-3", "ops-1"],
                },
            };
        }
        match self.status().filter(|_| self.is_open()) {
            Some("SUBMITTED")
                if self.requests.len() % 3 == 2
                    && self.requests.last().is_some_and(|r| !r.failed) =>
            {
                Command::Fail
            }
            Some("SUBMITTED") => {
                let word = self.requests.last().is_some_and(|r| r.word.is_some());
                Command::Judge(if word { Quality::Short } else { Quality::Good })
            }
            Some("AWAITING_APPROVAL") if self.slots().len() == 2 && open("research") => {
                let (by, role) = ("research-2", "research");
                Command::Approve { by, role }
            }
            Some("AWAITING_APPROVAL") if self.kept.as_ref().is_some_and(|k| !k.moved) => {
                Command::Bring
            }
            Some("AWAITING_APPROVAL") => Command::Approve {
                by: risk,
                role: "risk",
            },
            Some(_) if self.next() == Some(Live) => {
                let request = self.requests.last().unwrap();
                let last = request.approvals.iter().map(|a| a.at).max().unwrap_or(0);
                match (request.vouched, self.now >= last + DAY) {
                    (false, _) => Command::Vouch,
                    (true, false) => Command::Wait { hours: 24 },
                    (true, true) => Command::Decide,
                }
            }
            Some(_) => Command::Decide,
            None if matches!(self.stage, Shadow | Testnet) && !self.covered => Command::Session,
            None if self.stage == Live => match &self.token {
                Some(token) if !token.dead && !token.redeemed && token.exp == self.now => {
                    Command::Redeem
                }
                _ => Command::Issue { by: "ops-1" },
            },
            None if self.requests.len() % 3 == 1 && self.wants_word() => Command::Override {
                by: &["risk-1", "risk-2"],
                hard: false,
            },
            None => {
                let (by, supersede) = ("research-1", false);
                Command::Ask { by, supersede }
            }
        }
    }
}
