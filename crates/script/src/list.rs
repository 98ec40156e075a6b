//! The files that a script fetches: lines in the format of a release's tab-separated twin.

use longshore_content::Sha256Digest;
use longshore_manifest::{
    ArtifactId, LibraryName, ReleaseDigest, TargetOs, Twin, TwinFile, encode_twin_text,
};

/// Files to fetch, in the order in which they are installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileList {
    /// The files of a release.
    Release(Twin),
    /// Blobs of a folder or a plan, which are of no release.
    Files(Vec<ListedFile>),
}

/// A blob that is of no release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// The name of the file below the destination, with `/` between its parts.
    pub file: String,
    /// The blob below the root.
    pub blob: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: Sha256Digest,
}

impl FileList {
    /// The release that they are of.
    pub fn release(&self) -> Option<(&LibraryName, ReleaseDigest)> {
        self.twin().map(|twin| (&twin.library, twin.release))
    }

    /// What the release is for.
    pub fn os(&self) -> Option<TargetOs> {
        self.twin().map(|twin| twin.os)
    }

    /// The lines, each with its end: fifteen columns, as in a twin. What is of no release has `-` for its id and its
    /// version, and its whole relative name for its file.
    pub fn lines(&self) -> String {
        let lines: Vec<String> = match self {
            Self::Release(twin) => twin.files.iter().map(TwinFile::line).collect(),
            Self::Files(files) => files.iter().map(ListedFile::line).collect(),
        };
        lines.into_iter().map(|line| line + "\n").collect()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Release(twin) => twin.files.is_empty(),
            Self::Files(files) => files.is_empty(),
        }
    }

    /// Whether an artifact of this id is in it.
    pub fn has(&self, id: &ArtifactId) -> bool {
        self.twin()
            .is_some_and(|twin| twin.files.iter().any(|file| file.id == *id))
    }

    const fn twin(&self) -> Option<&Twin> {
        match self {
            Self::Release(twin) => Some(twin),
            Self::Files(_) => None,
        }
    }
}

impl ListedFile {
    fn line(&self) -> String {
        let Self {
            file,
            blob,
            size,
            sha256,
        } = self;
        let (file, blob) = (encode_twin_text(file), encode_twin_text(blob));
        format!("-\t-\tneutral\t{file}\t{blob}\t{size}\t{sha256}\t-\t-\t-\t-\t-\t-\t-\t-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_of_no_release_has_a_line_like_any_other() {
        let file = ListedFile {
            file: "a/b c.exe".to_owned(),
            blob: "x/a/b c.exe".to_owned(),
            size: 7,
            sha256: "9d77550fcaa92691872c218bd196c1f84534419058bcbf0e837fcccf1d97b78d"
                .parse()
                .unwrap(),
        };
        let list = FileList::Files(vec![file]);
        let lines = list.lines();
        assert_eq!(lines.trim_end().split('\t').count(), 15);
        assert!(lines.starts_with("-\t-\tneutral\ta/b%20c.exe\tx/a/b%20c.exe\t7\t9d77"));
    }
}
