use super::*;

fn sender() -> Sender {
    Sender::new(&UpstreamOptions {
        github_token: Some("ghp_secret".to_owned().into()),
        ..UpstreamOptions::default()
    })
    .unwrap()
}

#[test]
fn the_token_is_for_github_alone() {
    let sender = sender();
    let check = |url: &str, expect| {
        let url: Url = url.parse().unwrap();
        let ask = Ask {
            method: &Method::GET,
            url: &url,
            range: None,
            validator: None,
        };
        let headers = sender.headers(ask, &url);
        assert_eq!(headers.contains_key(AUTHORIZATION), expect, "{url}");
        assert!(!format!("{headers:?} {sender:?}").contains("ghp_secret"));
    };
    check("https://api.github.com/repos/a/b/releases", true);
    check("http://api.github.com/repos/a/b/releases", false);
    check("https://github.com/a/b", false);
    check("https://api.github.com.evil.example/", false);
    check("https://evil.example/api.github.com", false);
}

#[test]
fn a_redirect_leads_up_or_on_but_never_down() {
    let check = |from: &str, to: &str, expect: Result<&str, RedirectProblem>| {
        let headers = [(LOCATION, HeaderValue::from_str(to).unwrap())]
            .into_iter()
            .collect();
        let found = target(&from.parse().unwrap(), &headers);
        assert_eq!(found.map(String::from), expect.map(str::to_owned), "{to}");
    };
    check("https://a.example/b/c", "d", Ok("https://a.example/b/d"));
    check("https://a.example/b/c", "/d", Ok("https://a.example/d"));
    check(
        "http://a.example/",
        "https://b.example/",
        Ok("https://b.example/"),
    );
    check("https://u:p@a.example/", "/d", Ok("https://a.example/d"));
    check(
        "https://a.example/",
        "https://u:p@b.example/",
        Ok("https://b.example/"),
    );
    check(
        "https://a.example/",
        "http://a.example/",
        Err(RedirectProblem::Downgrade),
    );
    check(
        "https://a.example/",
        "http://",
        Err(RedirectProblem::Unreadable),
    );
    check(
        "https://a.example/",
        "data:,a",
        Err(RedirectProblem::Unreadable),
    );
    let none = target(&"https://a.example/".parse().unwrap(), &HeaderMap::new());
    assert_eq!(none, Err(RedirectProblem::Unreadable));
}

#[test]
fn http_is_an_exception_that_must_be_allowed() {
    let mut sender = sender();
    let check = |sender: &Sender, url: &str, expect: bool| {
        let url: Url = url.parse().unwrap();
        assert_eq!(sender.check_scheme(&url, &url).is_ok(), expect, "{url}");
    };
    check(&sender, "https://a.example/", true);
    check(&sender, "http://a.example/", false);
    check(&sender, "file:///etc/passwd", false);
    sender.allow_http = true;
    check(&sender, "http://a.example/", true);
    check(&sender, "ftp://a.example/", false);
}
