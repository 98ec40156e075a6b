//! What a run is told.

use std::path::PathBuf;
use std::str::FromStr;

/// What may be deleted in the destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeletePolicy {
    /// Nothing.
    #[default]
    Keep,
    /// Blobs that Longshore wrote and that the source no longer has.
    Managed,
    /// Also blobs that others wrote.
    Unmanaged,
}

/// The most that one run may delete; beyond it, nothing is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxDelete {
    /// So many blobs.
    Count(u64),
    /// So many of a hundred of the blobs in the destination.
    Percent(u8),
}

/// Why a text is no [`MaxDelete`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a count such as `20` or a percentage such as `10%`, not `{text}`")]
pub struct MaxDeleteError {
    text: String,
}

impl Default for MaxDelete {
    fn default() -> Self {
        Self::Percent(50)
    }
}

impl MaxDelete {
    /// Whether deleting `count` of `total` blobs is within it.
    pub const fn allows(self, count: u64, total: u64) -> bool {
        match self {
            Self::Count(most) => count <= most,
            Self::Percent(percent) => count as u128 * 100 <= total as u128 * percent as u128,
        }
    }
}

impl FromStr for MaxDelete {
    type Err = MaxDeleteError;

    fn from_str(text: &str) -> Result<Self, MaxDeleteError> {
        let error = || MaxDeleteError {
            text: text.to_owned(),
        };
        match text.trim().strip_suffix('%') {
            Some(percent) => match percent.trim().parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(error()),
            },
            None => text.trim().parse().map(Self::Count).map_err(|_| error()),
        }
    }
}

impl std::fmt::Display for MaxDelete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// Where digests of unchanged files are remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CachePlace {
    /// Nowhere: every file is read.
    Off,
    /// In the user's cache directory (`$XDG_CACHE_HOME/longshore` and its likes), never in the source.
    #[default]
    User,
    /// In this directory.
    Directory(PathBuf),
}

/// How to make a destination hold what a source holds.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct SyncOptions {
    /// Only files that one of these gitignore-style patterns names; all when there is none.
    pub include: Vec<String>,
    /// No files that one of these patterns names; they win over `include`.
    pub exclude: Vec<String>,
    /// Whether symbolic links are followed; they are skipped with a note otherwise.
    pub follow_symlinks: bool,
    /// What may be deleted.
    pub delete: DeletePolicy,
    /// The most that may be deleted.
    pub max_delete: MaxDelete,
    /// Take the word of a Content-MD5 that another tool stored: a blob whose size and MD5 are the file's gets its
    /// digests and is not sent again.
    pub trust_md5: bool,
    /// What stands before the names of copies that are kept of blobs before they are written over or deleted; ends
    /// with `/`.
    pub backup_to: Option<String>,
    /// A name that source and destination must both have, or nothing is done: the source is the right one, and whole.
    pub sentinel: Option<String>,
    /// Nothing is written over: what is there with other content fails with [`ItemError::Differs`]. A blob without our
    /// digests counts as other content, unless `trust_md5` recognises it.
    ///
    /// [`ItemError::Differs`]: crate::ItemError::Differs
    pub immutable: bool,
    /// Tell what would be done, and do none of it.
    pub dry_run: bool,
    /// Make the container when it is not there.
    pub create_container: bool,
    /// The most requests under way at once; a run finds out by itself how many are of use.
    pub concurrency: usize,
    /// The most bytes of files held in memory at once.
    pub memory: u64,
    /// Where digests are remembered.
    pub cache: CachePlace,
}

impl SyncOptions {
    /// The most requests under way at once unless said otherwise.
    pub const DEFAULT_CONCURRENCY: usize = 64;

    /// The bytes held in memory at once unless said otherwise: 128 MiB.
    pub const DEFAULT_MEMORY: u64 = 128 << 20;
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            include: Vec::new(),
            exclude: Vec::new(),
            follow_symlinks: false,
            delete: DeletePolicy::default(),
            max_delete: MaxDelete::default(),
            trust_md5: false,
            backup_to: None,
            sentinel: None,
            immutable: false,
            dry_run: false,
            create_container: false,
            concurrency: Self::DEFAULT_CONCURRENCY,
            memory: Self::DEFAULT_MEMORY,
            cache: CachePlace::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_counts_or_percentages() {
        assert_eq!("20".parse(), Ok(MaxDelete::Count(20)));
        assert_eq!("10%".parse(), Ok(MaxDelete::Percent(10)));
        for text in ["", "%", "101%", "-1", "ten"] {
            assert!(text.parse::<MaxDelete>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_limit_allows_up_to_itself() {
        assert!(MaxDelete::Count(2).allows(2, 2));
        assert!(!MaxDelete::Count(2).allows(3, 100));
        assert!(MaxDelete::Percent(50).allows(5, 10));
        assert!(!MaxDelete::Percent(50).allows(6, 10));
        assert!(MaxDelete::Percent(0).allows(0, 0));
    }
}
