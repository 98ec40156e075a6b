//! A library's manifest, which people write.

use longshore_content::Sha256Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{ArtifactId, BlobPath, FileName, Install, LibraryName, Version};

mod check;
mod derive;
mod key_path;
mod problem;
mod read;
mod report;
mod schema;
mod secret;
#[cfg(test)]
mod tests;
mod told;
mod update;

pub use derive::is_pattern;
pub use problem::{ManifestErrors, Position, Problem};
pub use update::Update;

/// A library's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The library as a whole.
    pub library: Library,
    /// What is in it.
    #[serde(default, rename = "artifact")]
    pub artifacts: Vec<Artifact>,
}

/// A library as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Library {
    /// Its name, which is in the names of its releases.
    pub name: LibraryName,
    /// A container, with a prefix if wanted, as the command line writes it; never with a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"https://ACCOUNT.blob.core.windows.net/apps")]
    pub destination: Option<String>,
    /// What the build VM runs.
    #[serde(default)]
    pub os: TargetOs,
}

/// What a build VM runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetOs {
    /// Windows.
    #[default]
    Windows,
    /// Linux.
    Linux,
}

/// What processor an installer is for.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// 32-bit x86.
    X86,
    /// 64-bit x86.
    #[default]
    X64,
    /// 32-bit ARM.
    Arm,
    /// 64-bit ARM.
    Arm64,
    /// Any.
    Neutral,
}

impl Architecture {
    /// Every architecture.
    pub const ALL: [Self; 5] = [Self::X86, Self::X64, Self::Arm, Self::Arm64, Self::Neutral];

    /// The name that winget and manifests use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86 => "x86",
            Self::X64 => "x64",
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
            Self::Neutral => "neutral",
        }
    }
}

/// One thing in a library: a file of its vendor, or the files that a pattern names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(extend("oneOf" = schema::one_source()))]
pub struct Artifact {
    /// Its id, one of its kind in the library but for other architectures.
    pub id: ArtifactId,
    /// Its version.
    pub version: Version,
    /// What it is called, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"BGInfo")]
    pub name: Option<String>,
    /// Who makes it, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Microsoft Sysinternals")]
    pub publisher: Option<String>,
    /// What it is for: x64 unless said.
    #[serde(default)]
    pub architecture: Architecture,
    /// A file, relative to the manifest, or a pattern that names some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"apps/setup.exe")]
    pub path: Option<String>,
    /// Where its vendor publishes it: `https://…`, without a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// A blob elsewhere, as the command line writes places; never with a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"az://ACCOUNT/vendors/setup.exe")]
    pub from: Option<String>,
    /// What its bytes must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9A-Fa-f]{64}$"))]
    pub sha256: Option<Sha256Digest>,
    /// The name of its file; that in its source unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileName>,
    /// The name of its blob below the destination; `<id>/<version>/<file>` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("not" = serde_json::json!({ "pattern": "^_" })))]
    pub blob: Option<BlobPath>,
    /// Who must have signed it: the common name in the signer's certificate (exe and msi).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Microsoft Corporation")]
    pub signer: Option<String>,
    /// How it is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install: Option<Install>,
    /// How newer versions are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
}

/// Where an artifact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// A file, relative to the manifest, or a pattern.
    Path(&'a str),
    /// A vendor.
    Url(&'a Url),
    /// A blob elsewhere.
    Blob(&'a str),
}

impl Artifact {
    /// Where it comes from; none when the manifest does not say just one thing, which a checked manifest does.
    pub fn source(&self) -> Option<Source<'_>> {
        Source::of(
            self.path.as_deref(),
            self.url.as_ref(),
            self.from.as_deref(),
        )
    }
}

impl<'a> Source<'a> {
    /// The one thing that is said, if it is one.
    pub(crate) const fn of(
        path: Option<&'a str>,
        url: Option<&'a Url>,
        blob: Option<&'a str>,
    ) -> Option<Self> {
        match (path, url, blob) {
            (Some(path), None, None) => Some(Self::Path(path)),
            (None, Some(url), None) => Some(Self::Url(url)),
            (None, None, Some(blob)) => Some(Self::Blob(blob)),
            _ => None,
        }
    }
}
