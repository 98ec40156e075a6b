//! What CI systems are asked, and what is made of their answers.

use std::sync::Arc;

use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, StatusCode, Transport};

use super::*;
use crate::testing::Stub;

fn answering(body: &'static str) -> (Arc<Stub>, ClientOptions) {
    let stub = Stub::new(move |_, _| {
        Ok(AsyncRawResponse::from_bytes(
            StatusCode::Ok,
            Headers::new(),
            body,
        ))
    });
    let options = ClientOptions {
        transport: Some(Transport::new(Arc::clone(&stub) as _)),
        ..ClientOptions::default()
    };
    (stub, options)
}

fn header(request: &Request, name: &'static str) -> Option<String> {
    request
        .headers()
        .get_optional_string(&HeaderName::from_static(name))
}

#[tokio::test]
async fn github_is_asked_for_a_new_token_every_time() {
    let (stub, options) = answering(r#"{"count":1,"value":"ey.job"}"#);
    let assertion = OidcAssertion::github("https://ci.test/token?v=2", "t0ken", options).unwrap();
    for _ in 0..2 {
        assert_eq!(assertion.secret(None).await.unwrap(), "ey.job");
    }
    let seen = stub.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].method(), Method::Get);
    assert_eq!(
        seen[0].url().as_str(),
        "https://ci.test/token?v=2&audience=api%3A%2F%2FAzureADTokenExchange"
    );
    assert_eq!(
        header(&seen[0], "authorization").as_deref(),
        Some("Bearer t0ken")
    );
    assert!(!format!("{assertion:?}").contains("t0ken"));
}

#[tokio::test]
async fn pipelines_are_asked_for_their_service_connection() {
    let (stub, options) = answering(r#"{"oidcToken":"ey.job"}"#);
    let assertion =
        OidcAssertion::pipelines("https://ci.test/oidc", "t0ken", "5e41", options).unwrap();
    assert_eq!(assertion.secret(None).await.unwrap(), "ey.job");
    let seen = stub.seen();
    assert_eq!(seen[0].method(), Method::Post);
    assert_eq!(
        seen[0].url().as_str(),
        "https://ci.test/oidc?api-version=7.1&serviceConnectionId=5e41"
    );
    assert_eq!(
        header(&seen[0], "x-tfs-fedauthredirect").as_deref(),
        Some("Suppress")
    );
    assert_eq!(header(&seen[0], "content-length").as_deref(), Some("0"));
}

#[tokio::test]
async fn an_answer_without_a_token_is_not_repeated() {
    let (_, options) = answering(r#"{"token":"ey.s3cr"}"#);
    let assertion = OidcAssertion::github("https://ci.test/token", "t0ken", options).unwrap();
    let error = assertion.secret(None).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cr"));
}
