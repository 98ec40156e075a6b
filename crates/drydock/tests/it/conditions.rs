//! Conditional headers, as a table.

use std::time::{Duration, SystemTime};

use crate::yard::{BLOCK_BLOB, Yard};

const HOUR: Duration = Duration::from_secs(3600);

fn hours_ago(hours: u32) -> String {
    httpdate::fmt_http_date(SystemTime::now() - HOUR * hours)
}

fn in_an_hour() -> String {
    httpdate::fmt_http_date(SystemTime::now() + HOUR)
}

#[tokio::test]
async fn conditions_on_a_blob_that_is_there() {
    let yard = Yard::open().await;
    let (past, future) = (hours_ago(1), in_an_hour());
    let other = "\"0x8D0000000000000\"";
    // Header, value, and the outcomes of a read, a write and a delete.
    let table: [(&str, &str, &str, &str, &str); 11] = [
        ("if-match", "ETAG", "200", "201", "202"),
        ("if-match", "*", "200", "201", "202"),
        (
            "if-match",
            other,
            "412 ConditionNotMet",
            "412 ConditionNotMet",
            "412 ConditionNotMet",
        ),
        ("if-none-match", other, "200", "201", "202"),
        (
            "if-none-match",
            "ETAG",
            "304 ConditionNotMet",
            "412 ConditionNotMet",
            "412 ConditionNotMet",
        ),
        (
            "if-none-match",
            "*",
            "304 ConditionNotMet",
            "409 BlobAlreadyExists",
            "409 BlobAlreadyExists",
        ),
        ("if-modified-since", &past, "200", "201", "202"),
        (
            "if-modified-since",
            &future,
            "304 ConditionNotMet",
            "412 ConditionNotMet",
            "412 ConditionNotMet",
        ),
        (
            "if-unmodified-since",
            &past,
            "412 ConditionNotMet",
            "412 ConditionNotMet",
            "412 ConditionNotMet",
        ),
        ("if-unmodified-since", &future, "200", "201", "202"),
        (
            "if-modified-since",
            "yesterday",
            "400 InvalidHeaderValue",
            "400 InvalidHeaderValue",
            "400 InvalidHeaderValue",
        ),
    ];
    for (header, value, read, write, delete) in table {
        let etag = async || yard.put("blob", "x").await.header("etag").to_owned();
        for (method, path, expected) in [
            ("GET", "library/blob", read),
            ("HEAD", "library/blob", read),
            ("PUT", "library/blob", write),
            ("PUT", "library/blob?comp=blocklist", write),
            ("DELETE", "library/blob", delete),
        ] {
            let etag = etag().await;
            let value = if value == "ETAG" {
                etag.as_str()
            } else {
                value
            };
            let body = if path.contains("blocklist") {
                "<BlockList></BlockList>"
            } else {
                ""
            };
            let headers = [(header, value), BLOCK_BLOB];
            let reply = yard.send(method, path, &headers, body).await;
            assert_eq!(
                reply.outcome(),
                expected,
                "{method} {path} {header}: {value}"
            );
        }
    }
}

#[tokio::test]
async fn conditions_on_a_blob_that_is_not_there() {
    let yard = Yard::open().await;
    let create = [BLOCK_BLOB, ("if-none-match", "*")];
    yard.expect("PUT", "library/new", &create, "x", "201").await;
    yard.expect("PUT", "library/new", &create, "x", "409 BlobAlreadyExists")
        .await;
    for value in ["*", "\"0x8D0000000000000\""] {
        let update = [BLOCK_BLOB, ("if-match", value)];
        yard.expect("PUT", "library/none", &update, "x", "412 ConditionNotMet")
            .await;
    }
    // Uncommitted blocks are no blob.
    yard.put_block("staged", "a", "x").await;
    let reply = yard
        .commit("staged", &[("Latest", "a")], &[("if-none-match", "*")])
        .await;
    assert_eq!(reply.outcome(), "201");
}

#[tokio::test]
async fn every_write_has_a_tag_of_its_own() {
    let yard = Yard::open().await;
    let first = yard.put("blob", "x").await.header("etag").to_owned();
    let second = yard.put("blob", "x").await.header("etag").to_owned();
    assert_ne!(first, second);
    let metadata = yard
        .expect(
            "PUT",
            "library/blob?comp=metadata",
            &[("x-ms-meta-a", "1")],
            "",
            "200",
        )
        .await;
    assert_ne!(metadata.header("etag"), second);
    // A tag without its quotes is understood.
    let bare = metadata.header("etag").trim_matches('"').to_owned();
    yard.expect("GET", "library/blob", &[("if-match", &bare)], "", "200")
        .await;
    // Staging a block changes nothing that a reader could see.
    yard.put_block("blob", "a", "x").await;
    yard.expect("GET", "library/blob", &[("if-match", &bare)], "", "200")
        .await;
}
