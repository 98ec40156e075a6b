//! What differs between operating systems: how a file is told from another, and from its former self; how it is read
//! and written at a place; what makes it last.

use std::fs::{File, Metadata, Permissions};
use std::io;
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

/// Fills `buffer` with the bytes from `offset` on.
#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Writes all of `bytes` from `offset` on.
#[cfg(unix)]
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

/// Fills `buffer` with the bytes from `offset` on.
#[cfg(windows)]
pub(crate) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes all of `bytes` from `offset` on.
#[cfg(windows)]
pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Makes the names in a directory last through a power cut, where the system knows how.
#[cfg(unix)]
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    fs_err::File::open(path)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The right to read and write that `permissions` give, without those bits that lend the rights of an owner or group.
#[cfg(unix)]
pub(crate) fn plain_permissions(permissions: &Permissions) -> Permissions {
    use std::os::unix::fs::PermissionsExt;

    Permissions::from_mode(permissions.mode() & 0o777)
}

#[cfg(not(unix))]
pub(crate) fn plain_permissions(permissions: &Permissions) -> Permissions {
    permissions.clone()
}

/// Those permissions, and the owner's to read and write.
#[cfg(unix)]
pub(crate) fn working_permissions(permissions: &Permissions) -> Permissions {
    use std::os::unix::fs::PermissionsExt;

    Permissions::from_mode(permissions.mode() & 0o777 | 0o600)
}

#[cfg(not(unix))]
pub(crate) fn working_permissions(permissions: &Permissions) -> Permissions {
    let mut permissions = permissions.clone();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "there are no bits for others on this system"
    )]
    permissions.set_readonly(false);
    permissions
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
