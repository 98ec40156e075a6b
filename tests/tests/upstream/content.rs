//! Servers that send something else: republished files, files that change on the way, wrong lengths.

use super::*;

fn mismatch(outcome: Result<Fetched, UpstreamError>) -> longshore_mirror::Found {
    match outcome {
        Err(UpstreamError::Mismatch { found, .. }) => *found,
        other => panic!("no mismatch: {other:?}"),
    }
}

#[tokio::test]
async fn a_republished_file_never_gets_the_pinned_name() {
    let (old, new) = (bytes(90_000, 1), bytes(90_000, 2));
    for served in [
        Served::new(new.clone()),
        Served::new(new.clone()).etag("\"1\""),
    ] {
        let port = Port::new(served);
        let found = mismatch(port.fetch(pinned(&old)).await);
        assert_eq!(found.digests, Some(digests(&new)));
        assert!(port.held().is_empty() && !port.has_part());
        // Without a pin it is what it is.
        let fetched = port.fetch(Expected::default()).await.unwrap();
        assert_eq!(fetched.digests.sha256, sha256(&new));
    }
}

#[tokio::test]
async fn a_file_of_another_size_is_told_before_it_is_fetched() {
    let port = Port::new(Served::new(bytes(5_000_000, 1)).etag("\"1\""));
    let found = mismatch(port.fetch(pinned(&bytes(90_000, 1))).await);
    assert_eq!((found.size, found.digests), (5_000_000, None));
    assert_eq!(port.server.count(PATH).gets, 1);
    assert!(port.held().is_empty() && !port.has_part());
}

#[tokio::test]
async fn an_endless_file_ends_where_the_pinned_one_would() {
    let port = Port::new(Served::new(bytes(400_000, 1)).without_length());
    let found = mismatch(port.fetch(pinned(&bytes(1_000, 1))).await);
    assert_eq!(found.size, 1_001);
    assert!(!port.has_part());
}

#[tokio::test]
async fn a_file_that_changes_on_the_way_is_fetched_in_its_new_state() {
    let (old, new) = (bytes(90_000, 1), bytes(80_000, 2));
    let after = Served::new(new.clone()).etag("\"2\"").modified(LATER);
    for before in [
        Served::new(old.clone()).etag("\"1\""),
        Served::new(old.clone()).modified(DATE),
    ] {
        for gets in 1..4 {
            let port = Port::new(
                before
                    .clone()
                    .truncated_after(9_000, 2)
                    .then(gets, after.clone()),
            );
            let fetched = port.fetch(Expected::default()).await.unwrap();
            let content = fs_err::read(&fetched.path).unwrap();
            assert!(content == new, "after {gets} requests");
            assert_eq!(port.held().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_file_that_changes_under_the_same_etag_is_found_out() {
    let (old, new) = (bytes(90_000, 1), bytes(90_000, 2));
    let before = Served::new(old.clone()).etag("\"1\"");
    // Between the ranges of one download the old bytes become new ones.
    let port = Port::new(before.clone().then(2, before.clone().content(new.clone())));
    let found = mismatch(port.fetch(pinned(&old)).await);
    assert_eq!(
        found.digests,
        Some(digests(&new)),
        "what is there now, not a mixture"
    );
    // And the other way round: the pinned ones come back.
    let after = Served::new(new.clone()).etag("\"1\"");
    let port = Port::new(after.clone().then(2, before));
    port.fetch_right(&old).await;
}

#[tokio::test]
async fn a_file_that_changes_again_and_again_is_given_up() {
    let state = |number: u8| {
        Served::new(bytes(90_000, number))
            .etag(format!("\"{number}\""))
            .ignoring_if_range()
    };
    let mut served = state(200);
    for number in (0..200).rev() {
        served = state(number).then(1, served);
    }
    let port = Port::new(served);
    let outcome = port.fetch(Expected::default()).await;
    assert!(
        matches!(outcome, Err(UpstreamError::Changed { .. })),
        "{outcome:?}"
    );
    assert!(port.held().is_empty());
}

#[tokio::test]
async fn a_length_that_is_too_long_is_a_lie() {
    let content = bytes(90_000, 1);
    let port = Port::new(Served::new(content).etag("\"1\"").claiming(200_000));
    let outcome = port.fetch(Expected::default()).await;
    assert!(
        matches!(outcome, Err(UpstreamError::WrongLength { .. })),
        "{outcome:?}"
    );
    assert!(port.held().is_empty());
}

#[tokio::test]
async fn a_length_that_is_too_short_is_another_file() {
    let content = bytes(90_000, 1);
    let port = Port::new(Served::new(content.clone()).claiming(50_000));
    let found = mismatch(port.fetch(pinned(&content)).await);
    assert_eq!(found.size, 50_000);
    let expected = Expected {
        size: None,
        ..pinned(&content)
    };
    let found = mismatch(port.fetch(expected).await);
    assert_eq!(found.digests, Some(digests(&content[..50_000])));
    assert!(port.held().is_empty() && !port.has_part());
}

#[tokio::test]
async fn what_rotted_in_the_cellar_is_fetched_again() {
    let content = bytes(1_000, 1);
    let port = Port::new(Served::new(content.clone()));
    let fetched = port.fetch_right(&content).await;
    fs_err::write(&fetched.path, bytes(1_000, 2)).unwrap();
    port.fetch_right(&content).await;
    assert_eq!(port.server.count(PATH).gets, 2);
}
