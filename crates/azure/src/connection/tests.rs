//! A connection over a stub, and over real sockets on loopback.

use std::sync::atomic::{AtomicUsize, Ordering};

use azure_core::Bytes;
use azure_core::credentials::{AccessToken, TokenRequestOptions};
use azure_core::http::headers::{AUTHORIZATION, HeaderName, Headers};
use azure_core::http::{AsyncRawResponse, Context, Method, Request, StatusCode};
use azure_core::time::OffsetDateTime;
use futures::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::credential::{AuthMode, resolve_credential};
use crate::environment::Environment;
use crate::error::UnreachableReason;
use crate::location::BlobLocation;
use crate::policy::{AttemptDeadline, ExtraHeaders, OperationClass};
use crate::redact::SafeUrl;
use crate::testing::{Stub, status};

const KEYED: &[(&str, &str)] = &[("AZURE_STORAGE_KEY", "c2VjcmV0")];

fn credential(text: &str, pairs: &[(&str, &str)]) -> (ResolvedCredential, Url) {
    let environment = Environment::from_pairs(pairs.iter().copied());
    let parsed = BlobLocation::parse(text, &environment).unwrap();
    let url = parsed.location.container_url();
    let credential = resolve_credential(AuthMode::Auto, &parsed.location, parsed.sas, &environment);
    (credential.unwrap(), url)
}

async fn send(connection: &Connection, request: &mut Request) -> azure_core::Result<u16> {
    let response = connection
        .pipeline()
        .send(&Context::new(), request, None)
        .await?;
    Ok(response.status().into())
}

fn put(url: &Url, body: Vec<u8>) -> Request {
    let mut request = Request::new(url.clone(), Method::Put);
    request.set_body(body);
    request
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_signed_anew_and_counted() {
    let (credential, url) = credential("az://contoso/apps/", KEYED);
    let stub = Stub::new(|number, _| {
        Ok(status(if number < 2 {
            StatusCode::ServiceUnavailable
        } else {
            StatusCode::Created
        }))
    });
    let client = Arc::clone(&stub);
    let connection =
        Connection::with_http_client(client, &credential, &ConnectionOptions::default());
    let mut request = put(&url.join("/apps/b").unwrap(), vec![7; 100]);
    // A signature of an earlier attempt must not be signed over.
    request.insert_header(AUTHORIZATION, "stale");
    assert_eq!(send(&connection, &mut request).await.unwrap(), 201);

    let seen = stub.seen();
    assert_eq!(seen.len(), 3);
    for request in &seen {
        let header = |name| {
            request
                .headers()
                .get_optional_str(&HeaderName::from_static(name))
        };
        assert!(
            header("authorization")
                .unwrap()
                .starts_with("SharedKey contoso:")
        );
        assert!(header("x-ms-date").is_some());
        assert_eq!(header("x-ms-version"), Some("2026-04-06"));
        assert_eq!(
            header("x-ms-client-request-id"),
            seen[0]
                .headers()
                .get_optional_str(&HeaderName::from_static("x-ms-client-request-id"))
        );
    }
    let totals = connection.meter().snapshot();
    assert_eq!(totals.requests_of(OperationClass::PutBlob), 3);
    assert_eq!(
        (totals.retries, totals.throttles, totals.bytes_sent),
        (2, 2, 300)
    );
    assert_eq!(connection.meter().throttles(), 2);
}

#[tokio::test]
async fn a_token_is_sent_over_https_and_nowhere_else() {
    #[derive(Debug)]
    struct Fixed;

    #[async_trait::async_trait]
    impl TokenCredential for Fixed {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            assert_eq!(scopes, ["https://storage.azure.com/.default"]);
            let expires = OffsetDateTime::now_utc() + azure_core::time::Duration::hours(1);
            Ok(AccessToken::new("t0ken", expires))
        }
    }

    let (mut credential, url) = credential("az://contoso/apps", &[]);
    credential.credential = Credential::Token(Arc::new(Fixed));
    let stub = Stub::new(|_, _| Ok(status(StatusCode::Ok)));
    let client = Arc::clone(&stub);
    let connection =
        Connection::with_http_client(client, &credential, &ConnectionOptions::default());
    send(&connection, &mut put(&url, Vec::new())).await.unwrap();
    let seen = stub.seen();
    assert_eq!(
        seen[0].headers().get_optional_str(&AUTHORIZATION),
        Some("Bearer t0ken")
    );
    assert!(connection.token_credential().is_some());

    let plain = "http://files.test/apps".parse().unwrap();
    send(&connection, &mut put(&plain, Vec::new()))
        .await
        .unwrap_err();
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn headers_of_the_context_are_sent() {
    let (credential, url) = credential("az://contoso/apps?sig=s3cr", &[]);
    let stub = Stub::new(|_, _| Ok(status(StatusCode::Ok)));
    let client = Arc::clone(&stub);
    let connection =
        Connection::with_http_client(client, &credential, &ConnectionOptions::default());
    let mut request = put(&connection.authorize_url(url), Vec::new());
    let context =
        Context::new().with_value(ExtraHeaders::new().with("x-ms-content-crc64", "AAAAAAAAAAA="));
    connection
        .pipeline()
        .send(&context, &mut request, None)
        .await
        .unwrap();
    let seen = stub.seen();
    let header = HeaderName::from_static("x-ms-content-crc64");
    assert_eq!(
        seen[0].headers().get_optional_str(&header),
        Some("AAAAAAAAAAA=")
    );
    assert_eq!(seen[0].url().query(), Some("sig=s3cr"));
    assert_eq!(seen[0].headers().get_optional_str(&AUTHORIZATION), None);
}

#[test]
fn a_signature_joins_the_query_unchanged_and_is_never_printed() {
    let (credential, url) = credential("az://contoso/apps?sv=1&sig=s3cr%2B%3D", &[]);
    let connection = Connection::new(&credential, &ConnectionOptions::default()).unwrap();
    let mut listing = url.clone();
    listing.set_query(Some("restype=container&comp=list"));
    assert_eq!(
        connection.authorize_url(listing).query(),
        Some("restype=container&comp=list&sv=1&sig=s3cr%2B%3D")
    );
    assert!(!format!("{credential:?} {connection:?}").contains("s3cr"));
    assert!(connection.token_credential().is_none());
}

#[test]
fn no_request_at_once_is_no_connection() {
    let (credential, _) = credential("az://contoso/apps", KEYED);
    let options = ConnectionOptions {
        concurrency: 0,
        ..ConnectionOptions::default()
    };
    let error = Connection::new(&credential, &options).unwrap_err();
    assert!(matches!(error, AzureError::Setup { .. }));
}

#[test]
fn a_key_is_never_printed() {
    let (credential, _) = credential("az://contoso/apps", KEYED);
    let connection = Connection::new(&credential, &ConnectionOptions::default()).unwrap();
    let shown = format!("{credential:?} {connection:?} {:?}", connection.pipeline());
    // The bytes of the key as a slice would print them, too.
    assert!(!shown.contains("c2VjcmV0") && !shown.contains("115, 101, 99"));
}

#[tokio::test(start_paused = true)]
async fn the_rate_of_requests_is_kept_over_all_clients() {
    let (credential, url) = credential("az://contoso/apps", KEYED);
    let stub = Stub::new(|_, _| Ok(status(StatusCode::Ok)));
    let options = ConnectionOptions {
        max_requests_per_second: NonZeroU32::new(10),
        ..ConnectionOptions::default()
    };
    let connection = Connection::with_http_client(stub, &credential, &options);
    let start = tokio::time::Instant::now();
    let calls =
        (0..50).map(|_| async { send(&connection, &mut put(&url, Vec::new())).await.unwrap() });
    futures::future::join_all(calls).await;
    let seconds = start.elapsed().as_secs_f64();
    assert!((4.7..5.2).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_body_larger_than_the_rate_passes() {
    let (credential, url) = credential("az://contoso/apps", KEYED);
    let stub = Stub::new(|_, _| Ok(status(StatusCode::Ok)));
    let options = ConnectionOptions {
        max_bytes_per_second: NonZeroU64::new(1 << 20),
        ..ConnectionOptions::default()
    };
    let connection = Connection::with_http_client(stub, &credential, &options);
    let start = tokio::time::Instant::now();
    send(&connection, &mut put(&url, vec![0; 8 << 20]))
        .await
        .unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!((7.5..8.5).contains(&seconds), "{seconds}");
}

/// Reads a request's head and returns it with what came behind it.
async fn read_head(stream: &mut TcpStream) -> (String, usize) {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            return (head, bytes.len() - end - 4);
        }
        let count = stream.read_buf(&mut bytes).await.unwrap();
        assert!(count > 0, "the client hung up");
    }
}

#[tokio::test]
async fn on_the_wire_it_is_plain_http_1_and_nothing_is_unpacked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (head, _) = read_head(&mut stream).await;
        // A redirect must come back as an answer: following it would carry the signature to another host.
        let answer =
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.1.1/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        head.to_ascii_lowercase()
    });
    let (credential, url) = credential(&format!("http://{address}/contoso/apps"), KEYED);
    let connection = Connection::new(&credential, &ConnectionOptions::default()).unwrap();
    let error = send(&connection, &mut Request::new(url.clone(), Method::Get))
        .await
        .unwrap_err();
    let AzureError::Protocol(answer) = AzureError::from_core(&error, &SafeUrl::from(url)) else {
        panic!("a redirect is not understood");
    };
    assert_eq!(answer.status, 302);
    let head = server.await.unwrap();
    assert!(head.starts_with("get /contoso/apps http/1.1\r\n"), "{head}");
    assert!(!head.contains("accept-encoding"), "{head}");
    assert!(head.contains("user-agent: longshore-"), "{head}");
}

#[tokio::test]
async fn a_silent_server_is_a_timeout_and_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let server = tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await;
            counter.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    let (credential, url) = credential(&format!("http://{address}/contoso/apps"), KEYED);
    let options = ConnectionOptions {
        max_retries: 1,
        ..ConnectionOptions::default()
    };
    let connection = Connection::new(&credential, &options).unwrap();
    let context = Context::new().with_value(AttemptDeadline(Duration::from_millis(200)));
    let mut request = Request::new(url.clone(), Method::Get);
    let error = connection
        .pipeline()
        .send(&context, &mut request, None)
        .await
        .unwrap_err();
    let error = AzureError::from_core(&error, &SafeUrl::from(url));
    assert!(matches!(error, AzureError::Timeout { .. }), "{error:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    server.abort();
    assert_eq!(connection.meter().snapshot().retries, 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_arriving_is_a_timeout() {
    #[derive(Debug)]
    struct Stalling;

    #[async_trait::async_trait]
    impl HttpClient for Stalling {
        async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
            let first = futures::stream::iter([Ok(Bytes::from_static(b"first"))]);
            let body = first.chain(futures::stream::pending());
            Ok(AsyncRawResponse::new(
                StatusCode::Ok,
                Headers::new(),
                Box::pin(body),
            ))
        }
    }

    let (credential, url) = credential("az://contoso/apps", KEYED);
    let options = ConnectionOptions::default();
    let connection = Connection::with_http_client(Arc::new(Stalling), &credential, &options);
    let mut request = Request::new(url.clone(), Method::Get);
    let response = connection
        .pipeline()
        .stream(&Context::new(), &mut request, None)
        .await
        .unwrap();
    let error = response.into_body().collect().await.unwrap_err();
    let error = AzureError::from_core(&error, &SafeUrl::from(url));
    assert!(matches!(error, AzureError::Timeout { .. }), "{error:?}");
    assert_eq!(connection.meter().snapshot().bytes_received, 5);
}

#[tokio::test(start_paused = true)]
async fn downloads_keep_the_rate_too() {
    let (credential, url) = credential("az://contoso/apps", KEYED);
    let stub = Stub::new(|_, _| {
        Ok(AsyncRawResponse::from_bytes(
            StatusCode::Ok,
            Headers::new(),
            vec![0; 4 << 20],
        ))
    });
    let options = ConnectionOptions {
        max_bytes_per_second: NonZeroU64::new(1 << 20),
        ..ConnectionOptions::default()
    };
    let connection = Connection::with_http_client(stub, &credential, &options);
    let start = tokio::time::Instant::now();
    send(&connection, &mut Request::new(url, Method::Get))
        .await
        .unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!((3.7..4.3).contains(&seconds), "{seconds}");
    assert_eq!(connection.meter().snapshot().bytes_received, 4 << 20);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_an_attempt_grows_with_its_body() {
    /// Answers a megabyte every four seconds, as a line of 256 KiB/s would take it.
    #[derive(Debug)]
    struct Slow;

    #[async_trait::async_trait]
    impl HttpClient for Slow {
        async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
            let megabytes = request.body().len().unwrap() >> 20;
            tokio::time::sleep(Duration::from_secs(10 + 4 * megabytes)).await;
            Ok(status(StatusCode::Created))
        }
    }

    let (credential, url) = credential("az://contoso/apps", KEYED);
    let connection =
        Connection::with_http_client(Arc::new(Slow), &credential, &ConnectionOptions::default());
    assert_eq!(
        send(&connection, &mut put(&url, vec![0; 64 << 20]))
            .await
            .unwrap(),
        201
    );
    assert_eq!(connection.meter().snapshot().retries, 0);
}

#[tokio::test]
async fn a_refused_connection_fails_soon_and_says_so() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (credential, url) = credential(&format!("http://{address}/contoso/apps"), KEYED);
    let connection = Connection::new(&credential, &ConnectionOptions::default()).unwrap();
    let error = send(&connection, &mut Request::new(url.clone(), Method::Get))
        .await
        .unwrap_err();
    let error = AzureError::from_core(&error, &SafeUrl::from(url));
    let AzureError::Unreachable { host, reason, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        (host.as_str(), *reason),
        ("127.0.0.1", UnreachableReason::Refused)
    );
    assert!(error.hint().unwrap().contains("nothing listens"));
    assert_eq!(connection.meter().snapshot().retries, 2);
}

#[tokio::test]
async fn an_unknown_host_is_told_apart_and_its_signature_kept_quiet() {
    // A label of more than 63 characters is refused by the resolver itself: no question leaves this machine.
    let host = format!("{}.invalid", "x".repeat(70));
    let (credential, url) = credential(&format!("http://{host}/apps?sv=1&sig=s3cr"), &[]);
    let connection = Connection::new(&credential, &ConnectionOptions::default()).unwrap();
    let url = connection.authorize_url(url);
    let error = send(&connection, &mut Request::new(url.clone(), Method::Get))
        .await
        .unwrap_err();
    let error = AzureError::from_core(&error, &SafeUrl::from(url));
    let AzureError::Unreachable { reason, cause, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*reason, UnreachableReason::UnknownHost, "{cause}");
    assert!(!format!("{error:?} {error} {cause}").contains("s3cr"));
}
