//! Signing with the account's key, anew for every attempt.
//!
//! The string to sign is fixed by the service ("Authorize with Shared Key"); its odd corners here are the order of
//! header names, which follows word weights and not bytes, and the account that comes twice in path-style URLs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use azure_core::http::headers::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, MS_DATE, VERSION};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};

use super::headers::{SERVICE_VERSION, header};
use crate::sas::ServiceSas;
use crate::secret::{AccountKey, SasToken};

/// The headers that are signed by value alone, in this order.
const SIGNED: [&str; 11] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

/// The order of the service's collation among the characters of a header name: punctuation, digits, letters.
const COLLATION: &[u8] = b"!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz";

/// Signs attempts.
#[derive(Clone, Debug)]
pub(crate) struct SharedKeyPolicy {
    account: String,
    key: AccountKey,
}

impl SharedKeyPolicy {
    pub(crate) const fn new(account: String, key: AccountKey) -> Self {
        Self { account, key }
    }

    fn sign(&self, request: &mut Request, now: SystemTime) {
        if header(request.headers(), &VERSION).is_none() {
            request.insert_header(VERSION, SERVICE_VERSION);
        }
        self.sign_part(request, now);
    }

    /// Signs a request within another, which alone says the version.
    pub(crate) fn sign_part(&self, request: &mut Request, now: SystemTime) {
        request.insert_header(MS_DATE, httpdate::fmt_http_date(now));
        let signature = self.key.sign(&string_to_sign(request, &self.account));
        request.insert_header(
            AUTHORIZATION,
            format!("SharedKey {}:{signature}", self.account),
        );
    }

    /// Issues a signature for others.
    pub(crate) fn issue(&self, sas: &ServiceSas) -> SasToken {
        sas.sign(&self.account, &self.key)
    }
}

#[async_trait]
impl Policy for SharedKeyPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        self.sign(request, SystemTime::now());
        next[0].send(ctx, request, &next[1..]).await
    }
}

fn string_to_sign(request: &Request, account: &str) -> String {
    let mut lines = vec![request.method().to_string()];
    lines.extend(SIGNED.iter().map(|name| signed_value(request, name)));
    let mut headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().trim()))
        .filter(|(name, _)| name.starts_with("x-ms-"))
        .collect();
    headers.sort_by_cached_key(|(name, _)| collation_key(name));
    lines.extend(
        headers
            .into_iter()
            .map(|(name, value)| format!("{name}:{value}")),
    );
    lines.push(format!("/{account}{}", request.url().path()));
    lines.extend(
        queries(request)
            .into_iter()
            .map(|(name, values)| format!("{name}:{}", values.join(","))),
    );
    lines.join("\n")
}

fn signed_value(request: &Request, name: &'static str) -> String {
    let headers = request.headers();
    if name != CONTENT_LENGTH.as_str() {
        return header(headers, &HeaderName::from_static(name))
            .unwrap_or_default()
            .trim()
            .to_owned();
    }
    // The SDK sets it on some requests only; on the others the transport will, from the body.
    let length = header(headers, &CONTENT_LENGTH)
        .map(str::to_owned)
        .or_else(|| Some(request.body().len()?.to_string()))
        .unwrap_or_default();
    if length == "0" { String::new() } else { length }
}

/// Every parameter of the query, decoded, by lower-case name.
fn queries(request: &Request) -> BTreeMap<String, Vec<String>> {
    let mut queries = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in request.url().query_pairs() {
        queries
            .entry(name.to_ascii_lowercase())
            .or_default()
            .push(value.into_owned());
    }
    for values in queries.values_mut() {
        values.sort_unstable();
    }
    queries
}

/// What header names are sorted by, as the service does: hyphens count only where all else is equal, and then the name
/// without one comes first.
fn collation_key(name: &str) -> (Vec<usize>, Vec<bool>) {
    let weight = |byte: u8| {
        COLLATION
            .iter()
            .position(|known| *known == byte)
            .unwrap_or(usize::MAX)
    };
    let weights = name
        .bytes()
        .filter(|byte| *byte != b'-')
        .map(weight)
        .collect();
    (weights, name.bytes().map(|byte| byte == b'-').collect())
}

#[cfg(test)]
mod tests;
