//! A source that is a list of files: each is looked at as the walk looks at those that it finds, in the order of their
//! names. Knows nothing of filters: who names a file means it.

use std::io;
use std::sync::Arc;

use longshore_store::{BlobName, ListingOrder};

use super::read_error;
use super::walk::{LocalFile, LocalItem, remember};
use crate::cache::Reader;
use crate::{ItemError, SourceFile};

/// How many files are looked at before their digests are looked up together.
const STEP: usize = 128;

/// What is needed to look at a list.
#[derive(Debug)]
pub(crate) struct ListContext {
    pub(crate) files: Arc<[SourceFile]>,
    pub(crate) prefix: String,
    pub(crate) order: ListingOrder,
    pub(crate) cache: Option<Reader>,
}

impl ListContext {
    /// Looks at all files; `emit` takes each and tells whether to go on.
    pub(super) fn look(&self, mut emit: impl FnMut(LocalItem) -> bool) {
        let mut files: Vec<&SourceFile> = self.files.iter().collect();
        files.sort_unstable_by(|a, b| self.order.compare(&a.name, &b.name));
        for some in files.chunks(STEP) {
            let mut items: Vec<_> = some.iter().map(|file| self.item(file)).collect();
            remember(self.cache.as_ref(), &mut items);
            if !items.into_iter().all(&mut emit) {
                return;
            }
        }
    }

    fn item(&self, file: &SourceFile) -> LocalItem {
        match self.file(file) {
            Ok(file) => LocalItem::File(file),
            Err(error) => LocalItem::Failed(error),
        }
    }

    fn file(&self, file: &SourceFile) -> Result<LocalFile, ItemError> {
        let path = file.path.clone();
        let metadata = fs_err::metadata(&path).map_err(|cause| read_error(&path, cause))?;
        if metadata.is_dir() {
            return Err(read_error(&path, io::ErrorKind::IsADirectory.into()));
        }
        match BlobName::new(format!("{}{}", self.prefix, file.name)) {
            Ok(name) => LocalFile::at(path, name, None),
            Err(cause) => Err(ItemError::Name {
                path,
                cause: Some(cause),
            }),
        }
    }
}
