//! Where the programs are that are measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The three programs.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) longshore: PathBuf,
    pub(crate) azcopy: PathBuf,
    pub(crate) rclone: PathBuf,
}

/// Where `tests/clients/install` puts them.
const AZCOPY: &str = "node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64";
const RCLONE: &str = "venv/bin/rclone";

impl Programs {
    /// Finds the peers in the folder that `tests/clients/install` filled, and builds longshore unless one is given.
    pub(crate) fn find(peers: &Path, longshore: Option<&Path>) -> Result<Self> {
        Ok(Self {
            longshore: match longshore {
                Some(path) => path.to_owned(),
                None => build_longshore()?,
            },
            azcopy: find(peers, AZCOPY)?,
            rclone: find(peers, RCLONE)?,
        })
    }

    /// What the programs say of their versions, one line each.
    pub(crate) fn versions(&self) -> Result<Vec<String>> {
        [
            (&self.longshore, "--version"),
            (&self.azcopy, "--version"),
            (&self.rclone, "version"),
        ]
        .into_iter()
        .map(|(program, argument)| first_line(program, argument))
        .collect()
    }
}

fn find(peers: &Path, name: &str) -> Result<PathBuf> {
    let path = peers.join(name);
    fs_err::canonicalize(&path)
        .with_context(|| format!("no `{}`: run `tests/clients/install`", path.display()))
}

/// Builds the release binary, so that never an old one is measured; it stands beside this program.
fn build_longshore() -> Result<PathBuf> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--locked"])
        .args(["--package", "longshore", "--manifest-path", manifest])
        .status()
        .context("cannot start `cargo`")?;
    ensure!(
        status.success(),
        "`cargo build --release --package longshore` failed"
    );
    let own = std::env::current_exe()?;
    let target = own
        .parent()
        .and_then(Path::parent)
        .context("this program stands in no target folder")?;
    let name = format!("longshore{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release").join(name))
}

fn first_line(program: &Path, argument: &str) -> Result<String> {
    let output = Command::new(program)
        .arg(argument)
        .output()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_peer_says_how_to_get_it() {
        let empty = tempfile::tempdir().unwrap();
        let error = find(empty.path(), AZCOPY).unwrap_err().to_string();
        assert!(error.contains("tests/clients/install"), "{error}");
    }
}
