//! docs/cli.md is generated from the definition that parses, so no flag changes unnoticed.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use promote::app::exit::Exit;
use promote::cli::args::Cli;

use crate::harness::World;

fn section(command: &mut Command, path: &str, out: &mut String) {
    let level = "#".repeat(2 + path.matches(' ').count().min(3));
    out.push_str(&format!("{level} `{path}`\n\n```text\n"));
    let help = command.render_long_help().to_string();
    // The global flags are printed once, with the root command.
    let own = if path.contains(' ') {
        help.split("\nGlobal:\n").next().unwrap()
    } else {
        &help
    };
    for line in own.trim_end().lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str("```\n\n");
    for sub in command.get_subcommands_mut() {
        let path = format!("{path} {}", sub.get_name());
        section(sub, &path, out);
    }
}

#[test]
fn the_reference_is_true() {
    let mut out = String::from(
        "# Command line reference\n\nGenerated from the program by `UPDATE=1 cargo test reference`; \
         do not edit. Exit codes stand at the end.\n\n",
    );
    let mut root = Cli::command().term_width(100);
    root.build();
    section(&mut root, "promote", &mut out);
    out.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, meaning) in Exit::TABLE {
        out.push_str(&format!("| {} | {meaning} |\n", exit.code()));
    }
    crate::harness::golden(Path::new("docs/cli.md"), &out);
}

#[test]
fn completions_and_manual_pages_are_written() {
    let mut world = World::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let out = world.run(&["completions", shell]).expect(Exit::Done).out;
        assert!(out.contains("promote"), "{shell}");
    }
    assert!(
        world
            .run(&["man"])
            .expect(Exit::Done)
            .out
            .starts_with(".ie")
    );
    assert!(
        world
            .run(&["man", "version"])
            .expect(Exit::Done)
            .out
            .contains("version")
    );
    world.run(&["man", "nonsense"]).expect(Exit::Usage);
}
