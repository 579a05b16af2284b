//! `evidence import`, `verify` and `show` as a person types them.

use promote::app::exit::Exit;

use crate::harness::World;

fn returns(days: i64) -> String {
    let start = promote::kernel::time::UtcTime::parse_loose("2025-01-01").unwrap();
    let mut text = String::from("Date,returns\n");
    for i in 0..days {
        let r = ((i * 7 % 13) as f64 - 5.5) / 1000.0;
        text.push_str(&format!("{},{r}\n", start.plus_days(i).date()));
    }
    text
}

fn import(world: &mut World, extra: &[&str]) -> crate::harness::Answer {
    let mut args = vec!["evidence", "import", "r.csv", "--tool", "returns-csv"];
    args.extend(["--portfolio", "p1", "--out", "e"]);
    args.extend(extra);
    world.run(&args)
}

#[test]
fn import_verify_show() {
    let mut world = World::new();
    world.write("r.csv", returns(300));
    let until = [
        "--profile",
        "moderate",
        "--developed-until",
        "2025-06-30",
        "--fee-bps",
        "10",
    ];
    let answer = import(
        &mut world,
        &[&until[..], &["--slippage-bps", "5", "--json"]].concat(),
    );
    let imported = answer.expect(Exit::Done).json();
    assert_eq!(imported["schema"], "promote/evidence/v1");
    assert_eq!(imported["kind"], "import");
    let metric = |json: &serde_json::Value, metric: &str, sample: &str| {
        let all = json["metrics"].as_array().unwrap().iter();
        let mut found = all.filter(|m| m["metric"] == metric && m["sample"] == sample);
        found.next().unwrap().clone()
    };
    // The rows after 30 June: 1 July to 27 October.
    assert_eq!(metric(&imported, "history_days", "oos")["value"], "119");
    assert_eq!(metric(&imported, "history_days", "full")["value"], "300");
    assert_eq!(metric(&imported, "trades", "oos")["reason"], "unsupported");
    assert_eq!(metric(&imported, "sharpe", "oos")["unit"], "ratio");
    let verified = world
        .run(&["evidence", "verify", "e", "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(verified["ok"], true);
    assert_eq!(verified["evidence_sha256"], imported["evidence_sha256"]);
    assert_eq!(verified["result_sha256"], imported["result_sha256"]);
    let shown = world
        .run(&["evidence", "show", "e", "--format", "json"])
        .expect(Exit::Done);
    // Everything but the age of the data, which grew by a second.
    let without_age = |json: &serde_json::Value| {
        let all = json["metrics"].as_array().unwrap().iter();
        all.filter(|m| m["metric"] != "data_age_days")
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(without_age(&shown.json()), without_age(&verified));
    assert_eq!(without_age(&imported), without_age(&verified));
    let text = world.run(&["evidence", "show", "e"]).expect(Exit::Done).out;
    assert!(
        text.contains("max_drawdown") && text.contains("p1 (moderate)"),
        "{text}"
    );
    // Never over an existing directory.
    assert!(
        import(&mut world, &["--profile", "moderate"])
            .expect(Exit::Conflict)
            .err
            .contains("`")
    );
}

#[test]
fn a_changed_bundle_is_9_a_wrong_claim_is_3() {
    let mut world = World::new();
    world.write("r.csv", returns(60));
    import(&mut world, &["--profile", "conservative"]).expect(Exit::Done);
    let series = world.at("e/series/full.csv");
    let text = std::fs::read_to_string(&series).unwrap();
    std::fs::write(&series, text.replacen("-0.0055", "-0.0045", 1)).unwrap();
    for verb in ["verify", "show"] {
        let answer = world.run(&["evidence", verb, "e"]).expect(Exit::Integrity);
        assert!(
            answer.err.contains("series/full.csv") && answer.out.is_empty(),
            "{}",
            answer.err
        );
    }
    std::fs::write(&series, &text).unwrap();
    world.write("e/tables/extra.csv", "x\n");
    world
        .run(&["evidence", "verify", "e"])
        .expect(Exit::Invalid);
    std::fs::remove_dir_all(world.at("e/tables")).unwrap();
    world.run(&["evidence", "verify", "e"]).expect(Exit::Done);
    world
        .run(&["evidence", "verify", "nowhere"])
        .expect(Exit::Invalid);
    world
        .run(&["evidence", "verify", "r.csv"])
        .expect(Exit::Invalid);
    // A consistent bundle whose stated drawdown is prettier than its series.
    let path = world.at("e/evidence.json");
    let bytes = std::fs::read(&path).unwrap();
    let mut manifest: promote::evidence::manifest::Manifest =
        promote::kernel::canonical::decode(&bytes, 1 << 20).unwrap();
    let drawdown = promote::metrics::Metric::MaxDrawdown;
    let stated = manifest
        .metrics
        .iter_mut()
        .find(|m| m.metric == drawdown)
        .unwrap();
    stated.value = Some("0.001".parse().unwrap());
    manifest.result_sha256 = promote::evidence::result_digest::result_sha256(&manifest).unwrap();
    std::fs::write(
        &path,
        promote::kernel::canonical::encode(&manifest).unwrap(),
    )
    .unwrap();
    let answer = world
        .run(&["evidence", "verify", "e"])
        .expect(Exit::Invalid);
    assert!(
        answer
            .out
            .contains("fault: `max_drawdown:full` is stated as 0.001"),
        "{}",
        answer.out
    );
}

#[cfg(unix)]
#[test]
fn links_and_pipes_in_a_bundle_are_refused() {
    let mut world = World::new();
    world.write("r.csv", returns(60));
    import(&mut world, &["--profile", "conservative"]).expect(Exit::Done);
    let real = world.at("e/trades-real.csv");
    let series = world.at("e/series/full.csv");
    std::fs::rename(&series, world.at("full.csv")).unwrap();
    std::os::unix::fs::symlink(world.at("full.csv"), &series).unwrap();
    let answer = world
        .run(&["evidence", "verify", "e"])
        .expect(Exit::Invalid);
    assert!(answer.err.contains("not a plain file"), "{}", answer.err);
    std::fs::remove_file(&series).unwrap();
    std::fs::rename(world.at("full.csv"), &series).unwrap();
    world.run(&["evidence", "verify", "e"]).expect(Exit::Done);
    std::os::unix::net::UnixListener::bind(&real).unwrap();
    world
        .run(&["evidence", "verify", "e"])
        .expect(Exit::Invalid);
}

#[test]
fn trades_reconcile_or_do_not_count() {
    let mut world = World::new();
    let header = "id,strategy,symbol,side,entry_time,exit_time,quantity,entry_price,exit_price,costs,pnl,sample";
    world.write(
        "r.csv",
        "date,return\n2025-01-01,0.1\n2025-01-02,0\n2025-01-03,-0.05\n",
    );
    // 100 -> 110 -> 110 -> 104.5.
    let rows = |pnl: &str| {
        let day = |d: i32| format!("2025-01-0{d}T00:00:00.000Z");
        format!(
            "{header}\n1,p1,BTC/EUR,long,{},{},1,100,110,0,10,full\n2,p1,BTC/EUR,long,{},{},1,110,104.5,0,{pnl},full\n",
            day(1),
            day(2),
            day(3),
            day(3),
        )
    };
    let trades = [
        "--profile",
        "conservative",
        "--trades",
        "t.csv",
        "--capital",
        "100",
        "--json",
    ];
    for (pnl, wanted) in [("-5.5", "2"), ("-5.4", "")] {
        world.write("t.csv", rows(pnl));
        let _removed = std::fs::remove_dir_all(world.at("e"));
        let json = import(&mut world, &trades).expect(Exit::Done).json();
        let all = json["metrics"].as_array().unwrap().iter();
        let found = all
            .into_iter()
            .find(|m| m["metric"] == "trades" && m["sample"] == "full");
        assert_eq!(
            found.unwrap()["value"].as_str().unwrap_or(""),
            wanted,
            "{json}"
        );
    }
}

#[test]
fn bad_input_has_its_exit_code_and_writes_nothing() {
    let mut world = World::new();
    world.write("r.csv", "date,return\n2025-01-01,0.1\n2025-01-02,NaN\n");
    let answer = import(&mut world, &["--profile", "conservative"]).expect(Exit::Invalid);
    assert!(answer.err.contains("line 3"), "{}", answer.err);
    world.write("r.csv", returns(60));
    import(&mut world, &[]).expect(Exit::Usage);
    import(&mut world, &["--profile", "reckless"]).expect(Exit::Invalid);
    import(&mut world, &["--profile", "../x"]).expect(Exit::Usage);
    import(&mut world, &["--profile", "moderate", "--fee-bps", "-1"]).expect(Exit::Usage);
    import(&mut world, &["--profile", "moderate", "--fee-bps", "ten"]).expect(Exit::Usage);
    import(
        &mut world,
        &["--profile", "moderate", "--developed-until", "soon"],
    )
    .expect(Exit::Usage);
    import(
        &mut world,
        &["--profile", "moderate", "--developed-until", "2026-01-01"],
    )
    .expect(Exit::Invalid);
    let both = [
        "--profile",
        "moderate",
        "--developed-until",
        "2025-01-09",
        "--sample",
        "oos",
    ];
    import(&mut world, &both).expect(Exit::Usage);
    world.write("c.toml", "a = [");
    import(
        &mut world,
        &["--profile", "moderate", "--config-file", "c.toml"],
    )
    .expect(Exit::Invalid);
    world.write("c.json", "[".repeat(100_000));
    import(
        &mut world,
        &["--profile", "moderate", "--config-file", "c.json"],
    )
    .expect(Exit::Invalid);
    world
        .run(&[
            "evidence",
            "import",
            "none.csv",
            "--tool",
            "returns-csv",
            "--portfolio",
            "p1",
            "--profile",
            "moderate",
            "--out",
            "e",
        ])
        .expect(Exit::Invalid);
    assert!(!world.at("e").exists());
    world.write("c.toml", "[strategy]\nperiod = 14\nstop = 0.05\n");
    import(
        &mut world,
        &[
            "--profile",
            "moderate",
            "--config-file",
            "c.toml",
            "--sample",
            "oos",
        ],
    )
    .expect(Exit::Done);
    let strategy = std::fs::read_to_string(world.at("e/strategy.json")).unwrap();
    assert!(strategy.contains(r#""configuration":{"strategy":{"period":14,"stop":"0.05"}}"#));
}

#[test]
fn the_profile_comes_from_the_recipes() {
    let mut world = World::new();
    for file in ["conservative", "moderate", "aggressive", "roles"] {
        let shipped = format!("{}/policies/{file}.toml", env!("CARGO_MANIFEST_DIR"));
        world.write(
            &format!("policies/{file}.toml"),
            std::fs::read(shipped).unwrap(),
        );
    }
    world.write("config/config.toml", "");
    let recipe = "[portfolio_recipes.p1]\nrisk_profile = \"aggressive\"\n";
    world.write("config/portfolio_recipes.toml", recipe);
    world.write("r.csv", returns(60));
    let text = import(&mut world, &[]).expect(Exit::Done).out;
    assert!(text.contains("p1 (aggressive)"), "{text}");
    assert!(text.contains("crash_drawdown"));
    world.write("policies/aggressive.toml", "nonsense = 1\n");
    world
        .run(&["evidence", "verify", "e"])
        .expect(Exit::Invalid);
}

#[cfg(feature = "research")]
fn synth(world: &mut World, symbol: &str, seed: &str) {
    let mut args = vec!["data", "synth", "--symbol", symbol, "--timeframe", "1h"];
    args.extend(["--start", "2024-01-01", "--bars", "4000", "--gaps", "0"]);
    args.extend(["--reversion", "0.03", "--seed", seed]);
    world.run(&args).expect(Exit::Done);
}

/// A workspace with synthetic bars of both symbols and a robustness bundle in `e`.
#[cfg(feature = "research")]
fn robustness() -> World {
    let mut world = World::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["config/config.toml", "config/portfolio_recipes.toml"] {
        world.write(name, std::fs::read(root.join(name)).unwrap());
    }
    for (name, bytes) in promote::governance::policy::set::embedded_files() {
        world.write(&format!("policies/{name}"), bytes);
    }
    synth(&mut world, "BTC/EUR", "1");
    synth(&mut world, "ETH/EUR", "2");
    let preset = [
        "--portfolio-preset",
        "rsi_reversion_conservative",
        "--out",
        "e",
    ];
    world
        .run(&[&["robustness"], &preset[..]].concat())
        .expect(Exit::Done);
    world
}

#[cfg(feature = "research")]
#[test]
fn a_rerun_reaches_the_same_result_from_the_bars_alone() {
    let mut world = robustness();
    let verify = ["evidence", "verify", "e", "--json"];
    let plain = world.run(&verify).expect(Exit::Done).json();
    assert_eq!(plain["findings"].as_array().unwrap().len(), 1, "{plain}");
    assert_eq!(plain["findings"][0]["code"], "synthetic");
    assert!(plain.get("rerun").is_none());
    let rerun = [&verify[..], &["--rerun"]].concat();
    let again = world.run(&rerun).expect(Exit::Done).json();
    assert_eq!(again["rerun"]["same"], true);
    assert_eq!(again["rerun"]["result_sha256"], plain["result_sha256"]);
    // The same bars in another folder do as well; other bars, or none, do not.
    std::fs::rename(world.at("data"), world.at("bars")).unwrap();
    world.run(&rerun).expect(Exit::Invalid);
    world
        .run(&[&rerun[..], &["--data", "bars"]].concat())
        .expect(Exit::Done);
    world
        .run(&["evidence", "verify", "e", "--data", "bars"])
        .expect(Exit::Usage);
    synth(&mut world, "BTC/EUR", "1");
    synth(&mut world, "ETH/EUR", "9");
    let answer = world.run(&rerun).expect(Exit::Invalid);
    assert!(
        answer.err.contains("no bars of ETH/EUR 1h with the digest"),
        "{}",
        answer.err
    );
    // A file in the place of another is not even looked at.
    let data = world.at("data");
    std::fs::copy(
        data.join("BTC-EUR_1h.parquet"),
        data.join("ETH-EUR_1h.parquet"),
    )
    .unwrap();
    world.run(&rerun).expect(Exit::Integrity);
}

#[cfg(feature = "research")]
#[test]
fn a_consistent_invention_does_not_survive_a_rerun() {
    let mut world = robustness();
    // A higher fee is claimed than was paid: consistent, and prettier than it should be.
    let path = world.at("e/evidence.json");
    let bytes = std::fs::read(&path).unwrap();
    let mut manifest: promote::evidence::manifest::Manifest =
        promote::kernel::canonical::decode(&bytes, 1 << 20).unwrap();
    manifest.conventions.fee = "0.01".parse().unwrap();
    manifest.result_sha256 = promote::evidence::result_digest::result_sha256(&manifest).unwrap();
    std::fs::write(
        &path,
        promote::kernel::canonical::encode(&manifest).unwrap(),
    )
    .unwrap();
    world.run(&["evidence", "verify", "e"]).expect(Exit::Done);
    let answer = world.run(&["evidence", "verify", "e", "--rerun", "--json"]);
    let json = answer.expect(Exit::Integrity).json();
    assert_eq!(json["ok"], false);
    assert_eq!(json["rerun"]["differs"], serde_json::json!(["conventions"]));
}

/// Signs the file at `relative` as `ssh-keygen -Y sign` would, with the key of `person`.
fn sign_elsewhere(world: &World, relative: &str, key: &str) {
    let identity = promote::adapters::keys::read_identity(&world.at(key), None).unwrap();
    let bytes = std::fs::read(world.at(relative)).unwrap();
    let armor = identity.sign("evidence-v1@promote", &bytes).to_armor();
    std::fs::write(world.at(&format!("{relative}.sig")), armor).unwrap();
}

#[test]
fn a_bundle_is_signed_here_or_elsewhere() {
    let mut world = World::new();
    world.write("r.csv", returns(120));
    for person in ["ann", "bob"] {
        world
            .run(&["key", "generate", "--out", person])
            .expect(Exit::Done);
    }
    let profile = ["--profile", "moderate"];
    // With the key at hand: the producer is named and the signature holds.
    import(&mut world, &[&profile[..], &["--key", "ann"]].concat()).expect(Exit::Done);
    let manifest = || std::fs::read_to_string(world.at("e/evidence.json")).unwrap();
    assert!(manifest().contains(r#""person":"ann""#));
    assert!(world.at("e/evidence.json.sig").exists());
    std::fs::rename(world.at("e"), world.at("here")).unwrap();
    // Elsewhere: nothing but the manifest is written first.
    let out = ["--key", "ann.pub", "--statement-out", "m.json"];
    let answer = import(&mut world, &[&profile[..], &out].concat()).expect(Exit::Pending);
    assert!(answer.err.contains("ssh-keygen -Y sign"), "{}", answer.err);
    assert!(!world.at("e").exists());
    // A signature by somebody else, or of another run, is refused and nothing is written.
    sign_elsewhere(&world, "m.json", "bob");
    world.advance_hours(1);
    let back = [&profile[..], &["--signature", "m.json.sig"]].concat();
    import(&mut world, &back).expect(Exit::Integrity);
    sign_elsewhere(&world, "m.json", "ann");
    import(&mut world, &[&back[..], &["--fee-bps", "12"]].concat()).expect(Exit::Integrity);
    assert!(!world.at("e").exists());
    // The same command an hour later gives the signed bytes, and the bundle verifies.
    import(&mut world, &back).expect(Exit::Done);
    let signed = std::fs::read(world.at("m.json")).unwrap();
    assert_eq!(std::fs::read(world.at("e/evidence.json")).unwrap(), signed);
    let verified = world.run(&["evidence", "verify", "e", "--json"]);
    assert_eq!(verified.expect(Exit::Done).json()["ok"], true);
}
