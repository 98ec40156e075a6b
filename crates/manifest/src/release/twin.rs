//! The tab-separated twin of a release, for shells without JSON.
//!
//! The first line names the release, the second the columns, and each further line a file, in the order of installing.
//! A column without a value is `-`. Texts are percent-encoded wherever a character is not a letter, a digit or one of
//! `-_./:=,@`, and an empty argument is `%00`, so that no text can break a line, a column, an argument or a shell; a
//! blob's name can be put into a URL as it is.

mod read;
mod text;
mod write;

pub use text::encode as encode_twin_text;

use longshore_content::Sha256Digest;

use super::{Release, ReleaseDigest, Released};
use crate::{
    Architecture, ArtifactId, BlobPath, FileName, Install, InstallerType, LibraryName, TargetOs,
    Version,
};

/// What the first line begins with.
const MARK: &str = "#longshore-release";

/// The columns, in their order.
const COLUMNS: [&str; 15] = [
    "id",
    "version",
    "architecture",
    "file",
    "blob",
    "size",
    "sha256",
    "type",
    "nested-type",
    "nested-file",
    "to",
    "success",
    "reboot",
    "requires",
    "args",
];

/// What a twin says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// The release.
    pub release: ReleaseDigest,
    /// The library.
    pub library: LibraryName,
    /// What the build VM runs.
    pub os: TargetOs,
    /// The files, in the order in which they are installed.
    pub files: Vec<TwinFile>,
}

/// What a twin says about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinFile {
    /// The artifact.
    pub id: ArtifactId,
    /// Its version.
    pub version: Version,
    /// What it is for.
    pub architecture: Architecture,
    /// The name that the file is given on the build VM.
    pub file: FileName,
    /// The blob, below the root of the library.
    pub blob: BlobPath,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: Sha256Digest,
    /// What kind of installer the file is; none if it is not installed.
    pub kind: Option<InstallerType>,
    /// For a zip: what kind of installer in it is run.
    pub nested_kind: Option<InstallerType>,
    /// For a zip: the installer in it that is run.
    pub nested_file: Option<String>,
    /// Where a zip is unpacked or a portable program put.
    pub to: Option<String>,
    /// The exit codes that mean success.
    pub success: Vec<i64>,
    /// The exit codes that mean success with a restart to come.
    pub reboot: Vec<i64>,
    /// What has to be installed before.
    pub requires: Vec<ArtifactId>,
    /// All arguments.
    pub args: Vec<String>,
}

impl Release {
    /// The tab-separated twin.
    pub fn twin(&self) -> String {
        Twin::of(self).render()
    }
}

impl Twin {
    /// What the twin of a release says.
    pub fn of(release: &Release) -> Self {
        let content = &release.content;
        Self {
            release: release.release,
            library: content.library.clone(),
            os: content.os,
            files: content
                .install_order()
                .into_iter()
                .map(TwinFile::of)
                .collect(),
        }
    }
}

impl TwinFile {
    fn of(released: &Released) -> Self {
        let install = released.install.as_ref();
        let nested = install.and_then(|install| install.nested.as_ref());
        Self {
            id: released.id.clone(),
            version: released.version.clone(),
            architecture: released.architecture,
            file: released.file.clone(),
            blob: released.blob.clone(),
            size: released.size,
            sha256: released.sha256,
            kind: install.map(|install| install.kind),
            nested_kind: nested.map(|nested| nested.kind),
            nested_file: nested.map(|nested| nested.file.clone()),
            to: install.and_then(|install| install.to.clone()),
            success: install.map(Install::success_codes).unwrap_or_default(),
            reboot: install.map(Install::reboot_codes).unwrap_or_default(),
            requires: released.requires().to_vec(),
            args: install
                .map(Install::arguments)
                .unwrap_or_default()
                .into_iter()
                .map(str::to_owned)
                .collect(),
        }
    }
}
