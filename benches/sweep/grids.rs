//! The grids that are run: one per kind of rule, about a thousand combinations each with stops.

use promote::research::sweep::grid::{COMBINATIONS_MAX, Plan, Sweeps};

fn list(values: impl Iterator<Item = f64>) -> String {
    let texts: Vec<String> = values.map(|x| format!("{x}")).collect();
    format!("[{}]", texts.join(", "))
}

/// `count` values from `first` on, in hundredths, `step` apart.
fn hundredths(first: i32, step: i32, count: i32) -> String {
    list((0..count).map(|i| f64::from(first + i * step) / 100.0))
}

fn wholes(first: i32, step: i32, count: i32) -> String {
    list((0..count).map(|i| f64::from(first + i * step)))
}

fn plan(kind: &str, stops: &str, parameters: &[(&str, String)]) -> Plan {
    let lines: Vec<String> = parameters
        .iter()
        .map(|(name, values)| format!("{name} = {values}\n"))
        .collect();
    let text = format!(
        "[sweep.s]\nkind = \"{kind}\"\ndescription = \"Bench.\"\nstop_pct = {stops}\n\
         [sweep.s.parameters]\n{}",
        lines.concat()
    );
    let sweeps = Sweeps::parse(&text).unwrap();
    sweeps.0.values().next().unwrap().plan(None).unwrap()
}

/// 10 windows x 20 levels of entry x 10 of exit x 5 stops.
pub fn thresholds() -> Plan {
    plan(
        "rsi_reversion",
        "[0.01, 0.02, 0.03, 0.04, 0.05]",
        &[
            ("rsi_window", wholes(5, 2, 10)),
            ("lower", wholes(15, 1, 20)),
            ("upper", "90".to_owned()),
            ("exit_lower", wholes(45, 2, 10)),
        ],
    )
}

/// The text of a grid just below the limit: 100 windows x 90 levels of entry x 111 of exit, where each
/// exit below the entry is impossible.
pub fn at_the_limit() -> String {
    let text = format!(
        "[sweep.s]\nkind = \"rsi_reversion\"\ndescription = \"Bench.\"\n[sweep.s.parameters]\n\
         rsi_window = {}\nlower = {}\nupper = 100\nexit_lower = {}\n",
        wholes(2, 1, 100),
        wholes(5, 1, 90),
        hundredths(4450, 50, 111),
    );
    let sweeps = Sweeps::parse(&text).unwrap();
    let grid = sweeps.0.values().next().unwrap().grid();
    assert!((COMBINATIONS_MAX as u128 * 99 / 100..=COMBINATIONS_MAX as u128).contains(&grid));
    text
}

/// Three rules each, of windows that grow from list to list.
fn components() -> String {
    let lists = (0..25).map(|i| {
        let (fast, slow) = (3 + i, 40 + 2 * i);
        format!(
            "[{{ kind = \"ma_trend\", weight = 0.5, parameters = {{ fast_window = {fast}, slow_window = {slow} }} }}, \
             {{ kind = \"donchian\", weight = 0.3, parameters = {{ lookback = {slow}, exit_lookback = {fast} }} }}, \
             {{ kind = \"bollinger\", weight = 0.2, parameters = {{ bb_period = {slow}, bb_std = 1 }} }}]"
        )
    });
    format!("[{}]", lists.collect::<Vec<_>>().join(", "))
}

/// One grid for every kind that is no pair of thresholds on one indicator.
#[allow(clippy::too_many_lines, reason = "a list of grids")]
pub fn others() -> Vec<(&'static str, Plan)> {
    let stops = "[0.02, 0.05]";
    let of =
        |kind: &'static str, parameters: &[(&str, String)]| (kind, plan(kind, stops, parameters));
    vec![
        of(
            "ma_crossover",
            &[
                ("fast_window", wholes(2, 2, 25)),
                ("slow_window", wholes(60, 10, 20)),
            ],
        ),
        of(
            "macd",
            &[
                ("fast_ema", wholes(4, 2, 8)),
                ("slow_ema", wholes(20, 4, 8)),
                ("signal_ema", wholes(3, 2, 8)),
            ],
        ),
        of(
            "momentum",
            &[
                ("lookback_period", wholes(10, 10, 10)),
                ("entry_threshold", hundredths(1, 1, 10)),
                ("exit_threshold", hundredths(-4, 1, 5)),
            ],
        ),
        of(
            "bollinger",
            &[
                ("bb_period", wholes(10, 4, 25)),
                ("bb_std", hundredths(100, 10, 20)),
            ],
        ),
        of(
            "mean_reversion",
            &[
                ("lookback", wholes(10, 10, 10)),
                ("entry_threshold", hundredths(-300, 20, 10)),
                ("exit_threshold", hundredths(-50, 25, 5)),
            ],
        ),
        of(
            "breakout",
            &[
                ("lookback_breakout", wholes(10, 10, 10)),
                ("stop_loss_pct", hundredths(2, 2, 5)),
                ("take_profit_pct", hundredths(0, 10, 2)),
                ("trailing_stop_pct", hundredths(1, 2, 5)),
            ],
        ),
        of(
            "donchian",
            &[
                ("lookback", wholes(60, 10, 25)),
                ("exit_lookback", wholes(5, 2, 20)),
            ],
        ),
        of(
            "trend_following",
            &[
                ("adx_period", wholes(7, 7, 5)),
                ("adx_threshold", wholes(25, 5, 5)),
                ("exit_threshold", wholes(10, 5, 4)),
                ("ma_period", wholes(20, 40, 5)),
            ],
        ),
        of(
            "vol_regime_filter",
            &[
                ("vol_window", wholes(10, 10, 5)),
                ("lookback_percentile", wholes(50, 50, 4)),
                ("vol_percentile_low", wholes(10, 10, 5)),
                ("vol_percentile_high", wholes(60, 10, 5)),
            ],
        ),
        of(
            "composite",
            &[
                ("components", components()),
                (
                    "mode",
                    "[\"weighted\", \"voting\", \"unanimous\", \"any_long\"]".to_owned(),
                ),
                ("threshold", hundredths(10, 10, 5)),
            ],
        ),
    ]
}
