//! Blocks and block lists.

use crate::yard::{Headers, Yard, block_list, noise, query_id, texts};

const COMMIT_HEADERS: Headers<'_> = &[
    ("x-ms-blob-content-type", "text/plain"),
    ("x-ms-meta-longshore_blake3", "ab"),
];

async fn lists(yard: &Yard, name: &str, kind: &str) -> Vec<String> {
    let path = format!("library/{name}?comp=blocklist&blocklisttype={kind}");
    let reply = yard.expect("GET", &path, &[], "", "200").await;
    texts(&reply.text(), "Size")
}

#[tokio::test]
async fn a_list_orders_blocks_and_may_name_one_twice() {
    let yard = Yard::open().await;
    let (a, b) = (noise(300_000, 1), noise(5, 2));
    yard.put_block("blob", "a", a.clone()).await;
    yard.put_block("blob", "b", b.clone()).await;
    let list = [("Latest", "b"), ("Uncommitted", "a"), ("Latest", "b")];
    let reply = yard.commit("blob", &list, COMMIT_HEADERS).await;
    assert_eq!(reply.outcome(), "201");
    assert!(yard.get("blob").await == [b.clone(), a, b].concat());
    assert_eq!(
        lists(&yard, "blob", "committed").await,
        ["5", "300000", "5"]
    );
    let part = yard
        .expect(
            "GET",
            "library/blob",
            &[("x-ms-range", "bytes=3-300007")],
            "",
            "206",
        )
        .await;
    assert!(part.body == yard.get("blob").await[3..300_008]);
}

#[tokio::test]
async fn committed_blocks_are_reused_and_unlisted_ones_are_gone() {
    let yard = Yard::open().await;
    for id in ["a", "b", "c"] {
        yard.put_block("blob", id, id.repeat(3)).await;
    }
    let first = [("Latest", "a"), ("Latest", "b")];
    assert_eq!(
        yard.commit("blob", &first, COMMIT_HEADERS).await.outcome(),
        "201"
    );
    // Unlisted and uncommitted: dropped by the commit.
    assert_eq!(lists(&yard, "blob", "uncommitted").await, [""; 0]);
    yard.put_block("blob", "d", "ddd").await;
    yard.put_block("blob", "a", "new").await;
    assert_eq!(yard.get("blob").await, b"aaabbb");
    let second = [("Committed", "a"), ("Latest", "d"), ("Latest", "a")];
    let reply = yard.commit("blob", &second, &[]).await;
    assert_eq!(reply.outcome(), "201");
    assert_eq!(yard.get("blob").await, b"aaadddnew");
    // A commit replaces properties and metadata.
    let head = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    assert_eq!(head.header("x-ms-meta-longshore_blake3"), "");
    assert_eq!(head.header("content-type"), "application/octet-stream");
    let gone = yard.commit("blob", &[("Latest", "b")], &[]).await;
    assert_eq!(gone.outcome(), "400 InvalidBlockList");
    assert_eq!(yard.get("blob").await, b"aaadddnew");
}

#[tokio::test]
async fn a_missing_block_leaves_the_blob_as_it_was() {
    let yard = Yard::open().await;
    yard.put("blob", "old").await;
    let before = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    yard.put_block("blob", "a", "aaa").await;
    for list in [
        [("Latest", "a"), ("Latest", "x")],
        [("Latest", "a"), ("Committed", "a")],
        [("Latest", "a"), ("Uncommitted", "x")],
    ] {
        let reply = yard.commit("blob", &list, &[]).await;
        assert_eq!(reply.outcome(), "400 InvalidBlockList");
    }
    let after = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(lists(&yard, "blob", "uncommitted").await, ["3"]);
}

#[tokio::test]
async fn ids_of_one_blob_have_one_length() {
    let yard = Yard::open().await;
    yard.put_block("blob", "aa", "x").await;
    let other = format!("library/blob?comp=block&blockid={}", query_id("b"));
    yard.expect("PUT", &other, &[], "x", "400 InvalidBlobOrBlock")
        .await;
    assert_eq!(
        yard.commit("blob", &[("Latest", "aa")], &[])
            .await
            .outcome(),
        "201"
    );
    yard.expect("PUT", &other, &[], "x", "400 InvalidBlobOrBlock")
        .await;
    // Written in one piece a blob has no blocks, so any length will do.
    yard.put("blob", "x").await;
    yard.expect("PUT", &other, &[], "x", "201").await;
}

#[tokio::test]
async fn impossible_blocks_are_refused() {
    let yard = Yard::open().await;
    let path = |id: &str| format!("library/blob?comp=block&blockid={id}");
    yard.expect(
        "PUT",
        "library/blob?comp=block",
        &[],
        "x",
        "400 MissingRequiredQueryParameter",
    )
    .await;
    yard.expect("PUT", &path("%25"), &[], "x", "400 InvalidBlockId")
        .await;
    let long = query_id(&"x".repeat(65));
    yard.expect(
        "PUT",
        &path(&long),
        &[],
        "x",
        "400 InvalidQueryParameterValue",
    )
    .await;
    yard.expect(
        "PUT",
        &path(&query_id("a")),
        &[],
        "",
        "400 InvalidHeaderValue",
    )
    .await;
    yard.expect(
        "PUT",
        "library/blob?comp=blocklist",
        &[],
        "<BlockList>",
        "400 InvalidXmlDocument",
    )
    .await;
    let none = "library/none?comp=blocklist&blocklisttype=all";
    yard.expect("GET", none, &[], "", "404 BlobNotFound").await;
}

#[tokio::test]
async fn a_list_has_at_most_fifty_thousand_blocks() {
    let yard = Yard::open().await;
    yard.put_block("blob", "a", "x").await;
    let longest = vec![("Latest", "a"); 50_000];
    assert_eq!(yard.commit("blob", &longest, &[]).await.outcome(), "201");
    assert_eq!(yard.get("blob").await.len(), 50_000);
    let longer = block_list(&vec![("Latest", "a"); 50_001]);
    yard.expect(
        "PUT",
        "library/blob?comp=blocklist",
        &[],
        longer,
        "400 BlockListTooLong",
    )
    .await;
}

#[tokio::test]
async fn an_empty_list_makes_an_empty_blob() {
    let yard = Yard::open().await;
    assert_eq!(yard.commit("blob", &[], &[]).await.outcome(), "201");
    assert_eq!(yard.get("blob").await, b"");
}

#[tokio::test]
async fn a_blob_of_uncommitted_blocks_is_no_blob_yet() {
    let yard = Yard::open().await;
    yard.put_block("blob", "a", "aaa").await;
    yard.expect("GET", "library/blob", &[], "", "404 BlobNotFound")
        .await;
    yard.expect("DELETE", "library/blob", &[], "", "404 BlobNotFound")
        .await;
    assert_eq!(lists(&yard, "blob", "all").await, ["3"]);
    assert_eq!(lists(&yard, "blob", "committed").await, [""; 0]);
    // Staged again under the same id, the last one counts.
    yard.put_block("blob", "a", "bbbb").await;
    assert_eq!(lists(&yard, "blob", "all").await, ["4"]);
    yard.put("blob", "whole").await;
    assert_eq!(lists(&yard, "blob", "all").await, [""; 0]);
}
