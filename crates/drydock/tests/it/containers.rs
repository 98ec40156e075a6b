//! Containers, their metadata and access, and the service itself.

use crate::yard::{Headers, Yard, texts};

#[tokio::test]
async fn a_container_lives_and_dies() {
    let yard = Yard::open().await;
    let path = "apps?restype=container";
    yard.expect("PUT", path, &[("x-ms-meta-a", "1")], "", "201")
        .await;
    yard.expect("PUT", path, &[], "", "409 ContainerAlreadyExists")
        .await;
    let head = yard.expect("HEAD", path, &[], "", "200").await;
    assert_eq!(head.header("x-ms-meta-a"), "1");
    let etag = head.header("etag").to_owned();
    let metadata = "apps?restype=container&comp=metadata";
    yard.expect("PUT", metadata, &[("x-ms-meta-b", "2")], "", "200")
        .await;
    let head = yard.expect("GET", metadata, &[], "", "200").await;
    assert_eq!(
        (head.header("x-ms-meta-a"), head.header("x-ms-meta-b")),
        ("", "2")
    );
    assert_ne!(head.header("etag"), etag);
    yard.expect("DELETE", path, &[], "", "202").await;
    yard.expect("DELETE", path, &[], "", "404 ContainerNotFound")
        .await;
    yard.expect("GET", path, &[], "", "404 ContainerNotFound")
        .await;
}

#[tokio::test]
async fn policies_are_kept_as_they_came() {
    let yard = Yard::open().await;
    let acl = "library?restype=container&comp=acl";
    let policy = |id: &str| {
        format!(
            "<SignedIdentifier><Id>{id}</Id><AccessPolicy><Start>2026-01-01T00:00:00.0000000Z</Start>\
             <Permission>rl</Permission></AccessPolicy></SignedIdentifier>"
        )
    };
    let document = |ids: &[&str]| {
        let policies: String = ids.iter().map(|id| policy(id)).collect();
        format!("<?xml version=\"1.0\"?><SignedIdentifiers>{policies}</SignedIdentifiers>")
    };
    let access = [("x-ms-blob-public-access", "blob")];
    yard.expect("PUT", acl, &access, document(&["a", "b"]), "200")
        .await;
    let got = yard.expect("GET", acl, &[], "", "200").await;
    assert_eq!(got.header("x-ms-blob-public-access"), "blob");
    assert_eq!(texts(&got.text(), "Id"), ["a", "b"]);
    assert_eq!(
        texts(&got.text(), "Start")[0],
        "2026-01-01T00:00:00.0000000Z"
    );
    let six = document(&["1", "2", "3", "4", "5", "6"]);
    yard.expect("PUT", acl, &[], six, "400 InvalidXmlDocument")
        .await;
    yard.expect(
        "PUT",
        acl,
        &[],
        document(&["a", "a"]),
        "400 InvalidXmlDocument",
    )
    .await;
    // Access and policies are replaced together.
    yard.expect("PUT", acl, &[], "", "200").await;
    let got = yard.expect("GET", acl, &[], "", "200").await;
    assert_eq!(got.header("x-ms-blob-public-access"), "");
    assert_eq!(texts(&got.text(), "Id"), [""; 0]);
}

#[tokio::test]
async fn the_service_tells_about_itself() {
    let yard = Yard::open().await;
    let path = "?restype=service&comp=properties";
    let default = yard.expect("GET", path, &[], "", "200").await.text();
    assert!(default.contains("<StorageServiceProperties>"));
    yard.expect("PUT", path, &[], default.clone(), "202").await;
    let yard = yard.restart().await;
    assert_eq!(
        yard.expect("GET", path, &[], "", "200").await.text(),
        default
    );
    let account = yard
        .expect("GET", "?restype=account&comp=properties", &[], "", "200")
        .await;
    assert_eq!(account.header("x-ms-account-kind"), "StorageV2");
}

#[tokio::test]
async fn what_is_not_served_yet_says_so() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    let page = ("x-ms-blob-type", "PageBlob");
    let requests: [(&str, &str, Headers<'_>); 4] = [
        ("PUT", "library/blob?comp=snapshot", &[]),
        ("PUT", "library/blob?comp=tags", &[]),
        ("GET", "library/blob?comp=nonsense", &[]),
        ("PUT", "library/page", &[page]),
    ];
    for (method, path, headers) in requests {
        yard.expect(method, path, headers, "", "501 NotImplemented")
            .await;
    }
}

#[tokio::test]
async fn an_answer_repeats_what_the_client_needs() {
    let yard = Yard::open().await;
    let headers = [("x-ms-client-request-id", "mine")];
    for path in ["library?restype=container", "nowhere?restype=container"] {
        let reply = yard.send("GET", path, &headers, "").await;
        assert_eq!(reply.header("x-ms-client-request-id"), "mine");
        assert_eq!(reply.header("x-ms-version"), "2026-04-06");
        assert_eq!(reply.header("x-ms-request-id").len(), 36);
        assert!(!reply.header("date").is_empty());
    }
}
