//! Invariant I7 on the rules: no single person and no single key brings a portfolio to LIVE.
//!
//! In: quorums, separation of duties, the root threshold. Out: one line per person and kind of key
//! with the reason why it does not suffice, or the flaw. The argument about persons goes through
//! every set of roles that one person may hold.

use super::{Flaw, Standing};
use crate::governance::policy::roles::{Quorum, Role, Rules};
use crate::governance::policy::roles_load::FILE_NAME;
use crate::governance::policy::set::PolicySet;
use crate::governance::stage::Target;

/// What holds in the ledger, or is assumed where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The ledger's quorum preset; none proves every preset.
    pub preset: Option<String>,
    /// How many root keys must sign an enrolment.
    pub root_threshold: u32,
}

impl Default for Ground {
    /// Every preset, and the threshold that `promote init` asks for.
    fn default() -> Self {
        Self {
            preset: None,
            root_threshold: 2,
        }
    }
}

/// Every set of roles that one person may hold.
fn role_sets(rules: &Rules) -> Vec<Vec<Role>> {
    let roles = [Role::Research, Role::Risk, Role::Ops, Role::Authoriser];
    let mut sets = vec![Vec::new()];
    for role in roles {
        let more: Vec<Vec<Role>> = sets
            .iter()
            .map(|held| held.iter().copied().chain([role]).collect())
            .collect();
        sets.extend(more);
    }
    if rules.separation.one_role_per_person {
        let daily = |held: &Vec<Role>| held.iter().filter(|r| **r != Role::Authoriser).count();
        sets.retain(|held| daily(held) <= 1);
    }
    sets
}

/// Slots that the requester of a portfolio may fill, holding `roles`.
fn own_slots(rules: &Rules, quorum: &Quorum, roles: &[Role]) -> usize {
    if rules.separation.requester_fills_no_slot {
        return 0;
    }
    // The requester is of the author set: never a risk or authoriser slot.
    let open = |role: &&Role| {
        matches!(role, Role::Research | Role::Ops) && quorum.slots.contains_key(role)
    };
    // One person fills one slot.
    roles.iter().filter(open).count().min(1)
}

/// A flaw of the rules, which stand in a file.
fn in_rules(code: &'static str, line: Option<usize>, text: String) -> Flaw {
    Flaw {
        file: Some(FILE_NAME.to_owned()),
        line,
        ..general(code, text)
    }
}

/// Line of the LIVE quorum of `preset`: a set that loaded has one table of that name.
fn live_line(set: &PolicySet, preset: &str) -> Option<usize> {
    let text = std::str::from_utf8(set.files().get(FILE_NAME)?).ok()?;
    let head = format!("[quorum.{preset}]");
    let mut lines = text.lines().enumerate();
    lines.find(|(_, line)| line.trim_start().starts_with(&head))?;
    let live = lines
        .take_while(|(_, line)| !line.trim_start().starts_with('['))
        .find(|(_, line)| line.trim_start().starts_with("live"));
    live.map(|(at, _)| at + 1)
}

pub(super) fn people(set: &PolicySet, ground: &Ground) -> (Vec<Standing>, Vec<Flaw>) {
    let rules = set.rules();
    let mut lines = Vec::new();
    let mut flaws = Vec::new();
    let named = |name: &&String| ground.preset.as_ref().is_none_or(|p| p == *name);
    for preset in rules.quorum.keys().filter(named) {
        let live = rules.quorum.get(preset).and_then(|q| q.get(&Target::Live));
        match live {
            Some(live) => {
                let (line, found) = preset_line(rules, preset, live);
                lines.extend(line);
                let at = live_line(set, preset);
                flaws.extend(
                    found
                        .into_iter()
                        .map(|(code, text)| in_rules(code, at, text)),
                );
            }
            None => {
                let text = format!("preset {preset} has no quorum for live");
                flaws.push(in_rules("no-live-quorum", None, text));
            }
        }
    }
    if let Some(preset) = ground
        .preset
        .as_ref()
        .filter(|p| !rules.quorum.contains_key(*p))
    {
        let text =
            format!("the ledger's preset {preset} is not in the set: nothing could be decided");
        flaws.push(in_rules("no-live-quorum", None, text));
    }
    root_line(ground, &mut lines, &mut flaws);
    lines.extend(keys());
    (lines, flaws)
}

/// Code and text of a flaw.
type Found = (&'static str, String);

fn preset_line(rules: &Rules, preset: &str, live: &Quorum) -> (Vec<Standing>, Vec<Found>) {
    let mut flaws = Vec::new();
    let slots = live.slots.values().map(|n| *n as usize).sum::<usize>();
    let wanted = slots.max(live.persons as usize);
    if wanted < 2 {
        let text = format!("preset {preset}: one person fills the whole LIVE quorum");
        flaws.push(("one-person-quorum", text));
    }
    // The most that any one person can do: request, and fill a slot where that is allowed.
    let alone = role_sets(rules)
        .iter()
        .filter(|roles| roles.contains(&Role::Research))
        .map(|roles| own_slots(rules, live, roles))
        .max()
        .unwrap_or(0);
    if wanted <= alone {
        let text = format!(
            "preset {preset}: whoever requests can fill the LIVE quorum: one person goes all the way"
        );
        flaws.push(("one-person-live", text));
        return (Vec::new(), flaws);
    }
    let sets = role_sets(rules).len();
    let people = Standing {
        who: format!("one person, preset {preset}"),
        why: format!(
            "LIVE wants {wanted} different persons in {slots} slots; over all {sets} sets of roles that one person may hold, the requester fills at most {alone}, so at least {} others must sign",
            wanted - alone
        ),
    };
    let key = Standing {
        who: format!("one role key, preset {preset}"),
        why: format!("a key belongs to one person and fills one slot of {slots}"),
    };
    (vec![people, key], flaws)
}

fn root_line(ground: &Ground, lines: &mut Vec<Standing>, flaws: &mut Vec<Flaw>) {
    let threshold = ground.root_threshold;
    if threshold < 2 {
        let text = format!(
            "a root threshold of {threshold}: one root key enrols as many persons as the quorum wants"
        );
        flaws.push(general("one-root-key", text));
        return;
    }
    lines.push(Standing {
        who: "one root key".to_owned(),
        why: format!(
            "an enrolment wants {threshold} different root keys and the new key's own signature; root keys fill no slot"
        ),
    });
}

/// Keys that are no person's: what they sign can raise no stage.
fn keys() -> Vec<Standing> {
    [
        (
            "the engine key",
            "a decision has force only if the human signatures before it give it again",
        ),
        (
            "the log key",
            "it signs heads; an entry that does not follow from the ones before it has no effect",
        ),
        (
            "a token or instance key",
            "they come after LIVE and are named by no act that raises a stage",
        ),
        (
            "one risk key that publishes a policy set",
            "alone it can only tighten: no verdict becomes better and no quorum smaller",
        ),
    ]
    .into_iter()
    .map(|(who, why)| Standing {
        who: who.to_owned(),
        why: why.to_owned(),
    })
    .collect()
}

fn general(code: &'static str, text: String) -> Flaw {
    Flaw {
        code,
        profile: None,
        target: None,
        criterion: None,
        file: None,
        line: None,
        text,
    }
}
