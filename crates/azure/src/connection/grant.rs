//! Rights handed on: to a service that reads a blob of this connection on its own, and to the parts of a batch.
//!
//! No policy sees these requests, so what authorises them is made here, from the same credential.

use std::fmt;
use std::time::{Duration, SystemTime};

use azure_core::http::Request;
use azure_core::http::headers::AUTHORIZATION;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{Connection, STORAGE_SCOPE};
use crate::error::AzureError;
use crate::redact::SafeUrl;
use crate::sas::{SasPermissions, SasProtocol, SasResource, ServiceSas};

/// How long a right to read lasts.
const LIFETIME: Duration = Duration::from_hours(1);

/// How far back it starts, since clocks differ.
const SKEW: Duration = Duration::from_mins(15);

/// A right to read one blob for about an hour, and where that is. It prints the place alone.
#[derive(Clone)]
pub struct ReadGrant {
    place: SafeUrl,
    url: SecretString,
    bearer: Option<SecretString>,
}

impl ReadGrant {
    /// What anybody can read who knows the URL.
    pub fn public(url: Url) -> Self {
        Self {
            place: SafeUrl::from(&url),
            url: SecretString::from(String::from(url)),
            bearer: None,
        }
    }

    /// **The secret itself**: a URL that whoever holds it can read, where the right is in it.
    pub fn expose_url(&self) -> &str {
        self.url.expose_secret()
    }

    /// **The secret itself**: the value of an `Authorization` that must come with the URL; for a service reached over
    /// https alone.
    pub fn expose_authorization(&self) -> Option<&str> {
        self.bearer.as_ref().map(SecretString::expose_secret)
    }
}

impl fmt::Display for ReadGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

impl fmt::Debug for ReadGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadGrant({self})")
    }
}

impl Connection {
    /// A right for somebody else to read the blob at `url`, which is `name` in `container`.
    ///
    /// With the key of the account it is a signature for this blob alone; otherwise it is what the connection has
    /// itself: its own signature, a token, or nothing at all.
    ///
    /// # Errors
    ///
    /// [`AzureError::NotSignedIn`] when no token can be had.
    pub async fn grant_read(
        &self,
        url: Url,
        container: &str,
        name: &str,
    ) -> Result<ReadGrant, AzureError> {
        let place = SafeUrl::from(&url);
        let bearer = self.bearer(&place).await?;
        let mut url = self.authorize_url(url);
        if let Some(key) = &self.key {
            let sas = short_lived(&url, container, name, Timestamp::now());
            url.set_query(Some(key.issue(&sas).expose()));
        }
        Ok(ReadGrant {
            place,
            url: SecretString::from(String::from(url)),
            bearer,
        })
    }

    /// Authorises a request that goes out as a part of another: by its URL or by a header.
    ///
    /// # Errors
    ///
    /// [`AzureError::NotSignedIn`] when no token can be had.
    pub async fn authorize_part(&self, request: &mut Request) -> Result<(), AzureError> {
        let url = request.url().clone();
        if let Some(bearer) = self.bearer(&SafeUrl::from(&url)).await? {
            request.insert_header(AUTHORIZATION, bearer.expose_secret().to_owned());
        }
        *request.url_mut() = self.authorize_url(url);
        if let Some(key) = &self.key {
            key.sign_part(request, SystemTime::now());
        }
        Ok(())
    }

    async fn bearer(&self, place: &SafeUrl) -> Result<Option<SecretString>, AzureError> {
        let Some(credential) = &self.token else {
            return Ok(None);
        };
        let token = credential
            .get_token(&[STORAGE_SCOPE], None)
            .await
            .map_err(|error| AzureError::from_core(&error, place))?;
        let bearer = format!("Bearer {}", token.token.secret());
        Ok(Some(SecretString::from(bearer)))
    }
}

/// A signature to read one blob.
fn short_lived(url: &Url, container: &str, name: &str, now: Timestamp) -> ServiceSas {
    let resource = SasResource::Blob {
        container: container.to_owned(),
        blob: name.to_owned(),
    };
    let expiry = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
    ServiceSas {
        start: now.checked_sub(SKEW).ok(),
        protocol: match url.scheme() {
            "http" => SasProtocol::HttpsAndHttp,
            _ => SasProtocol::Https,
        },
        ..ServiceSas::new(resource, SasPermissions::READ, expiry)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
    use azure_core::http::headers::{HeaderName, MS_DATE, VERSION};
    use azure_core::http::{Method, StatusCode};
    use azure_core::time::OffsetDateTime;

    use super::*;
    use crate::connection::ConnectionOptions;
    use crate::credential::{AuthMode, Credential, resolve_credential};
    use crate::environment::Environment;
    use crate::location::BlobLocation;
    use crate::policy::header;
    use crate::secret::{AccountKey, SasToken};
    use crate::testing::{Stub, status};

    const BLOB: &str = "https://contoso.blob.core.windows.net/apps/a%20tool.zip";

    #[derive(Debug)]
    struct Fixed;

    #[async_trait::async_trait]
    impl TokenCredential for Fixed {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            assert_eq!(scopes, ["https://storage.azure.com/.default"]);
            let expires = OffsetDateTime::now_utc() + azure_core::time::Duration::hours(1);
            Ok(AccessToken::new("t0ken", expires))
        }
    }

    fn connection(credential: Credential) -> Connection {
        let environment = Environment::default();
        let parsed = BlobLocation::parse("az://contoso/apps", &environment).unwrap();
        let mode = AuthMode::Anonymous;
        let mut resolved = resolve_credential(mode, &parsed.location, None, &environment).unwrap();
        resolved.credential = credential;
        let stub = Stub::new(|_, _| Ok(status(StatusCode::Ok)));
        Connection::with_http_client(stub, &resolved, &ConnectionOptions::default())
    }

    fn credentials() -> [Credential; 4] {
        let sas = SasToken::parse("sv=2020-12-06&sp=rd&sig=c2VjcmV0").unwrap();
        [
            Credential::Anonymous,
            Credential::Sas(sas),
            Credential::SharedKey {
                account: "contoso".to_owned(),
                key: AccountKey::parse("c2VjcmV0").unwrap(),
            },
            Credential::Token(Arc::new(Fixed)),
        ]
    }

    async fn granted(credential: Credential) -> ReadGrant {
        let url = BLOB.parse().unwrap();
        let grant = connection(credential)
            .grant_read(url, "apps", "a tool.zip")
            .await
            .unwrap();
        assert_eq!(grant.to_string(), BLOB);
        assert_eq!(format!("{grant:?}"), format!("ReadGrant({BLOB})"));
        grant
    }

    #[tokio::test]
    async fn each_credential_hands_on_what_it_can() {
        let [anonymous, sas, key, token] = credentials();
        let grant = granted(anonymous).await;
        assert_eq!(grant.expose_url(), BLOB);
        assert_eq!(grant.expose_authorization(), None);

        let grant = granted(sas).await;
        let signed = format!("{BLOB}?sv=2020-12-06&sp=rd&sig=c2VjcmV0");
        assert_eq!(grant.expose_url(), signed);
        assert_eq!(grant.expose_authorization(), None);

        let grant = granted(key).await;
        let (url, query) = grant.expose_url().split_once('?').unwrap();
        assert_eq!(url, BLOB);
        let sas = SasToken::parse(query).unwrap();
        assert_eq!(sas.permissions(), Some("r"));
        assert!(query.contains("&sr=b&") && query.contains("&spr=https&"));
        let (now, quarter) = (Timestamp::now(), Duration::from_mins(15));
        assert!(sas.start().unwrap() <= now.checked_sub(quarter).unwrap());
        assert!(sas.expiry().unwrap() > now && !sas.is_expired(now));
        assert!(sas.is_expired(now.checked_add(LIFETIME).unwrap()));
        assert_eq!(grant.expose_authorization(), None);

        let grant = granted(token).await;
        assert_eq!(grant.expose_url(), BLOB);
        assert_eq!(grant.expose_authorization(), Some("Bearer t0ken"));
    }

    #[tokio::test]
    async fn each_credential_authorises_the_parts_of_a_batch() {
        let mut seen = Vec::new();
        for credential in credentials() {
            let mut request = Request::new(BLOB.parse().unwrap(), Method::Delete);
            let connection = connection(credential);
            connection.authorize_part(&mut request).await.unwrap();
            // The batch alone says the version.
            assert_eq!(header(request.headers(), &VERSION), None);
            let text = |name: &HeaderName| header(request.headers(), name).map(str::to_owned);
            let date = text(&MS_DATE).is_some();
            seen.push((request.url().to_string(), text(&AUTHORIZATION), date));
        }
        let [anonymous, sas, key, token] = &seen[..] else {
            panic!("{seen:?}");
        };
        assert_eq!(*anonymous, (BLOB.to_owned(), None, false));
        let signed = format!("{BLOB}?sv=2020-12-06&sp=rd&sig=c2VjcmV0");
        assert_eq!(*sas, (signed, None, false));
        assert!(key.1.as_deref().unwrap().starts_with("SharedKey contoso:"));
        assert!(key.2, "what is signed has a date");
        let bearer = Some("Bearer t0ken".to_owned());
        assert_eq!(*token, (BLOB.to_owned(), bearer, false));
    }
}
