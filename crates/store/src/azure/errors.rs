//! From the errors of the SDK to those of a store: the one place where service codes get a meaning for callers.

use longshore_azure::{AzureError, Missing, SafeUrl};
use url::Url;

use crate::{BlobName, Condition, StoreError};

/// What a call was about, so that its error can say so.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'call> {
    /// The container.
    Container,
    /// A blob.
    Blob {
        /// Its name.
        name: &'call BlobName,
        /// Whether the call writes it anew, so that it may be there already.
        creates: bool,
        /// What was assumed.
        condition: &'call Condition,
    },
}

impl<'call> Subject<'call> {
    /// A blob that is read, changed or deleted.
    pub(super) const fn existing(name: &'call BlobName, condition: &'call Condition) -> Self {
        Self::Blob {
            name,
            creates: false,
            condition,
        }
    }

    /// A blob that is written.
    pub(super) const fn written(name: &'call BlobName, condition: &'call Condition) -> Self {
        Self::Blob {
            name,
            creates: true,
            condition,
        }
    }
}

/// The error of a call to `url`.
pub(super) fn of_call(
    error: &azure_core::Error,
    url: &Url,
    container: &str,
    subject: Subject<'_>,
) -> StoreError {
    let error = AzureError::from_core(error, &SafeUrl::from(url));
    match subject {
        Subject::Container => {}
        Subject::Blob {
            name,
            creates,
            condition,
        } => {
            if let Some(error) = of_blob(&error, name, creates, condition) {
                return error;
            }
        }
    }
    of_any(error, container)
}

/// Whether a container could not be created because it is there.
pub(super) fn is_container_there(error: &azure_core::Error, url: &Url) -> bool {
    matches!(
        AzureError::from_core(error, &SafeUrl::from(url)),
        AzureError::AlreadyExists(_)
    )
}

/// What an error means for a blob; none when it is not about one.
fn of_blob(
    error: &AzureError,
    name: &BlobName,
    creates: bool,
    condition: &Condition,
) -> Option<StoreError> {
    let name = name.clone();
    let was_to_be_new = creates && *condition == Condition::Absent;
    Some(match error {
        AzureError::NotFound {
            missing: Missing::Blob | Missing::Resource,
            ..
        } => StoreError::NotFound { name },
        AzureError::AlreadyExists(_) | AzureError::Precondition(_) if was_to_be_new => {
            StoreError::AlreadyExists { name }
        }
        AzureError::AlreadyExists(_) | AzureError::Precondition(_) => {
            StoreError::Precondition { name }
        }
        AzureError::Corrupt(_) => StoreError::Corrupt {
            name,
            cause: Some(error.clone().into()),
        },
        AzureError::InvalidBlockList(_) => StoreError::MissingBlock { name },
        AzureError::BlockLimit(_) => StoreError::TooManyBlocks { name },
        AzureError::Protocol(_) => return of_code(error.code()?, name),
        _ => return None,
    })
}

/// What a code means that the connection does not know.
fn of_code(code: &str, name: BlobName) -> Option<StoreError> {
    Some(match code {
        // Ids of another length than those that are there, or longer than 64 bytes.
        "InvalidBlobOrBlock" | "InvalidBlockId" => StoreError::BlockIds { name },
        "InvalidRange" => StoreError::Range { name },
        _ => return None,
    })
}

/// What an error means whatever the call was about.
pub(super) fn of_any(error: AzureError, container: &str) -> StoreError {
    let hint = error.hint();
    match &error {
        AzureError::NotFound { .. } => StoreError::ContainerNotFound {
            container: container.to_owned(),
            cause: Some(error.into()),
        },
        AzureError::NotSignedIn { .. } | AzureError::PublicAccess(_) => StoreError::NotSignedIn {
            hint,
            cause: error.into(),
        },
        AzureError::Denied(_) if is_about_identity(error.code()) => StoreError::NotSignedIn {
            hint,
            cause: error.into(),
        },
        AzureError::Denied(_) | AzureError::Conflict(_) => StoreError::Denied {
            hint,
            cause: error.into(),
        },
        AzureError::Throttled(_) => StoreError::Throttled {
            cause: error.into(),
        },
        AzureError::Timeout { .. } => StoreError::TimedOut {
            cause: error.into(),
        },
        AzureError::Unreachable { .. } => StoreError::Unreachable {
            hint,
            cause: error.into(),
        },
        AzureError::Io { .. } => StoreError::Io {
            cause: error.into(),
        },
        _ => StoreError::Protocol {
            hint,
            cause: error.into(),
        },
    }
}

/// Whether the service, an emulator then, cannot do what was asked.
pub(super) fn is_unsupported(error: &StoreError) -> bool {
    let StoreError::Protocol { cause, .. } = error else {
        return false;
    };
    let error = cause.downcast_ref::<AzureError>();
    error.and_then(AzureError::code) == Some("FeatureNotSupported")
}

/// Whether the service did not accept who asked, rather than what was asked.
fn is_about_identity(code: Option<&str>) -> bool {
    matches!(
        code,
        Some(
            "AuthenticationFailed"
                | "InvalidAuthenticationInfo"
                | "NoAuthenticationInformation"
                | "KeyBasedAuthenticationNotPermitted"
        )
    )
}

/// An answer that cannot be understood.
pub(super) fn unexpected(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Protocol {
        hint: None,
        cause: cause.into(),
    }
}

#[cfg(test)]
mod tests {
    use azure_core::http::headers::Headers;
    use azure_core::http::{RawResponse, StatusCode};

    use super::*;
    use crate::ETag;

    fn answer(status: StatusCode, code: &str) -> azure_core::Error {
        let mut headers = Headers::new();
        if !code.is_empty() {
            headers.insert("x-ms-error-code", code.to_owned());
        }
        let response = RawResponse::from_bytes(status, headers, "");
        azure_core::Error::new(
            azure_core::error::ErrorKind::HttpResponse {
                status,
                error_code: None,
                raw_response: Some(Box::new(response)),
            },
            "it said sig=c2VjcmV0",
        )
    }

    fn check(status: StatusCode, code: &str, subject: Subject<'_>, expect: &str) {
        let url = Url::parse("https://a.blob.core.windows.net/c?sp=r&sig=c2VjcmV0").unwrap();
        let error = of_call(&answer(status, code), &url, "c", subject);
        let debug = format!("{error:?}");
        assert!(debug.starts_with(expect), "{status} {code}: {debug}");
        assert!(!debug.contains("c2VjcmV0"), "{debug}");
    }

    #[test]
    fn codes_and_statuses_have_a_meaning() {
        let name = BlobName::new("n").unwrap();
        let (none, absent) = (Condition::None, Condition::Absent);
        let matches = Condition::Matches(ETag::new("1"));
        let container = Subject::Container;
        let read = Subject::existing(&name, &none);
        let gone = Subject::existing(&name, &absent);
        let new = Subject::written(&name, &absent);
        let same = Subject::written(&name, &matches);
        for (status, code, subject, expect) in [
            (404, "BlobNotFound", read, "NotFound"),
            (404, "", read, "NotFound"),
            (404, "ContainerNotFound", read, "ContainerNotFound"),
            (404, "ContainerNotFound", new, "ContainerNotFound"),
            (409, "BlobAlreadyExists", new, "AlreadyExists"),
            (412, "ConditionNotMet", new, "AlreadyExists"),
            (412, "ConditionNotMet", same, "Precondition"),
            (412, "", same, "Precondition"),
            (304, "", gone, "Precondition"),
            (400, "UnsatisfiableCondition", read, "Protocol"),
            (400, "Crc64Mismatch", read, "Corrupt"),
            (400, "Md5Mismatch", read, "Corrupt"),
            (400, "InvalidBlockList", same, "MissingBlock"),
            (400, "BlockListTooLong", same, "TooManyBlocks"),
            (409, "BlockCountExceedsLimit", same, "TooManyBlocks"),
            (400, "InvalidBlobOrBlock", read, "BlockIds"),
            (400, "InvalidBlockId", read, "BlockIds"),
            (416, "InvalidRange", read, "Range"),
            (403, "AuthenticationFailed", read, "NotSignedIn"),
            (409, "PublicAccessNotPermitted", read, "NotSignedIn"),
            (403, "AuthorizationPermissionMismatch", read, "Denied"),
            (403, "", read, "Denied"),
            (412, "LeaseIdMissing", same, "Denied"),
            (503, "ServerBusy", read, "Throttled"),
            (500, "OperationTimedOut", read, "TimedOut"),
            (500, "InternalError", read, "Protocol"),
            (404, "ContainerNotFound", container, "ContainerNotFound"),
            (404, "", container, "ContainerNotFound"),
        ] {
            check(StatusCode::from(status), code, subject, expect);
        }
    }
}
