//! The house rules, enforced: arrows between rooms, file lengths, module comments, and what may be
//! named where.

use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may use (besides itself).
fn allowed(room: &str) -> &'static [&'static str] {
    match room {
        "kernel" => &[],
        "metrics" => &["kernel"],
        "evidence" => &["kernel", "metrics"],
        "governance" | "research" => &["kernel", "metrics", "evidence"],
        "adapters" => &["kernel", "metrics", "evidence", "governance", "research"],
        "render" => &["kernel", "metrics", "evidence", "governance", "research"],
        "app" => &[
            "kernel",
            "metrics",
            "evidence",
            "governance",
            "research",
            "adapters",
            "render",
        ],
        "cli" => &[
            "kernel",
            "metrics",
            "evidence",
            "governance",
            "research",
            "adapters",
            "render",
            "app",
        ],
        other => panic!("src/{other} is a room that the map does not know"),
    }
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The text before the file's test module.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\n").next().unwrap()
}

/// Lines that are code, not comment.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    without_tests(text)
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn arrows_point_downwards() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let parts: Vec<&str> = name.split('/').collect();
        if parts.len() < 3 {
            continue;
        }
        let room = parts[1];
        for line in code_lines(&text) {
            for used in line.split("crate::").skip(1) {
                let used: String = used
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                if !used.is_empty() && used != room && !allowed(room).contains(&used.as_str()) {
                    wrong.push(format!("{name}: {}", line.trim()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that point the wrong way:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_file_is_short_and_says_what_it_is() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let lines = without_tests(&text).lines().count();
        if lines > 600 {
            wrong.push(format!(
                "{name}: {lines} lines, the limit is 600: find the seam"
            ));
        }
        if !text.starts_with("//! ") {
            wrong.push(format!("{name}: no module comment"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_may_be_named_where() {
    // (word, rooms that may name it)
    let rules: [(&str, &[&str]); 7] = [
        ("sqlx::", &["src/adapters/ledger/"]),
        ("polars", &["src/adapters/frames/"]),
        ("ssh_key::", &["src/adapters/keys/"]),
        ("SigningKey", &["src/adapters/keys/"]),
        ("rayon::", &["src/research/"]),
        ("Utc::now", &["src/adapters/host/"]),
        ("SystemTime", &["src/adapters/host/"]),
    ];
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        for line in code_lines(&text) {
            for (word, rooms) in rules {
                if line.contains(word) && !rooms.iter().any(|room| name.starts_with(room)) {
                    wrong.push(format!("{name}: `{word}` may only be named in {rooms:?}"));
                }
            }
            let marks = ["TODO", "FIXME", "XXX", "HashMap", "HashSet"];
            for mark in marks.into_iter().filter(|mark| line.contains(mark)) {
                wrong.push(format!("{name}: `{mark}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_test_file_is_listed() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = fs::read_to_string(dir.join("main.rs")).unwrap();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|e| e == "rs") && stem != "main" {
            assert!(
                main.contains(&format!("mod {stem};")),
                "tests/it/{stem}.rs is not listed"
            );
        }
    }
}

/// Whoever adds a reason says what its rule is, why there is one, and what to do next.
#[test]
fn every_refusal_is_explained() {
    use promote::governance::promotion::refusal::Refusal;
    use promote::governance::token::refusal::TokenRefusal;
    use promote::render::refusals;
    let slugs = Refusal::SLUGS.iter().chain(TokenRefusal::SLUGS).copied();
    let mut wanted: Vec<&str> = slugs.chain(["clock-behind"]).collect();
    let mut found: Vec<&str> = refusals::all().map(|(_, e)| e.slug).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    let missing: Vec<_> = wanted.iter().filter(|s| !found.contains(s)).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "in src/render/refusals");
    assert_eq!(found, wanted, "left over or twice in src/render/refusals");
    let mut root = <promote::cli::args::Cli as clap::CommandFactory>::command();
    root.build();
    for (_, e) in refusals::all() {
        for text in [e.rule, e.why, e.next] {
            assert!(text.ends_with('.') && text.len() > 12, "{}: {text}", e.slug);
        }
        // Every command that is named exists.
        for named in e.next.split("`promote ").skip(1) {
            let line = named.split('`').next().unwrap();
            let mut command = &root;
            for word in line.split(' ') {
                match command.find_subcommand(word) {
                    Some(found) => command = found,
                    None => break,
                }
            }
            let verb = !command.has_subcommands();
            assert!(verb || line == "trial", "{}: `promote {line}`", e.slug);
            // Without `research` a command of the whole build is known by name alone.
            let by_name = command.get_arguments().any(|a| a.is_trailing_var_arg_set());
            assert!(!by_name || cfg!(not(feature = "research")), "{line}");
            for flag in line.split(' ').filter_map(|w| w.strip_prefix("--")) {
                let known = command.get_arguments().any(|a| a.get_long() == Some(flag));
                assert!(
                    known || by_name || flag == "help",
                    "{}: --{flag} of {line}",
                    e.slug
                );
            }
        }
    }
}
