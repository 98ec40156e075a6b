//! Servers that are good, and lines that are not.

use super::*;

#[tokio::test]
async fn a_large_file_comes_in_by_ranges_side_by_side() {
    let content = bytes(200_000, 1);
    let port = Port::new(Served::new(content.clone()).etag("\"1\"").modified(DATE));
    let fetched = port.fetch_right(&content).await;
    let count = port.server.count(PATH);
    assert_eq!((count.gets, count.ranged), (4, 3));
    assert_eq!(fetched.etag.as_deref(), Some("\"1\""));
    assert_eq!(
        fetched.modified.unwrap().to_string(),
        "2026-11-24T10:00:00Z"
    );
    assert!(!port.has_part());

    // The second time it is there, and nobody is asked.
    let again = port.fetch_right(&content).await;
    assert_eq!(again.received, 0);
    assert_eq!(port.server.count(PATH), count);
}

#[tokio::test]
async fn small_and_empty_files_take_one_request() {
    for content in [bytes(0, 1), bytes(1, 1), bytes(20_000, 1)] {
        let port = Port::new(Served::new(content.clone()).etag("\"1\""));
        let fetched = port.fetch_right(&content).await;
        assert_eq!(port.server.count(PATH).gets, 1);
        assert_eq!(fetched.received, content.len() as u64);
    }
}

#[tokio::test]
async fn a_broken_stream_goes_on_where_it_broke() {
    let content = bytes(150_000, 2);
    let good = Served::new(content.clone());
    for served in [good.clone().etag("\"1\""), good.clone().modified(DATE)] {
        for cut in [0, 1, 20_000, 37_499] {
            let port = Port::new(served.clone().truncated_after(cut, 3));
            port.fetch_right(&content).await;
            let port = Port::new(served.clone().reset_after(cut, 3));
            port.fetch_right(&content).await;
        }
    }
}

#[tokio::test]
async fn what_arrived_before_a_cut_is_not_fetched_again() {
    let content = bytes(100_000, 3);
    let mut options = options();
    options.connections = NonZeroUsize::MIN;
    let served = Served::new(content.clone()).etag("\"1\"");
    let port = Port::with(options, served.truncated_after(30_000, 2));
    let fetched = port.fetch_right(&content).await;
    assert_eq!(fetched.received, 100_000);
    let count = port.server.count(PATH);
    assert_eq!((count.gets, count.ranged, count.sent), (3, 2, 100_000));
}

#[tokio::test]
async fn without_a_strong_validator_it_begins_anew() {
    let content = bytes(100_000, 4);
    let good = Served::new(content.clone());
    for (served, cuts) in [
        (good.clone(), 2),
        (good.clone().etag("W/\"1\""), 2),
        // Here a cut looks like the end.
        (good.without_length(), 0),
    ] {
        let port = Port::new(served.truncated_after(30_000, cuts));
        let fetched = port.fetch_right(&content).await;
        let count = port.server.count(PATH);
        assert_eq!((count.gets, count.ranged), (u64::from(cuts) + 1, 0));
        assert_eq!(fetched.received, 100_000 + 30_000 * u64::from(cuts));
    }
}

#[tokio::test]
async fn a_server_that_gives_no_ranges_after_all_is_asked_for_the_whole() {
    let content = bytes(100_000, 5);
    let served = Served::new(content.clone()).etag("\"1\"").without_ranges();
    let port = Port::new(served.truncated_after(30_000, 1));
    port.fetch_right(&content).await;
    let count = port.server.count(PATH);
    assert_eq!((count.gets, count.ranged), (3, 1));
}

#[tokio::test]
async fn an_answer_that_always_ends_early_is_truncated() {
    let content = bytes(100_000, 6);
    for served in [
        Served::new(content.clone()).truncated_after(500, u32::MAX),
        Served::new(content.clone()).reset_after(500, u32::MAX),
        Served::new(content.clone()).claiming(100_001),
    ] {
        let port = Port::new(served);
        let unpinned = port.fetch(Expected::default()).await;
        assert!(
            matches!(unpinned, Err(UpstreamError::Truncated { .. })),
            "{unpinned:?}"
        );
        assert_eq!(port.server.count(PATH).gets, 4, "one try and three more");
        assert!(port.held().is_empty());
    }
}

#[tokio::test]
async fn a_stream_that_stalls_is_given_up_and_gone_on_with() {
    let content = bytes(60_000, 7);
    let mut options = options();
    options.stall = Duration::from_millis(300);
    let served = Served::new(content.clone())
        .etag("\"1\"")
        .stalled_after(5_000, 1);
    let port = Port::with(options, served);
    port.fetch_right(&content).await;
    assert!(port.server.count(PATH).sent < 70_000);
}

#[tokio::test]
async fn a_stream_that_only_stalls_times_out() {
    let mut options = options();
    options.stall = Duration::from_millis(50);
    options.retries = 1;
    let served = Served::new(bytes(60_000, 7)).stalled_after(0, u32::MAX);
    let port = Port::with(options, served);
    let outcome = port.fetch(Expected::default()).await;
    assert!(
        matches!(outcome, Err(UpstreamError::TimedOut { .. })),
        "{outcome:?}"
    );
    assert_eq!(port.server.count(PATH).gets, 2);
}

#[tokio::test]
async fn limits_let_everything_through_in_the_end() {
    let content = bytes(50_000, 8);
    let mut options = options();
    options.max_bandwidth = NonZeroU64::new(400_000);
    options.max_requests = std::num::NonZeroU32::new(200);
    let port = Port::with(options, Served::new(content.clone()).etag("\"1\""));
    port.fetch_right(&content).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let port = Port::new(Served::new("a"));
    let gone = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url: Url = format!("http://{}/a", gone.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(gone);
    let fetch = Fetch {
        url: &url,
        expected: Expected::default(),
    };
    let progress = FetchProgress::default();
    let outcome = port
        .upstream
        .fetch(&fetch, &port.cellar, &progress, &Cancel::new())
        .await;
    assert!(
        matches!(outcome, Err(UpstreamError::Unreachable { .. })),
        "{outcome:?}"
    );
}
