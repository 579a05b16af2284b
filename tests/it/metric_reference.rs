//! The formulas against reference values that were computed by hand with numpy and scipy.
//!
//! The whole reference file is read where it stands beside the repository; the vectors below it
//! are typed in, so that the test bites everywhere.

use promote::metrics::correlation::{Styled, correlations, pearson};
use promote::metrics::drawdown::{drawdown_bars, max_drawdown};
use promote::metrics::dsr::{dsr, expected_best};
use promote::metrics::hit_ratio::hit_ratio;
use promote::metrics::pbo::{blocks_of, pbo, sharpe_variance};
use promote::metrics::profit_factor::profit_factor;
use promote::metrics::psr::{estimate, psr};
use promote::metrics::risk::decompose;
use promote::metrics::sharpe::sharpe;
use promote::metrics::sortino::{downside_deviation, sortino};
use promote::metrics::volatility::volatility;
use promote::metrics::{MetricResult, Undefined};
use promote::metrics::{cagr::cagr, calmar::calmar, total_return::total_return};
use serde_json::Value;

use crate::harness::shared_data;

type Formula = fn(&[f64], f64) -> MetricResult;

/// The reference's name of each built metric, and ours with the same sign.
const FORMULAS: [(&str, Formula); 16] = [
    ("total_return", |r, _| total_return(r)),
    ("cagr", cagr),
    ("ann_vol", volatility),
    ("sharpe_rf0", |r, q| sharpe(r, q, 0.0)),
    ("sharpe_rf2pct_geometric_per_period", |r, q| {
        sharpe(r, q, 0.02)
    }),
    ("downside_dev_ann_mar0", |r, q| {
        Ok(downside_deviation(r)? * q.sqrt())
    }),
    ("sortino_mar0", sortino),
    ("max_drawdown", |r, _| Ok(-max_drawdown(r)?)),
    ("max_drawdown_duration_bars", |r, _| {
        Ok(drawdown_bars(r)? as f64)
    }),
    ("calmar", calmar),
    ("hit_ratio_bars_excl_zero", |r, _| hit_ratio(r)),
    ("profit_factor_bars", |r, _| profit_factor(r)),
    ("psr_sr0_population_moments", |r, q| psr(r, q, 0.0)),
    ("psr_benchmark_annual_sr_0.5_population_moments", |r, q| {
        estimate(r, q, 0.0)?.probability_above(0.5 / q.sqrt())
    }),
    ("skew_population", |r, q| Ok(estimate(r, q, 0.0)?.skewness)),
    ("kurtosis_population_raw", |r, q| {
        Ok(estimate(r, q, 0.0)?.kurtosis)
    }),
];

#[track_caller]
fn close(name: &str, ours: MetricResult, wanted: f64) {
    let ours = ours.unwrap_or_else(|e| panic!("{name}: undefined {e}, wanted {wanted}"));
    let scale = wanted.abs().max(1e-300);
    assert!(
        (ours - wanted).abs() <= 1e-10 * scale || (wanted == 0.0 && ours.abs() < 1e-15),
        "{name}: {ours}, wanted {wanted}"
    );
}

fn reference() -> Option<Value> {
    let path = shared_data()?.join("../facts/metric-reference.json");
    let text = std::fs::read_to_string(path).unwrap();
    // JSON has no NaN; the file writes the literals as strings or bare words.
    Some(serde_json::from_str(&text).unwrap())
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter()
        .map(|x| x.as_f64().unwrap_or(f64::NAN))
        .collect()
}

#[test]
fn the_column_computed_by_hand() {
    let Some(file) = reference() else { return };
    let mut compared = 0;
    for (series, input) in file["inputs"].as_object().unwrap() {
        if ["four_strategies", "trials_matrix"].contains(&series.as_str()) {
            continue;
        }
        let returns = numbers(&input["returns"]);
        let q = input["periods_per_year"].as_f64().unwrap();
        for (metric, formula) in FORMULAS {
            let name = format!("{series}.{metric}");
            let wanted = &file["reference"][series][metric]["numpy/scipy by hand"];
            assert!(!wanted.is_null(), "{name} is not in the reference file");
            compared += 1;
            if returns.iter().any(|r| r.is_nan()) {
                // The libraries drop the holes; here a series with a hole is refused.
                assert_eq!(formula(&returns, q), Err(Undefined::NotANumber), "{name}");
                continue;
            }
            match wanted.as_f64() {
                Some(wanted) => close(&name, formula(&returns, q), wanted),
                None => assert!(formula(&returns, q).is_err(), "{name}: {wanted}"),
            }
        }
    }
    assert_eq!(compared, 11 * 16);
}

#[test]
fn the_trials_of_a_sweep() {
    let Some(file) = reference() else { return };
    let input = &file["inputs"]["trials_matrix"];
    let wanted = &file["reference"]["trials_matrix"];
    let rows: Vec<Vec<f64>> = input["returns"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    // The file holds one row per trial, or one per bar.
    let trials: Vec<Vec<f64>> = match rows.len() {
        12 => rows,
        _ => (0..12)
            .map(|trial| rows.iter().map(|row| row[trial]).collect())
            .collect(),
    };
    let blocks: Vec<_> = trials.iter().map(|r| blocks_of(r).unwrap()).collect();
    let number = |value: &Value| value.as_f64().unwrap();
    close(
        "pbo",
        pbo(&blocks),
        number(&wanted["pbo_cscv_S=16"]["numpy/scipy by hand"]["pbo"]),
    );
    let std = number(&wanted["trial_sharpe_std_ddof1"]["numpy"]);
    close("variance", sharpe_variance(&blocks), std * std);
    let best = expected_best(12, std * std);
    close(
        "sr0",
        best,
        number(&wanted["expected_max_sharpe"]["skfolio"]),
    );
    let estimated = estimate(&trials[11], 252.0, 0.0).unwrap();
    close(
        "psr of the best",
        estimated.probability_above(0.0),
        number(&wanted["psr_best_sr0"]["skfolio"]),
    );
    close(
        "dsr of the best",
        dsr(&estimated, 12, Some(std * std)),
        number(&wanted["dsr_best"]["skfolio"]),
    );
}

#[test]
fn the_four_strategies() {
    let Some(file) = reference() else { return };
    let input = &file["inputs"]["four_strategies"];
    let wanted = &file["reference"]["four_strategies"];
    let columns: Vec<Vec<f64>> = input["returns"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let series: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
    let weights = numbers(&input["weights"]);
    for (i, row) in wanted["correlation"]["numpy"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        for (j, r) in numbers(row).into_iter().enumerate() {
            close(
                &format!("correlation {i} {j}"),
                pearson(series[i], series[j]),
                r,
            );
        }
    }
    let styled: Vec<Styled<'_>> = series
        .iter()
        .map(|returns| Styled {
            style: "one",
            returns,
        })
        .collect();
    let mean = correlations(&styled).mean;
    // Computed there from a sum of numbers around 0.1 that cancels to 0.007: twelve digits of the
    // parts are ten of the mean.
    let mean_wanted = wanted["mean_pairwise_correlation"]["numpy"]
        .as_f64()
        .unwrap();
    close("mean_pairwise_correlation", mean, mean_wanted);
    let risk = decompose(&weights, &series).unwrap();
    let scalar = |name: &str| wanted[name]["numpy"].as_f64().unwrap();
    close(
        "vol",
        Ok(risk.volatility),
        scalar("portfolio_vol_per_period_rebalanced_every_bar"),
    );
    close(
        "dr",
        Ok(risk.diversification_ratio),
        scalar("diversification_ratio_choueifaty"),
    );
    let bets = "effective_number_of_risk_contributions_inverse_herfindahl";
    close("bets", Ok(risk.effective_bets), scalar(bets));
    let pairs = [
        ("component_risk_euler_sums_to_vol", &risk.components),
        ("percent_risk_contribution", &risk.shares),
    ];
    for (name, ours) in pairs {
        for (ours, wanted) in ours.iter().zip(numbers(&wanted[name]["numpy"])) {
            close(name, Ok(*ours), wanted);
        }
    }
    close("max share", Ok(risk.risk_contribution_max), risk.shares[0]);
    let portfolio: Vec<f64> = (0..series[0].len())
        .map(|t| weights.iter().zip(&series).map(|(w, s)| w * s[t]).sum())
        .collect();
    close(
        "sharpe",
        sharpe(&portfolio, 252.0, 0.0),
        scalar("portfolio_sharpe_ann252"),
    );
    close(
        "drawdown",
        max_drawdown(&portfolio).map(|d| -d),
        scalar("portfolio_max_drawdown"),
    );
}

/// `all_losses`, `two_elements`, `ruin` and the constant series, typed in.
#[test]
fn typed_in_vectors() {
    let losses: Vec<f64> = (0..60).map(|i| -0.0001 * f64::from(1 + i % 7)).collect();
    let check = |r: &[f64], wanted: [Option<f64>; 12]| {
        for ((name, formula), wanted) in FORMULAS.iter().zip(wanted) {
            match wanted {
                Some(wanted) => close(name, formula(r, 252.0), wanted),
                None => assert!(formula(r, 252.0).is_err(), "{name}"),
            }
        }
    };
    check(
        &losses,
        [
            -0.0231339621213,
            -0.0936268196678,
            0.00318430472948,
            -30.8638802971,
            -37.0829475857,
            0.00694982014156,
            -14.1413731576,
            -0.0231339621213,
            60.0,
            -4.04715885575,
            0.0,
            0.0,
        ]
        .map(Some),
    );
    check(
        &[0.01, -0.02],
        [
            -0.0102,
            -0.725224103265,
            0.33674916481,
            -3.74165738677,
            -3.80046497251,
            0.224499443206,
            -5.61248608016,
            -0.02,
            1.0,
            -36.2612051633,
            0.5,
            0.5,
        ]
        .map(Some),
    );
    check(
        &[0.01, 0.02, -1.0, 0.05, 0.01],
        [
            -1.0,
            -1.0,
            7.26369327546,
            -6.31414326854,
            -6.31686962339,
            7.09929573972,
            -6.46035912314,
            -1.0,
            3.0,
            -1.0,
            0.8,
            0.09,
        ]
        .map(Some),
    );
    let (none, zero) = (None, Some(0.0));
    let grown = (Some(0.061804713147), Some(0.286434044376));
    check(
        &[0.001; 60],
        [
            grown.0,
            grown.1,
            zero,
            none,
            none,
            zero,
            none,
            zero,
            zero,
            none,
            Some(1.0),
            none,
        ],
    );
    check(
        &[0.0; 60],
        [
            zero, zero, zero, none, none, zero, none, zero, zero, none, none, none,
        ],
    );
    check(
        &[],
        [
            zero, none, none, none, none, none, none, zero, zero, none, none, none,
        ],
    );
}

#[test]
fn reasons_are_the_right_ones() {
    use Undefined::{NoTrades, TooFewObservations, ZeroDenominator, ZeroVariance};
    assert_eq!(sharpe(&[0.001; 60], 252.0, 0.0), Err(ZeroVariance));
    assert_eq!(sharpe(&[0.0; 60], 252.0, 0.02), Err(ZeroVariance));
    assert_eq!(sharpe(&[0.0123], 252.0, 0.0), Err(TooFewObservations));
    assert_eq!(sortino(&[0.001; 60], 252.0), Err(ZeroVariance));
    assert_eq!(calmar(&[0.001; 60], 252.0), Err(ZeroDenominator));
    assert_eq!(profit_factor(&[1.0]), Err(ZeroDenominator));
    assert_eq!(profit_factor(&[]), Err(NoTrades));
    assert_eq!(hit_ratio(&[0.0]), Err(ZeroDenominator));
    assert_eq!(hit_ratio(&[]), Err(NoTrades));
    for (name, formula) in FORMULAS {
        assert_eq!(
            formula(&[0.01, f64::NAN], 252.0),
            Err(Undefined::NotANumber),
            "{name}"
        );
        assert_eq!(
            formula(&[0.01, f64::INFINITY], 252.0),
            Err(Undefined::Infinite),
            "{name}"
        );
    }
}
