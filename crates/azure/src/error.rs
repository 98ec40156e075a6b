//! What can go wrong on the way to Azure, by what a caller can do about it.
//!
//! The SDK's errors are mapped once, here, and thrown away: their text can hold whole URLs. What is kept is the
//! service's code, its request id, and a cause from which secrets were taken out.

mod cause;
mod hint;
mod map;
#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use cause::is_timeout;
pub use cause::{Cause, UnreachableReason};

use crate::redact::SafeUrl;

/// What the service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAnswer {
    /// What was asked for.
    pub url: SafeUrl,
    /// The HTTP status.
    pub status: u16,
    /// The service's error code, if it gave one.
    pub code: Option<String>,
    /// The id under which the service's support finds the request.
    pub request_id: Option<String>,
    /// What the service said, in its own words.
    pub message: Option<String>,
}

impl fmt::Display for ServiceAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_deref().unwrap_or("no error code");
        write!(f, "{} {code}", self.status)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        write!(f, " for `{}`", self.url)
    }
}

/// What was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The container.
    Container,
    /// The blob.
    Blob,
    /// The service did not say what.
    Resource,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container => "container",
            Self::Blob => "blob",
            Self::Resource => "resource",
        })
    }
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AzureError {
    /// The container or the blob is not there.
    #[error("{missing} not found: {answer}")]
    NotFound {
        /// Which of them.
        missing: Missing,
        /// The answer.
        answer: Box<ServiceAnswer>,
    },
    /// It is there already, and was to be created.
    #[error("it exists already: {0}")]
    AlreadyExists(Box<ServiceAnswer>),
    /// It is not in the state that the request assumed.
    #[error("it was changed by somebody else: {0}")]
    Precondition(Box<ServiceAnswer>),
    /// A lease or another operation is in the way.
    #[error("it is held by somebody else: {0}")]
    Conflict(Box<ServiceAnswer>),
    /// No token could be had.
    #[error("not signed in to Azure")]
    NotSignedIn {
        /// What the identity service or the Azure CLI said.
        #[source]
        cause: Cause,
    },
    /// The identity is known, or was not given, and may not do this.
    #[error("not allowed: {0}")]
    Denied(Box<ServiceAnswer>),
    /// The account forbids public access.
    #[error("the account forbids public access: {0}")]
    PublicAccess(Box<ServiceAnswer>),
    /// The service asked to slow down, to the end.
    #[error("throttled by the service: {0}")]
    Throttled(Box<ServiceAnswer>),
    /// The service or the line was too slow, to the end.
    #[error("timed out: `{url}`")]
    Timeout {
        /// What was asked for.
        url: SafeUrl,
        /// How it showed.
        #[source]
        cause: Cause,
    },
    /// No connection could be made.
    #[error("cannot reach `{host}`: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// What failed.
        reason: UnreachableReason,
        /// How it showed.
        #[source]
        cause: Cause,
    },
    /// The bytes that arrived are not those that were sent.
    #[error("damaged on the way: {0}")]
    Corrupt(Box<ServiceAnswer>),
    /// A block list names a block that the service does not have.
    #[error("the block list names a block that is not there: {0}")]
    InvalidBlockList(Box<ServiceAnswer>),
    /// Too many blocks, staged or listed.
    #[error("too many blocks: {0}")]
    BlockLimit(Box<ServiceAnswer>),
    /// Any other refusal of the service.
    #[error("refused by the service: {0}")]
    Protocol(Box<ServiceAnswer>),
    /// The connection broke.
    #[error("the connection to `{url}` broke")]
    Io {
        /// What was asked for.
        url: SafeUrl,
        /// How it showed.
        #[source]
        cause: Cause,
    },
    /// The answer cannot be understood, or the request cannot be made.
    #[error("unexpected answer from `{url}`")]
    Unexpected {
        /// What was asked for.
        url: SafeUrl,
        /// How it showed.
        #[source]
        cause: Cause,
    },
    /// The HTTP client cannot be set up on this machine.
    #[error("the HTTP client cannot be set up")]
    Setup {
        /// What the system said.
        #[source]
        cause: Cause,
    },
}

impl AzureError {
    /// The service's answer, if there was one.
    pub fn answer(&self) -> Option<&ServiceAnswer> {
        match self {
            Self::NotFound { answer, .. }
            | Self::AlreadyExists(answer)
            | Self::Precondition(answer)
            | Self::Conflict(answer)
            | Self::Denied(answer)
            | Self::PublicAccess(answer)
            | Self::Throttled(answer)
            | Self::Corrupt(answer)
            | Self::InvalidBlockList(answer)
            | Self::BlockLimit(answer)
            | Self::Protocol(answer) => Some(answer),
            _ => None,
        }
    }

    /// The service's error code, if there was one.
    pub fn code(&self) -> Option<&str> {
        self.answer()?.code.as_deref()
    }
}
