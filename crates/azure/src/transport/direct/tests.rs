//! Against a listener that answers as a test tells it to, byte by byte.

use std::sync::atomic::{AtomicUsize, Ordering};

use azure_core::http::{Method, StatusCode};
use futures::TryStreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::error::{AzureError, UnreachableReason};
use crate::redact::SafeUrl;

const EMPTY: &str = "HTTP/1.1 201 Created\r\nETag: \"1\"\r\nContent-Length: 0\r\n\r\n";

/// A server, and how many connections it has accepted.
struct Server {
    url: Url,
    accepted: Arc<AtomicUsize>,
}

/// Each connection gets these answers to its requests, one after the other, and is closed after the last.
async fn server(answers: &'static [&'static str]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a/b?c=d%2F", listener.local_addr().unwrap());
    let accepted = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(serve(stream, answers));
        }
    });
    Server {
        url: url.parse().unwrap(),
        accepted,
    }
}

async fn serve(mut stream: TcpStream, answers: &[&str]) {
    for answer in answers {
        let request = read_request(&mut stream).await;
        let answer = answer.replace("{request}", &request.replace("\r\n", "|"));
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// A request's head and body.
async fn read_request(stream: &mut TcpStream) -> String {
    let (mut text, mut piece) = (String::new(), [0; 1024]);
    loop {
        let read = stream.read(&mut piece).await.unwrap_or_default();
        text.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        let length = text.split_once("content-length: ").map_or(0, |(_, rest)| {
            rest.split_once('\r').unwrap().0.parse::<usize>().unwrap()
        });
        let whole = text
            .split_once("\r\n\r\n")
            .is_some_and(|(_, body)| body.len() == length);
        if whole || read == 0 {
            return text;
        }
    }
}

fn direct() -> Direct {
    Direct::new(8, Duration::from_secs(5))
}

async fn put(
    direct: &Direct,
    server: &Server,
    body: &'static str,
) -> azure_core::Result<AsyncRawResponse> {
    let mut request = Request::new(server.url.clone(), Method::Put);
    request.insert_header("x-ms-date", "now");
    // What is said of the length does not count: the body does.
    request.insert_header("content-length", "77");
    request.set_body(body);
    direct
        .send(&request, Bytes::from_static(body.as_bytes()))
        .await
}

fn error_of(error: &Error, server: &Server) -> AzureError {
    AzureError::from_core(error, &SafeUrl::from(&server.url))
}

#[tokio::test]
async fn one_connection_serves_one_request_after_the_other() {
    let server = server(&[EMPTY; 5]).await;
    let direct = direct();
    for _ in 0..5 {
        let answer = put(&direct, &server, "body").await.unwrap();
        assert_eq!(answer.status(), StatusCode::Created);
        assert_eq!(
            answer
                .headers()
                .get_optional_str(&HeaderName::from_static("etag")),
            Some("\"1\"")
        );
    }
    assert_eq!(server.accepted.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made() {
    const ECHO: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{request}";
    let server = server(&[ECHO]).await;
    let answer = put(&direct(), &server, "body").await.unwrap();
    let text = answer.into_body().collect_string().await.unwrap();
    let host = &server.url[Position::BeforeHost..Position::AfterPort];
    assert!(text.starts_with("PUT /a/b?c=d%2F HTTP/1.1|"), "{text}");
    assert!(text.contains(&format!("|host: {host}|")), "{text}");
    assert!(text.contains("|x-ms-date: now|"), "{text}");
    assert!(text.contains("|content-length: 4|"), "{text}");
    assert!(text.ends_with("||body"), "{text}");
}

#[tokio::test]
async fn a_body_that_was_read_frees_its_connection_and_another_one_does_not() {
    const BODY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let server = server(&[BODY; 9]).await;
    let direct = direct();
    for _ in 0..3 {
        let body = put(&direct, &server, "body").await.unwrap().into_body();
        assert_eq!(body.collect_string().await.unwrap(), "hello");
    }
    assert_eq!(server.accepted.load(Ordering::Relaxed), 1);
    drop(put(&direct, &server, "body").await.unwrap());
    put(&direct, &server, "body").await.unwrap();
    assert_eq!(server.accepted.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn requests_that_run_side_by_side_have_connections_of_their_own() {
    let server = server(&[EMPTY; 9]).await;
    let direct = direct();
    let both = || futures::future::join(put(&direct, &server, "a"), put(&direct, &server, "b"));
    for _ in 0..3 {
        let (first, second) = both().await;
        first.and(second).unwrap();
    }
    assert_eq!(server.accepted.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_not_used() {
    for answer in [
        EMPTY,
        "HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ] {
        let server = server(Box::leak(Box::new([answer]))).await;
        let direct = direct();
        for expected in 1..=3 {
            put(&direct, &server, "body").await.unwrap();
            assert_eq!(server.accepted.load(Ordering::Relaxed), expected);
            // The server's side closes before this one goes on.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_breaks_is_an_error_of_the_line() {
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-", "no http\r\n\r\n"] {
        let server = server(Box::leak(Box::new([answer]))).await;
        let error = put(&direct(), &server, "body").await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Io, "{answer}");
        assert!(
            matches!(error_of(&error, &server), AzureError::Io { .. }),
            "{answer}"
        );
    }
    let server = server(&["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"]).await;
    let body = put(&direct(), &server, "body").await.unwrap().into_body();
    let error = body.try_collect::<Vec<_>>().await.unwrap_err();
    assert!(
        matches!(error_of(&error, &server), AzureError::Io { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_keeps_a_connection_from_being_made_has_a_name() {
    let mut server = server(&[EMPTY, "not TLS"]).await;
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let plain = server.url.port().unwrap();
    for (url, expected) in [
        (format!("http://{closed}/"), UnreachableReason::Refused),
        (
            format!("https://127.0.0.1:{plain}/"),
            UnreachableReason::Tls,
        ),
        (
            "http://no-such-host.invalid/".to_owned(),
            UnreachableReason::UnknownHost,
        ),
    ] {
        server.url = url.parse().unwrap();
        let error = put(&direct(), &server, "body").await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Connection, "{url}");
        match error_of(&error, &server) {
            AzureError::Unreachable { reason, .. } => assert_eq!(reason, expected, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}
