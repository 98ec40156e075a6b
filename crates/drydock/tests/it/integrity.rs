//! Checksums on the way in and out, metadata and properties.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::{Digest, Md5};

use crate::yard::{BLOCK_BLOB, Yard, noise, query_id};

fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

fn crc64(bytes: &[u8]) -> String {
    STANDARD.encode(crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes).to_le_bytes())
}

#[tokio::test]
async fn bodies_are_checked_against_their_checksums() {
    let yard = Yard::open().await;
    let block = format!("library/blob?comp=block&blockid={}", query_id("a"));
    for size in [10, 400_000] {
        let body = noise(size, 1);
        for path in ["library/blob", &block] {
            let put = async |header, value: &str| {
                let headers = [BLOCK_BLOB, (header, value)];
                yard.send("PUT", path, &headers, body.clone()).await
            };
            assert_eq!(put("content-md5", &md5(&body)).await.outcome(), "201");
            assert_eq!(
                put("content-md5", &md5(b"")).await.outcome(),
                "400 Md5Mismatch"
            );
            assert_eq!(
                put("content-md5", "short").await.outcome(),
                "400 InvalidMd5"
            );
            let good = put("x-ms-content-crc64", &crc64(&body)).await;
            assert_eq!(good.outcome(), "201");
            assert_eq!(good.header("x-ms-content-crc64"), crc64(&body));
            let bad = put("x-ms-content-crc64", &crc64(b"")).await;
            assert_eq!(bad.outcome(), "400 Crc64Mismatch");
        }
    }
    let (md5, crc64) = (md5(b"x"), crc64(b"x"));
    let both = [
        BLOCK_BLOB,
        ("content-md5", &*md5),
        ("x-ms-content-crc64", &*crc64),
    ];
    yard.expect("PUT", "library/both", &both, "x", "400 InvalidInput")
        .await;
}

#[tokio::test]
async fn a_refused_body_leaves_no_file() {
    let yard = Yard::open().await;
    let crc64 = crc64(b"");
    let headers = [BLOCK_BLOB, ("x-ms-content-crc64", crc64.as_str())];
    yard.expect(
        "PUT",
        "library/blob",
        &headers,
        noise(400_000, 1),
        "400 Crc64Mismatch",
    )
    .await;
    let content = yard.folder.path().join("data/content");
    assert_eq!(fs_err::read_dir(content).unwrap().count(), 0);
}

#[tokio::test]
async fn the_md5_of_one_piece_is_kept_and_that_of_blocks_is_believed() {
    let yard = Yard::open().await;
    assert_eq!(
        yard.put("blob", "content").await.header("content-md5"),
        md5(b"content")
    );
    let wrong = md5(b"other");
    let headers = [BLOCK_BLOB, ("x-ms-blob-content-md5", wrong.as_str())];
    yard.expect(
        "PUT",
        "library/blob",
        &headers,
        "content",
        "400 Md5Mismatch",
    )
    .await;
    yard.put_block("blob", "a", "content").await;
    yard.commit(
        "blob",
        &[("Latest", "a")],
        &[("x-ms-blob-content-md5", &wrong)],
    )
    .await;
    let head = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    assert_eq!(head.header("content-md5"), wrong);
    yard.commit("blob", &[("Latest", "a")], &[]).await;
    let head = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    assert_eq!(head.header("content-md5"), "");
}

#[tokio::test]
async fn a_range_can_come_with_its_checksum() {
    let yard = Yard::open().await;
    let content = noise(5_000_000, 1);
    yard.put("blob", content.clone()).await;
    let get = async |range, header| {
        let headers = [("x-ms-range", range), (header, "true")];
        yard.send("GET", "library/blob", &headers, "").await
    };
    let reply = get("bytes=1-4194304", "x-ms-range-get-content-md5").await;
    assert_eq!(reply.outcome(), "206", "{}", reply.text());
    assert_eq!(reply.header("content-md5"), md5(&content[1..=4_194_304]));
    assert_eq!(reply.header("x-ms-blob-content-md5"), md5(&content));
    let reply = get("bytes=5-9", "x-ms-range-get-content-crc64").await;
    assert_eq!(reply.header("x-ms-content-crc64"), crc64(&content[5..10]));
    let reply = get("bytes=0-4194304", "x-ms-range-get-content-crc64").await;
    assert_eq!(reply.outcome(), "400 OutOfRangeInput");
}

#[tokio::test]
async fn metadata_and_properties_are_kept_and_replaced() {
    let yard = Yard::open().await;
    let headers = [
        BLOCK_BLOB,
        ("x-ms-meta-one", "1"),
        ("x-ms-meta-two", "2"),
        ("x-ms-blob-content-type", "text/plain"),
        ("x-ms-blob-cache-control", "no-store"),
    ];
    yard.expect("PUT", "library/blob", &headers, "x", "201")
        .await;
    let set = [("x-ms-meta-three", "3")];
    yard.expect("PUT", "library/blob?comp=metadata", &set, "", "200")
        .await;
    let head = yard
        .expect("GET", "library/blob?comp=metadata", &[], "", "200")
        .await;
    assert_eq!(
        (head.header("x-ms-meta-one"), head.header("x-ms-meta-three")),
        ("", "3")
    );
    let set = [("x-ms-blob-content-language", "de")];
    yard.expect("PUT", "library/blob?comp=properties", &set, "", "200")
        .await;
    let head = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    assert_eq!(head.header("content-language"), "de");
    assert_eq!(head.header("cache-control"), "");
    assert_eq!(head.header("x-ms-meta-three"), "3");
    assert_eq!(head.header("x-ms-access-tier-inferred"), "true");
    let tier = [("x-ms-access-tier", "Cool")];
    yard.expect("PUT", "library/blob?comp=tier", &tier, "", "200")
        .await;
    let head = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    assert_eq!(head.header("x-ms-access-tier"), "Cool");
    let bad = [BLOCK_BLOB, ("x-ms-meta-with-hyphen", "1")];
    yard.expect("PUT", "library/blob", &bad, "x", "400 InvalidMetadata")
        .await;
}
