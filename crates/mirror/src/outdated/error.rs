//! Why no newer version could be looked for.

use longshore_azure::SafeUrl;
use url::Url;

use crate::UpstreamError;

/// Why no newer version could be looked for.
#[derive(Debug, thiserror::Error)]
pub enum OutdatedError {
    /// The page could not be read.
    #[error("could not read `{page}`")]
    Page {
        /// The page.
        page: SafeUrl,
        /// Whether GitHub answers there, which counts what one asks for.
        is_github: bool,
        /// Why.
        #[source]
        source: Box<UpstreamError>,
    },
    /// The manifest's words make no address.
    #[error("not {what}: `{}`", .text.escape_debug())]
    Address {
        /// What it should be.
        what: &'static str,
        /// What it is.
        text: String,
    },
    /// The pattern is none.
    #[error("`{pattern}` is not a regular expression")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        #[source]
        source: Box<regex::Error>,
    },
    /// The pattern does not say which part of a match is the version.
    #[error("the pattern `{pattern}` has no group for the version")]
    NoGroup {
        /// The pattern.
        pattern: String,
    },
    /// The pattern finds nothing.
    #[error("the pattern `{pattern}` finds no version on `{page}`")]
    NoMatch {
        /// The page.
        page: SafeUrl,
        /// The pattern.
        pattern: String,
    },
    /// There is nothing that counts.
    #[error("there are no versions at `{page}`")]
    NoVersions {
        /// The page.
        page: SafeUrl,
    },
    /// The page is not what the API answers.
    #[error("`{page}` does not answer as the API does")]
    NotTheApi {
        /// The page.
        page: SafeUrl,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl OutdatedError {
    /// A page that could not be read.
    pub(super) fn page(page: &Url, is_github: bool, source: UpstreamError) -> Self {
        Self::Page {
            page: page.into(),
            is_github,
            source: Box::new(source),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Page {
                is_github, source, ..
            } => page_hint(*is_github, source),
            Self::Address { .. } => "correct it in the artifact's `update` block",
            Self::Pattern { .. } => "correct `pattern` or `tag` in the artifact's `update` block",
            Self::NoGroup { .. } => {
                "put the version in parentheses: `(?<version>…)`, or as the first group"
            }
            Self::NoMatch { .. } => {
                "look at the page's source and adapt the pattern; pages that scripts fill show nothing here"
            }
            Self::NoVersions { .. } => {
                "check the name; where only pre-releases exist, set `prereleases = true`"
            }
            Self::NotTheApi { .. } => {
                "check `api`: it must be the address of an API, not of a site"
            }
        }
    }
}

/// GitHub says no to strangers who ask too often, and hides what strangers may not see.
fn page_hint(is_github: bool, source: &UpstreamError) -> &'static str {
    match source {
        UpstreamError::Denied { .. } | UpstreamError::Throttled { .. } if is_github => {
            "GitHub lets strangers ask 60 times an hour: set GITHUB_TOKEN, or run again in an hour"
        }
        UpstreamError::Gone { .. } if is_github => {
            "check the name of the repository or package; a private one needs GITHUB_TOKEN"
        }
        UpstreamError::Gone { .. } => "correct the `url` in the artifact's `update` block",
        other => other
            .hint()
            .unwrap_or("open the page in a browser: it may have moved"),
    }
}
