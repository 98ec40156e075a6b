//! From the SDK's error to ours, by the service's code first and the status second.

use azure_core::error::ErrorKind;
use azure_core::http::headers::{ERROR_CODE, HeaderName};
use azure_core::http::{RawResponse, StatusCode};

use super::cause::{self, Cause, UnreachableReason};
use super::{AzureError, Missing, ServiceAnswer};
use crate::redact::SafeUrl;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");

impl AzureError {
    /// Maps an error of the SDK for a request to `url`.
    ///
    /// What the error printed of the request is dropped; it may have held a signature.
    pub fn from_core(error: &azure_core::Error, url: &SafeUrl) -> Self {
        let url = url.clone();
        match error.kind() {
            ErrorKind::HttpResponse {
                status,
                error_code,
                raw_response,
            } => Self::from_answer(answer(
                *status,
                error_code.as_deref(),
                raw_response.as_deref(),
                url,
            )),
            _ if cause::is_setup(error) => Self::Setup {
                cause: Cause::of(error),
            },
            ErrorKind::Connection => Self::Unreachable {
                host: url.host().unwrap_or_default().to_owned(),
                reason: UnreachableReason::of(error),
                cause: Cause::of(error),
            },
            ErrorKind::Credential => Self::NotSignedIn {
                cause: Cause::of(error),
            },
            _ if cause::is_timeout(error) => Self::Timeout {
                url,
                cause: Cause::of(error),
            },
            ErrorKind::Io => Self::Io {
                url,
                cause: Cause::of(error),
            },
            _ => Self::Unexpected {
                url,
                cause: Cause::of(error),
            },
        }
    }

    /// Maps an answer that says no.
    pub fn from_answer(answer: ServiceAnswer) -> Self {
        let answer = Box::new(answer);
        let by_code = answer.code.as_deref().and_then(kind_of_code);
        let Some(kind) = by_code.or_else(|| kind_of_status(answer.status)) else {
            return Self::Protocol(answer);
        };
        match kind {
            Kind::NotFound(missing) => Self::NotFound { missing, answer },
            Kind::AlreadyExists => Self::AlreadyExists(answer),
            Kind::Precondition => Self::Precondition(answer),
            Kind::Conflict => Self::Conflict(answer),
            Kind::Denied => Self::Denied(answer),
            Kind::PublicAccess => Self::PublicAccess(answer),
            Kind::Throttled => Self::Throttled(answer),
            Kind::Timeout => {
                let cause = Cause::text(&answer.to_string());
                Self::Timeout {
                    url: answer.url,
                    cause,
                }
            }
            Kind::Corrupt => Self::Corrupt(answer),
            Kind::InvalidBlockList => Self::InvalidBlockList(answer),
            Kind::BlockLimit => Self::BlockLimit(answer),
        }
    }
}

enum Kind {
    NotFound(Missing),
    AlreadyExists,
    Precondition,
    Conflict,
    Denied,
    PublicAccess,
    Throttled,
    Timeout,
    Corrupt,
    InvalidBlockList,
    BlockLimit,
}

fn kind_of_code(code: &str) -> Option<Kind> {
    Some(match code {
        "ContainerNotFound" => Kind::NotFound(Missing::Container),
        "BlobNotFound" => Kind::NotFound(Missing::Blob),
        "ResourceNotFound" => Kind::NotFound(Missing::Resource),
        "BlobAlreadyExists" | "ContainerAlreadyExists" | "ResourceAlreadyExists" => {
            Kind::AlreadyExists
        }
        "ConditionNotMet" | "TargetConditionNotMet" | "SourceConditionNotMet" => Kind::Precondition,
        "LeaseIdMissing"
        | "LeaseIdMismatchWithBlobOperation"
        | "LeaseIdMismatchWithContainerOperation"
        | "LeaseAlreadyPresent"
        | "LeaseLost"
        | "ContainerBeingDeleted"
        | "ContainerDisabled"
        | "PendingCopyOperation"
        | "BlobImmutableDueToPolicy" => Kind::Conflict,
        "AuthenticationFailed"
        | "AuthorizationFailure"
        | "AuthorizationPermissionMismatch"
        | "AuthorizationProtocolMismatch"
        | "AuthorizationResourceTypeMismatch"
        | "AuthorizationServiceMismatch"
        | "AuthorizationSourceIPMismatch"
        | "InsufficientAccountPermissions"
        | "InvalidAuthenticationInfo"
        | "KeyBasedAuthenticationNotPermitted"
        | "NoAuthenticationInformation"
        | "AccountIsDisabled" => Kind::Denied,
        "PublicAccessNotPermitted" => Kind::PublicAccess,
        "ServerBusy" | "TooManyRequests" => Kind::Throttled,
        "OperationTimedOut" => Kind::Timeout,
        "Md5Mismatch" | "Crc64Mismatch" => Kind::Corrupt,
        "InvalidBlockList" => Kind::InvalidBlockList,
        "BlockCountExceedsLimit" | "BlockListTooLong" => Kind::BlockLimit,
        _ => return None,
    })
}

fn kind_of_status(status: u16) -> Option<Kind> {
    Some(match status {
        401 | 403 => Kind::Denied,
        404 => Kind::NotFound(Missing::Resource),
        304 | 412 => Kind::Precondition,
        408 | 504 => Kind::Timeout,
        429 | 503 => Kind::Throttled,
        _ => return None,
    })
}

fn answer(
    status: StatusCode,
    code: Option<&str>,
    raw: Option<&RawResponse>,
    url: SafeUrl,
) -> ServiceAnswer {
    let header = |name: HeaderName| raw.and_then(|raw| raw.headers().get_optional_string(&name));
    let body = raw
        .and_then(|raw| std::str::from_utf8(raw.body()).ok())
        .unwrap_or_default();
    // The SDK puts the status's name where the service gave no code.
    let code = header(ERROR_CODE)
        .or_else(|| element(body, "Code"))
        .or_else(|| {
            code.filter(|code| *code != status.canonical_reason())
                .map(str::to_owned)
        });
    let message = [
        element(body, "Message"),
        element(body, "AuthenticationErrorDetail"),
    ]
    .into_iter()
    .flatten()
    .map(|text| Cause::text(text.lines().next().unwrap_or_default()).to_string())
    .collect::<Vec<_>>()
    .join(" ");
    ServiceAnswer {
        url,
        status: status.into(),
        code,
        request_id: header(REQUEST_ID),
        message: (!message.is_empty()).then_some(message),
    }
}

/// The text of an element in the service's small, flat error bodies.
fn element(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
