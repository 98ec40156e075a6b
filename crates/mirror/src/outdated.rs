//! Newer versions upstream: found on a page, among the releases of a repository, or in winget's catalogue.
//!
//! What is read comes through [`Pages`]; what is made of it is pure.

mod address;
mod error;
mod github;
mod page;
mod pattern;
mod winget;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use longshore_manifest::{Update, Version, compare_versions};
use serde::Serialize;
use url::Url;

use crate::Pages;

pub use self::error::OutdatedError;

/// A newer version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Newer {
    /// The version.
    pub version: String,
    /// When it was published, where upstream says so: what a cooldown is counted from.
    pub published: Option<Timestamp>,
    /// Where people read about it.
    pub url: Option<Url>,
    /// The files that belong to it, where upstream says so.
    pub assets: Vec<Asset>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asset {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: Url,
}

impl Newer {
    /// A version of which nothing else is known.
    fn just(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            published: None,
            url: None,
            assets: Vec::new(),
        }
    }
}

/// The newest version that `update` finds, if it is newer than `current`.
///
/// # Errors
///
/// Every variant of [`OutdatedError`].
pub async fn newest(
    update: &Update,
    current: &Version,
    pages: &dyn Pages,
) -> Result<Option<Newer>, OutdatedError> {
    let source = Source::of(update)?;
    let text = pages
        .text(&source.page)
        .await
        .map_err(|cause| OutdatedError::page(&source.page, source.is_github, cause))?;
    let found = match update {
        Update::Page { pattern, .. } => page::versions(&source.page, &text, pattern)?,
        Update::Github {
            tag, prereleases, ..
        } => github::versions(&source.page, &text, tag.as_deref(), *prereleases)?,
        Update::Winget { .. } => winget::versions(&source.page, &text)?,
    };
    Ok(newest_of(found, current))
}

/// What is read to find versions.
struct Source {
    page: Url,
    /// Whether GitHub answers, which counts what one asks for.
    is_github: bool,
}

impl Source {
    fn of(update: &Update) -> Result<Self, OutdatedError> {
        let (page, is_github) = match update {
            Update::Page { url, .. } => (url.clone(), false),
            Update::Github {
                repository, api, ..
            } => (github::page(repository, api.as_ref())?, true),
            Update::Winget { package, api } => (winget::page(package, api.as_ref())?, true),
        };
        Ok(Self { page, is_github })
    }
}

/// The newest of them, if it is newer than `current`.
fn newest_of(found: Vec<Newer>, current: &Version) -> Option<Newer> {
    found
        .into_iter()
        .filter(|one| compare_versions(&one.version, current.as_str()).is_gt())
        .max_by(|a, b| compare_versions(&a.version, &b.version))
}

/// Whether a text can be the version of an artifact: words such as `latest` and `nightly` are none.
fn is_version(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && text.parse::<Version>().is_ok()
}
