//! The causes below an error, as text that may be shown.

use std::error::Error;
use std::fmt;
use std::io;

use crate::policy::AttemptTimedOut;
use crate::redact::scrub;
use crate::transport::SetupFailed;

/// A longer text is a page of HTML or a stack trace, and helps nobody.
const LONGEST: usize = 500;

/// How the SDK, its HTTP client and that one's connector begin when they wrap what really happened.
const WRAPPERS: &[&str] = &[
    "failed to execute `reqwest` request",
    "error sending request",
    "client error (",
];

/// What somebody else said went wrong, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause(String);

impl Cause {
    /// The texts of an error and of those below it, each once.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for error in chain(error) {
            let text = scrub(&error.to_string());
            let text = text.lines().next().unwrap_or_default().trim().to_owned();
            // Errors that repeat the one below them say it once; those that only name the client say nothing.
            let wrapper =
                WRAPPERS.iter().any(|start| text.starts_with(start)) && error.source().is_some();
            if !wrapper && !text.is_empty() && !texts.iter().any(|known| known.contains(&text)) {
                texts.push(text);
            }
        }
        Self::text(&texts.join(": "))
    }

    pub(crate) fn text(text: &str) -> Self {
        let text = scrub(text);
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => Self(format!("{}…", &text[..end])),
            None => Self(text),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Cause {}

/// What kept a connection from being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreachableReason {
    /// The name has no address.
    UnknownHost,
    /// Nothing listens there.
    Refused,
    /// Nothing answers there.
    TimedOut,
    /// The peer's certificate, or no common way to encrypt.
    Tls,
    /// Anything else.
    Other,
}

impl fmt::Display for UnreachableReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownHost => "no such host",
            Self::Refused => "connection refused",
            Self::TimedOut => "no answer",
            Self::Tls => "no secure connection",
            Self::Other => "no connection",
        })
    }
}

impl UnreachableReason {
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        for error in chain(error) {
            if let Some(reason) = error.downcast_ref::<io::Error>().and_then(Self::of_io) {
                return reason;
            }
            // The resolver's and the TLS library's errors have no common type that can be named here.
            let text = error.to_string().to_ascii_lowercase();
            if text.contains("dns error") || text.contains("dns name") {
                return Self::UnknownHost;
            }
            if text.contains("certificate") || text.contains("handshake") || text.contains("tls") {
                return Self::Tls;
            }
        }
        if is_timeout(error) {
            Self::TimedOut
        } else {
            Self::Other
        }
    }

    fn of_io(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Some(Self::Refused),
            io::ErrorKind::TimedOut => Some(Self::TimedOut),
            _ => None,
        }
    }
}

/// Whether a time limit of ours, of the client or of the system ended it.
pub(crate) fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|error| {
        error.is::<AttemptTimedOut>()
            || error
                .downcast_ref::<reqwest::Error>()
                .is_some_and(reqwest::Error::is_timeout)
            || error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
    })
}

/// Whether it failed before anything could be sent, for want of a client.
pub(super) fn is_setup(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(<dyn Error>::is::<SetupFailed>)
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
