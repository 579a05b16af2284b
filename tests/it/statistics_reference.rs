//! The statistics of research against reference values that were computed by hand with numpy and
//! scipy, or by the tools named in the reference file.
//!
//! The whole reference file is read where it stands beside the repository; the vectors typed in
//! below it bite everywhere: they are a series made by a rule, with values computed by an
//! independent program in Python.

use promote::metrics::autocorrelation::autocorrelation;
use promote::metrics::bias_corrected::{
    bias_corrected, excess_kurtosis_corrected, skewness_corrected,
};
use promote::metrics::block_length::block_lengths;
use promote::metrics::bootstrap::{Method, Resampling, Seed};
use promote::metrics::correlation_matrix::CorrelationMatrix;
use promote::metrics::cscv::cscv;
use promote::metrics::effective_bets::{
    bets_by_components, bets_by_rank, bets_by_torsion, bets_by_weight,
};
use promote::metrics::expected_maximum::expected_maximum;
use promote::metrics::expected_shortfall::{
    expected_shortfall, shortfall_below_quantile, shortfall_gaussian,
};
use promote::metrics::lo_sharpe::lo_sharpe;
use promote::metrics::min_track_record::min_track_record;
use promote::metrics::psr::estimate;
use promote::metrics::relative::{beta, information_ratio, tracking_error};
use promote::metrics::risk::decompose;
use promote::metrics::sharpe_error::sharpe_error;
use promote::metrics::superior_ability::{reality_check, superior_ability};
use promote::metrics::ulcer::{conditional_drawdown, ulcer_index};
use promote::metrics::value_at_risk::{value_at_risk, value_at_risk_gaussian};
use promote::metrics::{MetricResult, Undefined};
use serde_json::Value;

use crate::harness::shared_data;

type Formula = fn(&[f64], f64) -> MetricResult;

/// Values at the tail of 5 %, with the sign of the reference.
const HAND: [(&str, Formula); 10] = [
    ("var95_historical_linear", |r, _| {
        Ok(-value_at_risk(r, 0.05)?)
    }),
    ("var95_gaussian", |r, _| {
        Ok(-value_at_risk_gaussian(r, 0.05)?)
    }),
    ("cvar95_historical_leq_quantile", |r, _| {
        Ok(-shortfall_below_quantile(r, 0.05)?)
    }),
    ("cvar95_empyrical_order_stat", |r, _| {
        // empyrical takes floor((n - 1) / 20) + 1 observations, which are those at or below the
        // quantile wherever no two are equal around it.
        Ok(-shortfall_below_quantile(r, 0.05)?)
    }),
    ("cvar95_gaussian", |r, _| Ok(-shortfall_gaussian(r, 0.05)?)),
    ("skew_bias_corrected_G1", |r, q| {
        skewness_corrected(&estimate(r, q, 0.0)?)
    }),
    ("excess_kurtosis_bias_corrected_G2", |r, q| {
        excess_kurtosis_corrected(&estimate(r, q, 0.0)?)
    }),
    ("psr_sr0_bias_corrected_moments", |r, q| {
        bias_corrected(&estimate(r, q, 0.0)?)?.probability_above(0.0)
    }),
    ("lag1_autocorr", |r, _| autocorrelation(r, 1)),
    ("ulcer_index_n", |r, _| ulcer_index(r)),
];

/// What only some series have: name, column, and ours.
const TOOLS: [(&str, &str, Formula); 7] = [
    (
        "sharpe_lo2002_ann_first5_autocorr",
        "numpy/scipy by hand",
        |r, q| lo_sharpe(r, q, 0.0, 5),
    ),
    ("sharpe_jk_mertens_se_ann", "numpy/scipy by hand", |r, q| {
        sharpe_error(&estimate(r, q, 0.0)?, q)
    }),
    ("politis_white_block_stationary", "arch", |r, _| {
        Ok(block_lengths(r)?.stationary)
    }),
    ("politis_white_block_circular", "arch", |r, _| {
        Ok(block_lengths(r)?.circular)
    }),
    (
        "cvar95_rockafellar_uryasev_positive_sign",
        "skfolio",
        |r, _| expected_shortfall(r, 0.05),
    ),
    ("cdar95_compounded", "skfolio", |r, _| {
        conditional_drawdown(r, 0.05)
    }),
    ("ulcer_index", "skfolio", |r, _| ulcer_index(r)),
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
    Some(serde_json::from_str(&text).unwrap())
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter()
        .map(|x| x.as_f64().unwrap_or(f64::NAN))
        .collect()
}

/// The single series with their names and periods per year.
fn series(file: &Value) -> Vec<(String, Vec<f64>, f64)> {
    let inputs = file["inputs"].as_object().unwrap();
    inputs
        .iter()
        .filter(|(name, _)| !["four_strategies", "trials_matrix"].contains(&name.as_str()))
        .map(|(name, input)| {
            let q = input["periods_per_year"].as_f64().unwrap();
            (name.clone(), numbers(&input["returns"]), q)
        })
        .collect()
}

#[test]
fn the_column_computed_by_hand() {
    let Some(file) = reference() else { return };
    let mut compared = 0;
    for (series, returns, q) in series(&file) {
        let hole = returns.iter().any(|r| r.is_nan());
        // The libraries drop the holes; here a series with one is refused, and what is left agrees.
        let kept: Vec<f64> = returns.iter().copied().filter(|r| !r.is_nan()).collect();
        for (metric, formula) in HAND {
            let name = format!("{series}.{metric}");
            let wanted = &file["reference"][&series][metric]["numpy/scipy by hand"];
            assert!(!wanted.is_null(), "{name} is not in the reference file");
            compared += 1;
            if hole {
                assert_eq!(formula(&returns, q), Err(Undefined::NotANumber), "{name}");
            }
            let ours = formula(&kept, q);
            match wanted.as_f64() {
                Some(wanted) if wanted.is_finite() => close(&name, ours, wanted),
                // scipy has no normal distribution of deviation 0; minus the mean is its limit.
                _ if metric == "var95_gaussian" && series.starts_with("constant") => {
                    close(&name, ours, kept[0]);
                }
                _ => assert!(ours.is_err(), "{name}: {ours:?}, wanted {wanted}"),
            }
        }
    }
    assert_eq!(compared, 11 * 10);
}

#[test]
fn the_track_record_has_no_length_where_the_benchmark_is_not_exceeded() {
    let Some(file) = reference() else { return };
    let (mut finite, mut infinite) = (0, 0);
    for (series, returns, q) in series(&file) {
        let kept: Vec<f64> = returns.iter().copied().filter(|r| !r.is_nan()).collect();
        let wanted = &file["reference"][&series]["min_trl_95_sr0_population_moments"];
        let wanted = wanted["numpy/scipy by hand"].as_f64();
        match (estimate(&kept, q, 0.0), wanted) {
            (Ok(e), Some(wanted)) if e.sharpe > 0.0 => {
                finite += 1;
                close(&series, min_track_record(&e, 0.0, 0.95), wanted);
            }
            (Ok(e), Some(_)) => {
                infinite += 1;
                let ours = min_track_record(&e, 0.0, 0.95);
                assert_eq!(ours, Err(Undefined::Infinite), "{series}");
            }
            (Err(_), None) => {}
            (found, wanted) => panic!("{series}: {found:?} {wanted:?}"),
        }
    }
    assert_eq!((finite, infinite), (3, 4));
}

#[test]
fn the_columns_of_the_tools() {
    let Some(file) = reference() else { return };
    let mut compared = 0;
    for (series, returns, q) in series(&file) {
        let kept: Vec<f64> = returns.iter().copied().filter(|r| !r.is_nan()).collect();
        for (metric, column, formula) in TOOLS {
            let Some(wanted) = file["reference"][&series][metric][column].as_f64() else {
                continue;
            };
            compared += 1;
            close(&format!("{series}.{metric}"), formula(&kept, q), wanted);
        }
    }
    assert!(compared > 15, "{compared}");
    // Without variance the tool has no block; here bars are drawn one by one.
    let constant = numbers(&file["inputs"]["constant_positive"]["returns"]);
    assert_eq!(
        block_lengths(&constant).unwrap().stationary.to_bits(),
        1.0_f64.to_bits()
    );
    let own = numbers(&file["inputs"]["daily_t5_ar1"]["returns"]);
    let other = numbers(&file["inputs"]["daily_benchmark"]["returns"]);
    let wanted = |metric: &str| {
        let values = file["reference"]["daily_t5_ar1"][metric]
            .as_object()
            .unwrap();
        values["numpy/scipy by hand"].as_f64().unwrap()
    };
    close(
        "te",
        tracking_error(&own, &other, 252.0),
        wanted("tracking_error_ann"),
    );
    let ratio = information_ratio(&own, &other);
    close("ir", ratio, wanted("information_ratio_per_period"));
    close("beta", beta(&own, &other), wanted("beta"));
}

#[test]
fn the_trials_of_a_sweep() {
    let Some(file) = reference() else { return };
    let rows: Vec<Vec<f64>> = file["inputs"]["trials_matrix"]["returns"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let trials: Vec<Vec<f64>> = (0..12)
        .map(|trial| rows.iter().map(|row| row[trial]).collect())
        .collect();
    let series: Vec<&[f64]> = trials.iter().map(|t| &t[..]).collect();
    let wanted = &file["reference"]["trials_matrix"];
    for blocks in [4, 8, 10, 16] {
        let found = cscv(&series, blocks).unwrap();
        let wanted = &wanted[format!("pbo_cscv_S={blocks}")]["numpy/scipy by hand"];
        let line = found.degradation.unwrap();
        for (name, ours) in [
            ("combinations", found.choices as f64),
            ("pbo", found.pbo),
            ("mean_logit", found.logit_mean),
            ("median_logit", found.logit_median),
            ("prob_oos_loss", found.loss_share),
            ("degradation_slope", line.slope),
            ("degradation_intercept", line.intercept),
            ("degradation_r2", line.r_squared),
        ] {
            close(
                &format!("S={blocks} {name}"),
                Ok(ours),
                wanted[name].as_f64().unwrap(),
            );
        }
    }
    let best = estimate(series[11], 252.0, 0.0).unwrap();
    let length = min_track_record(&best, 0.0, 0.95);
    close(
        "min_trl",
        length,
        wanted["min_trl_best_95"]["pypbo"].as_f64().unwrap(),
    );
    let resampling = Resampling {
        method: Method::Stationary,
        block: 5,
        seed: Seed::from_int(1),
    };
    let found = superior_ability(&series, &resampling, 5000).unwrap();
    let arch = &wanted["spa_pvalues_reps5000_block5_stationary_seed1_zero_benchmark"]["arch"];
    for (name, ours) in [
        ("lower", found.lower),
        ("consistent", found.consistent),
        ("upper", found.upper),
    ] {
        // Both are shares of 5,000 resamples.
        let wanted = arch[name].as_f64().unwrap();
        assert!(
            (ours - wanted).abs() < 0.003,
            "{name}: {ours}, wanted {wanted}"
        );
    }
    assert!(reality_check(&series, &resampling, 5000).unwrap() < 0.02);
    let maxima = file["reference"]["expected_max_of_N_standard_normals"]
        .as_object()
        .unwrap();
    assert_eq!(maxima.len(), 6);
    for (n, wanted) in maxima {
        let ours = expected_maximum(n.parse().unwrap());
        close(n, ours, wanted["exact_quadrature"].as_f64().unwrap());
    }
}

#[test]
fn the_four_strategies() {
    let Some(file) = reference() else { return };
    let input = &file["inputs"]["four_strategies"];
    let columns: Vec<Vec<f64>> = input["returns"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let series: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
    let weights = numbers(&input["weights"]);
    let wanted = &file["reference"]["four_strategies"];
    let scalar = |name: &str| wanted[name]["numpy"].as_f64().unwrap();
    let table = CorrelationMatrix::new(&series).unwrap();
    close("mean", table.mean(), scalar("mean_pairwise_correlation"));
    for (name, ours) in [
        (
            "effective_number_by_weights_inverse_herfindahl",
            bets_by_weight(&weights),
        ),
        (
            "effective_number_of_bets_entropy_minimum_torsion_meucci",
            bets_by_torsion(&weights, &series),
        ),
        (
            "effective_number_of_bets_entropy_principal_components",
            bets_by_components(&weights, &series),
        ),
        (
            "effective_rank_of_correlation_exp_entropy",
            bets_by_rank(&series),
        ),
        (
            "stress_all_correlations_to_one_vol",
            decompose(&weights, &series).map(|r| r.volatility_together),
        ),
    ] {
        close(name, ours, scalar(name));
    }
    let risk = decompose(&weights, &series).unwrap();
    let marginal = numbers(&wanted["marginal_risk"]["numpy"]);
    for (ours, wanted) in risk.marginal.iter().zip(marginal) {
        close("marginal", Ok(*ours), wanted);
    }
}

/// 0.01 x ((i^2 mod 17) / 8 - 0.9), 60 bars; expectations from a program in Python that shares no
/// code with ours.
#[test]
fn typed_in_vectors() {
    let r: Vec<f64> = (0..60_u32)
        .map(|i| 0.01 * (f64::from(i * i % 17) / 8.0 - 0.9))
        .collect();
    let wanted = [
        0.009,
        0.01086031579545,
        0.009,
        0.008444444444444,
        0.01385214446665,
        0.0788537202687,
        -1.518659857505,
        0.3316205170593,
        0.01649923409669,
        0.0305356801772,
        1.731870786123,
        2.058645025327,
        164.77951608,
        1.152677971204,
        1.319486890715,
    ];
    let e = estimate(&r, 252.0, 0.0).unwrap();
    let ours = [
        value_at_risk(&r, 0.05),
        value_at_risk_gaussian(&r, 0.05),
        shortfall_below_quantile(&r, 0.05),
        expected_shortfall(&r, 0.12),
        shortfall_gaussian(&r, 0.05),
        skewness_corrected(&e),
        excess_kurtosis_corrected(&e),
        autocorrelation(&r, 1),
        ulcer_index(&r),
        conditional_drawdown(&r, 0.12),
        lo_sharpe(&r, 252.0, 0.0, 5),
        sharpe_error(&e, 252.0),
        min_track_record(&e, 0.0, 0.95),
        Ok(block_lengths(&r).unwrap().stationary),
        Ok(block_lengths(&r).unwrap().circular),
    ];
    for (i, (ours, wanted)) in ours.into_iter().zip(wanted).enumerate() {
        close(&format!("number {i}"), ours, wanted);
    }
}
