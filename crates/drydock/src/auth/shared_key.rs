//! The `Authorization: SharedKey account:signature` header.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::call::{Call, ServiceVersion};
use crate::failure::{Failure, Outcome};

/// How far a client's clock may be off.
const SKEW: Duration = Duration::from_mins(15);

/// The headers that are signed by their position.
const STANDARD_HEADERS: [&str; 11] = [
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

/// Refuses a request whose signature does not hold.
pub(super) fn check(call: &Call, credential: &str) -> Outcome<()> {
    let (account, signature) = credential
        .split_once(':')
        .ok_or_else(|| Failure::authentication("The signature is missing."))?;
    if account != call.harbour.account.name {
        return Err(Failure::authentication("The account name is not ours."));
    }
    check_date(call)?;
    let text = string_to_sign(call);
    if call.harbour.account.key.verifies(&text, signature) {
        return Ok(());
    }
    // Like the service, say what was signed here: it holds no secret and ends every search for the difference.
    Err(Failure::authentication(format_args!(
        "The MAC signature found in the HTTP request is not the same as any computed signature. \
         Server used following string to sign: '{text}'."
    )))
}

fn check_date(call: &Call) -> Outcome<()> {
    let date = match call.header("x-ms-date")? {
        Some(date) => Some(date),
        None => call.header("date")?,
    };
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    let date = date.ok_or_else(|| Failure::authentication("The request's date is missing."))?;
    let now = SystemTime::now();
    let off = now
        .duration_since(date)
        .unwrap_or_else(|ahead| ahead.duration());
    if off > SKEW {
        return Err(Failure::authentication(format_args!(
            "Request date header too old: '{}'.",
            httpdate::fmt_http_date(date)
        )));
    }
    Ok(())
}

/// What the client should have signed.
fn string_to_sign(call: &Call) -> String {
    let mut text = String::with_capacity(512);
    text.push_str(call.method.as_str());
    text.push('\n');
    for name in STANDARD_HEADERS {
        text.push_str(standard_value(call, name));
        text.push('\n');
    }
    push_headers(&mut text, &call.headers);
    push_resource(&mut text, call);
    text
}

fn standard_value<'a>(call: &'a Call, name: &str) -> &'a str {
    let value = call.headers.get(name);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match name {
        "content-length" if value == "0" && call.version >= ServiceVersion::EMPTY_LENGTH => "",
        "date" if call.headers.contains_key("x-ms-date") => "",
        _ => value,
    }
}

fn push_headers(text: &mut String, headers: &HeaderMap) {
    let mut named: Vec<_> = headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-ms-"))
        .collect();
    named.sort_unstable();
    for name in named {
        text.push_str(name);
        text.push(':');
        for (at, value) in headers.get_all(name).iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push_str(String::from_utf8_lossy(value.as_bytes()).trim());
        }
        text.push('\n');
    }
}

/// The account and the path as it came, so that a path-style URL has the account twice, then the sorted query.
fn push_resource(text: &mut String, call: &Call) {
    // Writing to a string cannot fail.
    let _ = write!(text, "/{}{}", call.harbour.account.name, call.path);
    let mut parameters: Vec<_> = call
        .query
        .pairs()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    parameters.sort();
    let mut last = None;
    for (name, value) in parameters {
        if last.as_ref() == Some(&name) {
            let _ = write!(text, ",{value}");
        } else {
            let _ = write!(text, "\n{name}:{value}");
        }
        last = Some(name);
    }
}
