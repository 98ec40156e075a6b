//! What answers and failures become, and what is said about them.

use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{RawResponse, StatusCode};
use proptest::prelude::*;

use super::*;

fn url() -> SafeUrl {
    SafeUrl::from(
        url::Url::parse("https://contoso.blob.core.windows.net/apps/b?sv=1&sig=s3cr").unwrap(),
    )
}

fn mapped(status: u16, code: &str, message: &str) -> AzureError {
    let mut headers = Headers::new();
    headers.insert("x-ms-request-id", "5e7a0c4b");
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\nRequestId:x</Message></Error>"
    );
    let status = StatusCode::from(status);
    let error = azure_core::Error::with_message(
        ErrorKind::HttpResponse {
            status,
            error_code: Some(status.canonical_reason().into_owned()),
            raw_response: Some(Box::new(RawResponse::from_bytes(status, headers, body))),
        },
        "https://contoso.blob.core.windows.net/apps/b?sv=1&sig=s3cr",
    );
    AzureError::from_core(&error, &url())
}

/// Status and code of an answer, the variant that it becomes, and a part of its hint.
const ANSWERS: &[(u16, &str, &str, &str)] = &[
    (
        404,
        "ContainerNotFound",
        "NotFound { missing: Container",
        "create the container",
    ),
    (404, "BlobNotFound", "NotFound { missing: Blob", ""),
    (
        404,
        "ResourceNotFound",
        "NotFound { missing: Resource",
        "private container",
    ),
    (409, "BlobAlreadyExists", "AlreadyExists", ""),
    (412, "ConditionNotMet", "Precondition", "run again"),
    (412, "LeaseIdMissing", "Conflict", "lease"),
    (
        409,
        "ContainerBeingDeleted",
        "Conflict",
        "try again in a minute",
    ),
    (
        403,
        "AuthorizationPermissionMismatch",
        "Denied",
        "Storage Blob Data Contributor",
    ),
    (403, "AuthorizationFailure", "Denied", "firewall"),
    (
        403,
        "KeyBasedAuthenticationNotPermitted",
        "Denied",
        "--auth entra",
    ),
    (403, "AuthenticationFailed", "Denied", "clock"),
    (401, "InvalidAuthenticationInfo", "Denied", "sign in again"),
    (401, "NoAuthenticationInformation", "Denied", "--auth"),
    (409, "PublicAccessNotPermitted", "PublicAccess", "window"),
    (503, "ServerBusy", "Throttled", "--concurrency"),
    (500, "OperationTimedOut", "Timeout", "try again"),
    (400, "Md5Mismatch", "Corrupt", "try again"),
    (400, "Crc64Mismatch", "Corrupt", "try again"),
    (400, "InvalidBlockList", "InvalidBlockList", ""),
    (409, "BlockCountExceedsLimit", "BlockLimit", "expire"),
    (400, "InvalidHeaderValue", "Protocol", ""),
];

#[test]
fn the_code_decides_before_the_status() {
    for &(status, code, variant, hint) in ANSWERS {
        let error = mapped(status, code, "words");
        let shown = format!("{error:?}");
        assert!(shown.starts_with(variant), "{code} became {shown}");
        let given = error.hint().unwrap_or_default();
        assert!(given.contains(hint), "{code}: {given:?} lacks {hint:?}");
    }
}

#[test]
fn a_status_decides_where_there_is_no_code() {
    assert!(matches!(mapped(412, "", ""), AzureError::Precondition(_)));
    assert!(matches!(mapped(429, "", ""), AzureError::Throttled(_)));
    let error = mapped(500, "", "");
    assert!(matches!(error, AzureError::Protocol(_)));
    assert_eq!(error.code(), None);
}

#[test]
fn the_message_refines_the_hint() {
    let hint = |message| mapped(403, "AuthenticationFailed", message).hint().unwrap();
    assert!(hint("Signature not valid in the specified time frame").contains("expired"));
    assert!(hint("Request date header too old: 'x'").contains("clock is wrong"));
    assert!(
        hint("The MAC signature found in the HTTP request is not the same")
            .contains("copy it again")
    );
}

#[test]
fn it_says_what_happened_without_the_body() {
    let error = mapped(
        403,
        "AuthorizationFailure",
        "This request is not authorized.",
    );
    assert_eq!(
        error.to_string(),
        "not allowed: 403 AuthorizationFailure (request 5e7a0c4b) for \
         `https://contoso.blob.core.windows.net/apps/b?sv=1&sig=REDACTED`"
    );
    assert_eq!(
        error.answer().unwrap().message.as_deref(),
        Some("This request is not authorized.")
    );
}

#[test]
fn sign_in_failures_keep_their_cause_and_get_a_hint() {
    let check = |said: &'static str, expect: &str| {
        let error = azure_core::Error::with_message(ErrorKind::Credential, said);
        let error = AzureError::from_core(&error, &url());
        assert!(
            error.hint().unwrap().contains(expect),
            "{said}: {:?}",
            error.hint()
        );
    };
    check(
        "AADSTS700024: Client assertion is not within its valid time range",
        "--auth pipelines",
    );
    check(
        "AADSTS7000215: Invalid client secret",
        "AZURE_CLIENT_SECRET",
    );
    check(
        "AADSTS70021: No matching federated identity record found",
        "issuer and subject",
    );
    check("AADSTS700016: Application not found", "AZURE_CLIENT_ID");
    check(
        "ManagedIdentityCredential authentication failed",
        "no such identity",
    );
    check(
        "no metadata service answers at 127.0.0.1:80",
        "no such identity",
    );
    check("Please run 'az login'", "az login");
}

proptest! {
    #[test]
    fn no_error_prints_a_secret(secret in "[A-Z0-9]{16,40}", kind in 0..5_usize) {
        let kind = [ErrorKind::Io, ErrorKind::Connection, ErrorKind::Credential, ErrorKind::Other, ErrorKind::DataConversion][kind].clone();
        let below = format!("client error (https://a.test/c?sig={secret}): Bearer {secret}");
        let error = azure_core::Error::with_error(kind, std::io::Error::other(below), format!("for https://a.test/?sig={secret}"));
        let url = url::Url::parse(&format!("https://a.test/c?sv=1&sig={secret}")).unwrap();
        let error = AzureError::from_core(&error, &SafeUrl::from(url));
        let mut shown = format!("{error:?} {error} {:?}", error.hint());
        if let Some(cause) = std::error::Error::source(&error) {
            shown.push_str(&cause.to_string());
        }
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }
}
