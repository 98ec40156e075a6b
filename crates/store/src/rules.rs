//! The rules of a block blob service that the memory and the directory store share.
//!
//! What is here decides; it knows neither disk nor network.

use longshore_content::Crc64;

use crate::{BATCH_LIMIT, BlobName, BlockName, Condition, ETag, GetOptions, StoreError};

/// How many blocks a blob may have; smaller in tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockLimits {
    /// The most blocks of a committed blob.
    pub committed: usize,
    /// The most blocks that are staged and not committed.
    pub staged: usize,
}

impl Default for BlockLimits {
    fn default() -> Self {
        Self {
            committed: 50_000,
            staged: 100_000,
        }
    }
}

impl BlockLimits {
    pub(crate) fn check_commit(self, name: &BlobName, count: usize) -> Result<(), StoreError> {
        if count > self.committed {
            return Err(StoreError::TooManyBlocks { name: name.clone() });
        }
        Ok(())
    }

    pub(crate) fn check_stage(self, name: &BlobName, count: usize) -> Result<(), StoreError> {
        if count > self.staged {
            return Err(StoreError::TooManyBlocks { name: name.clone() });
        }
        Ok(())
    }
}

/// Whether a blob of version `current` may be written.
pub(crate) fn check_write(
    name: &BlobName,
    condition: &Condition,
    current: Option<&ETag>,
) -> Result<(), StoreError> {
    match (condition, current) {
        (Condition::None, _) | (Condition::Absent, None) => Ok(()),
        (Condition::Absent, Some(_)) => Err(StoreError::AlreadyExists { name: name.clone() }),
        (Condition::Matches(wanted), Some(current)) if wanted == current => Ok(()),
        (Condition::Matches(_), _) => Err(StoreError::Precondition { name: name.clone() }),
    }
}

/// Whether a blob that is there in version `current` is the one that a caller means to read, change or delete.
pub(crate) fn check_existing(
    name: &BlobName,
    condition: &Condition,
    current: &ETag,
) -> Result<(), StoreError> {
    match condition {
        Condition::None => Ok(()),
        Condition::Matches(wanted) if wanted == current => Ok(()),
        Condition::Absent | Condition::Matches(_) => {
            Err(StoreError::Precondition { name: name.clone() })
        }
    }
}

/// Whether a block may be staged beside one whose id has `length` bytes.
pub(crate) fn check_id_length(
    name: &BlobName,
    block: &BlockName,
    length: Option<usize>,
) -> Result<(), StoreError> {
    match length {
        Some(length) if length != block.as_bytes().len() => {
            Err(StoreError::BlockIds { name: name.clone() })
        }
        _ => Ok(()),
    }
}

/// Whether the body that arrived is the one that was sent.
pub(crate) fn check_body(
    name: &BlobName,
    body: &[u8],
    checksum: Option<Crc64>,
) -> Result<(), StoreError> {
    match checksum {
        Some(checksum) if checksum != Crc64::of(body) => Err(StoreError::Corrupt {
            name: name.clone(),
            cause: None,
        }),
        _ => Ok(()),
    }
}

/// Whether so many blobs may be deleted in one batch.
pub(crate) const fn check_batch(count: usize) -> Result<(), StoreError> {
    if count > BATCH_LIMIT {
        return Err(StoreError::Unsupported {
            what: "a batch of more than 256 blobs",
        });
    }
    Ok(())
}

/// The first byte wanted and how many, of a blob of `size` bytes.
///
/// A range of nothing is answered anywhere up to the end; any other must start before it, as the service wants.
pub(crate) fn bytes_wanted(
    name: &BlobName,
    options: &GetOptions,
    size: u64,
) -> Result<(u64, u64), StoreError> {
    let Some(range) = &options.range else {
        return Ok((0, size));
    };
    let beyond = if range.is_empty() {
        range.start > size
    } else {
        range.start >= size
    };
    if beyond {
        return Err(StoreError::Range { name: name.clone() });
    }
    Ok((range.start, range.end.min(size).saturating_sub(range.start)))
}

/// What a name is folded to in a listing with a delimiter: all up to the first `/` after the prefix.
pub(crate) fn folded<'name>(name: &'name str, prefix: &str) -> Option<&'name str> {
    let rest = name.get(prefix.len()..)?;
    let slash = rest.find('/')?;
    name.get(..=prefix.len() + slash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_blob() {
        let name = BlobName::new("a").unwrap();
        for (range, size, expect) in [
            (None, 5, Some((0, 5))),
            (None, 0, Some((0, 0))),
            (Some(1..3), 5, Some((1, 2))),
            (Some(3..99), 5, Some((3, 2))),
            (Some(5..6), 5, None),
            (Some(0..1), 0, None),
            (Some(0..0), 0, Some((0, 0))),
            (Some(5..5), 5, Some((5, 0))),
            (Some(6..6), 5, None),
        ] {
            let options = GetOptions {
                range: range.clone(),
                ..GetOptions::default()
            };
            assert_eq!(
                bytes_wanted(&name, &options, size).ok(),
                expect,
                "{range:?} of {size}"
            );
        }
    }

    #[test]
    fn names_fold_at_the_first_slash_after_the_prefix() {
        assert_eq!(folded("a/b/c", ""), Some("a/"));
        assert_eq!(folded("a/b/c", "a/"), Some("a/b/"));
        assert_eq!(folded("a/b/c", "a/b/"), None);
        assert_eq!(folded("ab/c", "a"), Some("ab/"));
        assert_eq!(folded("a", ""), None);
    }
}
