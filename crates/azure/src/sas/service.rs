//! A service SAS, and its signature.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::limits::{SasAddresses, SasProtocol};
use super::permissions::SasPermissions;
use super::resource::SasResource;
use crate::secret::{AccountKey, SasToken};

/// What is written otherwise in a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The version whose rules are signed for.
const VERSION: &str = "2020-12-06";

/// A service SAS to be.
///
/// ```
/// use longshore_azure::{AccountKey, SasPermissions, SasResource, ServiceSas};
///
/// let container = SasResource::Container { container: "apps".to_owned() };
/// let expiry = "2026-01-01T00:00:00Z".parse().unwrap();
/// let key = AccountKey::parse("c2VjcmV0").unwrap();
/// let sas = ServiceSas::new(container.clone(), SasPermissions::READ, expiry).sign("contoso", &key);
/// assert_eq!(sas.permissions(), Some("r"));
/// assert_eq!(sas.expiry(), Some(expiry));
///
/// let sas = ServiceSas::under_policy(container, "nightly").sign("contoso", &key);
/// assert_eq!((sas.permissions(), sas.expiry()), (None, None));
/// ```
#[derive(Clone, Debug)]
pub struct ServiceSas {
    /// What it opens.
    pub resource: SasResource,
    /// The stored access policy of the container that says what is not said here, and ends the signature with itself.
    pub policy: Option<String>,
    /// What it permits; not said where the policy says it.
    pub permissions: Option<SasPermissions>,
    /// From when on; at once when not said. Clocks differ: a start just now may be in the service's future.
    pub start: Option<Timestamp>,
    /// Until when; not said where the policy says it. Times are cut to seconds.
    pub expiry: Option<Timestamp>,
    /// Over which protocols.
    pub protocol: SasProtocol,
    /// From which addresses; from all when not said.
    pub addresses: Option<SasAddresses>,
}

impl ServiceSas {
    /// From now on, over https, from everywhere.
    pub const fn new(
        resource: SasResource,
        permissions: SasPermissions,
        expiry: Timestamp,
    ) -> Self {
        Self {
            resource,
            policy: None,
            permissions: Some(permissions),
            start: None,
            expiry: Some(expiry),
            protocol: SasProtocol::Https,
            addresses: None,
        }
    }

    /// As a stored access policy says, over https, from everywhere.
    ///
    /// What the policy leaves open must be said, and what it says must not: the service refuses both.
    pub fn under_policy(resource: SasResource, policy: impl Into<String>) -> Self {
        Self {
            resource,
            policy: Some(policy.into()),
            permissions: None,
            start: None,
            expiry: None,
            protocol: SasProtocol::Https,
            addresses: None,
        }
    }

    /// Signs it with the key of the account.
    pub fn sign(&self, account: &str, key: &AccountKey) -> SasToken {
        let signature = key.sign(&self.string_to_sign(account));
        let query: Vec<String> = self
            .parameters()
            .into_iter()
            .chain([("sig", signature)])
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(&value, ENCODED)))
            .collect();
        SasToken::issued(&query.join("&"))
    }

    /// What the query says besides the signature.
    fn parameters(&self) -> [(&'static str, String); 9] {
        [
            ("sv", VERSION.to_owned()),
            ("sr", self.resource.letter().to_owned()),
            ("sdd", text(self.resource.depth())),
            ("si", text(self.policy.as_deref())),
            ("sp", text(self.permissions)),
            ("st", text(self.start.map(time))),
            ("se", text(self.expiry.map(time))),
            ("sip", text(self.addresses)),
            ("spr", self.protocol.as_str().to_owned()),
        ]
    }

    /// The depth of a directory is not signed: its name is.
    pub(super) fn string_to_sign(&self, account: &str) -> String {
        let none = String::new;
        [
            text(self.permissions),
            text(self.start.map(time)),
            text(self.expiry.map(time)),
            self.resource.canonical(account),
            text(self.policy.as_deref()),
            text(self.addresses),
            self.protocol.as_str().to_owned(),
            VERSION.to_owned(),
            self.resource.letter().to_owned(),
            none(), // the time of a snapshot
            none(), // ses: an encryption scope
            none(), // rscc
            none(), // rscd
            none(), // rsce
            none(), // rscl
            none(), // rsct
        ]
        .join("\n")
    }
}

/// A value as it is signed; empty when there is none.
fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A time as the service writes it.
fn time(time: Timestamp) -> String {
    let time = time.to_zoned(TimeZone::UTC);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
