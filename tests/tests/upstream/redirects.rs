//! Servers that send elsewhere.

use longshore_mirror::RedirectProblem;

use super::*;

fn problem(outcome: Result<Fetched, UpstreamError>) -> RedirectProblem {
    match outcome {
        Err(UpstreamError::Redirect { problem, .. }) => problem,
        other => panic!("no redirect: {other:?}"),
    }
}

#[tokio::test]
async fn a_chain_is_followed_to_its_end() {
    let content = bytes(90_000, 1);
    let port = Port::new(Served::redirect("other.exe"));
    port.server
        .put("/tool/other.exe", Served::redirect("/cdn?sig=secret"));
    let target = port.server.url("/file").to_string();
    port.server.put(
        "/cdn",
        Served::redirect(target.replace("//", "//user:word@")),
    );
    port.server
        .put("/file", Served::new(content.clone()).etag("\"1\""));
    port.fetch_right(&content).await;
    let count = port.server.count("/file");
    assert_eq!((count.gets, count.authorized), (4, 0));
}

#[tokio::test]
async fn ten_redirects_are_followed_and_no_more() {
    for (length, is_right) in [(10, true), (11, false)] {
        let port = Port::new(Served::redirect("/1"));
        for number in 1..length {
            port.server.put(
                &format!("/{number}"),
                Served::redirect(format!("/{}", number + 1)),
            );
        }
        port.server
            .put(&format!("/{length}"), Served::new("content"));
        if is_right {
            port.fetch_right(b"content").await;
        } else {
            let found = problem(port.fetch(Expected::default()).await);
            assert_eq!(found, RedirectProblem::TooMany);
        }
    }
}

#[tokio::test]
async fn a_loop_ends() {
    let port = Port::new(Served::redirect(PATH));
    assert_eq!(
        problem(port.fetch(Expected::default()).await),
        RedirectProblem::TooMany
    );
    assert_eq!(port.server.count(PATH).gets, 11);
}

#[tokio::test]
async fn a_redirect_that_is_none_is_told() {
    let port = Port::new(Served::redirect("http://"));
    assert_eq!(
        problem(port.fetch(Expected::default()).await),
        RedirectProblem::Unreadable
    );
}

#[tokio::test]
async fn http_is_fetched_only_if_it_is_allowed() {
    let mut options = options();
    options.allow_http = false;
    let port = Port::with(options, Served::new("content"));
    let outcome = port.fetch(Expected::default()).await;
    assert!(
        matches!(outcome, Err(UpstreamError::Insecure { .. })),
        "{outcome:?}"
    );
    assert_eq!(port.server.count(PATH).requests, 0);
}

#[tokio::test]
async fn no_message_tells_a_signature() {
    let port = Port::new(Served::status(404));
    let mut url = port.url();
    url.set_query(Some("sig=secret"));
    url.set_username("user").unwrap();
    url.set_password(Some("secret")).unwrap();
    let fetch = Fetch {
        url: &url,
        expected: Expected::default(),
    };
    let progress = FetchProgress::default();
    let outcome = port
        .upstream
        .fetch(&fetch, &port.cellar, &progress, &Cancel::new())
        .await;
    let error = outcome.unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
}
