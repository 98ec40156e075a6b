//! Secrets that people paste into manifests: found, never repeated.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use url::Url;

/// A signature, a key or a token in a query, a password in a URL, or any user in a URL of the web: `abfss://` has the
/// container there.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    let keys = "sig|signature|accountkey|(?:access_)?token|x-amz-signature|x-amz-security-token";
    let pattern = format!(
        r#"(?i)\b(?:{keys})(?:=|%3d)[^&;"'\s]*|https?://[^/?#@"'\s]*@|://[^/?#@:"'\s]*:[^/?#@"'\s]*@"#
    );
    Regex::new(&pattern).expect("a pattern that is written here")
});

/// Whether a text holds a secret.
pub(super) fn is_in(text: &str) -> bool {
    SECRET.is_match(text)
}

/// Whether a place, such as a URL, holds a secret, however it is encoded.
pub(super) fn is_in_place(place: &str) -> bool {
    is_in(place) || Url::parse(place).is_ok_and(|url| is_in_url(&url))
}

/// Whether a URL holds a secret, however it is encoded.
pub(super) fn is_in_url(url: &Url) -> bool {
    let mut query = url.query_pairs();
    is_in(url.as_str()) || query.any(|(key, value)| is_in(&format!("{key}={value}")))
}

/// The text with asterisks in place of secrets: those that show, and these parts of it. Its length stays.
pub(super) fn mask(text: &str, parts: &[Range<usize>]) -> String {
    let shown = SECRET.find_iter(text).map(|secret| secret.range());
    let mut masked = text.to_owned();
    for part in shown.chain(parts.iter().cloned()) {
        let asterisks = "*".repeat(part.len());
        masked.replace_range(part, &asterisks);
    }
    masked
}
