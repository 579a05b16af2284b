//! The demo tells the same story every time, and decision_log/ holds what it exports.

use std::path::Path;

use promote::app::exit::Exit;

use crate::harness::{World, golden};

#[test]
fn the_demo_is_the_same_every_time() {
    let mut world = World::new();
    let answer = world.run(&["demo", "--keep", "desk"]).expect(Exit::Done);
    golden(Path::new("tests/golden/demo.txt"), &answer.out);
    for name in ["rsi_reversion_conservative.md", "rsi_reversion_moderate.md"] {
        let exported = std::fs::read_to_string(world.at("desk/decision_log").join(name)).unwrap();
        golden(&Path::new("decision_log").join(name), &exported);
        let desk = world.at("desk");
        let file = format!("decision_log/{name}");
        let _verified = world
            .run_in(&desk, &["log", "verify", &file], "")
            .expect(Exit::Done);
    }
}
