//! Every reachable state of a small world, under every kind of event: the invariants I1 to I7 of
//! the design hold on each edge and in each state ([`laws`]), and each of them is found broken when
//! a guard is taken away ([`teeth`]). Beside it the same world in random walks, against a naive
//! machine of its own ([`walks`], [`naive`]).

mod deeds;
mod laws;
mod naive;
mod shape;
mod small;
mod teeth;
mod walks;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use deeds::{DEEDS, Deed, Sort};
use laws::Broken;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::state::Status;
use promote::governance::stage::Stage;
use small::Small;

/// What an exploration saw.
#[derive(Default)]
struct Seen {
    shapes: BTreeSet<String>,
    /// Shapes without their ages: what nobody may do is tried once in each.
    ageless: BTreeSet<String>,
    edges: usize,
    /// Per deed: how often it was done, and how often refused.
    counts: BTreeMap<&'static str, (usize, usize)>,
    stages: BTreeSet<String>,
    statuses: BTreeSet<Status>,
}

/// What happens to a state behind the machine's back after a deed, or what is asked of it beside
/// the laws.
type Sabotage = fn(&Small, &mut Small);

struct Exploration {
    sabotage: Option<Sabotage>,
    /// Fold all entries again in every so manieth state.
    fold_every: usize,
    /// Stop here.
    states_max: usize,
}

const HONEST: Exploration = Exploration {
    sabotage: None,
    fold_every: 61,
    states_max: usize::MAX,
};

impl Exploration {
    /// Visits everything that can be reached from `starts`; states with more disturbances left
    /// come first, so that the first state of a shape can do whatever a later one could.
    fn run(&self, starts: Vec<Small>) -> Result<Seen, (Broken, &'static str)> {
        let mut seen = Seen::default();
        let most = starts.iter().map(|s| s.left).max().unwrap_or(0);
        let mut waiting: Vec<VecDeque<Small>> = vec![VecDeque::new(); usize::from(most) + 1];
        for start in starts {
            seen.shapes.insert(shape::shape(&start));
            waiting[usize::from(start.left)].push_back(start);
        }
        while let Some(state) = waiting.iter_mut().rev().find_map(VecDeque::pop_front) {
            let mut scratch = state.clone();
            let new = seen.ageless.insert(shape::ageless(&shape::shape(&state)));
            for deed in DEEDS {
                let offered = match deed.sort {
                    Sort::Way => true,
                    Sort::Disturbance => state.left > 0,
                    Sort::Wrong => new,
                };
                if !offered {
                    continue;
                }
                let Some(next) = self.step(&state, &mut scratch, deed, &mut seen)? else {
                    continue;
                };
                let shape = shape::shape(&next);
                if seen.shapes.len() < self.states_max && seen.shapes.insert(shape) {
                    let whole = seen.shapes.len().is_multiple_of(self.fold_every);
                    laws::derived(&next, whole).map_err(|broken| (broken, deed.name))?;
                    waiting[usize::from(next.left)].push_back(next);
                }
            }
        }
        Ok(seen)
    }

    /// Tries one deed; the state after it, if it was done.
    fn step(
        &self,
        state: &Small,
        scratch: &mut Small,
        deed: &Deed,
        seen: &mut Seen,
    ) -> Result<Option<Small>, (Broken, &'static str)> {
        let Some(answer) = (deed.run)(scratch) else {
            return Ok(None);
        };
        seen.edges += 1;
        let count = seen.counts.entry(deed.name).or_default();
        if answer.is_err() {
            count.1 += 1;
            // A refusal leaves nothing behind; comparing whole states each time would take longer
            // than all the rest.
            assert_eq!(
                scratch.bench.entries.len(),
                state.bench.entries.len(),
                "{}",
                deed.name
            );
            if seen.edges.is_multiple_of(97) {
                assert_eq!(scratch.bench.state, state.bench.state, "{}", deed.name);
            }
            return Ok(None);
        }
        count.0 += 1;
        assert!(deed.sort != Sort::Wrong, "{}, and it was done", deed.name);
        let mut next = std::mem::replace(scratch, state.clone());
        let now = next.bench.now;
        settle(&mut next.bench.state, now);
        if let Some(sabotage) = self.sabotage {
            sabotage(state, &mut next);
        }
        next.left = state.left - u8::from(deed.sort == Sort::Disturbance);
        seen.stages.insert(next.stage().to_string());
        let requests = next.bench.state.requests.values();
        seen.statuses.extend(requests.map(|record| record.status));
        laws::edge(state, &next).map_err(|broken| (broken, deed.name))?;
        Ok(Some(next))
    }
}

#[test]
fn every_reachable_state_keeps_the_invariants() {
    let seen = HONEST
        .run(vec![Small::new(1)])
        .unwrap_or_else(|((law, what), deed)| {
            panic!("I{law} does not hold after `{deed}`: {what}")
        });
    println!("{} states over {} edges", seen.shapes.len(), seen.edges);
    for deed in DEEDS {
        let (done, refused) = seen.counts.get(deed.name).copied().unwrap_or_default();
        println!("  {done:>6} done {refused:>6} refused  {}", deed.name);
    }
    for deed in DEEDS {
        let (done, refused) = seen.counts.get(deed.name).copied().unwrap_or_default();
        let happens = if deed.sort == Sort::Wrong {
            refused
        } else {
            done
        };
        assert!(happens > 0, "`{}` never happened", deed.name);
    }
    let every = [
        Stage::Research,
        Stage::Shadow,
        Stage::Testnet,
        Stage::Live,
        Stage::Retired,
    ];
    for stage in every {
        assert!(
            seen.stages.contains(&stage.to_string()),
            "{stage} was never reached"
        );
    }
    let statuses = [
        Status::Submitted,
        Status::AwaitingApproval,
        Status::Approved,
        Status::Promoted,
        Status::Rejected,
        Status::Revise,
        Status::Denied,
        Status::Withdrawn,
        Status::Expired,
        Status::Superseded,
        Status::Invalidated,
    ];
    for status in statuses {
        assert!(
            seen.statuses.contains(&status),
            "{status} was never reached"
        );
    }
    assert!(seen.shapes.len() > 5_000);
}
