//! Servers that say no: for now, or for good.

use super::*;

#[tokio::test]
async fn what_passes_is_waited_for() {
    let content = bytes(1_000, 1);
    for status in [408, 429, 500, 502, 503, 504] {
        for after in [
            None,
            Some("0"),
            Some("Tue, 24 Nov 2020 10:00:00 GMT"),
            Some("later"),
        ] {
            let mut served = Served::new(content.clone()).refused(status, 3);
            if let Some(after) = after {
                served = served.retry_after(after);
            }
            let port = Port::new(served);
            port.fetch_right(&content).await;
            assert_eq!(port.server.count(PATH).gets, 4, "{status} {after:?}");
        }
    }
}

#[tokio::test]
async fn what_does_not_pass_is_told() {
    let check = async |served: Served, gets: u64, is_it: fn(&UpstreamError) -> bool| {
        let port = Port::new(served.clone());
        let error = port.fetch(Expected::default()).await.unwrap_err();
        assert!(is_it(&error), "{error:?}");
        assert_eq!(port.server.count(PATH).gets, gets, "{error:?}");
        assert!(port.held().is_empty());
    };
    let throttled: fn(&UpstreamError) -> bool = |e| matches!(e, UpstreamError::Throttled { .. });
    let denied: fn(&UpstreamError) -> bool = |e| matches!(e, UpstreamError::Denied { .. });
    let gone: fn(&UpstreamError) -> bool = |e| matches!(e, UpstreamError::Gone { .. });
    let status: fn(&UpstreamError) -> bool = |e| matches!(e, UpstreamError::Status { .. });
    check(Served::status(429), 4, throttled).await;
    check(Served::status(503).retry_after("0"), 4, throttled).await;
    // It asks for longer than anybody waits.
    check(Served::status(503).retry_after("3600"), 1, throttled).await;
    check(Served::status(403).retry_after("3600"), 1, throttled).await;
    check(Served::status(503), 4, status).await;
    check(Served::status(400), 1, status).await;
    check(Served::status(401), 1, denied).await;
    check(Served::status(403), 1, denied).await;
    check(Served::status(404), 1, gone).await;
    check(Served::status(410), 1, gone).await;
}

#[tokio::test]
async fn a_file_is_probed_by_head_or_by_its_first_byte() {
    let served = Served::new(bytes(5_000, 1)).etag("W/\"1\"").modified(DATE);
    for status in [None, Some(403), Some(405), Some(501)] {
        let served = served.clone();
        let port = Port::new(match status {
            Some(status) => served.refusing_head(status),
            None => served,
        });
        let probe = port.upstream.probe(&port.url()).await.unwrap();
        assert_eq!(probe.size, Some(5_000));
        assert_eq!(probe.etag.as_deref(), Some("W/\"1\""));
        assert_eq!(probe.modified.unwrap().to_string(), "2026-11-24T10:00:00Z");
        assert!(probe.accepts_ranges);
        let count = port.server.count(PATH);
        assert_eq!((count.heads, count.gets), (1, u64::from(status.is_some())));
        assert!(count.sent <= 1);
    }
    let port = Port::new(Served::new("").refusing_head(405));
    assert_eq!(
        port.upstream.probe(&port.url()).await.unwrap().size,
        Some(0)
    );
}

#[tokio::test]
async fn a_page_is_read_up_to_its_limit() {
    let port = Port::new(Served::new("version 1.2.3").refused(503, 2));
    let text = port.upstream.text_within(&port.url(), 13).await.unwrap();
    assert_eq!(text, "version 1.2.3");
    let long = port.upstream.text_within(&port.url(), 12).await;
    assert!(
        matches!(long, Err(UpstreamError::TooLong { limit: 12, .. })),
        "{long:?}"
    );
}
