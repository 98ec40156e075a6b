//! Storage connection strings: `DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…`.
//!
//! Read once, at the edge; what is left are an endpoint and typed secrets.

use std::collections::BTreeMap;

use url::Url;

use crate::secret::{AccountKey, SasToken, SecretError};

/// The account that every storage emulator has.
pub(crate) const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
/// Where a storage emulator serves blobs unless told otherwise.
pub(crate) const EMULATOR_ENDPOINT: &str = "http://127.0.0.1:10000/devstoreaccount1";
/// The key of that account, published in the documentation of the emulator: no secret.
pub(crate) const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Why a connection string is not one. None of these repeats what the string holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionStringError {
    /// A part without `=`.
    #[error("part {position} of the connection string has no `=`")]
    NotAPair {
        /// Which part, counted from one.
        position: usize,
    },
    /// The account key or the signature cannot be read.
    #[error("the connection string cannot be used")]
    Secret(#[source] SecretError),
    /// `BlobEndpoint`, or what the parts make of it, is no URL.
    #[error("the connection string's `BlobEndpoint` is not an http or https URL")]
    BadEndpoint,
    /// Neither `BlobEndpoint` nor `AccountName`.
    #[error("the connection string names neither `BlobEndpoint` nor `AccountName`")]
    NoEndpoint,
    /// Neither a key nor a signature.
    #[error("the connection string holds neither `AccountKey` nor `SharedAccessSignature`")]
    NoSecret,
}

/// What a connection string says about the blob service.
#[derive(Clone, Debug)]
pub struct ConnectionString {
    account: Option<String>,
    endpoint: Url,
    secret: ConnectionSecret,
}

/// The secret of a connection string.
#[derive(Clone, Debug)]
pub enum ConnectionSecret {
    /// The account's key.
    Key(AccountKey),
    /// A shared access signature.
    Sas(SasToken),
}

impl ConnectionString {
    /// Reads a connection string as the portal and the emulators print it.
    ///
    /// # Errors
    ///
    /// Every [`ConnectionStringError`].
    pub fn parse(text: &str) -> Result<Self, ConnectionStringError> {
        let parts = parts(text)?;
        let part = |name: &str| parts.get(name).copied().filter(|value| !value.is_empty());
        if part("usedevelopmentstorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Self::emulator(part("developmentstorageproxyuri"));
        }
        let account = part("accountname").map(str::to_owned);
        let endpoint = match part("blobendpoint") {
            Some(endpoint) => endpoint.to_owned(),
            None => format!(
                "{}://{}.blob.{}",
                part("defaultendpointsprotocol").unwrap_or("https"),
                account
                    .as_deref()
                    .ok_or(ConnectionStringError::NoEndpoint)?,
                part("endpointsuffix").unwrap_or("core.windows.net"),
            ),
        };
        let secret = match (part("accountkey"), part("sharedaccesssignature")) {
            (Some(key), _) => AccountKey::parse(key).map(ConnectionSecret::Key),
            (None, Some(sas)) => SasToken::parse(sas).map(ConnectionSecret::Sas),
            (None, None) => return Err(ConnectionStringError::NoSecret),
        };
        Ok(Self {
            account,
            endpoint: parse_endpoint(&endpoint)?,
            secret: secret.map_err(ConnectionStringError::Secret)?,
        })
    }

    fn emulator(proxy: Option<&str>) -> Result<Self, ConnectionStringError> {
        let mut endpoint = parse_endpoint(EMULATOR_ENDPOINT)?;
        if let Some(proxy) = proxy {
            let proxy = parse_endpoint(proxy)?;
            endpoint
                .set_host(proxy.host_str())
                .map_err(|_| ConnectionStringError::BadEndpoint)?;
        }
        Ok(Self {
            account: Some(EMULATOR_ACCOUNT.to_owned()),
            endpoint,
            secret: ConnectionSecret::Key(
                AccountKey::parse(EMULATOR_KEY).map_err(ConnectionStringError::Secret)?,
            ),
        })
    }

    /// `AccountName`, if it is there.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The blob endpoint, given or made of the other parts.
    pub const fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The key or the signature.
    pub const fn secret(&self) -> &ConnectionSecret {
        &self.secret
    }
}

fn parts(text: &str) -> Result<BTreeMap<String, &str>, ConnectionStringError> {
    text.split(';')
        .map(str::trim)
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .map(|(index, part)| {
            let (name, value) = part
                .split_once('=')
                .ok_or(ConnectionStringError::NotAPair {
                    position: index + 1,
                })?;
            Ok((name.trim().to_ascii_lowercase(), value.trim()))
        })
        .collect()
}

fn parse_endpoint(text: &str) -> Result<Url, ConnectionStringError> {
    Url::parse(text.trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .ok_or(ConnectionStringError::BadEndpoint)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn endpoint(text: &str) -> String {
        ConnectionString::parse(text)
            .unwrap()
            .endpoint()
            .to_string()
    }

    #[test]
    fn endpoints_are_given_or_made() {
        let key = "AccountKey=c2VjcmV0";
        assert_eq!(
            endpoint(&format!(
                "DefaultEndpointsProtocol=https;AccountName=a1b;{key}"
            )),
            "https://a1b.blob.core.windows.net/"
        );
        assert_eq!(
            endpoint(&format!(
                "AccountName=a1b;{key};EndpointSuffix=core.chinacloudapi.cn;"
            )),
            "https://a1b.blob.core.chinacloudapi.cn/"
        );
        assert_eq!(
            endpoint(&format!(
                "accountname=x;{key};BlobEndpoint=http://127.0.0.1:1234/x/"
            )),
            "http://127.0.0.1:1234/x"
        );
        assert_eq!(endpoint("UseDevelopmentStorage=true"), EMULATOR_ENDPOINT);
        assert_eq!(
            endpoint("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite"),
            "http://azurite:10000/devstoreaccount1"
        );
    }

    #[test]
    fn a_signature_is_kept_with_its_equal_signs() {
        let text = "BlobEndpoint=https://a.test;SharedAccessSignature=sv=1&sig=a%3D";
        let parsed = ConnectionString::parse(text).unwrap();
        let ConnectionSecret::Sas(sas) = parsed.secret() else {
            panic!("a signature was given");
        };
        assert_eq!(sas.expose(), "sv=1&sig=a%3D");
    }

    #[test]
    fn errors_say_which_part() {
        use ConnectionStringError as E;
        let check = |text: &str, expect: E| {
            assert_eq!(ConnectionString::parse(text).unwrap_err(), expect, "{text}");
        };
        check("AccountName=a;oops", E::NotAPair { position: 2 });
        check("AccountKey=c2VjcmV0", E::NoEndpoint);
        check("AccountName=a", E::NoSecret);
        check(
            "AccountName=a;AccountKey=%",
            E::Secret(SecretError::NotBase64),
        );
        check("AccountKey=c2Vj;BlobEndpoint=ftp://a", E::BadEndpoint);
    }

    proptest! {
        #[test]
        fn nothing_secret_is_printed(secret in "[A-Za-z0-9]{16,40}", account in "[a-z]{3,9}") {
            for text in [
                format!("AccountName={account};AccountKey={secret}=="),
                format!("AccountName={account};AccountKey={secret}"),
                format!("AccountName={account};SharedAccessSignature=sig={secret}"),
                format!("AccountName={account};{secret}"),
                format!("BlobEndpoint={secret};AccountKey={secret}"),
            ] {
                let shown = format!("{:?}", ConnectionString::parse(&text));
                prop_assert!(!shown.contains(&secret), "{}", shown);
            }
        }
    }
}
