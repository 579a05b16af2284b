//! Layouts: which column of a file means what, found by name, never by position.
//!
//! Binance writes `open_time` or `timestamp` as epoch numbers; CryptoDataDownload `unix` or `date`
//! with a symbol and one volume column per currency, in three arrangements; its Coinbase files
//! `date` as `2019-10-17 09-AM` with `volume_btc` (base) beside `volume` (quote); Yahoo an
//! `Adj Close` that we leave aside, because the other prices are not adjusted with it. Everything
//! else with a time, four prices and a volume is generic.
//!
//! Names are compared in lower case with spaces and hyphens as `_`.

use std::str::FromStr;

use super::symbol::Symbol;
use crate::kernel::text::visible;

/// Who wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Binance.
    Binance,
    /// CryptoDataDownload.
    Cryptodatadownload,
    /// Coinbase, as CryptoDataDownload offered it.
    Coinbase,
    /// Yahoo Finance.
    Yahoo,
    /// Anyone else.
    Generic,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 5] = [
        Self::Binance,
        Self::Cryptodatadownload,
        Self::Coinbase,
        Self::Yahoo,
        Self::Generic,
    ];

    /// The name in flags and manifests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Binance => "binance",
            Self::Cryptodatadownload => "cryptodatadownload",
            Self::Coinbase => "coinbase",
            Self::Yahoo => "yahoo",
            Self::Generic => "generic",
        }
    }

    /// Names of the time column, best first.
    const fn time_names(self) -> &'static [&'static str] {
        match self {
            Self::Binance => &["open_time", "timestamp"],
            Self::Cryptodatadownload => &["unix", "unix_timestamp", "timestamp", "date"],
            Self::Coinbase => &["date", "time"],
            Self::Yahoo => &["date", "datetime"],
            Self::Generic => &[
                "time",
                "timestamp",
                "unix",
                "open_time",
                "datetime",
                "date",
                "time_ms",
            ],
        }
    }
}

/// A text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a source")]
pub struct SourceError(String);

impl FromStr for Source {
    type Err = SourceError;
    fn from_str(text: &str) -> Result<Self, SourceError> {
        Self::ALL
            .into_iter()
            .find(|source| source.as_str() == text)
            .ok_or_else(|| SourceError(visible(text, 40)))
    }
}

/// Column numbers of one file, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Who wrote it.
    pub source: Source,
    /// Time.
    pub time: usize,
    /// Symbol, where the file has one.
    pub symbol: Option<usize>,
    /// First price.
    pub open: usize,
    /// Highest price.
    pub high: usize,
    /// Lowest price.
    pub low: usize,
    /// Last price.
    pub close: usize,
    /// Volume in the base currency.
    pub volume: usize,
    /// Volume in the quote currency, where the file has one.
    pub quote_volume: Option<usize>,
}

/// Why a header gives no layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A column is missing.
    #[error("no column for the {wanted}; the file has {have}")]
    Missing {
        /// What it should mean.
        wanted: String,
        /// The names that are there.
        have: String,
    },
    /// Two columns with one name.
    #[error("column `{0}` appears twice")]
    Twice(String),
    /// Volume columns that name currencies, and no symbol to tell them apart.
    #[error("the volume columns {0} name currencies: say which symbol is wanted")]
    NeedsSymbol(String),
}

/// `name` as it is compared.
#[must_use]
pub fn normal(name: &str) -> String {
    name.trim_start_matches('\u{feff}')
        .trim()
        .chars()
        .map(|c| match c {
            ' ' | '-' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// True when `names` look like a header of bars.
#[must_use]
pub fn is_header(names: &[String]) -> bool {
    let names: Vec<String> = names.iter().map(|name| normal(name)).collect();
    ["open", "high", "low", "close"]
        .iter()
        .all(|wanted| names.iter().any(|name| name == wanted))
}

struct Header {
    /// As they stand in the file.
    shown: Vec<String>,
    /// As they are compared.
    names: Vec<String>,
}

impl Header {
    fn find(&self, wanted: &str) -> Result<Option<usize>, LayoutError> {
        let mut places = self
            .names
            .iter()
            .enumerate()
            .filter(|(_, name)| *name == wanted);
        let first = places.next().map(|(index, _)| index);
        match places.next() {
            Some(_) => Err(LayoutError::Twice(visible(wanted, 40))),
            None => Ok(first),
        }
    }

    fn first_of(&self, wanted: &[&str]) -> Result<Option<usize>, LayoutError> {
        for name in wanted {
            if let Some(index) = self.find(name)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn need(&self, wanted: &[&str], meaning: &str) -> Result<usize, LayoutError> {
        self.first_of(wanted)?.ok_or_else(|| LayoutError::Missing {
            wanted: meaning.to_owned(),
            have: self.list(|_| true),
        })
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    /// Columns such as `Volume BTC`.
    fn currency_volumes(&self) -> Vec<usize> {
        let is_one = |name: &String| {
            name.strip_prefix("volume_").is_some_and(|rest| {
                let known = matches!(rest, "from" | "to" | "quote" | "base");
                !known && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        };
        let places = self.names.iter().enumerate();
        places.filter(|(_, n)| is_one(n)).map(|(i, _)| i).collect()
    }

    fn list(&self, keep: impl Fn(usize) -> bool) -> String {
        let shown: Vec<String> = self
            .shown
            .iter()
            .enumerate()
            .filter(|(index, _)| keep(*index))
            .take(20)
            .map(|(_, name)| format!("`{}`", visible(name, 40)))
            .collect();
        shown.join(", ")
    }
}

/// Finds the layout of a file from its header, the wanted `symbol`, the `source` if it is named,
/// and whether the first time is an epoch number.
///
/// # Errors
/// When a column is missing or ambiguous.
pub fn detect(
    header: &[String],
    source: Option<Source>,
    symbol: Option<&Symbol>,
    epoch: impl Fn(usize) -> bool,
) -> Result<Layout, LayoutError> {
    let header = Header {
        shown: header.to_vec(),
        names: header.iter().map(|name| normal(name)).collect(),
    };
    let source = source.unwrap_or_else(|| guess(&header, epoch));
    let (volume, quote_volume) = volumes(&header, symbol)?;
    Ok(Layout {
        source,
        time: header.need(source.time_names(), "time")?,
        symbol: header.first_of(&["symbol", "ticker", "pair"])?,
        open: header.need(&["open"], "open")?,
        high: header.need(&["high"], "high")?,
        low: header.need(&["low"], "low")?,
        close: header.need(&["close"], "close")?,
        volume,
        quote_volume,
    })
}

fn guess(header: &Header, epoch: impl Fn(usize) -> bool) -> Source {
    let currencies = header.currency_volumes().len();
    if header.has("adj_close") && header.has("date") {
        Source::Yahoo
    } else if header.has("symbol") && currencies == 1 && header.has("volume") && !header.has("unix")
    {
        Source::Coinbase
    } else if header.has("unix") || header.has("symbol") && currencies >= 1 {
        Source::Cryptodatadownload
    } else if !header.has("symbol")
        && Source::Binance
            .time_names()
            .iter()
            .filter_map(|name| header.names.iter().position(|n| n == name))
            .any(epoch)
    {
        Source::Binance
    } else {
        Source::Generic
    }
}

/// The base volume's column, and the quote volume's if there is one.
fn volumes(
    header: &Header,
    symbol: Option<&Symbol>,
) -> Result<(usize, Option<usize>), LayoutError> {
    const QUOTE: [&str; 5] = [
        "quote_volume",
        "quote_asset_volume",
        "volume_quote",
        "volume_to",
        "volumeto",
    ];
    let currencies = header.currency_volumes();
    if currencies.is_empty() {
        let names = [
            "volume",
            "vol",
            "base_volume",
            "volume_base",
            "volume_from",
            "volumefrom",
        ];
        return Ok((header.need(&names, "volume")?, header.first_of(&QUOTE)?));
    }
    let Some(symbol) = symbol else {
        let listed = header.list(|index| currencies.contains(&index));
        return Err(LayoutError::NeedsSymbol(listed));
    };
    let named = format!("volume_{}", symbol.base().to_ascii_lowercase());
    let base = header.need(&[&named], &format!("volume in {}", symbol.base()))?;
    let other = currencies.into_iter().find(|index| *index != base);
    let quote = match other {
        Some(index) => Some(index),
        None => header.first_of(&["volume"])?.or(header.first_of(&QUOTE)?),
    };
    Ok((base, quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(header: &str, symbol: &str) -> Result<Layout, LayoutError> {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        let symbol: Option<Symbol> = (!symbol.is_empty()).then(|| symbol.parse().unwrap());
        detect(&names, None, symbol.as_ref(), |_| true)
    }

    /// Header, then source, time, volume, quote volume.
    const CASES: [(&str, Source, usize, usize, Option<usize>); 9] = [
        (
            "timestamp,open,high,low,close,volume",
            Source::Binance,
            0,
            5,
            None,
        ),
        (
            "open_time,open,high,low,close,volume,close_time,quote_volume,count",
            Source::Binance,
            0,
            5,
            Some(7),
        ),
        (
            "unix,date,symbol,open,high,low,close,Volume BTC,Volume EUR",
            Source::Cryptodatadownload,
            0,
            7,
            Some(8),
        ),
        (
            "Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume EUR,Volume BTC",
            Source::Cryptodatadownload,
            0,
            8,
            Some(7),
        ),
        (
            "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume EUR",
            Source::Cryptodatadownload,
            0,
            6,
            Some(7),
        ),
        (
            "date,symbol,open,high,low,close,volume_btc,volume",
            Source::Coinbase,
            0,
            6,
            Some(7),
        ),
        (
            "Date,Open,High,Low,Close,Adj Close,Volume",
            Source::Yahoo,
            0,
            6,
            None,
        ),
        (
            "symbol,date,open,high,low,close,volume",
            Source::Generic,
            1,
            6,
            None,
        ),
        (
            "close,low,high,open,volume,\u{feff}Time",
            Source::Generic,
            5,
            4,
            None,
        ),
    ];

    #[test]
    fn the_layouts_met_in_reality() {
        for (header, source, time, volume, quote) in CASES {
            let found = layout(header, "BTC/EUR").unwrap();
            let got = (found.source, found.time, found.volume, found.quote_volume);
            assert_eq!(got, (source, time, volume, quote), "{header}");
        }
        let reversed = layout("close,low,high,open,volume,time", "BTC/EUR").unwrap();
        assert_eq!(
            (reversed.close, reversed.low, reversed.high, reversed.open),
            (0, 1, 2, 3)
        );
    }

    #[test]
    fn what_gives_no_layout() {
        for (header, symbol, said) in [
            (
                "open,high,low,close,volume",
                "BTC/EUR",
                "no column for the time",
            ),
            (
                "time,open,high,low,volume",
                "BTC/EUR",
                "no column for the close",
            ),
            (
                "time,open,high,low,close",
                "BTC/EUR",
                "no column for the volume",
            ),
            (
                "time,open,high,low,close,close,volume",
                "BTC/EUR",
                "`close` appears twice",
            ),
            (
                "time,open,high,low,Close,CLOSE,volume",
                "BTC/EUR",
                "`close` appears twice",
            ),
            (
                "unix,date,symbol,open,high,low,close,Volume ETH,Volume EUR",
                "BTC/EUR",
                "no column for the volume in BTC",
            ),
            (
                "unix,date,symbol,open,high,low,close,Volume ETH,Volume EUR",
                "",
                "name currencies",
            ),
        ] {
            let error = layout(header, symbol).unwrap_err().to_string();
            assert!(error.contains(said), "{header}: {error}");
        }
    }

    #[test]
    fn sources_read_back() {
        for source in Source::ALL {
            assert_eq!(source.as_str().parse::<Source>().unwrap(), source);
        }
        assert!("kraken".parse::<Source>().is_err());
    }
}
