//! Runs that end in the middle, and those that come after them.

use std::pin::pin;
use std::task::Poll;

use super::*;

/// Polls a download so many times and then drops it, as a kill would; tells what came of it if it was faster.
async fn killed_after(port: &Port, polls: usize, expected: Expected) -> Option<Fetched> {
    let mut fetch = pin!(port.fetch(expected));
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        fetch
            .as_mut()
            .poll(context)
            .map(|outcome| Some(outcome.unwrap()))
    })
    .await
}

#[tokio::test]
async fn a_run_after_a_kill_at_any_point_brings_the_right_bytes() {
    let content = bytes(300_000, 1);
    for polls in (1..120).step_by(7) {
        let mut options = options();
        // A write that was under way when the run was killed keeps the file for a moment.
        options.retries = 12;
        options.longest_wait = Duration::from_secs(1);
        let port = Port::with(options, Served::new(content.clone()).etag("\"1\""));
        killed_after(&port, polls, pinned(&content)).await;
        // A kill during the very last step may still give it its name: then it must be whole.
        for held in port.held() {
            assert!(fs_err::read(held).unwrap() == content);
        }
        let fetched = port.fetch_right(&content).await;
        let is_held = fetched.received == 0;
        assert!(is_held || fetched.received + fetched.resumed >= 300_000);
        assert!(!port.has_part());
    }
}

#[tokio::test]
async fn a_failed_run_leaves_what_it_has_to_the_next() {
    let content = bytes(100_000, 1);
    let mut options = options();
    options.connections = NonZeroUsize::MIN;
    options.retries = 0;
    let served = Served::new(content.clone()).etag("\"1\"");
    let port = Port::with(options, served.truncated_after(30_000, 2));
    for _ in 0..2 {
        let outcome = port.fetch(pinned(&content)).await;
        assert!(
            matches!(outcome, Err(UpstreamError::Truncated { .. })),
            "{outcome:?}"
        );
    }
    let fetched = port.fetch_right(&content).await;
    assert_eq!((fetched.resumed, fetched.received), (60_000, 40_000));
    assert_eq!(port.server.count(PATH).sent, 100_000);
}

#[tokio::test]
async fn what_an_earlier_run_left_of_another_state_is_thrown_away() {
    let (old, new) = (bytes(100_000, 1), bytes(100_000, 2));
    let mut options = options();
    options.connections = NonZeroUsize::MIN;
    options.retries = 0;
    let served = Served::new(old).etag("\"1\"").truncated_after(30_000, 1);
    for is_deaf in [false, true] {
        let port = Port::with(options.clone(), served.clone());
        port.fetch(Expected::default()).await.unwrap_err();
        let after = Served::new(new.clone()).etag("\"2\"");
        port.server.put(
            PATH,
            if is_deaf {
                after.ignoring_if_range()
            } else {
                after
            },
        );
        let fetched = port.fetch(Expected::default()).await.unwrap();
        assert_eq!(fs_err::read(&fetched.path).unwrap(), new);
        assert_eq!(fetched.resumed, 0);
    }
}

#[tokio::test]
async fn a_damaged_part_is_found_out() {
    let content = bytes(100_000, 1);
    let mut options = options();
    options.connections = NonZeroUsize::MIN;
    options.retries = 0;
    let served = Served::new(content.clone())
        .etag("\"1\"")
        .truncated_after(30_000, 1);
    let port = Port::with(options, served);
    port.fetch(pinned(&content)).await.unwrap_err();
    for entry in fs_err::read_dir(port.home.path().join("incoming")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "part") {
            let mut part = fs_err::read(&path).unwrap();
            part[10] ^= 1;
            fs_err::write(&path, part).unwrap();
        }
    }
    port.fetch_right(&content).await;
}

#[tokio::test]
async fn a_stopped_run_says_so_and_asks_nothing_more() {
    let port = Port::new(
        Served::new(bytes(100_000, 1))
            .etag("\"1\"")
            .stalled_after(20_000, 1),
    );
    let cancel = Cancel::new();
    let url = port.url();
    let fetch = Fetch {
        url: &url,
        expected: Expected::default(),
    };
    let progress = FetchProgress::default();
    let run = port
        .upstream
        .fetch(&fetch, &port.cellar, &progress, &cancel);
    let stop = async {
        while progress.snapshot().received < 20_000 {
            tokio::task::yield_now().await;
        }
        cancel.escalate();
    };
    let (outcome, ()) = tokio::join!(run, stop);
    assert!(
        matches!(outcome, Err(UpstreamError::Cancelled)),
        "{outcome:?}"
    );
    assert!(port.held().is_empty() && port.has_part());
}

#[tokio::test]
async fn two_runs_of_one_url_do_not_write_into_each_other() {
    let content = bytes(300_000, 1);
    let mut options = options();
    options.retries = 12;
    options.longest_wait = Duration::from_secs(1);
    let port = Port::with(options, Served::new(content.clone()).etag("\"1\""));
    let (one, two) = tokio::join!(port.fetch(pinned(&content)), port.fetch(pinned(&content)));
    assert_eq!(one.unwrap().path, two.unwrap().path);
    assert_eq!(port.held().len(), 1);
    assert!(
        port.server.count(PATH).gets <= 4,
        "the second takes what the first brought"
    );
}
