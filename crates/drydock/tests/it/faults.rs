//! Failing on demand, and counting.

use std::time::{Duration, Instant};

use longshore_drydock::{Counters, Fault, Operation};
use reqwest::Method;

use crate::yard::{BLOCK_BLOB, Yard, noise, query_id};

#[tokio::test]
async fn the_nth_request_is_refused() {
    let yard = Yard::open().await;
    let fault = Fault::status(503, "ServerBusy")
        .on(Operation::PutBlob)
        .nth(2);
    yard.control().add_fault(fault);
    yard.put("a", "x").await;
    yard.expect(
        "PUT",
        "library/b",
        &[BLOCK_BLOB],
        noise(2_000_000, 1),
        "503 ServerBusy",
    )
    .await;
    yard.expect("GET", "library/b", &[], "", "404 BlobNotFound")
        .await;
    yard.put("b", "x").await;
    let planned = yard.control().faults();
    assert_eq!((planned[0].seen, planned[0].met), (3, 1));
}

#[tokio::test]
async fn a_lost_answer_comes_after_the_work() {
    let yard = Yard::open().await;
    yard.control().add_fault(Fault::lose_answer().times(1));
    assert!(
        yard.try_send("PUT", "library/a", &[BLOCK_BLOB], "x")
            .await
            .is_err()
    );
    assert_eq!(yard.get("a").await, b"x");
    let put = yard.control().counters().of(Operation::PutBlob);
    assert_eq!((put.requests, put.cut, put.accepted_bytes), (1, 1, 1));
    assert!(put.statuses.is_empty());
}

#[tokio::test]
async fn a_reset_comes_before_the_work() {
    let yard = Yard::open().await;
    let body = noise(4_000_000, 1);
    for after in [0, 1_000_000, 4_000_000] {
        yard.control().clear_faults();
        yard.control()
            .add_fault(Fault::reset(after).on(Operation::PutBlock));
        let path = format!("library/a?comp=block&blockid={}", query_id("a"));
        assert!(
            yard.try_send("PUT", &path, &[], body.clone())
                .await
                .is_err(),
            "{after}"
        );
    }
    yard.control().clear_faults();
    yard.expect(
        "GET",
        "library/a?comp=blocklist&blocklisttype=all",
        &[],
        "",
        "404 BlobNotFound",
    )
    .await;
    let content = yard.folder.path().join("data/content");
    assert_eq!(fs_err::read_dir(content).unwrap().count(), 0);
}

#[tokio::test]
async fn an_answer_can_be_cut_and_corrupted() {
    let yard = Yard::open().await;
    let content = noise(1_000_000, 1);
    yard.put("a", content.clone()).await;
    for after in [0, 1, 600_000] {
        yard.control().clear_faults();
        yard.control()
            .add_fault(Fault::cut_answer(after).on(Operation::GetBlob));
        assert!(
            yard.try_send("GET", "library/a", &[], "").await.is_err(),
            "{after}"
        );
    }
    yard.control().clear_faults();
    yard.control()
        .add_fault(Fault::corrupt_answer(700_000).times(1));
    let got = yard.get("a").await;
    let wrong: Vec<_> = (0..got.len())
        .filter(|at| got[*at] != content[*at])
        .collect();
    assert_eq!(wrong, [700_000]);
    assert!(yard.get("a").await == content);
}

#[tokio::test]
async fn corruption_in_transit_is_caught_by_a_checksum_only() {
    let yard = Yard::open().await;
    yard.control()
        .add_fault(Fault::corrupt(1).on(Operation::PutBlob));
    yard.put("a", "abc").await;
    assert_eq!(yard.get("a").await, b"acc");
    // The MD5 of "abc".
    let headers = [BLOCK_BLOB, ("content-md5", "kAFQmDzST7DWlj99KOF/cg==")];
    yard.expect("PUT", "library/a", &headers, "abc", "400 Md5Mismatch")
        .await;
    yard.control().clear_faults();
    yard.expect("PUT", "library/a", &headers, "abc", "201")
        .await;
}

#[tokio::test]
async fn a_delay_delays_and_a_throttle_throttles() {
    let yard = Yard::open().await;
    let id = yard
        .control()
        .add_fault(Fault::delay(Duration::from_millis(50)).name_contains("slow"));
    let start = Instant::now();
    yard.put("slow", "x").await;
    assert!(start.elapsed() >= Duration::from_millis(50));
    assert!(yard.control().remove_fault(id));
    assert!(!yard.control().remove_fault(id));
    yard.control()
        .add_fault(Fault::throttle(0).on(Operation::GetBlob));
    let reply = yard
        .expect("GET", "library/slow", &[], "", "503 ServerBusy")
        .await;
    assert_eq!(reply.header("retry-after"), "1");
}

#[tokio::test]
async fn requests_and_bytes_are_counted() {
    let yard = Yard::open().await;
    yard.control().reset_counters();
    yard.put("a", "12345").await;
    yard.get("a").await;
    yard.expect("GET", "library/b", &[], "", "404 BlobNotFound")
        .await;
    yard.expect("PUT", "library/b", &[], "123", "400 MissingRequiredHeader")
        .await;
    let counters = yard.control().counters();
    let put = counters.of(Operation::PutBlob);
    assert_eq!((put.requests, put.bytes_in, put.accepted_bytes), (2, 8, 5));
    let get = counters.of(Operation::GetBlob);
    assert_eq!(get.statuses, [(200, 1), (404, 1)].into());
    assert!(get.bytes_out > 5);
    assert_eq!((counters.total_requests(), counters.writes()), (4, 2));
    yard.control().reset_counters();
    assert_eq!(yard.control().counters(), Counters::default());
}

#[tokio::test]
async fn another_process_controls_it_by_http() {
    let yard = Yard::open().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = |path: &str| format!("http://{}/_drydock/{path}", yard.drydock.address());
    let send = async |method: Method, path: &str, body: &str| {
        let request = client
            .request(method, url(path))
            .header("x-drydock-control", "1")
            .body(body.to_owned());
        let reply = request.send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    let fault = r#"{"operation":"GetBlob","action":{"do":"status","status":500,"code":"InternalError","retry_after":3}}"#;
    let (status, id) = send(Method::POST, "faults", fault).await;
    assert_eq!(status, 200);
    let reply = yard
        .expect("GET", "library/a", &[], "", "500 InternalError")
        .await;
    assert_eq!(reply.header("retry-after"), "3");
    let (_, faults) = send(Method::GET, "faults", "").await;
    assert!(faults.contains("\"met\":1"), "{faults}");
    assert_eq!(
        send(Method::DELETE, &format!("faults/{id}"), "").await.0,
        204
    );
    assert_eq!(
        send(Method::DELETE, &format!("faults/{id}"), "").await.0,
        404
    );
    let (_, counters) = send(Method::GET, "counters", "").await;
    assert_eq!(
        counters,
        serde_json::to_string(&yard.control().counters()).unwrap()
    );
    assert_eq!(send(Method::DELETE, "counters", "").await.0, 204);
    assert_eq!(
        send(Method::PUT, "listing", r#"{"page_limit":1}"#).await.0,
        204
    );
    assert_eq!(send(Method::POST, "faults", "{}").await.0, 400);
    // Without the header nobody gets in: a web page cannot send it unasked.
    let outsider = client.delete(url("faults")).send().await.unwrap();
    assert_eq!(outsider.status().as_u16(), 403);
}
