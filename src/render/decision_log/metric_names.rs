//! Metrics as the playbook names them, German and English.
//!
//! The names of the playbook's template stand as they are there; the others follow their manner.
//! The sample is named where a metric exists on several.

use super::words::Language;
use crate::metrics::{Metric, Sample};

/// A metric on its sample.
#[must_use]
pub fn metric(language: Language, metric: Metric, sample: Sample) -> String {
    let name = name(language, metric);
    match sample {
        // The template's own, and what is about the data rather than about a sample of it.
        Sample::Full
            if matches!(
                metric,
                Metric::MaxDrawdown | Metric::HistoryDays | Metric::DataAgeDays
            ) =>
        {
            name.to_owned()
        }
        Sample::Full if metric.samples().len() == 1 => name.to_owned(),
        Sample::Stress | Sample::Mc => name.to_owned(),
        Sample::Full => format!("{name} ({})", language.pick("gesamt", "full")),
        Sample::Oos => format!("{name} (OOS)"),
        Sample::Shadow => format!("{name} (Shadow)"),
        Sample::Testnet => format!("{name} (Testnet)"),
        Sample::Live => format!("{name} (Live)"),
    }
}

fn name(language: Language, metric: Metric) -> &'static str {
    use Metric as M;
    let (de, en) = match metric {
        M::Sharpe => ("Sharpe", "Sharpe"),
        M::Sortino => ("Sortino", "Sortino"),
        M::Calmar => ("Calmar", "Calmar"),
        M::ProfitFactor => ("Profit-Faktor", "Profit factor"),
        M::Cagr => ("CAGR", "CAGR"),
        M::TotalReturn => ("Gesamtrendite", "Total return"),
        M::Volatility => ("Volatilität", "Volatility"),
        M::MaxDrawdown => ("Max Drawdown", "Max Drawdown"),
        M::HitRatio => ("Trefferquote", "Hit ratio"),
        M::Trades => ("Trades", "Trades"),
        M::TradesPerMonth => ("Trades pro Monat", "Trades per month"),
        M::DrawdownDays => ("Drawdown-Dauer", "Drawdown time"),
        M::HistoryDays => ("Historie", "History"),
        M::DataAgeDays => ("Alter der Daten", "Age of the data"),
        M::McRuns => ("Monte-Carlo-Läufe", "Monte-Carlo runs"),
        M::Styles => ("Strategie-Stile", "Strategy styles"),
        M::Strategies => ("Strategien", "Strategies"),
        M::Trials => (
            "Gezählte Versuche (Untergrenze)",
            "Trials counted (lower bound)",
        ),
        M::Psr => ("Probabilistic Sharpe Ratio", "Probabilistic Sharpe Ratio"),
        M::Dsr => ("Deflated Sharpe Ratio", "Deflated Sharpe Ratio"),
        M::Pbo => (
            "Overfitting-Wahrscheinlichkeit (PBO)",
            "Probability of backtest overfitting (PBO)",
        ),
        M::LimitBreaches => ("Verletzungen der Limits", "Breaches of limits"),
        M::OrderSuccess => ("Order-Erfolgsquote", "Order success"),
        M::CostBreakeven => (
            "Kosten-Breakeven (Vielfaches der Kosten)",
            "Cost break-even (multiple of the costs)",
        ),
        M::RegimeSharpeMin => (
            "Sharpe im schlechtesten Marktregime",
            "Sharpe in the worst market regime",
        ),
        _ => return other(language, metric),
    };
    language.pick(de, en)
}

/// Families: stress, Monte-Carlo, the portfolio's parts, drift, the book.
fn other(language: Language, metric: Metric) -> &'static str {
    use Metric as M;
    let (de, en) = match metric {
        M::CrashDrawdown => ("Stress-Test (Crash)", "Stress-Test (Crash)"),
        M::CrashDrawdownWorst => (
            "Stress-Test (Crash an der schlechtesten Stelle)",
            "Stress-Test (Crash at the worst position)",
        ),
        M::StressDrawdownWorst => (
            "Stress-Test (schlechtestes Szenario)",
            "Stress-Test (worst scenario)",
        ),
        M::McSharpeP025 => (
            "Monte-Carlo Sharpe, 2.5%-Quantil",
            "Monte-Carlo Sharpe, 2.5% quantile",
        ),
        M::McSharpeP05 => (
            "Monte-Carlo Sharpe, 5%-Quantil",
            "Monte-Carlo Sharpe, 5% quantile",
        ),
        M::McSharpeP50 => ("Monte-Carlo Sharpe, Median", "Monte-Carlo Sharpe, median"),
        M::McSharpeP95 => (
            "Monte-Carlo Sharpe, 95%-Quantil",
            "Monte-Carlo Sharpe, 95% quantile",
        ),
        M::McSharpeP975 => (
            "Monte-Carlo Sharpe, 97.5%-Quantil",
            "Monte-Carlo Sharpe, 97.5% quantile",
        ),
        M::McMaxDrawdownP95 => (
            "Monte-Carlo Max Drawdown, 95%-Quantil",
            "Monte-Carlo Max Drawdown, 95% quantile",
        ),
        M::McProbSharpeAboveFloor => (
            "Monte-Carlo-Läufe mit Sharpe über der Schwelle",
            "Monte-Carlo runs with a Sharpe above the floor",
        ),
        M::CorrelationMax => (
            "Höchste Korrelation zwischen Stilen",
            "Highest correlation between styles",
        ),
        M::CorrelationMean => ("Mittlere Korrelation", "Mean correlation"),
        M::DiversificationRatio => ("Diversifikationsquote", "Diversification ratio"),
        M::EffectiveBets => ("Effektive Wetten", "Effective bets"),
        M::RiskContributionMax => (
            "Höchster Risikobeitrag einer Strategie",
            "Highest risk contribution of a strategy",
        ),
        M::DriftReturn => ("Drift der Rendite", "Drift of the return"),
        M::DriftVolatility => ("Drift der Volatilität", "Drift of the volatility"),
        M::DriftDrawdown => ("Drift des Drawdowns", "Drift of the drawdown"),
        M::DriftTrades => ("Drift der Trades", "Drift of the trades"),
        M::DriftSlippage => ("Drift der Slippage", "Drift of the slippage"),
        M::BookMaxDrawdown => (
            "Max Drawdown mit allen LIVE-Portfolios",
            "Max Drawdown with all LIVE portfolios",
        ),
        M::BookCorrelationMax => (
            "Höchste Korrelation mit einem LIVE-Portfolio",
            "Highest correlation with a LIVE portfolio",
        ),
        M::BookExposure => (
            "Exposure mit allen LIVE-Portfolios",
            "Exposure with all LIVE portfolios",
        ),
        // A metric without a name here keeps its id; the test below finds it.
        unnamed => (unnamed.as_str(), unnamed.as_str()),
    };
    language.pick(de, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_name_of_its_own() {
        for language in [Language::De, Language::En] {
            let mut names: Vec<&str> = Metric::ALL.iter().map(|m| name(language, *m)).collect();
            for (metric, name) in Metric::ALL.iter().zip(&names) {
                assert_ne!(metric.as_str(), *name);
            }
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), Metric::ALL.len());
        }
    }
}
