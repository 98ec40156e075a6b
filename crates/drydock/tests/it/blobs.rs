//! Writing, reading and deleting blobs.

use crate::yard::{BLOCK_BLOB, Yard, noise};

#[tokio::test]
async fn a_blob_comes_back_as_it_was_put() {
    let yard = Yard::open().await;
    for (name, size) in [
        ("empty", 0),
        ("one", 1),
        ("small", 8192),
        ("packed", 256 * 1024),
        ("own file", 256 * 1024 + 1),
        ("large", 5_000_000),
    ] {
        let content = noise(size, 1);
        let put = yard.put(name, content.clone()).await;
        assert!(put.header("etag").starts_with("\"0x8D"));
        let got = yard
            .expect("GET", &format!("library/{name}"), &[], "", "200")
            .await;
        assert!(got.body == content, "{name}");
        assert_eq!(got.header("content-md5"), put.header("content-md5"));
        assert_eq!(got.header("etag"), put.header("etag"));
        assert_eq!(got.header("content-type"), "application/octet-stream");
        let head = yard
            .expect("HEAD", &format!("library/{name}"), &[], "", "200")
            .await;
        assert_eq!(head.header("content-length"), size.to_string());
    }
}

#[tokio::test]
async fn ranges_are_served() {
    let yard = Yard::open().await;
    let content = noise(1_000_000, 2);
    yard.put("blob", content.clone()).await;
    let range = |range| [("x-ms-range", range)];
    let part = yard
        .expect(
            "GET",
            "library/blob",
            &range("bytes=999990-2000000"),
            "",
            "206",
        )
        .await;
    assert_eq!(part.body, content[999_990..]);
    assert_eq!(part.header("content-range"), "bytes 999990-999999/1000000");
    yard.expect(
        "GET",
        "library/blob",
        &range("bytes=1000000-"),
        "",
        "416 InvalidRange",
    )
    .await;
    let standard = yard
        .expect("GET", "library/blob", &[("range", "bytes=5-9")], "", "206")
        .await;
    assert_eq!(standard.body, content[5..10]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let yard = Yard::open().await;
    yard.expect("GET", "library/none", &[], "", "404 BlobNotFound")
        .await;
    yard.expect("HEAD", "library/none", &[], "", "404 BlobNotFound")
        .await;
    yard.expect("DELETE", "library/none", &[], "", "404 BlobNotFound")
        .await;
    yard.expect("GET", "nowhere/none", &[], "", "404 ContainerNotFound")
        .await;
    yard.expect(
        "PUT",
        "nowhere/blob",
        &[BLOCK_BLOB],
        "x",
        "404 ContainerNotFound",
    )
    .await;
    yard.put("blob", "x").await;
    yard.expect("DELETE", "library/blob", &[], "", "202").await;
    yard.expect("GET", "library/blob", &[], "", "404 BlobNotFound")
        .await;
}
