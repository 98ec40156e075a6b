//! Why nothing was imported.

use crate::winget::MAX_FILE;
use crate::winget::choose::Candidates;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There are no files.
    #[error("no winget manifest was given")]
    Nothing,
    /// None of the files has installers.
    #[error("none of the winget manifests has installers")]
    NoInstallers,
    /// A file is larger than any manifest.
    #[error("`{file}` is larger than {} MiB, and no winget manifest", MAX_FILE >> 20)]
    TooLarge {
        /// The file.
        file: String,
    },
    /// A file is not YAML, or a field in it is of another kind.
    #[error("`{file}` is not a winget manifest: line {line}, column {column}")]
    Yaml {
        /// The file.
        file: String,
        /// The line, from 1; 0 where it is not known.
        line: u64,
        /// The column, from 1; 0 where it is not known.
        column: u64,
        /// What is wrong there.
        #[source]
        source: Box<serde_saphyr::Error>,
    },
    /// The manifests are in a format that is not known here.
    #[error("`{file}` is a winget manifest of version {}, which is not read here", .version.escape_debug())]
    UnknownFormat {
        /// The file.
        file: String,
        /// Its version.
        version: String,
    },
    /// The files are not of one package and version.
    #[error("`{one}` and `{other}` are not of one package and version")]
    SeveralPackages {
        /// One file.
        one: String,
        /// One that does not belong to it.
        other: String,
    },
    /// A field is missing.
    #[error("`{field}` is missing in `{file}`")]
    Missing {
        /// The file.
        file: String,
        /// The field, as winget names it.
        field: &'static str,
    },
    /// A field says something that cannot be taken over.
    #[error("`{field}` in `{file}` cannot be `{}`", .text.escape_debug())]
    Unfit {
        /// The file.
        file: String,
        /// The field, as winget names it.
        field: &'static str,
        /// What it says.
        text: String,
    },
    /// No installer is as asked.
    #[error("no installer in `{file}` is as asked; it has\n{candidates}")]
    NoneFits {
        /// The file.
        file: String,
        /// What it has.
        candidates: Candidates,
        /// Which flag to look at.
        hint: String,
    },
}

impl ImportError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoneFits { hint, .. } => hint,
            Self::Nothing | Self::NoInstallers => {
                "give the folder of one version of a package, or its `*.installer.yaml`"
            }
            Self::SeveralPackages { .. } => "import one package and version at a time",
            Self::UnknownFormat { .. } => "manifests of version 1 are read: take a newer one",
            Self::Yaml { .. } => "`winget validate` tells more about the manifest",
            Self::TooLarge { .. } | Self::Missing { .. } | Self::Unfit { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
