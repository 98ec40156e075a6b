//! Content that comes from a source instead of the request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use longshore_drydock::Operation;
use md5::{Digest, Md5};

use crate::yard::{BLOCK_BLOB, Yard, noise, query_id};

fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

fn crc64(bytes: &[u8]) -> String {
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes);
    STANDARD.encode(sum.to_le_bytes())
}

fn files(yard: &Yard) -> usize {
    let content = yard.folder.path().join("data/content");
    let names = fs_err::read_dir(content).unwrap();
    names
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".block")
        })
        .count()
}

/// `library/source`, made of two large blocks and a small one; its content.
async fn put_source(yard: &Yard) -> Vec<u8> {
    let (first, second, third) = (noise(400_000, 1), noise(300_000, 2), noise(1000, 3));
    yard.put_block("source", "a", first.clone()).await;
    yard.put_block("source", "b", second.clone()).await;
    yard.put_block("source", "c", third.clone()).await;
    let list = [("Latest", "a"), ("Latest", "b"), ("Latest", "c")];
    let headers = [
        ("x-ms-blob-content-type", "text/plain"),
        ("x-ms-meta-origin", "here"),
    ];
    let reply = yard.commit("source", &list, &headers).await;
    assert_eq!(reply.outcome(), "201");
    [first, second, third].concat()
}

#[tokio::test]
async fn a_blob_put_from_a_url_has_content_and_properties_but_no_blocks() {
    let yard = Yard::open().await;
    let content = put_source(&yard).await;
    let before = files(&yard);
    let source = yard.readable("library/source");
    let headers = [BLOCK_BLOB, ("x-ms-copy-source", &source)];
    let reply = yard
        .expect("PUT", "library/copy", &headers, "", "201")
        .await;
    assert_eq!(reply.header("content-md5"), md5(&content));
    assert!(yard.get("copy").await == content);
    assert_eq!(yard.committed("copy").await, []);
    let head = yard.expect("HEAD", "library/copy", &[], "", "200").await;
    assert_eq!(head.header("content-type"), "text/plain");
    assert_eq!(head.header("x-ms-meta-origin"), "here");
    assert_eq!(head.header("x-ms-copy-id"), "");
    assert_eq!(files(&yard), before, "the bytes are shared");

    let own = [
        BLOCK_BLOB,
        ("x-ms-copy-source", &source),
        ("x-ms-copy-source-blob-properties", "False"),
        ("x-ms-meta-mine", "1"),
    ];
    yard.expect("PUT", "library/own", &own, "", "201").await;
    let head = yard.expect("HEAD", "library/own", &[], "", "200").await;
    assert_eq!(head.header("content-type"), "application/octet-stream");
    assert_eq!(head.header("x-ms-meta-origin"), "");
    assert_eq!(head.header("x-ms-meta-mine"), "1");

    // Shared bytes live as long as anybody has them, and over a restart.
    yard.expect("DELETE", "library/source", &[], "", "202")
        .await;
    let yard = yard.restart().await;
    yard.expect("DELETE", "library/own", &[], "", "202").await;
    assert!(yard.get("copy").await == content);
    yard.expect("DELETE", "library/copy", &[], "", "202").await;
    assert_eq!(files(&yard), 0);
}

#[tokio::test]
async fn blocks_come_from_ranges_of_a_source() {
    let yard = Yard::open().await;
    let content = put_source(&yard).await;
    let before = files(&yard);
    let source = yard.readable("library/source");
    let stage = async |id: &str, extra: &[(&str, &str)]| {
        let path = format!("library/copy?comp=block&blockid={}", query_id(id));
        let headers = [&[("x-ms-copy-source", source.as_str())], extra].concat();
        yard.send("PUT", &path, &headers, "").await
    };
    // Exactly a block of the source, and a range across two.
    let first = stage("1", &[("x-ms-source-range", "bytes=0-399999")]).await;
    assert_eq!(first.outcome(), "201");
    assert_eq!(
        first.header("x-ms-content-crc64"),
        crc64(&content[..400_000])
    );
    assert_eq!(files(&yard), before, "the bytes are shared");
    let digest = md5(&content[399_990..701_000]);
    let second = [
        ("x-ms-source-range", "bytes=399990-"),
        ("x-ms-source-content-md5", &digest),
    ];
    let second = stage("2", &second).await;
    assert_eq!(second.outcome(), "201");
    assert_eq!(second.header("content-md5"), digest);
    let all = stage("3", &[]).await;
    assert_eq!(all.header("x-ms-content-crc64"), crc64(&content));
    let list = [("Latest", "2"), ("Latest", "1"), ("Latest", "3")];
    assert_eq!(yard.commit("copy", &list, &[]).await.outcome(), "201");
    let expected = [&content[399_990..], &content[..400_000], &content].concat();
    assert!(yard.get("copy").await == expected);

    let refused = |extra: (&'static str, &'static str)| {
        let stage = &stage;
        async move { stage("4", &[extra]).await.outcome() }
    };
    let wrong = ("x-ms-source-content-md5", "AAAAAAAAAAAAAAAAAAAAAA==");
    assert_eq!(refused(wrong).await, "400 Md5Mismatch");
    let wrong = ("x-ms-source-content-crc64", "AAAAAAAAAAA=");
    assert_eq!(refused(wrong).await, "400 Crc64Mismatch");
    let behind = ("x-ms-source-range", "bytes=701000-");
    assert_eq!(refused(behind).await, "416 CannotVerifyCopySource");
    let nonsense = ("x-ms-source-range", "some");
    assert_eq!(refused(nonsense).await, "400 InvalidHeaderValue");
    let counters = yard.control().counters();
    assert_eq!(counters.requests(Operation::PutBlockFromUrl), 7);
    assert_eq!(counters.requests(Operation::GetBlob), 1);
    let path = "library/copy?comp=block&blockid=AAAA";
    let headers = [("x-ms-copy-source", source.as_str())];
    yard.expect("PUT", path, &headers, "body", "400 InvalidHeaderValue")
        .await;
}

#[tokio::test]
async fn a_copied_blob_keeps_its_blocks_and_tells_of_the_copy() {
    let yard = Yard::open().await;
    let content = put_source(&yard).await;
    let blocks = yard.committed("source").await;
    assert_eq!(blocks.len(), 3);
    let source = format!("{}/library/source", yard.drydock.url());
    let headers = [("x-ms-copy-source", source.as_str())];
    // The key covers its own account in an asynchronous copy.
    let reply = yard
        .expect("PUT", "library/copy", &headers, "", "202")
        .await;
    assert_eq!(reply.header("x-ms-copy-status"), "success");
    assert!(yard.get("copy").await == content);
    assert_eq!(yard.committed("copy").await, blocks);
    let head = yard.expect("HEAD", "library/copy", &[], "", "200").await;
    assert_eq!(head.header("x-ms-copy-id"), reply.header("x-ms-copy-id"));
    assert_eq!(head.header("x-ms-copy-source"), source);
    assert_eq!(head.header("x-ms-copy-progress"), "701000/701000");
    assert_eq!(head.header("content-type"), "text/plain");
    let list = "library?restype=container&comp=list&prefix=copy";
    let plain = yard.expect("GET", list, &[], "", "200").await.text();
    assert!(!plain.contains("<CopyId>"), "{plain}");
    let list = format!("{list}&include=copy");
    let shown = yard.expect("GET", &list, &[], "", "200").await.text();
    assert!(shown.contains("<CopyStatus>success</CopyStatus>"));

    let path = "library/copy?comp=copy&copyid=1";
    let abort = [("x-ms-copy-action", "abort")];
    yard.expect("PUT", path, &abort, "", "409 NoPendingCopyOperation")
        .await;
    yard.expect("PUT", "library/copy?comp=properties", &[], "", "200")
        .await;
    let head = yard.expect("HEAD", "library/copy", &[], "", "200").await;
    assert_eq!(head.header("x-ms-copy-id"), "");

    let signed = yard.readable("library/source");
    let at_once = [
        ("x-ms-copy-source", signed.as_str()),
        ("x-ms-requires-sync", "true"),
    ];
    let reply = yard
        .expect("PUT", "library/sync", &at_once, "", "202")
        .await;
    assert_eq!(reply.header("x-ms-content-crc64"), crc64(&content));
    let head = yard.expect("HEAD", "library/sync", &[], "", "200").await;
    assert_eq!(head.header("x-ms-copy-source"), source, "without its SAS");
    assert_eq!(yard.committed("sync").await, blocks);
}

#[tokio::test]
async fn a_source_needs_a_credential_of_its_own() {
    let yard = Yard::open().await;
    put_source(&yard).await;
    let url = yard.drydock.url().to_owned();
    let copy = async |source: &str, extra: &[(&str, &str)]| {
        let headers = [&[("x-ms-copy-source", source)], extra].concat();
        let reply = yard.send("PUT", "library/copy", &headers, "").await;
        reply.outcome()
    };
    let put: &[(&str, &str)] = &[BLOCK_BLOB];
    let at_once: &[(&str, &str)] = &[("x-ms-requires-sync", "true")];
    let bare = format!("{url}/library/source");
    let unknown = "401 CannotVerifyCopySource";
    assert_eq!(copy(&bare, put).await, unknown);
    assert_eq!(copy(&bare, at_once).await, unknown);
    let bearer = [
        BLOCK_BLOB,
        ("x-ms-copy-source-authorization", "Bearer token"),
    ];
    assert_eq!(copy(&bare, &bearer).await, unknown);
    let forged = yard.readable("library/source").replace("sig=", "sig=AA");
    assert_eq!(copy(&forged, put).await, "403 CannotVerifyCopySource");
    let none = yard.readable("library/none");
    assert_eq!(copy(&none, put).await, "404 CannotVerifyCopySource");
    let elsewhere = "http://192.0.2.1/account/library/source";
    assert_eq!(copy(elsewhere, put).await, "403 CannotVerifyCopySource");
    assert_eq!(copy("http://a b", put).await, "400 InvalidHeaderValue");
    let listing = format!("{url}/library?restype=container&comp=list");
    assert_eq!(copy(&listing, put).await, "400 InvalidHeaderValue");
    // Whoever shows a signature for the target is no owner of the source.
    let sas = yard
        .drydock
        .account_sas("rwc", std::time::Duration::from_hours(1));
    let path = format!("library/copy?{}", sas.expose());
    let headers = [("x-ms-copy-source", bare.as_str())];
    let reply = yard.send_unsigned("PUT", &path, &headers, "").await;
    assert_eq!(reply.outcome(), unknown);

    let open = [("x-ms-blob-public-access", "blob")];
    yard.expect(
        "PUT",
        "library?restype=container&comp=acl",
        &open,
        "",
        "200",
    )
    .await;
    assert_eq!(copy(&bare, put).await, "201");
}

#[tokio::test]
async fn source_and_target_have_conditions_of_their_own() {
    let yard = Yard::open().await;
    yard.put("source", "content").await;
    let old = yard.put("copy", "old").await;
    let source = yard.readable("library/source");
    let etag = yard
        .expect("HEAD", "library/source", &[], "", "200")
        .await
        .header("etag")
        .to_owned();
    let copy = async |condition: (&str, &str)| {
        let headers = [BLOCK_BLOB, ("x-ms-copy-source", &source), condition];
        let reply = yard.send("PUT", "library/copy", &headers, "").await;
        reply.outcome()
    };
    let source_failed = "412 SourceConditionNotMet";
    assert_eq!(
        copy(("x-ms-source-if-match", "\"0x1\"")).await,
        source_failed
    );
    assert_eq!(
        copy(("x-ms-source-if-none-match", &etag)).await,
        source_failed
    );
    let future = "Fri, 31 Dec 2100 00:00:00 GMT";
    let condition = ("x-ms-source-if-modified-since", future);
    assert_eq!(copy(condition).await, source_failed);
    assert_eq!(
        copy(("if-match", "\"0x1\"")).await,
        "412 TargetConditionNotMet"
    );
    assert_eq!(copy(("if-none-match", "*")).await, "409 BlobAlreadyExists");
    assert_eq!(yard.get("copy").await, b"old");
    assert_eq!(copy(("x-ms-source-if-match", &etag)).await, "201");
    assert_eq!(yard.get("copy").await, b"content");
    assert_eq!(
        copy(("if-match", old.header("etag"))).await,
        "412 TargetConditionNotMet"
    );
}

#[tokio::test]
async fn sources_are_fetched_from_another_stand_in() {
    let (near, far) = (Yard::open().await, Yard::open().await);
    let content = put_source(&far).await;
    let source = far.readable("library/source");
    let headers = [("x-ms-copy-source", source.as_str())];
    near.expect("PUT", "library/copy", &headers, "", "202")
        .await;
    assert!(near.get("copy").await == content);
    assert_eq!(near.committed("copy").await, far.committed("source").await);
    let put = [BLOCK_BLOB, headers[0]];
    let reply = near.expect("PUT", "library/put", &put, "", "201").await;
    assert_eq!(reply.header("content-md5"), md5(&content));
    let head = near.expect("HEAD", "library/put", &[], "", "200").await;
    assert_eq!(head.header("x-ms-meta-origin"), "here");
    assert_eq!(near.committed("put").await, []);
    let path = "library/blocks?comp=block&blockid=AAAA";
    let range = [headers[0], ("x-ms-source-range", "bytes=10-19")];
    near.expect("PUT", path, &range, "", "201").await;
    let list = "<BlockList><Latest>AAAA</Latest></BlockList>";
    near.expect("PUT", "library/blocks?comp=blocklist", &[], list, "201")
        .await;
    assert_eq!(near.get("blocks").await, content[10..20]);

    let bare = format!("{}/library/source", far.drydock.url());
    let bare = [("x-ms-copy-source", bare.as_str())];
    near.expect("PUT", "library/x", &bare, "", "401 CannotVerifyCopySource")
        .await;
    let condition = [put[0], put[1], ("x-ms-source-if-match", "\"0x1\"")];
    near.expect(
        "PUT",
        "library/x",
        &condition,
        "",
        "412 SourceConditionNotMet",
    )
    .await;
    let none = far.readable("library/none");
    let none = [BLOCK_BLOB, ("x-ms-copy-source", none.as_str())];
    near.expect("PUT", "library/x", &none, "", "404 CannotVerifyCopySource")
        .await;
    far.drydock.shutdown().await;
    near.expect("PUT", "library/x", &put, "", "404 CannotVerifyCopySource")
        .await;
}
