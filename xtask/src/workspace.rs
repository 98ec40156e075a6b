//! Where the workspace is and what cargo knows of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::process;

/// The workspace that this xtask was built in.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    metadata: Metadata,
}

impl Workspace {
    /// Asks cargo; fails when `Cargo.lock` does not fit the manifests.
    pub(crate) fn load() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(manifest)
            .other_options(["--locked".to_owned()])
            .exec()
            .context("cannot read the workspace (is Cargo.lock up to date?)")?;
        Ok(Self {
            root: metadata.workspace_root.clone().into(),
            metadata,
        })
    }

    /// The folder of the root manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// The answer of `cargo metadata`.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Every file that git tracks or would track, relative to the root and with `/` between its parts.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let arguments = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        let list = process::output(
            process::command("git")
                .args(arguments)
                .current_dir(&self.root),
        )?;
        let names = list.split('\0').filter(|name| !name.is_empty());
        Ok(names
            .filter(|name| self.root.join(name).is_file())
            .map(str::to_owned)
            .collect())
    }
}
