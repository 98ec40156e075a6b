//! Copies from servers that are no stand-ins.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::yard::{BLOCK_BLOB, Yard};

/// A server that knows nothing of blobs: it has ten bytes, and answers ranges as `answer_to_range` says.
async fn stranger(answer_to_range: &'static str) -> String {
    const TEN: &str = "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 10\r\n\r\n0123456789";

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]).to_lowercase();
            assert!(!request.contains("if-"), "{request}");
            let answer = match request.split(['/', '?', ' ']).nth(2).unwrap() {
                "none" => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                "denied" => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
                "elsewhere" => {
                    "HTTP/1.1 302 Found\r\nLocation: /setup\r\nContent-Length: 0\r\n\r\n"
                }
                "endless" => "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789",
                "torn" => "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789",
                "huge" => "HTTP/1.1 200 OK\r\nContent-Length: 5242880001\r\n\r\n0123456789",
                _ if request.contains("range: bytes=2-5") => answer_to_range,
                _ => TEN,
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

/// The answer to a range that is right.
const FOUR: &str = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-5/10\r\n\
    Content-Length: 4\r\n\r\n2345";

#[tokio::test]
async fn sources_are_fetched_from_any_server_on_this_machine() {
    let yard = Yard::open().await;
    let url = format!("{}/setup.exe?token=hidden", stranger(FOUR).await);
    let source = ("x-ms-copy-source", url.as_str());
    yard.expect("PUT", "library/put", &[BLOCK_BLOB, source], "", "201")
        .await;
    assert_eq!(yard.get("put").await, b"0123456789");
    yard.expect("PUT", "library/copy", &[source], "", "202")
        .await;
    assert_eq!(yard.get("copy").await, b"0123456789");

    let path = "library/blocks?comp=block&blockid=AAAA";
    let range = [source, ("x-ms-source-range", "bytes=2-5")];
    yard.expect("PUT", path, &range, "", "201").await;
    let list = "<BlockList><Latest>AAAA</Latest></BlockList>";
    yard.expect("PUT", "library/blocks?comp=blocklist", &[], list, "201")
        .await;
    assert_eq!(yard.get("blocks").await, b"2345");
}

#[tokio::test]
async fn a_range_that_is_not_answered_is_refused() {
    let yard = Yard::open().await;
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    let other = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/10\r\n\
        Content-Length: 4\r\n\r\n0123";
    let short = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-5/10\r\n\
        Content-Length: 3\r\n\r\n234";
    for answer in [whole, other, short] {
        let url = stranger(answer).await;
        let range = [
            ("x-ms-copy-source", url.as_str()),
            ("x-ms-source-range", "bytes=2-5"),
        ];
        let path = "library/blocks?comp=block&blockid=AAAA";
        yard.expect("PUT", path, &range, "", "400 CannotVerifyCopySource")
            .await;
    }
}

#[tokio::test]
async fn what_another_server_refuses_is_not_copied() {
    let yard = Yard::open().await;
    let server = stranger(FOUR).await;
    for (path, outcome) in [
        ("none", "404 CannotVerifyCopySource"),
        ("denied", "403 CannotVerifyCopySource"),
        ("elsewhere", "400 CannotVerifyCopySource"),
        ("endless", "400 CannotVerifyCopySource"),
        ("torn", "500 CannotVerifyCopySource"),
        ("huge", "409 CannotVerifyCopySource"),
    ] {
        let url = format!("{server}/{path}");
        let put = [BLOCK_BLOB, ("x-ms-copy-source", url.as_str())];
        yard.expect("PUT", "library/x", &put, "", outcome).await;
        yard.expect("HEAD", "library/x", &[], "", "404 BlobNotFound")
            .await;
    }
}

#[tokio::test]
async fn conditions_hold_for_what_another_server_answers() {
    let yard = Yard::open().await;
    let url = format!("{}/setup.exe", stranger(FOUR).await);
    let past = "Fri, 31 Dec 2010 00:00:00 GMT";
    for (name, value, outcome) in [
        ("x-ms-source-if-match", "\"v1\"", "201"),
        (
            "x-ms-source-if-match",
            "\"v2\"",
            "412 SourceConditionNotMet",
        ),
        (
            "x-ms-source-if-none-match",
            "\"v1\"",
            "412 SourceConditionNotMet",
        ),
        // It tells no time.
        (
            "x-ms-source-if-modified-since",
            past,
            "412 SourceConditionNotMet",
        ),
    ] {
        let put = [BLOCK_BLOB, ("x-ms-copy-source", &*url), (name, value)];
        yard.expect("PUT", "library/put", &put, "", outcome).await;
    }
}
