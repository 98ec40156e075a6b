//! The library of a machine without a network: the executables and libraries of its Rust toolchain.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{command, output};

/// In a small library no file is larger: 16 MiB.
const SMALL: u64 = 16 << 20;

/// Copies `bin` and `lib` of the toolchain to `apps/rust/VERSION` below `directory`; what is there is kept.
pub(crate) fn copy(directory: &Path, small: bool) -> Result<()> {
    let root = PathBuf::from(output(command("rustc").args(["--print", "sysroot"]))?.trim());
    let version = output(command("rustc").arg("--version"))?;
    let version = version
        .split_whitespace()
        .nth(1)
        .context("`rustc --version` names no version")?;
    let library = directory.join("apps").join("rust").join(version);
    for folder in ["bin", "lib"] {
        copy_folder(&root.join(folder), &library.join(folder), small)?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path, small: bool) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let (path, size) = (entry.path(), entry.metadata()?.len());
        let target = to.join(entry.file_name());
        let is_there = fs_err::metadata(&target).is_ok_and(|metadata| metadata.len() == size);
        if entry.file_type()?.is_file() && !(is_there || small && size > SMALL) {
            fs_err::copy(&path, &target)?;
            println!("copied   {}", target.display());
        }
    }
    Ok(())
}
