//! Conditional headers, as a table.

use std::time::{Duration, SystemTime};

use crate::yard::{BLOCK_BLOB, Yard};

const HOUR: Duration = Duration::from_hours(1);

const UNMET: &str = "412 ConditionNotMet";
const KNOWN: &str = "304 ConditionNotMet";
const EXISTS: &str = "409 BlobAlreadyExists";
const MALFORMED: &str = "400 InvalidHeaderValue";
const OTHER: &str = "\"0x8D0000000000000\"";

/// Header, value, and the outcomes of a read, a write and a delete. `ETAG`, `PAST` and `FUTURE` stand for the real ones.
const TABLE: [(&str, &str, [&str; 3]); 11] = [
    ("if-match", "ETAG", ["200", "201", "202"]),
    ("if-match", "*", ["200", "201", "202"]),
    ("if-match", OTHER, [UNMET, UNMET, UNMET]),
    ("if-none-match", OTHER, ["200", "201", "202"]),
    ("if-none-match", "ETAG", [KNOWN, UNMET, UNMET]),
    ("if-none-match", "*", [KNOWN, EXISTS, EXISTS]),
    ("if-modified-since", "PAST", ["200", "201", "202"]),
    ("if-modified-since", "FUTURE", [KNOWN, UNMET, UNMET]),
    ("if-unmodified-since", "PAST", [UNMET, UNMET, UNMET]),
    ("if-unmodified-since", "FUTURE", ["200", "201", "202"]),
    (
        "if-modified-since",
        "yesterday",
        [MALFORMED, MALFORMED, MALFORMED],
    ),
];

#[tokio::test]
async fn conditions_on_a_blob_that_is_there() {
    let yard = Yard::open().await;
    for (header, value, [read, write, delete]) in TABLE {
        for (method, path, body, expected) in [
            ("GET", "library/blob", "", read),
            ("HEAD", "library/blob", "", read),
            ("PUT", "library/blob", "x", write),
            (
                "PUT",
                "library/blob?comp=blocklist",
                "<BlockList></BlockList>",
                write,
            ),
            ("DELETE", "library/blob", "", delete),
        ] {
            let etag = yard.put("blob", "x").await.header("etag").to_owned();
            let value = match value {
                "ETAG" => etag,
                "PAST" => httpdate::fmt_http_date(SystemTime::now() - HOUR),
                "FUTURE" => httpdate::fmt_http_date(SystemTime::now() + HOUR),
                other => other.to_owned(),
            };
            let headers = [(header, value.as_str()), BLOCK_BLOB];
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
