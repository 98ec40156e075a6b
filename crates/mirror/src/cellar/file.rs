//! Small deeds on files that several parts of the cellar need. All of it blocks.

use std::io::{self, Read, Write};
use std::path::Path;

use longshore_content::{BlockLayout, Digests, FileHasher};
use serde::Serialize;

use super::CellarError;

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// Both digests of a file in one read, unless `is_stopped` says that nobody waits for them any more.
pub(crate) fn digests_of(
    path: &Path,
    is_stopped: &dyn Fn() -> bool,
) -> Result<Digests, CellarError> {
    let failed = || CellarError::at(path);
    let mut file = fs_err::File::open(path).map_err(failed())?;
    let size = file.metadata().map_err(failed())?.len();
    let other = |error| failed()(io::Error::other(error));
    let layout = BlockLayout::for_file(size)
        .map_err(|error| failed()(io::Error::new(io::ErrorKind::FileTooLarge, error)))?;
    let mut hasher = FileHasher::new(layout);
    let mut buffer = vec![0; PIECE];
    loop {
        if is_stopped() {
            return Err(failed()(io::ErrorKind::Interrupted.into()));
        }
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed()(error)),
        };
        hasher.update(&buffer[..read]).map_err(other)?;
    }
    Ok(hasher.finish().map_err(other)?.digests)
}

/// Removes a file; tells whether there was one.
pub(super) fn remove(path: &Path) -> Result<bool, CellarError> {
    match fs_err::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(CellarError::at(path)(error)),
    }
}

/// Writes a small document in one step: whoever reads it sees the old one or the new one.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), CellarError> {
    let failed = || CellarError::at(path);
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed())?;
    let text = serde_json::to_vec(value).map_err(|error| failed()(error.into()))?;
    file.write_all(&text).map_err(failed())?;
    file.persist(path).map_err(|error| failed()(error.error))?;
    Ok(())
}

/// Makes the name of a file last through a power cut, where the system knows how.
pub(super) fn sync_directory_of(path: &Path) {
    #[cfg(unix)]
    if let Some(directory) = path.parent()
        && let Err(error) = fs_err::File::open(directory).and_then(|directory| directory.sync_all())
    {
        tracing::debug!(%error, "a directory cannot be flushed");
    }
    #[cfg(not(unix))]
    let _ = path;
}
