//! Identity tokens of CI systems, exchanged for Azure tokens.
//!
//! Such a token lives for minutes and a build for hours, so a new one is asked for at every exchange and none is kept.

use std::fmt;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use azure_core::http::{ClientMethodOptions, ClientOptions, Method, Pipeline, Request, Url};
use azure_identity::ClientAssertion;
use serde::Deserialize;

const AUDIENCE: &str = "api://AzureADTokenExchange";
const PIPELINES_VERSION: &str = "7.1";
/// Without it Azure DevOps answers a refusal with a sign-in page.
const NO_REDIRECT: HeaderName = HeaderName::from_static("x-tfs-fedauthredirect");

/// Asks a CI system for a token that says which job this is.
pub(super) struct OidcAssertion {
    url: Url,
    method: Method,
    bearer: Secret,
    pipeline: Pipeline,
}

impl fmt::Debug for OidcAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcAssertion").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "oidcToken")]
    value: String,
}

impl OidcAssertion {
    pub(super) fn github(
        url: &str,
        token: &str,
        options: ClientOptions,
    ) -> azure_core::Result<Self> {
        Self::new(url, Method::Get, &[("audience", AUDIENCE)], token, options)
    }

    pub(super) fn pipelines(
        url: &str,
        token: &str,
        connection: &str,
        options: ClientOptions,
    ) -> azure_core::Result<Self> {
        let query = [
            ("api-version", PIPELINES_VERSION),
            ("serviceConnectionId", connection),
        ];
        Self::new(url, Method::Post, &query, token, options)
    }

    fn new(
        url: &str,
        method: Method,
        query: &[(&str, &str)],
        token: &str,
        options: ClientOptions,
    ) -> azure_core::Result<Self> {
        // The URL of GitHub has a query already.
        let mut url = Url::parse(url)?;
        url.query_pairs_mut().extend_pairs(query);
        Ok(Self {
            url,
            method,
            bearer: Secret::new(token.to_owned()),
            pipeline: Pipeline::new(
                option_env!("CARGO_PKG_NAME"),
                option_env!("CARGO_PKG_VERSION"),
                options,
                Vec::new(),
                Vec::new(),
                None,
            ),
        })
    }
}

#[async_trait]
impl ClientAssertion for OidcAssertion {
    async fn secret(&self, options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let mut request = Request::new(self.url.clone(), self.method);
        request.insert_header(AUTHORIZATION, format!("Bearer {}", self.bearer.secret()));
        request.insert_header(ACCEPT, "application/json");
        if self.method == Method::Post {
            request.insert_header(CONTENT_TYPE, "application/json");
            request.insert_header(NO_REDIRECT, "Suppress");
        }
        let options = options.unwrap_or_default();
        let response = self
            .pipeline
            .send(&options.context, &mut request, None)
            .await?;
        let answer: Answer = serde_json::from_slice(response.body()).map_err(|_| {
            // The body may be the token in a form that is not understood: it is not repeated.
            Error::with_message(
                ErrorKind::Credential,
                "the CI system's answer holds no identity token",
            )
        })?;
        Ok(answer.value)
    }
}

#[cfg(test)]
mod tests;
