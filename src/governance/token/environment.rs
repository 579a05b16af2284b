//! The environment of a session, told from the endpoint that it trades at, by a closed table.
//!
//! Loopback addresses are simulated, the listed hosts are testnets, everything else is production:
//! what is not known is treated as money. Names are not resolved; `localhost` is a name, and names
//! can be pointed elsewhere, so the simulator is written as an address.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Where orders go.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// The simulated exchange on this host.
    Simulated,
    /// A testnet of an exchange.
    Testnet,
    /// Anything else: money.
    Production,
}

/// Testnets of exchanges, exact host names.
pub const TESTNET_HOSTS: [&str; 9] = [
    "api-public.sandbox.exchange.coinbase.com",
    "api-testnet.bybit.com",
    "demo-futures.kraken.com",
    "stream-testnet.bybit.com",
    "stream.binancefuture.com",
    "test.deribit.com",
    "testnet.binance.vision",
    "testnet.binancefuture.com",
    "testnet.bitmex.com",
];

impl Environment {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Testnet => "testnet",
            Self::Production => "production",
        }
    }

    /// Where `endpoint` leads: a URL such as `http://127.0.0.1:9470` or
    /// `https://testnet.binance.vision/api`.
    #[must_use]
    pub fn of(endpoint: &str) -> Self {
        match host(endpoint) {
            Some((_, host)) if is_loopback(host) => Self::Simulated,
            Some((true, host)) if TESTNET_HOSTS.contains(&host) => Self::Testnet,
            _ => Self::Production,
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Environment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Simulated, Self::Testnet, Self::Production]
            .into_iter()
            .find(|environment| environment.as_str() == text)
            .ok_or_else(|| "use simulated, testnet or production".to_owned())
    }
}

/// Whether the scheme is encrypted, and the host, of the plainest URLs only: anything that two
/// readers could read differently has no host.
fn host(endpoint: &str) -> Option<(bool, &str)> {
    let (scheme, rest) = endpoint.split_once("://")?;
    let encrypted = match scheme {
        "https" | "wss" => true,
        "http" | "ws" => false,
        _ => return None,
    };
    let authority = rest.split('/').next()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    if !authority.bytes().all(plain) {
        return None;
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(inner) => {
            let (host, rest) = inner.split_once(']')?;
            (
                host,
                rest.strip_prefix(':').or(rest.is_empty().then_some("1")),
            )
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, Some("1")),
        },
    };
    let port: u16 = port?.parse().ok()?;
    (port > 0).then_some((encrypted, host))
}

fn is_loopback(host: &str) -> bool {
    let v4 = host.parse::<Ipv4Addr>().is_ok_and(|a| a.is_loopback());
    v4 || host.parse::<Ipv6Addr>().is_ok_and(|a| a.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_production() {
        use Environment::{Production, Simulated, Testnet};
        for (endpoint, environment) in [
            ("http://127.0.0.1:9470", Simulated),
            ("http://127.0.0.1", Simulated),
            ("http://127.8.9.10:1/x", Simulated),
            ("ws://[::1]:9470/stream", Simulated),
            ("http://[::1]", Simulated),
            ("https://testnet.binance.vision", Testnet),
            ("https://testnet.binance.vision:443/api/v3", Testnet),
            ("wss://test.deribit.com/ws/api/v2", Testnet),
            // Plain text to a testnet could be answered by anybody.
            ("http://testnet.binance.vision", Production),
            ("https://api.binance.com", Production),
            ("https://api.kraken.com", Production),
            ("http://localhost:9470", Production),
            ("http://0.0.0.0:9470", Production),
            ("http://10.0.0.1:9470", Production),
            ("http://127.0.0.1.example.com", Production),
            ("http://127.0.0.1@example.com", Production),
            ("http://example.com#127.0.0.1", Production),
            ("http://example.com\\@127.0.0.1", Production),
            ("http://127.0.0.1:9470@example.com/", Production),
            ("http://127.1", Production),
            ("http://2130706433", Production),
            ("http://0x7f.0.0.1", Production),
            ("http://[::ffff:127.0.0.1]", Production),
            ("http://[::1]x", Production),
            ("http://127.0.0.1:", Production),
            ("http://127.0.0.1:0", Production),
            ("http://127.0.0.1:99999", Production),
            ("https://testnet.binance.vision.example.com", Production),
            ("https://example.com/testnet.binance.vision", Production),
            ("https://TESTNET.binance.vision", Production),
            ("https://testnet.binance.vision.", Production),
            ("ftp://127.0.0.1", Production),
            ("127.0.0.1:9470", Production),
            ("//127.0.0.1", Production),
            ("", Production),
        ] {
            assert_eq!(Environment::of(endpoint), environment, "{endpoint}");
        }
        assert!(TESTNET_HOSTS.is_sorted());
    }

    #[test]
    fn each_environment_is_read_as_it_is_written() {
        for (word, environment) in [
            ("simulated", Environment::Simulated),
            ("testnet", Environment::Testnet),
            ("production", Environment::Production),
        ] {
            assert_eq!(environment.to_string(), word);
            assert_eq!(word.parse(), Ok(environment));
        }
        assert!("live".parse::<Environment>().is_err());
    }
}
