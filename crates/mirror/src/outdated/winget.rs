//! The folder of a package in winget's catalogue, which holds one folder a version.

use serde::Deserialize;
use url::Url;

use super::address::{base, below, is_name};
use super::{Newer, OutdatedError, is_version};

const API: &str = "https://api.github.com/repos/microsoft/winget-pkgs/contents";

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    html_url: Option<Url>,
}

/// Where the versions of `package` are listed.
pub(super) fn page(package: &str, api: Option<&Url>) -> Result<Url, OutdatedError> {
    let names: Vec<_> = package.split('.').collect();
    let first = package
        .chars()
        .next()
        .filter(|_| names.iter().all(|name| is_name(name)));
    let first = first.ok_or_else(|| OutdatedError::Address {
        what: "a package of winget, `Publisher.Package`",
        text: package.to_owned(),
    })?;
    let first = first.to_lowercase().to_string();
    let folders = ["manifests", &first].into_iter().chain(names);
    below(&base(api, API)?, folders)
}

/// The versions in `text`, the answer of `page`; at least one. Folders of other packages, whose names begin with the
/// name of this one, hold no version in their name.
pub(super) fn versions(page: &Url, text: &str) -> Result<Vec<Newer>, OutdatedError> {
    let entries: Vec<Entry> =
        serde_json::from_str(text).map_err(|source| OutdatedError::NotTheApi {
            page: page.into(),
            source,
        })?;
    let found: Vec<_> = entries
        .into_iter()
        .filter(|entry| entry.kind == "dir" && is_version(&entry.name))
        .map(|entry| Newer {
            url: entry.html_url,
            ..Newer::just(&entry.name)
        })
        .collect();
    if found.is_empty() {
        return Err(OutdatedError::NoVersions { page: page.into() });
    }
    Ok(found)
}
