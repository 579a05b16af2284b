//! The order of the risk profiles in a catalogue.
//!
//! Of two strategies of one kind on one symbol, that of the more careful profile has the wider stop,
//! the smaller position and the longer look-back; equal is allowed. Strategies of different kinds
//! have nothing to compare, and profiles of other names have no place in the order.

use std::collections::BTreeMap;

use super::configuration::StrategyConfiguration;
use super::recipe::Catalogue;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;
use crate::research::market::timeframe::Timeframe;
use crate::research::strategy::registry::Rule;

/// The profiles, most careful first.
pub const PROFILES: [&str; 3] = ["conservative", "moderate", "aggressive"];

/// One strategy in one profile.
struct Place<'a> {
    profile: usize,
    strategy: &'a StrategyConfiguration,
}

/// Every break of the order, a line each; none when it holds.
#[must_use]
pub fn breaks(catalogue: &Catalogue) -> Vec<String> {
    let mut places: BTreeMap<(usize, &StrategyId), Place<'_>> = BTreeMap::new();
    for preset in catalogue.presets.values() {
        let known = PROFILES.iter().position(|p| *p == preset.profile.as_str());
        let Some(profile) = known else { continue };
        for strategy in &preset.strategies {
            let place = Place { profile, strategy };
            places.insert((profile, &strategy.id), place);
        }
    }
    let mut found = Vec::new();
    for careful in places.values() {
        let alike = |bold: &&Place<'_>| {
            careful.profile < bold.profile
                && careful.strategy.kind == bold.strategy.kind
                && careful.strategy.symbol == bold.strategy.symbol
        };
        for bold in places.values().filter(alike) {
            found.extend(compare(careful, bold));
        }
    }
    found
}

fn compare(careful: &Place<'_>, bold: &Place<'_>) -> Vec<String> {
    let (a, b) = (careful.strategy, bold.strategy);
    let mut found = Vec::new();
    let mut say = |what: &str, one: String, other: String| {
        let name = |place: &Place<'_>| {
            let profile = PROFILES.get(place.profile).copied().unwrap_or_default();
            format!("`{}` ({profile})", place.strategy.id)
        };
        let (careful, bold) = (name(careful), name(bold));
        found.push(format!(
            "{careful} has {what} than {bold}: {one} against {other}"
        ));
    };
    // Without a stop the way down is open: wider than any.
    if let (Some(one), other) = (nearest_stop(a), nearest_stop(b))
        && other.is_none_or(|other| one < other)
    {
        let shown = other.map_or_else(|| "none".to_owned(), |other| other.to_string());
        say("a narrower stop", one.to_string(), shown);
    }
    if size(a) > size(b) {
        let shown = |s: &StrategyConfiguration| match s.risk_per_trade {
            None => s.position_fraction.to_string(),
            Some(_) => format!("{} by risk", size(s)),
        };
        say("a larger position", shown(a), shown(b));
    }
    if let (Some(one), Some(other)) = (look_back(a), look_back(b))
        && one < other
    {
        let shown = |ms: i64| format!("{} min", ms / 60_000);
        say("a shorter look-back", shown(one), shown(other));
    }
    found
}

/// The share of its capital that a position takes, also where it is sized by risk.
fn size(strategy: &StrategyConfiguration) -> f64 {
    let most = strategy.position_fraction.to_f64();
    let risk = strategy.risk_per_trade.as_ref().map(Decimal::to_f64);
    match (risk, nearest_stop(strategy)) {
        (Some(risk), Some(stop)) => most.min(risk / stop),
        _ => most,
    }
}

/// The nearest of the stop of the block and the stops of the rule.
fn nearest_stop(strategy: &StrategyConfiguration) -> Option<f64> {
    let block = strategy.stop.as_ref().map(Decimal::to_f64);
    let rule = Rule::new(&strategy.kind, &strategy.parameters).ok();
    let own = rule.map(|rule| rule.stops()).unwrap_or_default();
    [block, own.stop, own.trailing]
        .into_iter()
        .flatten()
        .min_by(f64::total_cmp)
}

/// Milliseconds until the rule's indicators are defined.
fn look_back(strategy: &StrategyConfiguration) -> Option<i64> {
    let timeframe: Timeframe = strategy.timeframe.parse().ok()?;
    let rule = Rule::new(&strategy.kind, &strategy.parameters).ok()?;
    let bars = i64::try_from(rule.warm_up()).ok()?;
    Some(bars * timeframe.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../config/portfolio_recipes.toml");

    fn broken(from: &str, to: &str) -> Vec<String> {
        assert!(SHIPPED.contains(from), "{from}");
        breaks(&Catalogue::parse(&SHIPPED.replace(from, to)).unwrap())
    }

    #[test]
    fn the_shipped_catalogue_is_in_order() {
        assert_eq!(broken("", ""), Vec::<String>::new());
    }

    #[test]
    fn every_break_names_both_strategies() {
        let stop = "[strategy.ma_trend_btc_moderate]\nkind = \"ma_trend\"\nsymbol = \"BTC/EUR\"\n\
                    timeframe = \"1h\"\nstyle = \"trend\"\nposition_fraction = 0.90\nstop_pct = 0.05";
        let narrower = broken(stop, &stop.replace("0.05", "0.03"));
        assert_eq!(
            narrower,
            [
                "`ma_trend_btc_moderate` (moderate) has a narrower stop than `ma_trend_btc_aggressive` \
                 (aggressive): 0.03 against 0.04"
            ]
        );
        let larger = broken("position_fraction = 0.80", "position_fraction = 0.95");
        assert!(larger.iter().all(|line| line.contains("a larger position")));
        assert!(larger.iter().any(|line| {
            line.contains("`rsi_reversion_btc_conservative` (conservative)")
                && line.contains("`rsi_reversion_btc_moderate` (moderate): 0.95 against 0.9")
        }));
        let shorter = broken("rsi_window = 21", "rsi_window = 11");
        let first = shorter.iter().find(|line| line.contains("btc_balanced_12"));
        assert!(
            first.is_some_and(|line| line.ends_with(
                "a shorter look-back than \
                `rsi_reversion_btc_balanced_12` (moderate): 720 min against 780 min"
            )),
            "{shorter:?}"
        );
    }

    /// 3 % at risk over a stop of 5 % is a position of 0.6; over 4 %, one of 0.75.
    #[test]
    fn a_position_sized_by_risk_counts_with_what_it_takes() {
        let by_risk = |risk: &str| {
            let from = "position_fraction = 0.80\nstop_pct = 0.05";
            let further = format!("sizing = \"risk_per_trade\"\nrisk_per_trade = {risk}");
            let to = format!("position_fraction = 1.00\nstop_pct = 0.05\n{further}");
            broken(from, &to)
        };
        assert_eq!(by_risk("0.04"), Vec::<String>::new());
        let larger = by_risk("0.048");
        assert!(
            larger
                .iter()
                .any(|line| line.contains("a larger position than")),
            "{larger:?}"
        );
        assert!(
            larger
                .iter()
                .all(|line| line.contains("0.96 by risk against 0.9")),
            "{larger:?}"
        );
    }

    /// The trail of a breakout is a stop as well.
    #[test]
    fn the_stops_of_a_rule_count() {
        let narrower = broken("trailing_stop_pct = 0.05", "trailing_stop_pct = 0.01");
        assert_eq!(narrower.len(), 1, "{narrower:?}");
        assert!(narrower[0].ends_with("0.01 against 0.04"), "{narrower:?}");
        // No stop is wider than any, and a narrow one beside it breaks the order.
        let without = broken(
            "[strategy.macd_btc_aggressive]\nkind = \"macd\"\nsymbol = \"BTC/EUR\"\n\
            timeframe = \"30min\"\nstyle = \"trend\"\nposition_fraction = 1.00\nstop_pct = 0.04\n",
            "[strategy.macd_btc_aggressive]\nkind = \"macd\"\nsymbol = \"BTC/EUR\"\n\
            timeframe = \"30min\"\nstyle = \"trend\"\nposition_fraction = 1.00\n",
        );
        assert!(without[0].ends_with("0.05 against none"), "{without:?}");
    }
}
