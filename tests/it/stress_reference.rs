//! The stress formulas against published figures of the original system.
//!
//! Its fact sheet names a series that anybody can make again (four times 500 normal numbers of mean
//! 0.0005 and deviation 0.02 from numpy's legacy generator with seeds 43 to 46, equal weights) and
//! the figures after each scenario with a severity of 0.25 in the middle. The generator is written
//! out below, from its publication (Matsumoto and Nishimura 1998; Marsaglia's polar method).

use promote::metrics::drawdown::max_drawdown;
use promote::metrics::sharpe::sharpe;
use promote::metrics::stress::drawdown_extension::{Episode, drawdown_extension};
use promote::metrics::stress::gap_down_open::gap_down_open;
use promote::metrics::stress::strike::Strike;
use promote::metrics::stress::{Position, crash_at, single_crash_bar, vol_spike};
use promote::metrics::total_return::total_return;

/// MT19937.
struct Twister {
    state: Vec<u32>,
    at: usize,
    spare: Option<f64>,
}

impl Twister {
    fn new(seed: u32) -> Self {
        let mut state = vec![seed];
        for i in 1..624 {
            let before = state[i - 1];
            let mixed = (before ^ (before >> 30)).wrapping_mul(1_812_433_253);
            state.push(mixed.wrapping_add(u32::try_from(i).unwrap()));
        }
        Self {
            state,
            at: 624,
            spare: None,
        }
    }

    fn word(&mut self) -> u32 {
        if self.at == 624 {
            for i in 0..624 {
                let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % 624] & 0x7fff_ffff);
                let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[i] = self.state[(i + 397) % 624] ^ (y >> 1) ^ odd;
            }
            self.at = 0;
        }
        let mut y = self.state[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn uniform(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(scale * x);
                return scale * y;
            }
        }
    }
}

fn portfolio() -> Vec<f64> {
    let mut sums = vec![0.0; 500];
    for seed in 43..=46 {
        let mut numbers = Twister::new(seed);
        for sum in &mut sums {
            *sum += 0.25 * (0.0005 + 0.02 * numbers.normal());
        }
    }
    sums
}

/// Total return, maximum drawdown and Sharpe ratio as the original system has them: its equity
/// begins after the first bar, and it annualises with 365.
fn figures(returns: &[f64]) -> [f64; 3] {
    let seen = &returns[1..];
    [
        total_return(seen).unwrap(),
        -max_drawdown(seen).unwrap(),
        sharpe(seen, 365.0, 0.0).unwrap(),
    ]
}

#[track_caller]
fn close(name: &str, returns: &[f64], wanted: [f64; 3]) {
    for (ours, wanted) in figures(returns).into_iter().zip(wanted) {
        assert!(
            (ours - wanted).abs() < 6e-5,
            "{name}: {ours}, wanted {wanted}"
        );
    }
}

#[test]
fn every_scenario_of_the_fact_sheet() {
    let r = portfolio();
    close("baseline", &r, [0.42774, -0.15052, 1.43258]);
    let strike = Strike {
        severity: 0.25,
        window: 5,
        bar: 250,
    };
    let crash = single_crash_bar(&r, 0.25, Position::Middle).unwrap();
    close("crash", &crash, [0.0712, -0.3432, 0.3344]);
    assert_eq!(crash_at(&r, &strike).unwrap().put_into(&r), crash);
    let gap = gap_down_open(&r, &strike).unwrap().put_into(&r);
    close("gap", &gap, [0.0707, -0.3435, 0.3332]);
    for episode in [Episode::Longest, Episode::Deepest] {
        // On this series the longest run is the deepest too. The original does not see the first bar.
        let run = drawdown_extension(&r[1..], &strike, episode).unwrap();
        let extended = [&r[..1], &run.put_into(&r[1..])[..]].concat();
        close("extension", &extended, [0.2008, -0.2606, 0.7550]);
    }
    // The original scales the returns themselves, which made this window's losses smaller than ours
    // are: about its own mean, the window's sum stays.
    let spike = vol_spike(&r, 0.25, 5, Position::Middle).unwrap();
    let sum = |r: &[f64]| r[248..253].iter().sum::<f64>();
    assert!((sum(&spike) - sum(&r)).abs() < 1e-15);
    assert_eq!(spike[..248], r[..248]);
    let scaled: Vec<f64> = (0..500)
        .map(|i| {
            if (248..253).contains(&i) {
                1.25 * r[i]
            } else {
                r[i]
            }
        })
        .collect();
    close("scaled", &scaled, [0.4174, -0.1505, 1.4036]);
}
