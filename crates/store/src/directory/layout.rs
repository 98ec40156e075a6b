//! Where things stand below the root, and which paths are never taken.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::{DirectoryError, disk};
use crate::{BlobName, BlockName, StoreError};

/// The folder of what a file cannot say.
pub(super) const SIDE_FOLDER: &str = ".longshore";

/// The name under which the side folder keeps what belongs to a blob.
///
/// A digest of the blob's name: as a path the name itself would need a suffix, and then could be too long or meet
/// another blob's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    pub(super) fn of(name: &BlobName) -> Self {
        Self(blake3::hash(name.as_str().as_bytes()).to_hex().to_string())
    }

    /// The first two digits, of which there are 256.
    fn shard(&self) -> &str {
        &self.0[..2]
    }
}

/// The paths of a store.
#[derive(Debug)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn side(&self) -> PathBuf {
        self.root.join(SIDE_FOLDER)
    }

    /// Where the blob's file stands.
    pub(super) fn file(&self, name: &BlobName) -> Result<PathBuf, StoreError> {
        if name.as_str().split('/').any(is_no_file_name) || is_side_folder(first_segment(name)) {
            let name = name.to_string();
            return Err(DirectoryError::Reserved { name }.into());
        }
        Ok(self.below(name.as_str()))
    }

    /// The path of a name whose segments are known to be harmless.
    pub(super) fn below(&self, name: &str) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(name.split('/').filter(|segment| !segment.is_empty()));
        path
    }

    pub(super) fn record(&self, key: &Key) -> PathBuf {
        self.side().join("blobs").join(key.shard()).join(&key.0)
    }

    pub(super) fn lock(&self, key: &Key) -> PathBuf {
        self.side().join("locks").join(key.shard())
    }

    /// The folders of staged blocks of all blobs.
    pub(super) fn all_blocks(&self) -> PathBuf {
        self.side().join("blocks")
    }

    pub(super) fn blocks(&self, key: &Key) -> PathBuf {
        self.all_blocks().join(&key.0)
    }

    pub(super) fn block(&self, key: &Key, block: &BlockName) -> PathBuf {
        use std::fmt::Write;
        let mut digits = String::with_capacity(2 * block.as_bytes().len());
        for byte in block.as_bytes() {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        self.blocks(key).join(digits)
    }

    /// A file to be renamed into its place, with the permissions that any new file gets.
    pub(super) fn temporary(&self) -> Result<NamedTempFile, StoreError> {
        let folder = self.side().join("tmp");
        let mut builder = tempfile::Builder::new();
        builder.prefix("").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(PermissionsExt::from_mode(0o666));
        }
        match builder.tempfile_in(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs_err::create_dir_all(&folder).map_err(disk)?;
                builder.tempfile_in(&folder).map_err(disk)
            }
            result => result.map_err(disk),
        }
    }

    /// The first symbolic link among the folders above `file`, when there is one.
    pub(super) fn link_above(&self, file: &Path) -> Result<Option<PathBuf>, StoreError> {
        for folder in self.folders_above(file) {
            match fs_err::symlink_metadata(&folder) {
                Ok(metadata) if metadata.is_symlink() => return Ok(Some(folder)),
                Ok(_) => {}
                Err(error) if is_absence(&error) => return Ok(None),
                Err(error) => return Err(disk(error)),
            }
        }
        Ok(None)
    }

    /// Makes the folders above `file`.
    pub(super) fn make_folders(&self, file: &Path) -> Result<(), StoreError> {
        for folder in self.folders_above(file) {
            match fs_err::create_dir(&folder) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    check_folder(&folder)?;
                }
                // Another process has just removed the folder above, which was empty.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(disk(error)),
            }
        }
        Ok(())
    }

    /// Removes the folders above `file` that are empty now.
    pub(super) fn prune_folders(&self, file: &Path) {
        let mut folders: Vec<_> = self.folders_above(file).collect();
        while let Some(folder) = folders.pop() {
            if fs_err::remove_dir(folder).is_err() {
                return;
            }
        }
    }

    /// The folders between the root and `file`, outermost first.
    fn folders_above(&self, file: &Path) -> impl Iterator<Item = PathBuf> {
        let root = self.root.clone();
        let relative = file.strip_prefix(&root).unwrap_or(file).to_owned();
        let count = relative.components().count().saturating_sub(1);
        (1..=count).map(move |depth| root.join(relative.iter().take(depth).collect::<PathBuf>()))
    }
}

fn check_folder(folder: &Path) -> Result<(), StoreError> {
    match fs_err::symlink_metadata(folder) {
        Ok(metadata) if metadata.is_symlink() => Err(DirectoryError::Link {
            path: folder.to_owned(),
        }
        .into()),
        Ok(metadata) if !metadata.is_dir() => Err(DirectoryError::in_the_way(folder)),
        // Gone again: the caller tries once more.
        _ => Ok(()),
    }
}

/// Whether an error says that there is no such file.
pub(super) fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

/// Whether a segment is the side folder, or would be it where case is folded.
pub(super) fn is_side_folder(segment: &str) -> bool {
    segment.eq_ignore_ascii_case(SIDE_FOLDER)
}

fn first_segment(name: &BlobName) -> &str {
    name.as_str().split('/').next().unwrap_or_default()
}

/// Whether a segment can be the name of no file on Windows, or of a device; elsewhere all can.
fn is_no_file_name(segment: &str) -> bool {
    cfg!(windows) && is_no_windows_name(segment)
}

fn is_no_windows_name(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or_default().trim_end();
    let is_device = ["con", "prn", "aux", "nul", "conin$", "conout$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device));
    let is_port = ["com", "lpt"].iter().any(|device| {
        let number = stem.get(device.len()..).unwrap_or_default();
        stem.get(..device.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(device))
            && number.chars().count() == 1
            && number.contains(|c: char| c.is_ascii_digit() || "¹²³".contains(c))
    });
    is_device
        || is_port
        || segment.ends_with(' ')
        || segment.contains(['<', '>', ':', '"', '|', '?', '*'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_gives_to_no_file_are_known() {
        for name in [
            "con", "CON.txt", "nul", "com1", "LPT9.log", "com¹", "a:b", "a?", "a ",
        ] {
            assert!(is_no_windows_name(name), "{name}");
        }
        for name in [
            "console", "com", "com10", "lpt", "a b", ".hidden", "ü", "comü",
        ] {
            assert!(!is_no_windows_name(name), "{name}");
        }
    }

    #[test]
    fn the_side_folder_is_no_blob() {
        let layout = Layout::new("/srv".into());
        for name in [".longshore", ".longshore/blobs/x", ".LONGSHORE/x"] {
            assert!(
                layout.file(&BlobName::new(name).unwrap()).is_err(),
                "{name}"
            );
        }
        let name = BlobName::new("a/.longshore").unwrap();
        assert_eq!(layout.file(&name).unwrap(), Path::new("/srv/a/.longshore"));
    }

    #[test]
    fn folders_above_a_file_come_outermost_first() {
        let layout = Layout::new("/srv".into());
        let folders: Vec<_> = layout.folders_above(Path::new("/srv/a/b/c")).collect();
        assert_eq!(folders, [Path::new("/srv/a"), Path::new("/srv/a/b")]);
        assert_eq!(layout.folders_above(Path::new("/srv/a")).count(), 0);
    }
}
