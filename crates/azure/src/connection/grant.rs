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
