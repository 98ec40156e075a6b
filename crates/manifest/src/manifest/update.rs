//! How newer versions of an artifact are found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// How newer versions of an artifact are found; just one of the ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    tag = "from",
    try_from = "Fields"
)]
#[schemars(!try_from)]
pub enum Update {
    /// A pattern on a page.
    Page {
        /// The page.
        url: Url,
        /// A regular expression whose group `version` (or its first group) is a version; the newest match counts.
        pattern: String,
    },
    /// Releases of a repository on GitHub.
    Github {
        /// `owner/name`.
        repository: String,
        /// A regular expression whose first group is the version in a tag; `^v?(.+)$` unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tag: Option<String>,
        /// Whether pre-releases count.
        #[serde(default)]
        prereleases: bool,
        /// The API; that of github.com unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        api: Option<Url>,
    },
    /// The folder of a package in a winget source repository.
    Winget {
        /// The package, such as `7zip.7zip`.
        package: String,
        /// The contents API of the repository; that of microsoft/winget-pkgs on github.com unless said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        api: Option<Url>,
    },
}

/// All the fields of all the ways: read as one table, so that every error keeps its place in the text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Fields {
    from: Way,
    url: Option<Url>,
    pattern: Option<String>,
    repository: Option<String>,
    tag: Option<String>,
    prereleases: Option<bool>,
    package: Option<String>,
    api: Option<Url>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    Page,
    Github,
    Winget,
}

impl Way {
    const fn known(self) -> &'static [&'static str] {
        match self {
            Self::Page => &["url", "pattern"],
            Self::Github => &["repository", "tag", "prereleases", "api"],
            Self::Winget => &["package", "api"],
        }
    }
}

impl Fields {
    /// A field that is said and is not one of this way.
    fn unknown(&self) -> Option<String> {
        let said = [
            ("url", self.url.is_some()),
            ("pattern", self.pattern.is_some()),
            ("repository", self.repository.is_some()),
            ("tag", self.tag.is_some()),
            ("prereleases", self.prereleases.is_some()),
            ("package", self.package.is_some()),
            ("api", self.api.is_some()),
        ];
        let known = self.from.known();
        let is_unknown = |(name, is_said): &(&str, bool)| *is_said && !known.contains(name);
        let (name, _) = said.into_iter().find(is_unknown)?;
        // In the words of serde, by which the reader of manifests knows the field.
        let known = known.join("`, `");
        Some(format!("unknown field `{name}`, expected one of `{known}`"))
    }
}

impl TryFrom<Fields> for Update {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        if let Some(unknown) = fields.unknown() {
            return Err(unknown);
        }
        let missing = |name: &str| format!("missing field `{name}`");
        Ok(match fields.from {
            Way::Page => Self::Page {
                url: fields.url.ok_or_else(|| missing("url"))?,
                pattern: fields.pattern.ok_or_else(|| missing("pattern"))?,
            },
            Way::Github => Self::Github {
                repository: fields.repository.ok_or_else(|| missing("repository"))?,
                tag: fields.tag,
                prereleases: fields.prereleases.unwrap_or_default(),
                api: fields.api,
            },
            Way::Winget => Self::Winget {
                package: fields.package.ok_or_else(|| missing("package"))?,
                api: fields.api,
            },
        })
    }
}
