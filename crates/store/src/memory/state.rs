//! The blobs of a container in memory, and what each call does to them.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use bytes::Bytes;
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use crate::rules::{self, BlockLimits};
use crate::{
    BlobName, BlobProperties, BlockList, BlockListKind, BlockName, DeleteOptions, ETag,
    ListOptions, ListPage, ListedBlob, ListedBlock, Metadata, SetMetadataOptions, StoreError,
    WriteOptions, Written,
};

/// As many entries as the service puts on a page.
const PAGE_SIZE: u32 = 5_000;

/// All that is in a container.
#[derive(Debug, Default)]
pub(super) struct State {
    blobs: BTreeMap<BlobName, Blob>,
    versions: u64,
    limits: BlockLimits,
}

/// What is under a name: a blob, staged blocks, or both.
#[derive(Debug, Default)]
struct Blob {
    committed: Option<Committed>,
    staged: HashMap<BlockName, Bytes>,
}

/// A blob that can be read.
#[derive(Debug)]
struct Committed {
    properties: BlobProperties,
    parts: Vec<Part>,
}

/// A piece of a blob: a block, or the body of a Put Blob, which has no name.
#[derive(Debug, Clone)]
struct Part {
    name: Option<BlockName>,
    bytes: Bytes,
}

impl Blob {
    fn etag(&self) -> Option<&ETag> {
        self.committed.as_ref().map(|it| &it.properties.etag)
    }

    fn committed_blocks(&self) -> impl Iterator<Item = (&BlockName, &Bytes)> {
        self.committed
            .iter()
            .flat_map(|it| &it.parts)
            .filter_map(|part| Some((part.name.as_ref()?, &part.bytes)))
    }

    fn id_length(&self) -> Option<usize> {
        let mut staged = self.staged.keys();
        let block = staged
            .next()
            .or_else(|| self.committed_blocks().next().map(|(name, _)| name))?;
        Some(block.as_bytes().len())
    }
}

impl State {
    pub(super) fn new(limits: BlockLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    fn committed(&self, name: &BlobName) -> Result<&Committed, StoreError> {
        self.blobs
            .get(name)
            .and_then(|blob| blob.committed.as_ref())
            .ok_or_else(|| StoreError::NotFound { name: name.clone() })
    }

    pub(super) fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        Ok(self.committed(name)?.properties.clone())
    }

    /// The bytes from `start`, `length` of them, as shared pieces.
    pub(super) fn bytes(
        &self,
        name: &BlobName,
        start: u64,
        length: u64,
    ) -> Result<Vec<Bytes>, StoreError> {
        let end = start + length;
        let mut offset = 0_u64;
        let mut pieces = Vec::new();
        for part in &self.committed(name)?.parts {
            let size = part.bytes.len() as u64;
            let from = start.clamp(offset, offset + size) - offset;
            let to = end.clamp(offset, offset + size) - offset;
            if let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to))
                && from < to
            {
                pieces.push(part.bytes.slice(from..to));
            }
            offset += size;
        }
        Ok(pieces)
    }

    pub(super) fn put(
        &mut self,
        name: &BlobName,
        body: &Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let current = self.blobs.get(name).and_then(Blob::etag);
        rules::check_write(name, &options.condition, current)?;
        let part = Part {
            name: None,
            bytes: Bytes::copy_from_slice(body),
        };
        // The service does so for what comes in one piece, and for nothing else.
        let md5 = Md5::digest(body).into();
        Ok(self.replace(name, vec![part], (options, Some(md5))))
    }

    pub(super) fn stage(
        &mut self,
        name: &BlobName,
        block: &BlockName,
        body: &Bytes,
    ) -> Result<(), StoreError> {
        if let Some(blob) = self.blobs.get(name) {
            rules::check_id_length(name, block, blob.id_length())?;
            if !blob.staged.contains_key(block) {
                self.limits.check_stage(name, blob.staged.len() + 1)?;
            }
        }
        let blob = self.blobs.entry(name.clone()).or_default();
        // A copy of its own: the caller may count on its memory coming back.
        blob.staged
            .insert(block.clone(), Bytes::copy_from_slice(body));
        Ok(())
    }

    pub(super) fn commit(
        &mut self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        self.limits.check_commit(name, blocks.len())?;
        let none = Blob::default();
        let blob = self.blobs.get(name).unwrap_or(&none);
        rules::check_write(name, &options.condition, blob.etag())?;
        let committed: HashMap<&BlockName, &Bytes> = blob.committed_blocks().collect();
        let parts = blocks
            .iter()
            .map(|block| {
                let bytes = blob
                    .staged
                    .get(block)
                    .or_else(|| committed.get(block).copied());
                Some(Part {
                    name: Some(block.clone()),
                    bytes: bytes?.clone(),
                })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| StoreError::MissingBlock { name: name.clone() })?;
        Ok(self.replace(name, parts, (options, None)))
    }

    /// Makes the blob of these parts; staged blocks are dropped.
    fn replace(
        &mut self,
        name: &BlobName,
        parts: Vec<Part>,
        (options, content_md5): (WriteOptions, Option<[u8; 16]>),
    ) -> Written {
        let written = self.new_version();
        let properties = BlobProperties {
            size: parts.iter().map(|part| part.bytes.len() as u64).sum(),
            etag: written.etag.clone(),
            last_modified: written.last_modified,
            content_type: options.content_type,
            content_md5,
            metadata: options.metadata,
        };
        let blob = Blob {
            committed: Some(Committed { properties, parts }),
            staged: HashMap::new(),
        };
        self.blobs.insert(name.clone(), blob);
        written
    }

    fn new_version(&mut self) -> Written {
        self.versions += 1;
        Written {
            etag: ETag::new(&format!("0x{:016X}", self.versions)),
            last_modified: Some(Timestamp::now()),
        }
    }

    pub(super) fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        let blob = self
            .blobs
            .get(name)
            .ok_or_else(|| StoreError::NotFound { name: name.clone() })?;
        let listed = |(name, bytes): (&BlockName, &Bytes)| ListedBlock {
            name: name.clone(),
            size: bytes.len() as u64,
        };
        let mut list = BlockList {
            etag: blob.etag().cloned(),
            ..BlockList::default()
        };
        if kind != BlockListKind::Uncommitted {
            list.committed = blob.committed_blocks().map(listed).collect();
        }
        if kind != BlockListKind::Committed {
            list.uncommitted = blob.staged.iter().map(listed).collect();
        }
        Ok(list)
    }

    pub(super) fn set_metadata(
        &mut self,
        name: &BlobName,
        metadata: Metadata,
        options: &SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        let current = &self.committed(name)?.properties.etag;
        rules::check_existing(name, &options.condition, current)?;
        let written = self.new_version();
        if let Some(committed) = self
            .blobs
            .get_mut(name)
            .and_then(|it| it.committed.as_mut())
        {
            committed.properties.metadata = metadata;
            committed.properties.etag = written.etag.clone();
            committed.properties.last_modified = written.last_modified;
        }
        Ok(written)
    }

    pub(super) fn delete(
        &mut self,
        name: &BlobName,
        options: &DeleteOptions,
    ) -> Result<(), StoreError> {
        let current = &self.committed(name)?.properties.etag;
        rules::check_existing(name, &options.condition, current)?;
        self.blobs.remove(name);
        Ok(())
    }

    /// The page that starts at `from`, and where the next one does.
    pub(super) fn page(
        &self,
        options: &ListOptions,
        mut from: Bound<String>,
    ) -> (ListPage, Option<Bound<String>>) {
        let limit = options.page_size.unwrap_or(PAGE_SIZE).max(1) as usize;
        let mut page = ListPage::default();
        while page.blobs.len() + page.prefixes.len() < limit {
            let start = from.as_ref().map(String::as_str);
            let found = self
                .blobs
                .range::<str, _>((start, Bound::Unbounded))
                .find(|(_, blob)| options.uncommitted || blob.committed.is_some())
                .filter(|(name, _)| name.as_str().starts_with(&options.prefix));
            let Some((name, blob)) = found else {
                return (page, None);
            };
            let folded = rules::folded(name.as_str(), &options.prefix);
            if let Some(prefix) = folded.filter(|_| options.delimited) {
                from = Bound::Included(after_all_below(prefix));
                page.prefixes.push(prefix.to_owned());
            } else {
                from = Bound::Excluded(name.as_str().to_owned());
                page.blobs.push(listed(name, blob));
            }
        }
        (page, Some(from))
    }
}

fn listed(name: &BlobName, blob: &Blob) -> ListedBlob {
    let properties = blob.committed.as_ref().map(|it| &it.properties);
    ListedBlob {
        name: name.as_str().to_owned(),
        size: properties.map_or(0, |it| it.size),
        etag: properties.map(|it| it.etag.clone()),
        last_modified: properties.and_then(|it| it.last_modified),
        digests: properties.and_then(|it| it.metadata.digests()),
        content_md5: properties.and_then(|it| it.content_md5),
        is_directory: false,
    }
}

/// The least text above all that start with `prefix`, which ends with `/`.
fn after_all_below(prefix: &str) -> String {
    let bare = prefix.strip_suffix('/').unwrap_or(prefix);
    format!("{bare}0")
}
