//! What is to be done with one file: pure, and by content alone.

use longshore_content::Digests;
use longshore_store::{Condition, ETag, ListedBlob};

use crate::Reason;
use crate::source::LocalFile;

/// What is known of the blob that a file is compared with.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// What the blob holds, when Longshore wrote it.
    pub(crate) digests: Option<Digests>,
    /// What a write is to assume.
    pub(crate) condition: Condition,
}

/// A file, as far as it can be judged before it is read.
#[derive(Debug)]
pub(crate) enum Decision {
    /// The blob holds the same.
    Unchanged,
    /// The blob holds something else, or nothing.
    Send(Reason, Target),
    /// Size and name agree; the file must be read.
    Compare(Target),
    /// The blob says no digest of ours, but its size and its MD5 may be the file's.
    Recognise(ETag, [u8; 16]),
}

/// Judges a file by what is known without reading it. With `trust_md5`, a blob of another tool counts as what its
/// Content-MD5 says, which the service does not check on a commit.
pub(crate) fn decide(file: &LocalFile, blob: Option<&ListedBlob>, trust_md5: bool) -> Decision {
    let Some((blob, etag)) = blob.and_then(|blob| Some((blob, blob.etag.clone()?))) else {
        return Decision::Send(
            Reason::New,
            Target {
                digests: None,
                condition: Condition::Absent,
            },
        );
    };
    if let (None, Some(md5), true) = (blob.digests, blob.content_md5, trust_md5)
        && blob.size == file.stamp.size
    {
        return Decision::Recognise(etag, md5);
    }
    let target = Target {
        digests: blob.digests,
        condition: Condition::Matches(etag),
    };
    match (blob.digests, file.digests) {
        (None, _) => Decision::Send(Reason::Unknown, target),
        (Some(_), _) if blob.size != file.stamp.size => Decision::Send(Reason::Changed, target),
        (Some(there), Some(here)) if there.blake3 == here.blake3 => Decision::Unchanged,
        (Some(_), Some(_)) => Decision::Send(Reason::Changed, target),
        (Some(_), None) => Decision::Compare(target),
    }
}

/// Whether a file holds the content of these digests; none when it must be read.
pub(crate) fn is_same_file(file: &LocalFile, size: u64, digests: &Digests) -> Option<bool> {
    if file.stamp.size != size {
        return Some(false);
    }
    file.digests.map(|here| here.blake3 == digests.blake3)
}

/// How two blobs compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    Different,
    /// One of them does not say what it holds.
    Unknown,
}

/// Compares two blobs by what their listings say: digests of ours, or the MD5 that both carry.
pub(crate) fn likeness(left: &ListedBlob, right: &ListedBlob) -> Likeness {
    let same = |is| {
        if is {
            Likeness::Same
        } else {
            Likeness::Different
        }
    };
    match (left.digests, right.digests) {
        _ if left.size != right.size => Likeness::Different,
        (Some(left), Some(right)) => same(left.blake3 == right.blake3),
        (None, None) => match (left.content_md5, right.content_md5) {
            (Some(left), Some(right)) => same(left == right),
            _ => Likeness::Unknown,
        },
        _ => Likeness::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use longshore_content::{Blake3Digest, Sha256Digest};
    use longshore_store::{BlobName, ETag};

    use super::*;
    use crate::platform::{Identity, Stamp};

    fn digests(byte: u8) -> Digests {
        Digests {
            blake3: Blake3Digest::from_bytes([byte; 32]),
            sha256: Sha256Digest::from_bytes([byte; 32]),
        }
    }

    fn file(size: u64, digests: Option<Digests>) -> LocalFile {
        LocalFile {
            name: BlobName::new("a").unwrap(),
            path: "a".into(),
            stamp: Stamp {
                identity: Identity {
                    device: 0,
                    inode: 0,
                },
                size,
                modified: 0,
                changed: 0,
            },
            digests,
        }
    }

    fn blob(size: u64, digests: Option<Digests>) -> ListedBlob {
        ListedBlob {
            name: "a".to_owned(),
            size,
            etag: Some(ETag::new("1")),
            last_modified: None,
            digests,
            content_md5: None,
            is_directory: false,
        }
    }

    fn check(file: &LocalFile, blob: Option<&ListedBlob>) -> (&'static str, Option<Condition>) {
        match decide(file, blob, false) {
            Decision::Unchanged => ("unchanged", None),
            Decision::Compare(target) => ("compare", Some(target.condition)),
            Decision::Send(Reason::New, target) => ("new", Some(target.condition)),
            Decision::Send(Reason::Changed, target) => ("changed", Some(target.condition)),
            Decision::Send(_, target) => ("unknown", Some(target.condition)),
            Decision::Recognise(etag, _) => ("recognise", Some(Condition::Matches(etag))),
        }
    }

    #[test]
    fn content_decides() {
        let matches = || Some(Condition::Matches(ETag::new("1")));
        let (one, two) = (Some(digests(1)), Some(digests(2)));
        assert_eq!(
            check(&file(5, None), None),
            ("new", Some(Condition::Absent))
        );
        assert_eq!(
            check(&file(5, one), Some(&blob(5, one))),
            ("unchanged", None)
        );
        assert_eq!(
            check(&file(5, two), Some(&blob(5, one))),
            ("changed", matches())
        );
        assert_eq!(
            check(&file(6, None), Some(&blob(5, one))),
            ("changed", matches())
        );
        assert_eq!(
            check(&file(5, None), Some(&blob(5, one))),
            ("compare", matches())
        );
        assert_eq!(
            check(&file(5, one), Some(&blob(5, None))),
            ("unknown", matches())
        );
    }

    #[test]
    fn a_blob_of_staged_blocks_alone_is_no_blob_yet() {
        let staged = ListedBlob {
            etag: None,
            ..blob(0, None)
        };
        assert_eq!(
            check(&file(0, None), Some(&staged)),
            ("new", Some(Condition::Absent))
        );
    }
}
