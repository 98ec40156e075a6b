//! Versions on a page, found by a pattern.

use url::Url;

use super::pattern::Pattern;
use super::{Newer, OutdatedError};

/// Every version that `pattern` finds in `text`; at least one.
pub(super) fn versions(page: &Url, text: &str, pattern: &str) -> Result<Vec<Newer>, OutdatedError> {
    let found: Vec<_> = Pattern::parse(pattern)?
        .all(text)
        .map(Newer::just)
        .collect();
    if found.is_empty() {
        return Err(OutdatedError::NoMatch {
            page: page.into(),
            pattern: pattern.to_owned(),
        });
    }
    Ok(found)
}
