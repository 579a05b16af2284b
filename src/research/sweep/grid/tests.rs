//! A small grid with a constraint, and what may be wrong with it.

use super::*;

const RSI: &str = r#"
[sweep.small]
kind = "rsi_reversion"
description = "A small grid."
constraints = ["lower < exit_lower"]
stop_pct = [0.02, 0.05]

[sweep.small.parameters]
rsi_window = [7, 14, 21]
lower = [20, 30, 60]
upper = 70
exit_lower = [50, 65]
"#;

fn one(text: &str) -> Sweep {
    Sweeps::parse(text).unwrap().0.into_values().next().unwrap()
}

fn wrong(from: &str, to: &str) -> String {
    let text = RSI.replacen(from, to, 1);
    assert_ne!(text, RSI, "{from}");
    let errors = Sweeps::parse(&text).unwrap_err();
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn a_plan_is_the_grid_without_what_breaks_a_constraint() {
    let sweep = one(RSI);
    let plan = sweep.plan(None).unwrap();
    assert_eq!((sweep.grid(), plan.grid), (36, 36));
    assert_eq!((plan.constrained, plan.impossible, plan.beyond), (6, 0, 0));
    assert_eq!(plan.combinations.len(), 30);
    let first = &plan.combinations[0];
    let last = &plan.combinations[29];
    let names: Vec<&str> = sweep.axes.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(
        names,
        ["exit_lower", "lower", "rsi_window", "upper", "stop_pct"]
    );
    assert_eq!(
        (&first.at, &last.at),
        (&vec![0, 0, 0, 0, 0], &vec![1, 2, 2, 0, 1])
    );
    assert_eq!(first.exits, [Some("0.02".parse().unwrap()), None]);
    assert_eq!(last.rule.parameters()["exit_lower"].to_string(), "65");
}

#[test]
fn fewer_runs_are_an_even_sample() {
    let sweep = one(RSI);
    let all = sweep.plan(None).unwrap().combinations;
    let some = sweep.plan(Some(5)).unwrap();
    assert_eq!(some.beyond, 25);
    let kept: Vec<usize> = some
        .combinations
        .iter()
        .map(|c| all.iter().position(|other| other == c).unwrap())
        .collect();
    assert_eq!(kept, [0, 6, 12, 18, 24]);
    assert_eq!(sweep.plan(Some(99)).unwrap().combinations, all);
}

#[test]
fn what_the_rule_does_not_allow_is_left_out_and_counted() {
    let sweep = one(&RSI.replace(r#"constraints = ["lower < exit_lower"]"#, ""));
    let plan = sweep.plan(None).unwrap();
    assert_eq!(
        (plan.constrained, plan.impossible, plan.combinations.len()),
        (0, 6, 30)
    );
}

#[test]
fn a_sweep_without_a_combination_says_why() {
    let sweep = one(&RSI.replace("lower < exit_lower", "lower > exit_lower"));
    let error = sweep.plan(None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no combination is left of 36: 30 break a constraint, 6 are not allowed by the rule"
    );
    let sweep = one(&RSI.replace("lower < exit_lower", "lower > 99"));
    let error = sweep.plan(None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no combination is left of 36: 36 break a constraint, 0 are not allowed by the rule"
    );
}

#[test]
fn a_grid_that_does_not_fit_is_refused_before_it_is_laid_out() {
    let many = |n: i64| {
        (1..=n)
            .map(|i| i.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let text = RSI
        .replace(
            "[7, 14, 21]",
            &format!("[{}]", many(10_000)).replacen("1, ", "", 1),
        )
        .replace("[20, 30, 60]", &format!("[{}]", many(49)));
    let error = one(&text).plan(None).unwrap_err();
    assert!(
        matches!(error, PlanError::TooMany(n) if n > 1_000_000),
        "{error}"
    );
}

#[test]
fn a_name_is_an_identifier() {
    let errors = Sweeps::parse(&RSI.replace("sweep.small", "sweep.Small")).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].span.is_some(), "{errors:?}");
}

#[test]
fn mistakes_name_the_token() {
    for (from, to, said) in [
        ("rsi_window", "rsi_period", "no parameter `rsi_period`"),
        ("[50, 65]", "[50, 55]", "at least `lower`"),
        ("[7, 14, 21]", "[1, 14]", "a whole number from 2"),
        ("[7, 14, 21]", "[]", "at least one value"),
        ("[7, 14, 21]", "[7, 7]", "`7` stands twice"),
        (
            "kind = \"rsi_reversion\"",
            "kind = \"rsi\"",
            "unknown kind `rsi`",
        ),
        ("lower < exit_lower", "lower <", "`left op right`"),
        ("lower < exit_lower", "lower ~ exit_lower", "one of: <"),
        ("lower < exit_lower", "low < exit_lower", "`low` is neither"),
        ("[0.02, 0.05]", "[2, 5]", "stop_pct takes fractions"),
        ("description", "describtion", "unknown field `describtion`"),
    ] {
        let found = wrong(from, to);
        assert!(found.contains(said), "{from} -> {to}: {found}");
    }
}

#[test]
fn a_parameter_of_the_rule_is_no_exit_of_the_executor() {
    let text = r#"
[sweep.own]
kind = "breakout"
description = "Levels of the rule."
stop_pct = 0.03

[sweep.own.parameters]
take_profit_pct = [0.05, 0.1]
"#;
    let sweep = one(text);
    let last = &sweep.plan(None).unwrap().combinations[1];
    assert_eq!(last.exits, [Some("0.03".parse().unwrap()), None]);
    assert_eq!(last.rule.parameters()["take_profit_pct"].to_string(), "0.1");
    let twice = text.replace("stop_pct = 0.03", "take_profit_pct = 0.03");
    let errors = Sweeps::parse(&twice).unwrap_err();
    assert!(errors[0].message.contains("say it once"), "{errors:?}");
}

/// Near the limit, with values that are possible in very few combinations, and one that is in none.
#[test]
fn values_of_a_large_grid_are_checked_one_by_one() {
    let list = |from: u32, to: u32| {
        let all: Vec<String> = (from..=to).map(|i| i.to_string()).collect();
        format!("[{}]", all.join(", "))
    };
    let text = |exits: &str| {
        RSI.replace("[7, 14, 21]", &list(2, 101))
            .replace("[20, 30, 60]", &list(1, 99))
            .replace("[50, 65]", exits)
    };
    // 99 is possible with `exit_lower = 100` only.
    let sweep = one(&text(&list(50, 100)).replace("upper = 70", "upper = 100"));
    assert!(sweep.grid() > 1_000_000);
    let errors = Sweeps::parse(&text(&list(50, 98)).replace("upper = 70", "upper = 100"));
    let said = errors.unwrap_err()[0].message.clone();
    assert!(
        said.contains("`exit_lower` must be at least `lower`"),
        "{said}"
    );
}
