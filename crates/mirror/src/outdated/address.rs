//! Addresses of APIs, made of words that people write.

use url::Url;

use super::OutdatedError;

/// `base` with `segments` behind its path, each escaped as it needs.
pub(super) fn below<'a>(
    base: &Url,
    segments: impl IntoIterator<Item = &'a str>,
) -> Result<Url, OutdatedError> {
    let mut page = base.clone();
    let mut path = page
        .path_segments_mut()
        .map_err(|()| OutdatedError::Address {
            what: "the address of an API",
            text: base.to_string(),
        })?;
    path.pop_if_empty().extend(segments);
    drop(path);
    Ok(page)
}

/// The API at `given`, or the one that everybody uses.
pub(super) fn base(given: Option<&Url>, usual: &str) -> Result<Url, OutdatedError> {
    match given {
        Some(url) => Ok(url.clone()),
        None => usual.parse().map_err(|_| OutdatedError::Address {
            what: "the address of an API",
            text: usual.to_owned(),
        }),
    }
}

/// Whether `text` can be one name in an address: what GitHub and winget allow.
pub(super) fn is_name(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    !text.is_empty() && text.chars().all(is_inner) && text != "." && text != ".."
}
