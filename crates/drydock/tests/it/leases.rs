//! Leases on blobs and containers.

use std::time::Duration;

use crate::yard::{BLOCK_BLOB, Headers, Reply, Yard};

const A: &str = "aaaaaaaa-0000-4000-8000-000000000000";
const B: &str = "bbbbbbbb-0000-4000-8000-000000000000";
const BLOB: &str = "library/blob?comp=lease";
const CONTAINER: &str = "library?restype=container&comp=lease";

impl Yard {
    async fn lease(&self, path: &str, action: &str, headers: Headers<'_>) -> Reply {
        let headers = [&[("x-ms-lease-action", action)], headers].concat();
        self.send("PUT", path, &headers, "").await
    }

    async fn acquire(&self, path: &str, id: &str, duration: &str) -> String {
        let headers = [
            ("x-ms-proposed-lease-id", id),
            ("x-ms-lease-duration", duration),
        ];
        self.lease(path, "acquire", &headers).await.outcome()
    }

    async fn state(&self) -> String {
        let head = self.expect("HEAD", "library/blob", &[], "", "200").await;
        let part = |name: &str| head.header(name).to_owned();
        let parts = [
            part("x-ms-lease-status"),
            part("x-ms-lease-state"),
            part("x-ms-lease-duration"),
        ];
        parts.join(" ").trim().to_owned()
    }
}

#[tokio::test]
async fn a_lease_keeps_others_from_writing() {
    let yard = Yard::open().await;
    let etag = yard.put("blob", "x").await.header("etag").to_owned();
    assert_eq!(yard.state().await, "unlocked available");
    assert_eq!(yard.acquire(BLOB, A, "15").await, "201");
    assert_eq!(yard.state().await, "locked leased fixed");
    assert_eq!(yard.acquire(BLOB, B, "15").await, "409 LeaseAlreadyPresent");
    let (mine, other) = (("x-ms-lease-id", A), ("x-ms-lease-id", B));
    let block = "library/blob?comp=block&blockid=AAAA";
    let list = "<BlockList><Latest>AAAA</Latest></BlockList>";
    let source = yard.readable("library/blob");
    let writes: [(&str, &str, Headers<'_>, &str); 7] = [
        ("PUT", "library/blob", &[BLOCK_BLOB], "y"),
        ("PUT", block, &[], "y"),
        ("PUT", "library/blob?comp=blocklist", &[], list),
        ("PUT", "library/blob?comp=metadata", &[], ""),
        ("PUT", "library/blob?comp=properties", &[], ""),
        ("PUT", "library/blob", &[("x-ms-copy-source", &source)], ""),
        ("DELETE", "library/blob", &[], ""),
    ];
    let mismatch = "412 LeaseIdMismatchWithBlobOperation";
    for (method, path, headers, body) in &writes {
        let with = |lease| [*headers, &[lease]].concat();
        yard.expect(method, path, headers, *body, "412 LeaseIdMissing")
            .await;
        yard.expect(method, path, &with(other), *body, mismatch)
            .await;
    }
    // Readers need no lease, but one that they show must be the right one.
    let head = yard.expect("HEAD", "library/blob", &[], "", "200").await;
    assert_eq!(head.header("etag"), etag);
    yard.expect("GET", "library/blob", &[other], "", mismatch)
        .await;
    yard.expect("GET", "library/blob", &[mine], "", "200").await;
    for (method, path, headers, body) in writes {
        let headers = [headers, &[mine]].concat();
        let reply = yard.send(method, path, &headers, body).await;
        assert!(reply.status.is_success(), "{method} {path}");
    }
    yard.put("blob", "new").await;
    assert_eq!(yard.state().await, "unlocked available");
    let absent = "412 LeaseNotPresentWithBlobOperation";
    yard.expect("DELETE", "library/blob", &[mine], "", absent)
        .await;
}

#[tokio::test]
async fn a_lease_runs_out_and_can_be_renewed_until_somebody_writes() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    assert_eq!(yard.acquire(BLOB, A, "15").await, "201");
    yard.control().advance_leases(Duration::from_secs(15));
    assert_eq!(yard.state().await, "unlocked expired");
    let mine = [("x-ms-lease-id", A)];
    let renewed = yard.lease(BLOB, "renew", &mine).await;
    assert_eq!(renewed.outcome(), "200");
    assert_eq!(renewed.header("x-ms-lease-id"), A);
    assert_eq!(yard.state().await, "locked leased fixed");
    let reply = yard
        .control_call("POST", "leases/advance", "{\"seconds\":15}")
        .await;
    assert_eq!(reply.status.as_u16(), 204);
    yard.put("blob", "y").await;
    let renewed = yard.lease(BLOB, "renew", &mine).await;
    assert_eq!(renewed.outcome(), "409 LeaseIdMismatchWithLeaseOperation");
}

#[tokio::test]
async fn a_lease_is_changed_broken_and_released() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    assert_eq!(yard.acquire(BLOB, A, "-1").await, "201");
    assert_eq!(yard.state().await, "locked leased infinite");
    let change = [("x-ms-lease-id", A), ("x-ms-proposed-lease-id", B)];
    let changed = yard.lease(BLOB, "change", &change).await;
    assert_eq!(changed.header("x-ms-lease-id"), B);
    let period = [("x-ms-lease-break-period", "20")];
    let broken = yard.lease(BLOB, "break", &period).await;
    assert_eq!(broken.outcome(), "202");
    assert_eq!(broken.header("x-ms-lease-time"), "20");
    assert_eq!(yard.state().await, "locked breaking");
    yard.expect("DELETE", "library/blob", &[], "", "412 LeaseIdMissing")
        .await;
    yard.control().advance_leases(Duration::from_secs(20));
    assert_eq!(yard.state().await, "unlocked broken");
    assert_eq!(yard.acquire(BLOB, A, "60").await, "201");
    let list = "library?restype=container&comp=list";
    let listed = yard.expect("GET", list, &[], "", "200").await.text();
    let expected = "<LeaseStatus>locked</LeaseStatus><LeaseState>leased</LeaseState>\
                    <LeaseDuration>fixed</LeaseDuration>";
    assert!(listed.contains(expected), "{listed}");

    // A lease outlives the process.
    let yard = yard.restart().await;
    assert_eq!(yard.state().await, "locked leased fixed");
    let mine = [("x-ms-lease-id", A)];
    assert_eq!(yard.lease(BLOB, "release", &mine).await.outcome(), "200");
    assert_eq!(yard.state().await, "unlocked available");
    let absent = "409 LeaseNotPresentWithLeaseOperation";
    assert_eq!(yard.lease(BLOB, "break", &[]).await.outcome(), absent);
}

#[tokio::test]
async fn a_leased_container_is_not_deleted() {
    let yard = Yard::open().await;
    let library = "library?restype=container";
    assert_eq!(yard.acquire(CONTAINER, A, "30").await, "201");
    let head = yard.expect("HEAD", library, &[], "", "200").await;
    assert_eq!(head.header("x-ms-lease-state"), "leased");
    let listed = yard.expect("GET", "?comp=list", &[], "", "200").await;
    assert!(listed.text().contains("<LeaseState>leased</LeaseState>"));
    yard.put("blob", "writing blobs needs no lease").await;
    yard.expect("DELETE", library, &[], "", "412 LeaseIdMissing")
        .await;
    let other = [("x-ms-lease-id", B)];
    let mismatch = "412 LeaseIdMismatchWithContainerOperation";
    yard.expect("DELETE", library, &other, "", mismatch).await;
    yard.expect("HEAD", library, &other, "", mismatch).await;
    let yard = yard.restart().await;
    let mine = [("x-ms-lease-id", A)];
    yard.expect("DELETE", library, &mine, "", "202").await;
}

#[tokio::test]
async fn impossible_leases_are_refused() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    for duration in ["14", "61", "0", "-2", "long"] {
        let outcome = yard.acquire(BLOB, A, duration).await;
        assert_eq!(outcome, "400 InvalidHeaderValue", "{duration}");
    }
    assert_eq!(
        yard.acquire(BLOB, "mine", "15").await,
        "400 InvalidHeaderValue"
    );
    assert_eq!(
        yard.acquire("library/none?comp=lease", A, "15").await,
        "404 BlobNotFound"
    );
    let stale = [("x-ms-lease-duration", "15"), ("if-match", "\"0x1\"")];
    let refused = yard.lease(BLOB, "acquire", &stale).await;
    assert_eq!(refused.outcome(), "412 ConditionNotMet");
    let missing = yard.lease(BLOB, "renew", &[]).await;
    assert_eq!(missing.outcome(), "400 MissingRequiredHeader");
}
