//! From where and how a signature is taken.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// The protocols over which a signature is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SasProtocol {
    /// Over https alone.
    #[default]
    Https,
    /// Over http too: for emulators.
    HttpsAndHttp,
}

impl SasProtocol {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::HttpsAndHttp => "https,http",
        }
    }
}

/// The addresses from which a signature is taken, both ends included.
///
/// ```
/// use longshore_azure::SasAddresses;
///
/// let range: SasAddresses = "203.0.113.1-203.0.113.9".parse().unwrap();
/// assert_eq!(range.last.octets(), [203, 0, 113, 9]);
/// assert_eq!("203.0.113.7".parse::<SasAddresses>().unwrap().to_string(), "203.0.113.7");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SasAddresses {
    /// The first.
    pub first: Ipv4Addr,
    /// The last.
    pub last: Ipv4Addr,
}

/// Why a text names no addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddresses {
    /// It is no IPv4 address and no range of them.
    #[error("write an IPv4 address or a range, such as `203.0.113.7` or `203.0.113.1-203.0.113.9`")]
    Form,
    /// The last comes before the first.
    #[error("the range of addresses ends before it begins")]
    Backwards,
}

impl FromStr for SasAddresses {
    type Err = BadAddresses;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let read = |text: &str| text.trim().parse().map_err(|_| BadAddresses::Form);
        let (first, last): (Ipv4Addr, Ipv4Addr) = (read(first)?, read(last)?);
        if last < first {
            return Err(BadAddresses::Backwards);
        }
        Ok(Self { first, last })
    }
}

impl fmt::Display for SasAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}
