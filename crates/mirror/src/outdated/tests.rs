//! Newer versions on pages and in answers as upstream really gives them.

use std::error::Error;
use std::sync::Mutex;

use async_trait::async_trait;
use proptest::prelude::*;

use super::*;
use crate::UpstreamError;

const PAGE: &str = include_str!("testdata/page.html");
const RELEASES: &str = include_str!("testdata/releases.json");
const CONTENTS: &str = include_str!("testdata/contents.json");

/// Upstream with one answer, a text or a status, which remembers what it was asked for.
struct Answer {
    answer: Result<&'static str, u16>,
    asked: Mutex<Vec<Url>>,
}

impl Answer {
    fn new(text: &'static str) -> Self {
        Self {
            answer: Ok(text),
            asked: Mutex::default(),
        }
    }

    fn status(status: u16) -> Self {
        Self {
            answer: Err(status),
            asked: Mutex::default(),
        }
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap()[0].to_string()
    }
}

#[async_trait]
impl Pages for Answer {
    async fn text(&self, url: &Url) -> Result<String, UpstreamError> {
        self.asked.lock().unwrap().push(url.clone());
        self.answer
            .map(str::to_owned)
            .map_err(|status| match status {
                404 => UpstreamError::Gone { url: url.into() },
                _ => UpstreamError::Denied {
                    url: url.into(),
                    status,
                },
            })
    }
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn on_page(pattern: &str) -> Update {
    Update::Page {
        url: "https://user:secret@vendor.example/download?sig=secret"
            .parse()
            .unwrap(),
        pattern: pattern.to_owned(),
    }
}

fn github(tag: Option<&str>, prereleases: bool) -> Update {
    Update::Github {
        repository: "microsoft/AzureStorageExplorer".to_owned(),
        tag: tag.map(str::to_owned),
        prereleases,
        api: None,
    }
}

fn winget(package: &str) -> Update {
    Update::Winget {
        package: package.to_owned(),
        api: Some("http://127.0.0.1:8080/contents/".parse().unwrap()),
    }
}

/// What is found beyond `current`.
async fn found(update: &Update, current: &str, text: &'static str) -> Option<String> {
    let newer = newest(update, &version(current), &Answer::new(text)).await;
    newer.unwrap().map(|newer| newer.version)
}

async fn error(update: &Update, text: &'static str) -> OutdatedError {
    newest(update, &version("1.0"), &Answer::new(text))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn the_newest_match_on_a_page_counts() {
    let update = on_page(r"BGInfo v(?<version>[\d.]+\d)");
    assert_eq!(found(&update, "4.33", PAGE).await.as_deref(), Some("4.40"));
    assert_eq!(found(&update, "4.40", PAGE).await, None);
    assert_eq!(found(&update, "5.0", PAGE).await, None);
    // Without a group of that name, the first one.
    let update = on_page(r"BGInfo v(\d+\.\d+)(-beta)?");
    assert_eq!(found(&update, "4.33", PAGE).await.as_deref(), Some("4.40"));
}

#[tokio::test]
async fn releases_count_unless_they_are_drafts_or_too_early() {
    let update = github(None, false);
    assert_eq!(
        found(&update, "1.33.0", RELEASES).await.as_deref(),
        Some("1.34.0")
    );
    let update = github(None, true);
    assert_eq!(
        found(&update, "1.33.0", RELEASES).await.as_deref(),
        Some("1.35.0-beta.1")
    );
    let update = github(Some(r"^tools-(?<version>.+)$"), false);
    assert_eq!(
        found(&update, "0.1", RELEASES).await.as_deref(),
        Some("9.9")
    );
}

#[tokio::test]
async fn a_release_brings_its_date_and_files() {
    let pages = Answer::new(RELEASES);
    let newer = newest(&github(None, false), &version("1.33.0"), &pages).await;
    let newer = newer.unwrap().unwrap();
    assert_eq!(newer.published.unwrap().to_string(), "2024-05-23T17:50:11Z");
    assert_eq!(
        newer.url.unwrap().as_str(),
        "https://github.com/microsoft/AzureStorageExplorer/releases/tag/v1.34.0"
    );
    let names: Vec<_> = newer
        .assets
        .iter()
        .map(|asset| asset.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "StorageExplorer-linux-x64.tar.gz",
            "StorageExplorer-windows-x64.exe"
        ]
    );
    assert_eq!(
        pages.asked(),
        "https://api.github.com/repos/microsoft/AzureStorageExplorer/releases?per_page=100"
    );
}

#[tokio::test]
async fn the_folders_of_a_package_are_its_versions() {
    let pages = Answer::new(CONTENTS);
    let newer = newest(&winget("7zip.7zip"), &version("24.09"), &pages).await;
    assert_eq!(newer.unwrap().unwrap().version, "25.01");
    assert_eq!(
        pages.asked(),
        "http://127.0.0.1:8080/contents/manifests/7/7zip/7zip"
    );
    let pages = Answer::new(CONTENTS);
    let _ = newest(&winget("Notepad++.Notepad++"), &version("24.09"), &pages).await;
    assert_eq!(
        pages.asked(),
        "http://127.0.0.1:8080/contents/manifests/n/Notepad++/Notepad++"
    );
}

#[tokio::test]
async fn what_went_wrong_is_named_without_secrets() {
    for (update, text, message, hint) in [
        (
            on_page(r"NoInfo v([\d.]+)"),
            PAGE,
            r"the pattern `NoInfo v([\d.]+)` finds no version on `https://vendor.example/download?sig=REDACTED`",
            "adapt the pattern",
        ),
        (
            on_page("BGInfo v"),
            PAGE,
            "the pattern `BGInfo v` has no group for the version",
            "parentheses",
        ),
        (
            on_page("(BGInfo"),
            PAGE,
            "`(BGInfo` is not a regular expression",
            "`pattern`",
        ),
        (
            github(None, false),
            "[]",
            "there are no versions at `https://api.github.com/repos/microsoft/AzureStorageExplorer/releases?REDACTED`",
            "prereleases",
        ),
        (
            github(Some("^x(.*)"), false),
            RELEASES,
            "the pattern `^x(.*)` finds no version on `https://api.github.com/repos/microsoft/AzureStorageExplorer/releases?REDACTED`",
            "adapt the pattern",
        ),
        (
            winget("7zip.7zip"),
            PAGE,
            "`http://127.0.0.1:8080/contents/manifests/7/7zip/7zip` does not answer as the API does",
            "`api`",
        ),
        (
            winget("7zip..7zip"),
            "[]",
            "not a package of winget, `Publisher.Package`: `7zip..7zip`",
            "`update`",
        ),
        (
            winget("7zip./../x"),
            "[]",
            "not a package of winget, `Publisher.Package`: `7zip./../x`",
            "`update`",
        ),
    ] {
        let error = error(&update, text).await;
        assert_eq!(error.to_string(), message);
        assert!(error.hint().contains(hint), "{}", error.hint());
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_read_says_what_to_do() {
    for (update, status, hint) in [
        (github(None, false), 403, "60 times an hour"),
        (
            winget("7zip.7zip"),
            404,
            "name of the repository or package",
        ),
        (on_page("(x)"), 403, "browser"),
        (on_page("(x)"), 404, "`url`"),
    ] {
        let error = newest(&update, &version("1"), &Answer::status(status))
            .await
            .unwrap_err();
        assert!(
            error.to_string().starts_with("could not read `http"),
            "{error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(error.hint().contains(hint), "{}", error.hint());
        assert!(error.source().is_some());
    }
}

#[tokio::test]
async fn a_huge_pattern_is_refused() {
    let error = error(&on_page(r"(\w{1000}){1000}"), PAGE).await;
    assert!(matches!(error, OutdatedError::Pattern { .. }), "{error}");
}

#[test]
fn a_hostile_page_takes_no_longer_than_its_size() {
    let page = "https://vendor.example/".parse().unwrap();
    let text = "a".repeat(1 << 20);
    assert!(page::versions(&page, &text, r"^(a+)+\d$").is_err());
}

proptest! {
    #[test]
    fn the_newest_is_newer_than_the_current(
        current in "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}",
        others in proptest::collection::vec("v?[0-9]{1,2}(\\.[0-9]{1,2}){0,3}(-rc[0-9])?", 0..20),
    ) {
        let found = others.iter().map(|version| Newer::just(version)).collect();
        let newest = newest_of(found, &version(&current));
        if let Some(newest) = &newest {
            prop_assert!(compare_versions(&newest.version, &current).is_gt());
        }
        let bar = newest.map_or(current, |newest| newest.version);
        prop_assert!(others.iter().all(|other| compare_versions(other, &bar).is_le()));
    }

    #[test]
    fn nonsense_is_an_error_or_a_version(text in ".{0,200}", pattern in ".{0,20}") {
        let page = "https://vendor.example/".parse().unwrap();
        for found in [
            page::versions(&page, &text, &pattern),
            github::versions(&page, &text, Some(&pattern), true),
            winget::versions(&page, &text),
        ] {
            prop_assert!(found.map_or(true, |found| found.iter().all(|one| is_version(&one.version))));
        }
    }
}
