//! Issuing shared access signatures with the account's key: service SAS, for a container or one blob.
//!
//! The string to sign is that of version 2020-12-06, the widest choice: every service since then takes it. It signs
//! values as they are and the query carries them encoded. What a signature opens is a matter of types, so that none can
//! be issued that the service would read otherwise. Whether somebody should have one is decided elsewhere.

use std::fmt;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::secret::{AccountKey, SasToken};

/// What is written otherwise in a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The version whose rules are signed for.
const VERSION: &str = "2020-12-06";

/// What a signature permits.
///
/// ```
/// use longshore_azure::SasPermissions;
///
/// let permissions = SasPermissions::LIST.and(SasPermissions::READ);
/// assert_eq!(permissions.to_string(), "rl");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SasPermissions(u16);

impl SasPermissions {
    /// The letters of the service, in the order in which it wants them.
    const LETTERS: &'static str = "racwdl";

    /// Read blobs.
    pub const READ: Self = Self(1);
    /// Add blocks to append blobs.
    pub const ADD: Self = Self(1 << 1);
    /// Write new blobs.
    pub const CREATE: Self = Self(1 << 2);
    /// Write blobs.
    pub const WRITE: Self = Self(1 << 3);
    /// Delete blobs.
    pub const DELETE: Self = Self(1 << 4);
    /// List blobs.
    pub const LIST: Self = Self(1 << 5);

    /// These and those.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for SasPermissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = Self::LETTERS.char_indices();
        let mut granted = letters.filter(|(bit, _)| self.0 & (1 << bit) != 0);
        granted.try_for_each(|(_, letter)| write!(f, "{letter}"))
    }
}

/// What a signature opens; names as they are, not encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SasResource {
    /// A container, and all blobs in it.
    Container {
        /// Its name.
        container: String,
    },
    /// One blob.
    Blob {
        /// The container.
        container: String,
        /// The blob's name.
        blob: String,
    },
}

impl SasResource {
    const fn letter(&self) -> &'static str {
        match self {
            Self::Container { .. } => "c",
            Self::Blob { .. } => "b",
        }
    }

    fn canonical(&self, account: &str) -> String {
        match self {
            Self::Container { container } => format!("/blob/{account}/{container}"),
            Self::Blob { container, blob } => format!("/blob/{account}/{container}/{blob}"),
        }
    }
}

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
    const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::HttpsAndHttp => "https,http",
        }
    }
}

/// The addresses from which a signature is taken, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SasAddresses {
    /// The first.
    pub first: Ipv4Addr,
    /// The last.
    pub last: Ipv4Addr,
}

impl fmt::Display for SasAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// A service SAS to be.
///
/// ```
/// use longshore_azure::{AccountKey, SasPermissions, SasResource, ServiceSas};
///
/// let container = SasResource::Container { container: "apps".to_owned() };
/// let expiry = "2026-01-01T00:00:00Z".parse().unwrap();
/// let key = AccountKey::parse("c2VjcmV0").unwrap();
/// let sas = ServiceSas::new(container, SasPermissions::READ, expiry).sign("contoso", &key);
/// assert_eq!(sas.permissions(), Some("r"));
/// assert_eq!(sas.expiry(), Some(expiry));
/// ```
#[derive(Clone, Debug)]
pub struct ServiceSas {
    /// What it opens.
    pub resource: SasResource,
    /// What it permits.
    pub permissions: SasPermissions,
    /// From when on; at once when not said. Clocks differ: a start just now may be in the service's future.
    pub start: Option<Timestamp>,
    /// Until when. Times are cut to seconds.
    pub expiry: Timestamp,
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
            permissions,
            start: None,
            expiry,
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
    fn parameters(&self) -> [(&'static str, String); 7] {
        [
            ("sv", VERSION.to_owned()),
            ("sr", self.resource.letter().to_owned()),
            ("sp", self.permissions.to_string()),
            ("st", self.start.map(time).unwrap_or_default()),
            ("se", time(self.expiry)),
            ("sip", self.sip()),
            ("spr", self.protocol.as_str().to_owned()),
        ]
    }

    fn sip(&self) -> String {
        self.addresses
            .map(|addresses| addresses.to_string())
            .unwrap_or_default()
    }

    fn string_to_sign(&self, account: &str) -> String {
        let none = String::new;
        [
            self.permissions.to_string(),
            self.start.map(time).unwrap_or_default(),
            time(self.expiry),
            self.resource.canonical(account),
            none(), // si: a stored access policy
            self.sip(),
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

/// A time as the service writes it.
fn time(time: Timestamp) -> String {
    let time = time.to_zoned(TimeZone::UTC);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sas() -> ServiceSas {
        let resource = SasResource::Blob {
            container: "apps".to_owned(),
            blob: "windows server/ü+&=%2F.exe".to_owned(),
        };
        let expiry = "2026-11-13T09:49:37.9Z".parse().unwrap();
        ServiceSas::new(resource, SasPermissions::READ, expiry)
    }

    #[test]
    fn the_string_has_sixteen_lines_with_values_as_they_are() {
        let sas = ServiceSas {
            start: Some("2026-11-13T08:49:37Z".parse().unwrap()),
            protocol: SasProtocol::HttpsAndHttp,
            addresses: Some(SasAddresses {
                first: Ipv4Addr::new(203, 0, 113, 1),
                last: Ipv4Addr::new(203, 0, 113, 9),
            }),
            ..sas()
        };
        assert_eq!(
            sas.string_to_sign("contoso"),
            "r\n2026-11-13T08:49:37Z\n2026-11-13T09:49:37Z\n\
             /blob/contoso/apps/windows server/ü+&=%2F.exe\n\n203.0.113.1-203.0.113.9\nhttps,http\n\
             2020-12-06\nb\n\n\n\n\n\n\n"
        );
    }

    #[test]
    fn the_query_is_encoded_and_leaves_out_what_is_not_said() {
        let token = sas().sign("contoso", &AccountKey::parse("c2VjcmV0").unwrap());
        let (said, signature) = token.expose().split_once("&sig=").unwrap();
        assert_eq!(
            said,
            "sv=2020-12-06&sr=b&sp=r&se=2026-11-13T09%3A49%3A37Z&spr=https"
        );
        assert!(signature.ends_with("%3D"), "{signature}");
        assert!(!signature.contains(['+', '/', '=']), "{signature}");
        assert_eq!(token.permissions(), Some("r"));
        assert_eq!(format!("{token:?}"), "SasToken(REDACTED)");
    }

    /// Vectors were signed by the Python SDK's own signer (azure-storage-blob 12.31.1), told to sign for this version.
    #[test]
    fn signatures_are_those_of_another_signer() {
        let key = AccountKey::parse("c2VjcmV0IGtleSBmb3IgdmVjdG9ycw==").unwrap();
        let signature = |sas: &ServiceSas| {
            let token = sas.sign("contoso", &key);
            let (_, signature) = token.expose().split_once("&sig=").unwrap();
            signature.to_owned()
        };
        let blob = ServiceSas {
            start: Some("2026-11-13T08:34:37Z".parse().unwrap()),
            addresses: Some(SasAddresses {
                first: Ipv4Addr::new(203, 0, 113, 1),
                last: Ipv4Addr::new(203, 0, 113, 9),
            }),
            ..sas()
        };
        assert_eq!(
            signature(&blob),
            "2Pd5DBz0N8x2eptDjEDUnK64AkE6OZUVNuPMf1M%2FAoE%3D"
        );
        let container = ServiceSas {
            resource: SasResource::Container {
                container: "apps".to_owned(),
            },
            permissions: SasPermissions::READ.and(SasPermissions::LIST),
            protocol: SasProtocol::HttpsAndHttp,
            ..sas()
        };
        assert_eq!(
            signature(&container),
            "Dfx0mj27kUlkpJtwxfo2basuyyzyPi4HDa4lRZc8Zb8%3D"
        );
    }

    #[test]
    fn permissions_come_in_the_order_of_the_service() {
        let all = SasPermissions::LIST
            .and(SasPermissions::DELETE)
            .and(SasPermissions::WRITE)
            .and(SasPermissions::READ)
            .and(SasPermissions::CREATE)
            .and(SasPermissions::ADD);
        assert_eq!(all.to_string(), "racwdl");
    }

    #[test]
    fn one_address_is_no_range() {
        let address = Ipv4Addr::new(203, 0, 113, 1);
        let one = SasAddresses {
            first: address,
            last: address,
        };
        assert_eq!(one.to_string(), "203.0.113.1");
    }
}
