//! A container as a plain directory: each blob is a file at its name, for any web server to hand out.
//!
//! What a file cannot say (version, media type, metadata, blocks) stands beside, in the folder `.longshore` at the
//! root, which is never listed. A file that somebody else put there or edited is a blob all the same, but one without
//! metadata: what stood beside it holds only while size and modification time are those that were written.
//!
//! Where a directory is less than a container:
//!
//! - `a` and `a/b` cannot both be blobs, a segment has at most 255 bytes, and where the file system folds case, two
//!   names that differ in case alone are one: the second write fails with [`DirectoryError`], nothing is replaced;
//! - Windows has more names that cannot be files (`a:b`, `con`, a trailing space);
//! - symbolic links below the root are never followed: they are neither read nor listed, and nothing is written
//!   through them. The check comes before the use, so a hostile process that may write to the directory is not kept
//!   out;
//! - writes go through a renamed temporary file and hold a lock among all processes that use the store, but they are
//!   not forced to the disk: after a power failure a blob may lack its metadata, and is uploaded again.

mod blocks;
mod disk;
mod error;
mod layout;
mod record;
mod store;
mod walk;

pub use error::DirectoryError;
pub use store::DirectoryStore;
