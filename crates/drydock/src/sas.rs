//! Making shared access signatures, for examples and tests.

use std::fmt;
use std::time::SystemTime;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::key::AccountKey;
use crate::time;

/// The widest choice: every service and every client of today takes it.
const VERSION: &str = "2020-12-06";

/// A signature's query string. It prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SasToken(String);

impl SasToken {
    /// The query string, without `?`.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SasToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SasToken(…)")
    }
}

/// An account SAS for blobs, containers and the service.
///
/// `permissions` are the letters of `sp`, for example `rwdlac`.
pub fn account_sas(
    account: &str,
    key: &AccountKey,
    permissions: &str,
    expiry: SystemTime,
) -> SasToken {
    let expiry = time::iso(expiry);
    let (services, types, protocols) = ("b", "sco", "https,http");
    let text = format!(
        "{account}\n{permissions}\n{services}\n{types}\n\n{expiry}\n\n{protocols}\n{VERSION}\n\n"
    );
    token(
        &[
            ("sv", VERSION),
            ("ss", services),
            ("srt", types),
            ("sp", permissions),
            ("se", &expiry),
            ("spr", protocols),
        ],
        &key.sign(&text),
    )
}

/// A service SAS for one container and the blobs in it.
///
/// `permissions` are the letters of `sp` in the order of the service, for example `racwdl`.
pub fn container_sas(
    account: &str,
    key: &AccountKey,
    container: &str,
    permissions: &str,
    expiry: SystemTime,
) -> SasToken {
    let expiry = time::iso(expiry);
    let protocols = "https,http";
    let resource = format!("/blob/{account}/{container}");
    let text = format!(
        "{permissions}\n\n{expiry}\n{resource}\n\n\n{protocols}\n{VERSION}\nc\n\n\n\n\n\n\n"
    );
    token(
        &[
            ("sv", VERSION),
            ("sr", "c"),
            ("sp", permissions),
            ("se", &expiry),
            ("spr", protocols),
        ],
        &key.sign(&text),
    )
}

fn token(parameters: &[(&str, &str)], signature: &str) -> SasToken {
    let signed = [("sig", signature)];
    let pairs = parameters
        .iter()
        .chain(&signed)
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    SasToken(pairs.collect::<Vec<_>>().join("&"))
}
