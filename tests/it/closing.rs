//! Every command closes the ledger that it opened, however it ends.

use promote::app::exit::Exit;

use crate::bundles::{Quality, write};
use crate::harness::World;

fn beside(world: &World) -> Vec<String> {
    let dir = std::fs::read_dir(world.at("w/ledger")).unwrap();
    let names = dir.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("ledger.db")).collect()
}

#[test]
fn after_each_command_the_write_ahead_log_is_folded_and_gone() {
    let mut world = World::new();
    let now = "2025-12-10T08:00:00Z";
    let init = ["init", "w", "--sandbox", "--seed", "7", "--now", now];
    world.run(&init).expect(Exit::Done);
    let dir = write(&world, "rsi", "one", Quality::Good);
    let ask = format!(
        "request rsi --target shadow --evidence {dir} --summary stable --key w/keys/research-1"
    );
    let session: [(&str, Exit); 16] = [
        ("status", Exit::Done),
        ("inbox", Exit::Done),
        (&ask, Exit::Pending),
        // Refused before anything is written, and refused by an entry.
        (&ask, Exit::Conflict),
        (
            "approve rsi-0001 --role risk --key w/keys/research-1",
            Exit::NotAuthorised,
        ),
        (
            "approve rsi-0009 --role risk --key w/keys/risk-1",
            Exit::Conflict,
        ),
        (
            "approve rsi-0001 --role risk --key w/keys/none",
            Exit::Invalid,
        ),
        ("status nobody", Exit::Conflict),
        ("status --now 2020-01-01T00:00:00Z", Exit::Conflict),
        ("show rsi-0001", Exit::Done),
        ("explain rsi-0001", Exit::Done),
        (
            "approve rsi-0001 --role risk --key w/keys/risk-1",
            Exit::Done,
        ),
        ("log export", Exit::Done),
        (
            "halt --global --reason spread --key w/keys/ops-1",
            Exit::Done,
        ),
        ("key list", Exit::Done),
        ("ledger verify", Exit::Done),
    ];
    for (line, exit) in session {
        let words = ["--root", "w"].into_iter().chain(line.split(' '));
        let words: Vec<&str> = words.collect();
        let answer = world.run(&words);
        assert_eq!(answer.exit, exit, "{line}\n{}{}", answer.out, answer.err);
        let left = beside(&world);
        let log = |name: &&String| name.ends_with("-wal") || name.ends_with("-shm");
        assert_eq!(left.iter().find(log), None, "{line}");
    }
}
