//! What must never be printed: account keys and shared access signatures.
//!
//! The types print a placeholder, whatever they hold. They say what can be said without the secret:
//! when a signature expires and what it permits.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::Sha256;

/// Every query parameter that belongs to a shared access signature.
const SAS_PARAMETERS: &[&str] = &[
    "rscc", "rscd", "rsce", "rscl", "rsct", "saoid", "scid", "sdd", "sduoid", "se", "ses", "si",
    "sig", "sip", "skdutid", "ske", "skoid", "sks", "skt", "sktid", "skv", "sp", "spr", "sr",
    "srh", "srq", "srt", "ss", "st", "suoid", "sv", "tn",
];

/// Why a secret is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// A shared access signature without its `sig` parameter.
    #[error("the shared access signature has no `sig` parameter")]
    NoSignature,
    /// A shared access signature with a parameter that none has.
    #[error("the shared access signature has a parameter that is not part of one")]
    UnknownParameter,
    /// An account key that is not base64.
    #[error("the account key is not base64")]
    NotBase64,
    /// An account key without content.
    #[error("the account key is empty")]
    EmptyKey,
}

/// A shared access signature.
///
/// ```
/// use longshore_azure::SasToken;
///
/// let sas = SasToken::parse("?sv=2020-12-06&sp=rl&se=2026-01-01T00:00:00Z&sig=c2VjcmV0").unwrap();
/// assert_eq!(sas.permissions(), Some("rl"));
/// assert_eq!(format!("{sas:?}"), "SasToken(REDACTED)");
/// ```
#[derive(Clone)]
pub struct SasToken {
    query: SecretString,
    start: Option<Timestamp>,
    expiry: Option<Timestamp>,
    permissions: Option<String>,
}

impl SasToken {
    /// Reads a signature as it stands in a URL, with or without the leading `?`.
    ///
    /// # Errors
    ///
    /// [`SecretError::NoSignature`] and [`SecretError::UnknownParameter`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let query = text
            .trim()
            .trim_start_matches(['?', '&'])
            .trim_end_matches('&');
        let pairs = || {
            query
                .split('&')
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        };
        if !pairs().all(|(name, _)| Self::owns(name)) {
            return Err(SecretError::UnknownParameter);
        }
        let value = |wanted: &str| {
            let (_, value) = pairs().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
            (!value.is_empty()).then_some(value)
        };
        if value("sig").is_none() {
            return Err(SecretError::NoSignature);
        }
        Ok(Self {
            start: value("st").and_then(|text| parse_time(&text)),
            expiry: value("se").and_then(|text| parse_time(&text)),
            permissions: value("sp").filter(|text| text.chars().all(|c| c.is_ascii_lowercase())),
            query: SecretString::from(query),
        })
    }

    /// A signature that was issued here.
    pub(crate) fn issued(query: &str) -> Self {
        Self::parse(query)
            .expect("what is issued has a signature, and no other parameters than one")
    }

    /// Whether a query parameter belongs to a shared access signature.
    pub(crate) fn owns(parameter: &str) -> bool {
        SAS_PARAMETERS.contains(&parameter.to_ascii_lowercase().as_str())
    }

    /// From when on it is valid, if it says so.
    pub const fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// Until when it is valid; none if a stored access policy says so instead.
    pub const fn expiry(&self) -> Option<Timestamp> {
        self.expiry
    }

    /// What it permits, in the letters of the service.
    pub fn permissions(&self) -> Option<&str> {
        self.permissions.as_deref()
    }

    /// Whether it was valid until a moment before `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expiry.is_some_and(|expiry| expiry <= now)
    }

    /// **The secret itself**, as a query without `?`: for the wire and nothing else.
    ///
    /// Whoever holds this text has the access that it grants. Do not log, print or store it.
    pub fn expose(&self) -> &str {
        self.query.expose_secret()
    }
}

impl fmt::Debug for SasToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SasToken(REDACTED)")
    }
}

/// The service writes and takes ISO 8601 in three lengths, always in UTC.
fn parse_time(text: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse() {
        return Some(timestamp);
    }
    let text = text.trim_end_matches(['Z', 'z']);
    let time = match text.parse::<civil::DateTime>() {
        Ok(time) => time,
        Err(_) => text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The shared key of a storage account.
#[derive(Clone)]
pub struct AccountKey(SecretSlice<u8>);

impl AccountKey {
    /// Reads a key as the portal shows it.
    ///
    /// # Errors
    ///
    /// [`SecretError::NotBase64`] and [`SecretError::EmptyKey`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes = STANDARD
            .decode(text.trim())
            .map_err(|_| SecretError::NotBase64)?;
        if bytes.is_empty() {
            return Err(SecretError::EmptyKey);
        }
        Ok(Self(SecretSlice::from(bytes)))
    }

    /// The base64 of the HMAC-SHA256 of a string under this key.
    pub(crate) fn sign(&self, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())
            .expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(REDACTED)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_signature_tells_when_and_what() {
        let sas =
            SasToken::parse("?sv=2020-12-06&st=2026-01-01&se=2026-01-02T03:04Z&sp=racwl&sig=a%3D");
        let sas = sas.unwrap();
        assert_eq!(sas.start().unwrap().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(sas.expiry().unwrap().to_string(), "2026-01-02T03:04:00Z");
        assert!(sas.is_expired("2026-01-02T03:04:00Z".parse().unwrap()));
        assert!(!sas.is_expired("2026-01-02T03:03:59Z".parse().unwrap()));
        assert_eq!(sas.permissions(), Some("racwl"));
        assert_eq!(
            sas.expose(),
            "sv=2020-12-06&st=2026-01-01&se=2026-01-02T03:04Z&sp=racwl&sig=a%3D"
        );
    }

    #[test]
    fn times_are_read_in_every_form_of_the_service() {
        for text in [
            "2026-01-02T03:04:00Z",
            "2026-01-02T03:04:00.0000000Z",
            "2026-01-02T03:04Z",
        ] {
            assert_eq!(
                parse_time(text).unwrap().to_string(),
                "2026-01-02T03:04:00Z",
                "{text}"
            );
        }
        assert_eq!(parse_time("soon"), None);
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let sas = |text| SasToken::parse(text).unwrap_err();
        assert_eq!(sas("sv=2020-12-06&sp=r"), SecretError::NoSignature);
        assert_eq!(sas("sv=2020-12-06&sig="), SecretError::NoSignature);
        assert_eq!(sas("hello"), SecretError::UnknownParameter);
        let key = |text| AccountKey::parse(text).unwrap_err();
        assert_eq!(key("not base64!"), SecretError::NotBase64);
        assert_eq!(key(""), SecretError::EmptyKey);
    }

    proptest! {
        #[test]
        fn debug_never_shows_the_secret(secret in "[A-Za-z0-9]{16,64}") {
            let sas = SasToken::parse(&format!("sv=1&sp={secret}&se={secret}&sig={secret}")).unwrap();
            let debug = format!("{sas:?}");
            prop_assert!(!debug.contains(&secret));
            let encoded = STANDARD.encode(&secret);
            let key = AccountKey::parse(&encoded).unwrap();
            let debug = format!("{key:?}");
            prop_assert!(!debug.contains(&secret) && !debug.contains(&encoded));
        }
    }
}
