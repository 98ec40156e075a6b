//! What differs between operating systems: how a file is told from another, and from its former self.

use std::fs::Metadata;
use std::path::Path;

/// Nanoseconds since 1970; before it, negative.
pub(crate) type Nanoseconds = i128;

/// What tells one state of one file from all others, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Which file it is.
    pub(crate) identity: Identity,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// When its content was written, as far as anybody may say so.
    pub(crate) modified: Nanoseconds,
    /// When its content or its inode was written, which only the system says; 0 where there is no such time.
    pub(crate) changed: Nanoseconds,
}

/// Which file it is: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl Stamp {
    /// The newest time in it.
    pub(crate) fn newest(&self) -> Nanoseconds {
        self.modified.max(self.changed)
    }
}

#[cfg(unix)]
pub(crate) fn stamp(_: &Path, metadata: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;

    let time = |seconds: i64, nanoseconds: i64| {
        i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
    };
    Stamp {
        identity: Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
        },
        size: metadata.len(),
        modified: time(metadata.mtime(), metadata.mtime_nsec()),
        changed: time(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// Without inodes the path stands for the file.
#[cfg(not(unix))]
pub(crate) fn stamp(path: &Path, metadata: &Metadata) -> Stamp {
    use std::hash::{DefaultHasher, Hash, Hasher};

    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    Stamp {
        identity: Identity {
            device: 0,
            inode: hasher.finish(),
        },
        size: metadata.len(),
        modified: metadata.modified().map_or(0, nanoseconds),
        changed: 0,
    }
}

/// Which directory a path leads to, links followed.
#[cfg(unix)]
pub(crate) fn directory_identity(path: &Path) -> Option<Identity> {
    fs_err::metadata(path)
        .ok()
        .map(|metadata| stamp(path, &metadata).identity)
}

#[cfg(not(unix))]
pub(crate) fn directory_identity(path: &Path) -> Option<Identity> {
    let path = fs_err::canonicalize(path).ok()?;
    fs_err::metadata(&path)
        .ok()
        .map(|metadata| stamp(&path, &metadata).identity)
}

/// The time now.
pub(crate) fn now() -> Nanoseconds {
    nanoseconds(std::time::SystemTime::now())
}

fn nanoseconds(time: std::time::SystemTime) -> Nanoseconds {
    let signed = |nanoseconds: u128| i128::try_from(nanoseconds).unwrap_or(i128::MAX);
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => signed(after.as_nanos()),
        Err(before) => -signed(before.duration().as_nanos()),
    }
}
