//! How the service says no: status, code and message of each refusal that Drydock knows.

use std::borrow::Cow;
use std::io;

use http::StatusCode;

/// A refused request.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    /// Seconds for a `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
    /// A header that names the culprit or the way out.
    pub(crate) header: Option<(&'static str, String)>,
}

macro_rules! codes {
    ($($status:literal $name:ident $message:literal;)*) => {
        /// The codes of `x-ms-error-code`, named as the service names them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code {
            $($name,)*
        }

        impl Code {
            const fn parts(self) -> (u16, &'static str, &'static str) {
                match self {
                    $(Self::$name => ($status, stringify!($name), $message),)*
                }
            }
        }
    };
}

codes! {
    304 NotModified "The condition specified using HTTP conditional header(s) is not met.";
    400 BlockListTooLong "The block list may not contain more than 50,000 blocks.";
    400 Crc64Mismatch "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.";
    400 EmptyMetadataKey "The key for one of the metadata key-value pairs is empty.";
    400 InvalidBlobOrBlock "The specified blob or block content is invalid.";
    400 InvalidBlockId "The specified block ID is invalid. The block ID must be Base64-encoded.";
    400 InvalidBlockList "The specified block list is invalid.";
    400 InvalidHeaderValue "The value for one of the HTTP headers is not in the correct format.";
    400 InvalidInput "One of the request inputs is not valid.";
    400 InvalidMd5 "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded.";
    400 InvalidMetadata "The specified metadata is invalid. It includes characters that are not permitted.";
    400 InvalidQueryParameterValue "Value for one of the query parameters specified in the request URI is invalid.";
    400 InvalidResourceName "The specified resource name contains invalid characters.";
    400 InvalidUri "The requested URI does not represent any resource on the server.";
    400 InvalidXmlDocument "XML specified is not syntactically valid.";
    400 Md5Mismatch "The MD5 value specified in the request did not match with the MD5 value calculated by the server.";
    400 MetadataTooLarge "The metadata specified exceeds the maximum permissible limit (8KB).";
    400 MissingRequiredHeader "An HTTP header that's mandatory for this request is not specified.";
    400 MissingRequiredQueryParameter "A required query parameter was not specified for this request.";
    400 OutOfRangeInput "One of the request inputs is out of range.";
    400 OutOfRangeQueryParameterValue "One of the query parameters specified in the request URI is outside the permissible range.";
    401 InvalidAuthenticationInfo "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.";
    401 NoAuthenticationInformation "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.";
    403 AuthenticationFailed "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.";
    403 AuthorizationFailure "This request is not authorized to perform this operation.";
    403 AuthorizationPermissionMismatch "This request is not authorized to perform this operation using this permission.";
    403 AuthorizationProtocolMismatch "This request is not authorized to perform this operation using this protocol.";
    403 AuthorizationResourceTypeMismatch "This request is not authorized to perform this operation using this resource type.";
    403 AuthorizationServiceMismatch "This request is not authorized to perform this operation using this service.";
    403 AuthorizationSourceIPMismatch "This request is not authorized to perform this operation using this source IP.";
    404 CannotVerifyCopySource "The copy source cannot be read.";
    404 BlobNotFound "The specified blob does not exist.";
    404 ContainerNotFound "The specified container does not exist.";
    404 ResourceNotFound "The specified resource does not exist.";
    405 UnsupportedHttpVerb "The resource doesn't support specified Http Verb.";
    409 BlobAlreadyExists "The specified blob already exists.";
    409 BlockCountExceedsLimit "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks.";
    409 ContainerAlreadyExists "The specified container already exists.";
    409 LeaseAlreadyPresent "There is already a lease present.";
    409 LeaseIdMismatchWithLeaseOperation "The lease ID specified did not match the lease ID for the resource.";
    409 LeaseIsBreakingAndCannotBeAcquired "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken.";
    409 LeaseIsBreakingAndCannotBeChanged "The lease ID matched, but the lease is currently in breaking state and cannot be changed.";
    409 LeaseIsBrokenAndCannotBeRenewed "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.";
    409 LeaseNotPresentWithLeaseOperation "There is currently no lease on the resource.";
    409 NoPendingCopyOperation "There is currently no pending copy operation.";
    409 PublicAccessNotPermitted "Public access is not permitted on this storage account.";
    411 MissingContentLengthHeader "The Content-Length header was not specified.";
    412 ConditionNotMet "The condition specified using HTTP conditional header(s) is not met.";
    412 LeaseIdMismatchWithBlobOperation "The lease ID specified did not match the lease ID for the blob.";
    412 LeaseIdMismatchWithContainerOperation "The lease ID specified did not match the lease ID for the container.";
    412 LeaseIdMissing "There is currently a lease on the resource and no lease ID was specified in the request.";
    412 LeaseNotPresentWithBlobOperation "There is currently no lease on the blob.";
    412 LeaseNotPresentWithContainerOperation "There is currently no lease on the container.";
    412 SourceConditionNotMet "The source condition specified using HTTP conditional header(s) is not met.";
    412 TargetConditionNotMet "The target condition specified using HTTP conditional header(s) is not met.";
    413 RequestBodyTooLarge "The request body is too large and exceeds the maximum permissible limit.";
    416 InvalidRange "The range specified is invalid for the current size of the resource.";
    500 InternalError "The server encountered an internal error. Please retry the request.";
    501 NotImplemented "The requested operation is not implemented on the specified resource.";
    503 ServerBusy "Operations per second is over the account limit.";
}

impl Failure {
    /// The refusal that the service documents under this code.
    pub(crate) fn of(code: Code) -> Self {
        let (status, name, message) = code.parts();
        Self {
            // The table above holds valid status codes only.
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: Cow::Borrowed(name),
            message: Cow::Borrowed(message),
            retry_after: None,
            header: None,
        }
    }

    /// The same with a sentence that says more.
    pub(crate) fn with_detail(mut self, detail: impl std::fmt::Display) -> Self {
        self.message = Cow::Owned(format!("{} {detail}", self.message));
        self
    }

    /// A header that the service does not take.
    pub(crate) fn header_value(name: &str) -> Self {
        Self::of(Code::InvalidHeaderValue).with_detail(format_args!("HeaderName: {name}"))
    }

    /// A query parameter that the service does not take.
    pub(crate) fn query_value(name: &str) -> Self {
        Self::of(Code::InvalidQueryParameterValue)
            .with_detail(format_args!("QueryParameterName: {name}"))
    }

    /// Whether it was refused under this code.
    pub(crate) fn is(&self, code: Code) -> bool {
        self.code == code.parts().1
    }

    /// The source of a copy that cannot be read, with the status and the words of the source's own refusal.
    pub(crate) fn copy_source(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            ..Self::of(Code::CannotVerifyCopySource)
        }
    }

    /// A signature or a token that does not hold, with a reason that gives no secret away.
    pub(crate) fn authentication(detail: impl std::fmt::Display) -> Self {
        Self::of(Code::AuthenticationFailed).with_detail(detail)
    }

    /// A request that anonymous clients may not make.
    pub(crate) fn challenge(code: Code, challenge: &str) -> Self {
        let mut failure = Self::of(code);
        failure.header = Some(("www-authenticate", challenge.to_owned()));
        failure
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self::of(code)
    }
}

/// The disk failed under us.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        tracing::error!(%error, "the data directory failed");
        Self::of(Code::InternalError)
    }
}

/// What an operation gives.
pub(crate) type Outcome<T> = Result<T, Failure>;
