//! Publishing: the documents of a release first, then the pointer.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use longshore_manifest::{
    BlobPath, Content, Document, Pointer, Provenance, RELEASE_VERSION, Release, ReleaseDigest,
};
use longshore_store::{Condition, StoreError};

use super::{AT_ONCE, Current, Published, Releases, parse};
use crate::{Event, MirrorError, Reporter};

/// What is to be published.
#[derive(Debug)]
pub(crate) struct Publishing<'a> {
    /// What the release holds.
    pub(crate) content: Content,
    /// The pointer as it was before anything was staged: it must still be the same.
    pub(crate) seen: Option<&'a Current>,
    /// Blobs that were there before and that the release that counts does not name. They get a new version between
    /// the documents and the pointer, so that whoever prunes meanwhile either sees the document or fails to delete.
    pub(crate) reused: &'a [BlobPath],
    /// How it came to be.
    pub(crate) provenance: Provenance,
}

/// A release as its documents stand there.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) release: Release,
    json: String,
    twin: String,
}

impl Releases {
    /// Publishes what is staged: the documents, then the pointer. Nothing is written when the release that counts has
    /// the same content.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Moved`] when somebody published meanwhile, [`MirrorError::Occupied`],
    /// [`MirrorError::Incomplete`], and those of [`Releases::current`].
    pub(crate) async fn publish(
        &self,
        publishing: Publishing<'_>,
        reporter: &dyn Reporter,
    ) -> Result<(Published, Release), MirrorError> {
        let Publishing {
            content,
            seen,
            reused,
            provenance,
        } = publishing;
        let release = Release::new(content, provenance.clone());
        let digest = release.release;
        let before = seen.map(|current| current.pointer.release);
        let published = |is_new| Published {
            release: digest,
            before,
            is_new,
        };
        if before == Some(digest)
            && let Ok(standing) = self.standing(digest).await
        {
            return Ok((published(false), standing.release));
        }
        let (standing, is_new) = self.write_documents(release).await?;
        reporter.report(&Event::Released {
            release: digest,
            is_new,
        });
        for blob in reused {
            self.renew(digest, blob).await?;
        }
        self.check_complete(&standing.release).await?;
        self.flip(&standing, seen, provenance, reporter).await?;
        Ok((published(is_new), standing.release))
    }

    /// Both documents of a release.
    pub(super) async fn standing(&self, digest: ReleaseDigest) -> Result<Standing, MirrorError> {
        let json = self
            .read_document(&Release::json_path(&self.library, digest), digest)
            .await?;
        let twin = self
            .read_document(&Release::tsv_path(&self.library, digest), digest)
            .await?;
        Ok(Standing {
            release: parse(&Release::json_path(&self.library, digest), &json)?,
            json,
            twin,
        })
    }

    async fn read_document(
        &self,
        path: &BlobPath,
        release: ReleaseDigest,
    ) -> Result<String, MirrorError> {
        let found = self.shelf.read(path).await?;
        found
            .map(|found| found.text)
            .ok_or_else(|| MirrorError::Incomplete {
                release,
                blob: path.to_string(),
                is_there: false,
            })
    }

    /// Writes both documents unless they are there; gives them as they stand there.
    async fn write_documents(&self, release: Release) -> Result<(Standing, bool), MirrorError> {
        let path = Release::json_path(&self.library, release.release);
        let text = release.render();
        let is_new = self.shelf.write(&path, &text, Condition::Absent).await?;
        let (there, json) = if is_new {
            (release, text)
        } else {
            let json = self.read_document(&path, release.release).await?;
            let there = parse(&path, &json)?;
            if there.content != release.content {
                return Err(occupied(&path));
            }
            (there, json)
        };
        let twin = self.write_twin(&there).await?;
        let standing = Standing {
            release: there,
            json,
            twin,
        };
        Ok((standing, is_new))
    }

    async fn write_twin(&self, release: &Release) -> Result<String, MirrorError> {
        let path = Release::tsv_path(&self.library, release.release);
        let twin = release.twin();
        if self.shelf.write(&path, &twin, Condition::Absent).await? {
            return Ok(twin);
        }
        let there = self.read_document(&path, release.release).await?;
        if there == twin {
            Ok(there)
        } else {
            Err(occupied(&path))
        }
    }

    /// Gives a blob a new version, its bytes unchanged.
    async fn renew(&self, release: ReleaseDigest, blob: &BlobPath) -> Result<(), MirrorError> {
        if self.shelf.renew(blob).await? {
            return Ok(());
        }
        Err(MirrorError::Incomplete {
            release,
            blob: blob.to_string(),
            is_there: false,
        })
    }

    /// Every blob that a release names is there and says that it holds what the release says.
    pub(super) async fn check_complete(&self, release: &Release) -> Result<(), MirrorError> {
        let store = Arc::clone(self.shelf.store());
        futures::stream::iter(&release.content.artifacts)
            .map(|released| {
                let store = Arc::clone(&store);
                async move {
                    let name = self.shelf.name(&released.blob)?;
                    let incomplete = |is_there| MirrorError::Incomplete {
                        release: release.release,
                        blob: released.blob.to_string(),
                        is_there,
                    };
                    match store.properties(&name).await {
                        Ok(there) => {
                            let digests = there.metadata.digests();
                            let fits = there.size == released.size
                                && digests.is_some_and(|it| it.blake3 == released.blake3);
                            if fits { Ok(()) } else { Err(incomplete(true)) }
                        }
                        Err(StoreError::NotFound { .. }) => Err(incomplete(false)),
                        Err(cause) => Err(self.shelf.error(cause)),
                    }
                }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
    }

    /// Points at a release whose documents are there.
    pub(super) async fn flip(
        &self,
        standing: &Standing,
        seen: Option<&Current>,
        provenance: Provenance,
        reporter: &dyn Reporter,
    ) -> Result<(), MirrorError> {
        let before = seen.map(|current| current.pointer.release);
        let to = standing.release.release;
        let previous = match seen {
            // Documents that somebody removed were written again, and may tell another time.
            Some(current) if before == Some(to) => current.pointer.previous,
            _ => before,
        };
        let pointer = Pointer {
            version: RELEASE_VERSION,
            library: self.library.clone(),
            release: to,
            json: Document::of(
                Release::json_path(&self.library, to),
                standing.json.as_bytes(),
            ),
            tsv: Document::of(
                Release::tsv_path(&self.library, to),
                standing.twin.as_bytes(),
            ),
            previous,
            provenance,
        };
        if seen.is_some_and(|current| names_the_same(&current.pointer, &pointer)) {
            return Ok(());
        }
        let condition = seen.map_or(Condition::Absent, |current| {
            Condition::Matches(current.etag.clone())
        });
        let path = Pointer::path(&self.library);
        if self
            .shelf
            .write(&path, &pointer.render(), condition)
            .await?
        {
            reporter.report(&Event::Flipped { from: before, to });
            return Ok(());
        }
        let now = self.current().await?;
        let now = now.map(|current| current.pointer.release);
        if now == Some(to) {
            // Somebody else published the same.
            return Ok(());
        }
        Err(MirrorError::Moved {
            library: self.library.to_string(),
            now,
        })
    }
}

/// Whether two pointers name the same documents.
fn names_the_same(one: &Pointer, other: &Pointer) -> bool {
    one.release == other.release && one.json == other.json && one.tsv == other.tsv
}

fn occupied(path: &BlobPath) -> MirrorError {
    MirrorError::Occupied {
        blob: path.to_string(),
    }
}
