//! Signing in with a certificate: a short-lived statement signed with its key.
//!
//! The SDK's own certificate credential needs OpenSSL, which this house does not build with.

use std::fmt;

use async_trait::async_trait;
use azure_core::Uuid;
use azure_core::cloud::CloudConfiguration;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::CredentialError;
use super::candidates::Surroundings;

/// Long enough for a slow exchange, short enough to be worthless in a log.
const LIFETIME_SECONDS: i64 = 600;

/// States who we are, under the certificate's key.
pub(super) struct CertificateAssertion {
    key: EncodingKey,
    header: Header,
    client_id: String,
    audience: String,
}

impl fmt::Debug for CertificateAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAssertion")
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Claims<'c> {
    aud: &'c str,
    iss: &'c str,
    sub: &'c str,
    jti: String,
    nbf: i64,
    exp: i64,
}

impl CertificateAssertion {
    /// Reads a certificate and its RSA key from one PEM file.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Certificate`].
    pub(super) fn load(
        path: &str,
        around: &Surroundings<'_>,
        client_id: &str,
        tenant_id: &str,
    ) -> Result<Self, CredentialError> {
        let content = fs_err::read(path).map_err(|error| refused(error.to_string()))?;
        let send_chain = around
            .environment
            .is_true("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");
        let authority = match around.location.cloud().authority(around.environment) {
            CloudConfiguration::AzureGovernment => "https://login.microsoftonline.us".to_owned(),
            CloudConfiguration::AzureChina => "https://login.chinacloudapi.cn".to_owned(),
            CloudConfiguration::Custom(custom) => custom.authority_host,
            _ => "https://login.microsoftonline.com".to_owned(),
        };
        let authority = authority.trim_end_matches('/');
        let audience = format!("{authority}/{tenant_id}/oauth2/v2.0/token");
        Self::from_pem(&content, send_chain, client_id.to_owned(), audience)
    }

    fn from_pem(
        content: &[u8],
        send_chain: bool,
        client_id: String,
        audience: String,
    ) -> Result<Self, CredentialError> {
        let text = std::str::from_utf8(content)
            .ok()
            .filter(|text| text.contains("-----BEGIN "))
            .ok_or_else(|| refused("it is no PEM file; PFX is not understood".to_owned()))?;
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(refused("its key is encrypted with a password".to_owned()));
        }
        let certificates = blocks(text, "CERTIFICATE");
        let leaf = certificates
            .first()
            .and_then(|block| decode(block))
            .ok_or_else(|| refused("it holds no certificate".to_owned()))?;
        let key = ["PRIVATE KEY", "RSA PRIVATE KEY"]
            .iter()
            .find_map(|label| blocks(text, label).into_iter().next())
            .ok_or_else(|| refused("it holds no private key".to_owned()))?;
        let key = EncodingKey::from_rsa_pem(key.as_bytes())
            .map_err(|_| refused("its key is no RSA key".to_owned()))?;
        let mut header = Header::new(Algorithm::PS256);
        header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(Sha256::digest(&leaf)));
        header.x5c = send_chain.then(|| {
            let chain = certificates.iter().filter_map(|block| decode(block));
            chain
                .map(|certificate| STANDARD.encode(certificate))
                .collect()
        });
        Ok(Self {
            key,
            header,
            client_id,
            audience,
        })
    }

    fn state(&self, now: Timestamp) -> azure_core::Result<String> {
        let claims = Claims {
            aud: &self.audience,
            iss: &self.client_id,
            sub: &self.client_id,
            jti: Uuid::new_v4().to_string(),
            nbf: now.as_second(),
            exp: now.as_second() + LIFETIME_SECONDS,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key).map_err(|error| {
            Error::with_error(
                ErrorKind::Credential,
                error,
                "signing with the certificate's key",
            )
        })
    }
}

#[async_trait]
impl ClientAssertion for CertificateAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.state(Timestamp::now())
    }
}

fn refused(reason: String) -> CredentialError {
    CredentialError::Certificate { reason }
}

/// Every PEM block of a label, with its marks.
fn blocks<'t>(text: &'t str, label: &str) -> Vec<&'t str> {
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(&begin) {
        let Some(length) = rest[start..].find(&end) else {
            break;
        };
        let stop = start + length + end.len();
        found.push(&rest[start..stop]);
        rest = &rest[stop..];
    }
    found
}

fn decode(block: &str) -> Option<Vec<u8>> {
    let body: String = block
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .map(str::trim)
        .collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests;
