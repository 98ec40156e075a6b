//! An account SAS, for azcopy, which takes no account key.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

const VERSION: &str = "2021-12-02";

/// The query of a SAS that may do everything with blobs for a day.
pub(crate) fn account_sas(account: &str, key: &str) -> Result<String> {
    let expiry = Timestamp::now().checked_add(SignedDuration::from_hours(24))?;
    sign(
        account,
        key,
        &expiry.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

fn sign(account: &str, key: &str, expiry: &str) -> Result<String> {
    let (permissions, services, types, protocols) = ("rwdlac", "b", "sco", "https,http");
    // Name, sp, ss, srt, st, se, sip, spr, sv, ses, and a last line break.
    let signed = format!(
        "{account}\n{permissions}\n{services}\n{types}\n\n{expiry}\n\n{protocols}\n{VERSION}\n\n"
    );
    let key = STANDARD
        .decode(key)
        .context("the account key is no base64")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
    mac.update(signed.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    Ok(format!(
        "sv={VERSION}&ss={services}&srt={types}&sp={permissions}&se={}&spr={}&sig={}",
        encode(expiry),
        encode(protocols),
        encode(&signature)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signature was made by Python's `azure-storage-blob` for the same account, key and expiry.
    #[test]
    fn the_signature_is_the_one_that_the_python_sdk_makes() {
        let key = STANDARD.encode([7; 32]);
        let query = sign("devstoreaccount1", &key, "2030-01-02T03:04:05Z").unwrap();
        let signature = query.split_once("&sig=").unwrap().1;
        assert_eq!(
            signature,
            "sI%2FgDfQzrVB8iKgsN%2BeNNPUEOrqfRKTRn4O0kYk1eKU%3D"
        );
    }
}
