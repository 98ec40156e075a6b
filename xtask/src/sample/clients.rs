//! The package clients: each downloads one file into a folder, and checks its digest as it always does.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::catalogue::{Item, Source};
use crate::process::{command, output};

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Puts the item's file into `folder`, under its name.
pub(crate) fn gather(item: &Item, folder: &Path) -> Result<()> {
    match item.source {
        Source::Npm {
            package,
            version,
            member,
            file,
        } => {
            run(npm(package, version).arg("--pack-destination").arg(folder))?;
            unpack(folder, member)?;
            Ok(fs_err::rename(folder.join(member), folder.join(file))?)
        }
        Source::Pip {
            package,
            version,
            platform,
            ..
        } => run(pip(package, version, platform).arg("--dest").arg(folder)),
        Source::Apt {
            package, version, ..
        } => {
            let result = run(apt(package, version).current_dir(folder));
            result.context("apt-get has it not (does it need `apt-get update`?)")
        }
    }
}

fn npm(package: &str, version: &str) -> Command {
    let mut npm = command(NPM);
    npm.args(["pack", "--silent", "--fetch-retries=1"]);
    npm.arg(format!("{package}@{version}"));
    npm
}

fn pip(package: &str, version: &str, platform: &str) -> Command {
    let mut pip = command(PYTHON);
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
    ]);
    pip.args([
        "--retries=1",
        "--disable-pip-version-check",
        "--python-version=3.11",
    ]);
    pip.args(["--platform", platform])
        .arg(format!("{package}=={version}"));
    pip
}

fn apt(package: &str, version: &str) -> Command {
    let mut apt = command("apt-get");
    apt.args(["download", "--quiet", "--quiet"])
        .arg(format!("{package}={version}"));
    apt
}

/// Takes one file out of the only archive in `folder`.
fn unpack(folder: &Path, member: &str) -> Result<()> {
    let mut archives = fs_err::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    let archive = archives
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .context("`npm pack` left no archive")?;
    run(command("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .arg(member))
}

fn run(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}
