//! Signing with the account's key, anew for every attempt.
//!
//! The string to sign is fixed by the service ("Authorize with Shared Key"); its odd corners here are the order of
//! header names, which follows word weights and not bytes, and the account that comes twice in path-style URLs.

use std::cmp::Ordering;
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
    let mut text = String::with_capacity(1024);
    text.push_str(request.method().as_str());
    for name in SIGNED {
        text.push('\n');
        push_signed_value(&mut text, request, name);
    }
    let mut headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().trim()))
        .filter(|(name, _)| name.starts_with("x-ms-"))
        .collect();
    headers.sort_unstable_by(|(left, _), (right, _)| collate(left, right));
    for (name, value) in headers {
        text.extend(["\n", name, ":", value]);
    }
    text.extend(["\n/", account, request.url().path()]);
    for (name, values) in queries(request) {
        text.extend(["\n", &name, ":", &values.join(",")]);
    }
    text
}

fn push_signed_value(text: &mut String, request: &Request, name: &'static str) {
    let headers = request.headers();
    let found = header(headers, &HeaderName::from_static(name)).map(str::trim);
    if name != CONTENT_LENGTH.as_str() {
        return text.push_str(found.unwrap_or_default());
    }
    // The SDK sets it on some requests only; on the others the transport will, from the body.
    match (found, request.body().len()) {
        (Some("0") | None, Some(0) | None) | (Some("0"), _) => {}
        (Some(length), _) => text.push_str(length),
        (None, Some(length)) => text.push_str(&length.to_string()),
    }
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

/// The order of header names, as the service has it: hyphens count only where all else is equal, and then the name
/// without one comes first.
fn collate(left: &str, right: &str) -> Ordering {
    weights(left)
        .cmp(weights(right))
        .then_with(|| hyphens(left).cmp(hyphens(right)))
}

fn weights(name: &str) -> impl Iterator<Item = u8> {
    let letters = name.bytes().filter(|byte| *byte != b'-');
    letters.map(|byte| WEIGHTS[usize::from(byte)])
}

fn hyphens(name: &str) -> impl Iterator<Item = bool> {
    name.bytes().map(|byte| byte == b'-')
}

/// The place of each byte in [`COLLATION`]; what is not in it comes last.
const WEIGHTS: [u8; 256] = {
    let mut weights = [u8::MAX; 256];
    let mut place = 0;
    while place < COLLATION.len() {
        #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 256")]
        let weight = place as u8;
        weights[COLLATION[place] as usize] = weight;
        place += 1;
    }
    weights
};

#[cfg(test)]
mod tests;
