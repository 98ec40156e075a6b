//! Releases of a repository on GitHub.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::address::{base, below, is_name};
use super::pattern::Pattern;
use super::{Asset, Newer, OutdatedError};

const API: &str = "https://api.github.com";

/// A version in a tag, unless the manifest says otherwise: tags such as `nightly` are none.
const TAG: &str = r"^v?(\d.*)$";

#[derive(Deserialize)]
struct Release {
    tag_name: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
    published_at: Option<Timestamp>,
    html_url: Option<Url>,
    #[serde(default)]
    assets: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    browser_download_url: Url,
}

/// Where the newest hundred releases of `repository` are listed.
pub(super) fn page(repository: &str, api: Option<&Url>) -> Result<Url, OutdatedError> {
    let names = repository.split_once('/');
    let names = names.filter(|(owner, name)| is_name(owner) && is_name(name));
    let (owner, name) = names.ok_or_else(|| OutdatedError::Address {
        what: "a repository, `owner/name`",
        text: repository.to_owned(),
    })?;
    let mut page = below(&base(api, API)?, ["repos", owner, name, "releases"])?;
    page.query_pairs_mut().append_pair("per_page", "100");
    Ok(page)
}

/// The releases in `text`, the answer of `page`, that count; at least one.
pub(super) fn versions(
    page: &Url,
    text: &str,
    tag: Option<&str>,
    prereleases: bool,
) -> Result<Vec<Newer>, OutdatedError> {
    let tag = tag.unwrap_or(TAG);
    let pattern = Pattern::parse(tag)?;
    let releases: Vec<Release> =
        serde_json::from_str(text).map_err(|source| OutdatedError::NotTheApi {
            page: page.into(),
            source,
        })?;
    let mut published = releases
        .into_iter()
        .filter(|release| !release.draft && (prereleases || !release.prerelease))
        .peekable();
    if published.peek().is_none() {
        return Err(OutdatedError::NoVersions { page: page.into() });
    }
    let found: Vec<_> = published
        .filter_map(|release| newer(release, &pattern))
        .collect();
    if found.is_empty() {
        return Err(OutdatedError::NoMatch {
            page: page.into(),
            pattern: tag.to_owned(),
        });
    }
    Ok(found)
}

fn newer(release: Release, pattern: &Pattern) -> Option<Newer> {
    let version = pattern.first(&release.tag_name)?.to_owned();
    let assets = release.assets.into_iter().map(|file| Asset {
        name: file.name,
        url: file.browser_download_url,
    });
    Some(Newer {
        version,
        published: release.published_at,
        url: release.html_url,
        assets: assets.collect(),
    })
}
