//! Where the file of a blob stands: always below the directory that was asked for, whatever the blob is called.
//!
//! Names come from whoever may write to the container, so they are not trusted. Names that differ in case alone are
//! not told apart here: that takes a look at all of them.

use std::io;
use std::path::{Path, PathBuf};

use super::part;
use crate::{ItemError, TargetError};

/// Base names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Devices that have a number from 0 to 9, or one of its superscripts.
const NUMBERED: [&str; 2] = ["COM", "LPT"];

/// The path below `root` that the blob `relative` may be written to.
///
/// Nothing is made. Call it just before the file is received: it looks at the directories that are there now.
pub(crate) fn target_path(root: &Path, relative: &str) -> Result<PathBuf, ItemError> {
    let refuse = |cause| ItemError::Target {
        name: relative.to_owned(),
        cause,
    };
    check_name(relative, cfg!(windows)).map_err(refuse)?;
    let mut path = root.to_owned();
    let mut segments = relative.split('/').peekable();
    let mut is_there = true;
    while let Some(segment) = segments.next() {
        path.push(segment);
        if is_there {
            let is_last = segments.peek().is_none();
            is_there = match look_at(&path, is_last) {
                Ok(is_there) => is_there,
                Err(Obstacle::Refused(cause)) => return Err(refuse(cause)),
                Err(Obstacle::Unknown(cause)) => return Err(ItemError::Write { path, cause }),
            };
        }
    }
    Ok(path)
}

/// What is wrong with a place on the way to the file.
enum Obstacle {
    Refused(TargetError),
    Unknown(io::Error),
}

/// Whether there is something at a place on the way, or at the end of it.
fn look_at(path: &Path, is_last: bool) -> Result<bool, Obstacle> {
    let metadata = match fs_err::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Obstacle::Unknown(error)),
    };
    let path = || path.to_owned();
    match (is_last, metadata.is_dir()) {
        (false, true) | (true, false) => Ok(true),
        (true, true) => Err(Obstacle::Refused(TargetError::Directory { path: path() })),
        (false, false) if metadata.is_symlink() => {
            Err(Obstacle::Refused(TargetError::Link { path: path() }))
        }
        (false, false) => Err(Obstacle::Refused(TargetError::File { path: path() })),
    }
}

fn check_name(relative: &str, windows: bool) -> Result<(), TargetError> {
    let leads_out = |segment: &str| matches!(segment, "" | "." | "..");
    if relative.contains(['\\', '\0']) || has_drive(relative) || relative.split('/').any(leads_out)
    {
        return Err(TargetError::Outside);
    }
    if windows && relative.split('/').any(is_reserved_on_windows) {
        return Err(TargetError::Reserved);
    }
    let file_name = relative.rsplit('/').next().unwrap_or(relative);
    if part::has_own_ending(file_name) {
        return Err(TargetError::Unfinished);
    }
    Ok(())
}

/// Whether it starts with a drive letter.
fn has_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn is_reserved_on_windows(segment: &str) -> bool {
    let unwritable = |c: char| c < ' ' || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    if segment.ends_with(['.', ' ']) || segment.contains(unwritable) {
        return true;
    }
    let base = segment.split('.').next().unwrap_or(segment);
    let base = base.trim_end_matches(' ').to_ascii_uppercase();
    let is_numbered = NUMBERED.iter().any(|device| {
        let number = base.strip_prefix(device).map(|rest| rest.chars().collect());
        let number: Vec<char> = number.unwrap_or_default();
        matches!(number[..], ['0'..='9' | '¹' | '²' | '³'])
    });
    is_numbered || DEVICES.contains(&base.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_refused_everywhere() {
        for name in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "a\\b",
            "..\\a",
            "C:a",
            "c:/a",
            "a\0b",
            "//host/share",
        ] {
            for windows in [false, true] {
                assert_eq!(
                    check_name(name, windows),
                    Err(TargetError::Outside),
                    "{name:?}"
                );
            }
        }
    }

    #[test]
    fn names_of_devices_are_refused_on_windows_alone() {
        for name in [
            "CON",
            "con.txt",
            "a/NUL",
            "aux.tar.gz",
            "COM1",
            "lpt9.x",
            "COM²",
            "CONIN$",
            "nul .x",
            "a ",
            "a./b",
            "ab:c",
            "dir/a:stream",
            "a?",
            "a\u{7}",
        ] {
            assert_eq!(check_name(name, true), Err(TargetError::Reserved), "{name}");
            assert_eq!(check_name(name, false), Ok(()), "{name}");
        }
        for name in [
            "console",
            "COM",
            "COM10",
            "COMx",
            "nulls.txt",
            "a.b c",
            "ä/ö",
        ] {
            assert_eq!(check_name(name, true), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_of_our_own_are_refused() {
        for name in [
            "a/.b.longshore-part",
            "x.LONGSHORE-part",
            ".b.longshore-part.state",
        ] {
            assert_eq!(check_name(name, false), Err(TargetError::Unfinished));
        }
        assert_eq!(check_name("x.longshore-part/a", false), Ok(()));
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs_err::create_dir_all(path("dir/sub")).unwrap();
        fs_err::write(path("dir/file"), "").unwrap();
        let cause = |name: &str| match target_path(root.path(), name) {
            Err(ItemError::Target { cause, .. }) => Some(cause),
            Ok(found) => {
                assert_eq!(found, path(name));
                None
            }
            Err(error) => panic!("{error}"),
        };
        for free in ["new", "dir/file", "dir/new", "none/none/new"] {
            assert_eq!(cause(free), None, "{free}");
        }
        let file = path("dir/file");
        assert_eq!(
            cause("dir/file/x/y"),
            Some(TargetError::File { path: file })
        );
        let directory = path("dir/sub");
        assert_eq!(
            cause("dir/sub"),
            Some(TargetError::Directory { path: directory })
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_on_the_way_are_refused_but_not_the_root() {
        let outside = tempfile::tempdir().unwrap();
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("root");
        fs_err::os::unix::fs::symlink(outside.path(), &root).unwrap();
        assert!(target_path(&root, "new").is_ok());
        let link = root.join("link");
        for to in [outside.path(), Path::new("nowhere")] {
            fs_err::os::unix::fs::symlink(to, &link).unwrap();
            let refused = target_path(&root, "link/a");
            assert!(
                matches!(&refused, Err(ItemError::Target { cause: TargetError::Link { path }, .. }) if *path == link),
                "{refused:?}"
            );
            assert!(
                target_path(&root, "link").is_ok(),
                "a link itself is replaced"
            );
            fs_err::remove_file(&link).unwrap();
        }
    }
}
