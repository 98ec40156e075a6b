//! Text that may be shown: URLs and causes without the secrets in them.
//!
//! Only what is known to be harmless is shown; a query value that nobody vouched for is not.

use std::fmt;

use url::Url;

const HIDDEN: &str = "REDACTED";

/// Query parameters of the storage services whose values hold nothing secret.
const HARMLESS: &[&str] = &[
    "api-version",
    "blockid",
    "blocklisttype",
    "comp",
    "delimiter",
    "include",
    "maxresults",
    "prefix",
    "restype",
    "se",
    "snapshot",
    "sp",
    "spr",
    "sr",
    "srt",
    "ss",
    "st",
    "sv",
    "timeout",
    "versionid",
];

/// Words after which a secret follows, up to the next delimiter.
const BEFORE_SECRETS: &[&str] = &[
    "sig=",
    "signature=",
    "accountkey=",
    "sharedaccesssignature=",
    "client_secret=",
    "client_assertion=",
    "access_token\":",
    "access_token=",
    "bearer ",
    "sharedkey ",
];

/// A URL that can be shown: it prints neither credentials nor the values of unknown query parameters.
///
/// ```
/// use longshore_azure::SafeUrl;
/// use url::Url;
///
/// let url = Url::parse("https://a.blob.core.windows.net/c?sp=r&sig=abc%3D").unwrap();
/// assert_eq!(SafeUrl::from(url).to_string(), "https://a.blob.core.windows.net/c?sp=r&sig=REDACTED");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SafeUrl(Url);

impl SafeUrl {
    /// The host, if the URL has one.
    pub fn host(&self) -> Option<&str> {
        self.0.host_str()
    }

    /// The path, as written in the URL.
    pub fn path(&self) -> &str {
        self.0.path()
    }
}

impl From<Url> for SafeUrl {
    fn from(url: Url) -> Self {
        Self(url)
    }
}

impl From<&Url> for SafeUrl {
    fn from(url: &Url) -> Self {
        Self(url.clone())
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.0;
        if !url.has_host() {
            // Whatever this is, its path may be anything.
            return write!(f, "{}:{HIDDEN}", url.scheme());
        }
        write!(
            f,
            "{}://{}",
            url.scheme(),
            url.host_str().unwrap_or_default()
        )?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(url.path())?;
        for (index, pair) in url
            .query()
            .into_iter()
            .flat_map(|q| q.split('&'))
            .enumerate()
        {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            f.write_str(&safe_pair(pair))?;
        }
        Ok(())
    }
}

impl fmt::Debug for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SafeUrl({self})")
    }
}

/// A name that is not known may be a pasted secret itself, so it goes too.
fn safe_pair(pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let known = name.to_ascii_lowercase();
    if HARMLESS.contains(&known.as_str()) {
        format!("{known}={value}")
    } else if known == "sig" {
        format!("sig={HIDDEN}")
    } else {
        HIDDEN.to_owned()
    }
}

/// Takes secrets out of text that somebody else wrote: the cause of an error, a service's message.
pub(crate) fn scrub(text: &str) -> String {
    let words: Vec<_> = text.split(' ').map(scrub_queries).collect();
    hide_after_marks(&words.join(" "))
}

/// Cuts the query and the credentials out of every URL in a word.
fn scrub_queries(word: &str) -> String {
    let Some(scheme) = word.find("://") else {
        return word.to_owned();
    };
    let (head, rest) = word.split_at(scheme + 3);
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let rest = match rest[..authority].rfind('@') {
        Some(at) => &rest[at + 1..],
        None => rest,
    };
    let Some(query) = rest.find('?') else {
        return format!("{head}{rest}");
    };
    let end = rest[query..]
        .find([')', '"', '\'', '`', '>', ','])
        .map_or(rest.len(), |offset| query + offset);
    format!("{head}{}?{HIDDEN}{}", &rest[..query], &rest[end..])
}

fn hide_after_marks(text: &str) -> String {
    // ASCII lower case keeps every byte offset.
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut position = 0;
    while position < text.len() {
        let next = BEFORE_SECRETS
            .iter()
            .filter_map(|mark| Some(lower[position..].find(mark)? + position + mark.len()))
            .min();
        let Some(start) = next else { break };
        let skipped =
            text[start..].len() - text[start..].trim_start_matches([' ', '"', '\'']).len();
        let start = start + skipped;
        let end = text[start..]
            .find(|c: char| c.is_whitespace() || "&;,\"')`<>".contains(c))
            .map_or(text.len(), |offset| start + offset);
        shown.push_str(&text[position..start]);
        shown.push_str(HIDDEN);
        position = end;
    }
    shown.push_str(&text[position..]);
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_shows_what_helps_and_hides_the_rest() {
        let url =
            Url::parse("https://u:p4ss@h.test:8443/c/b?comp=block&blockid=AA%3D&SIG=s3cr&x=y#f");
        assert_eq!(
            SafeUrl::from(url.unwrap()).to_string(),
            "https://h.test:8443/c/b?comp=block&blockid=AA%3D&sig=REDACTED&REDACTED"
        );
        let opaque = Url::parse("DefaultEndpointsProtocol:AccountKey=s3cr").unwrap();
        assert!(!SafeUrl::from(opaque).to_string().contains("s3cr"));
    }

    #[test]
    fn causes_lose_their_secrets() {
        let check = |text: &str, expect: &str| assert_eq!(scrub(text), expect);
        check(
            "error sending request for url (https://a.test/c?sv=1&sig=s3cr)",
            "error sending request for url (https://a.test/c?REDACTED)",
        );
        check(
            "bad https://user:s3cr@a.test/x now",
            "bad https://a.test/x now",
        );
        check(
            "Authorization: Bearer ey.s3cr rest",
            "Authorization: Bearer REDACTED rest",
        );
        check("AccountKey=s3cr==;X=1", "AccountKey=REDACTED;X=1");
        check(
            r#"{"access_token": "s3cr"}"#,
            r#"{"access_token": "REDACTED"}"#,
        );
        check("sig=s3cr&sig=s3cr", "sig=REDACTED&sig=REDACTED");
        check(
            "connection refused (os error 111)",
            "connection refused (os error 111)",
        );
    }

    proptest! {
        #[test]
        fn no_signature_is_ever_shown(
            path in "[a-z/]{0,20}",
            before in "[a-z=&?%]{0,20}",
            secret in "[A-Z]{12,40}",
            name in "(sig|SIG|Sig|signature|[a-z]{20})",
        ) {
            let text = format!("https://a.blob.core.windows.net/{path}?{before}&{name}={secret}");
            if let Ok(url) = Url::parse(&text) {
                let safe = SafeUrl::from(url);
                prop_assert!(!safe.to_string().contains(&secret));
                let debug = format!("{safe:?}");
                prop_assert!(!debug.contains(&secret));
            }
            let cause = format!("failed: {text} again");
            prop_assert!(!scrub(&cause).contains(&secret));
        }

        #[test]
        fn scrubbing_never_panics(text in ".*") {
            let _ = scrub(&text);
        }
    }
}
