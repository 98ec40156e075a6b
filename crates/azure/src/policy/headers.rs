//! Headers that the caller adds, and the service version.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::Uuid;
use azure_core::http::headers::{CLIENT_REQUEST_ID, HeaderName, HeaderValue, Headers, VERSION};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};

/// The version of the service that requests ask for unless their client said otherwise.
pub(crate) const SERVICE_VERSION: &str = "2026-04-06";

/// Headers for one call, put into its [`Context`] where the SDK has no option for them.
///
/// ```
/// use azure_core::http::Context;
/// use longshore_azure::ExtraHeaders;
///
/// let context = Context::new().with_value(ExtraHeaders::new().with("x-ms-content-crc64", "AAAAAAAAAAA="));
/// assert!(context.value::<ExtraHeaders>().is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExtraHeaders(Vec<(HeaderName, HeaderValue)>);

impl ExtraHeaders {
    /// None yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more; it replaces what the client set under that name.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((
            HeaderName::from_static(name),
            HeaderValue::from(value.into()),
        ));
        self
    }
}

/// Adds the call's [`ExtraHeaders`].
#[derive(Debug)]
pub(crate) struct ExtraHeadersPolicy;

#[async_trait]
impl Policy for ExtraHeadersPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        if let Some(ExtraHeaders(headers)) = ctx.value() {
            for (name, value) in headers {
                request.insert_header(name.clone(), value.clone());
            }
        }
        next[0].send(ctx, request, &next[1..]).await
    }
}

/// Gives a call its id. The SDK's own policy does that too, but makes an error first of each id that is not there, and
/// asks the system for random numbers each time.
#[derive(Debug)]
pub(crate) struct RequestIdPolicy;

#[async_trait]
impl Policy for RequestIdPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        request.insert_header(
            CLIENT_REQUEST_ID,
            Uuid::from_u128(rand::random()).to_string(),
        );
        next[0].send(ctx, request, &next[1..]).await
    }
}

/// The value of a header, if it is there. The SDK's own look-up makes an error of each header that is not, with a
/// backtrace where those are wanted, which costs more than the request.
pub fn header<'headers>(headers: &'headers Headers, name: &HeaderName) -> Option<&'headers str> {
    headers
        .iter()
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.as_str())
}

/// Sets `x-ms-version` on requests that no SDK client made.
#[derive(Debug)]
pub(crate) struct VersionPolicy;

#[async_trait]
impl Policy for VersionPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        if header(request.headers(), &VERSION).is_none() {
            request.insert_header(VERSION, SERVICE_VERSION);
        }
        next[0].send(ctx, request, &next[1..]).await
    }
}
