//! Filling containers with many synthetic blobs at once, so that a bench has its million in seconds.
//!
//! `POST /_drydock/seed` takes one JSON object a line, see [`Seed`]; the body streams in, and nothing of it is kept but
//! the index entries. In the same process there is [`crate::Drydock::seed`]. Seeded blobs are as lasting as any others.

use std::collections::BTreeMap;

use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};

use crate::storage::{Attributes, BlobAddress, Property, Sown, Store};
use crate::target;

/// So many are made under one lock.
const BATCH: usize = 1000;
/// The longest line: a name, and metadata as long as they may be.
const MAX_LINE: usize = 64 * 1024;

/// A synthetic blob: so many zero bytes under a name, which take no space on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Where it goes; made if it is not there.
    pub container: String,
    /// Its name; a blob that has it already is replaced.
    pub name: String,
    /// How many bytes.
    pub size: u64,
    /// Its metadata.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Its Content-MD5 in base64; nobody computes one.
    #[serde(default)]
    pub content_md5: Option<String>,
    /// Its Content-Type, if it is not that of any bytes.
    #[serde(default)]
    pub content_type: Option<String>,
}

/// Why a seed was not sown; those before it were.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedError {
    /// A line is no seed.
    #[error("seed {number} is not understood")]
    Malformed {
        /// Counted from one.
        number: u64,
        #[source]
        source: serde_json::Error,
    },
    /// A line is too long.
    #[error("seed {number} is longer than {MAX_LINE} bytes")]
    TooLong {
        /// Counted from one.
        number: u64,
    },
    /// A value that no blob can have.
    #[error("seed {number} has an impossible {what}")]
    Impossible {
        /// Counted from one.
        number: u64,
        /// Which value.
        what: &'static str,
    },
    /// The body broke off.
    #[error("the list of seeds did not arrive")]
    Cut(#[from] hyper::Error),
    /// The data directory failed.
    #[error("the seeds could not be kept")]
    Kept,
}

/// Sows seeds one by one.
#[derive(Debug)]
pub(crate) struct Sower<'a> {
    store: &'a Store,
    waiting: Vec<Sown>,
    taken: u64,
}

impl<'a> Sower<'a> {
    /// Into this store.
    pub(crate) fn new(store: &'a Store) -> Self {
        Self {
            store,
            waiting: Vec::with_capacity(BATCH),
            taken: 0,
        }
    }

    /// Takes one.
    pub(crate) fn take(&mut self, seed: Seed) -> Result<(), SeedError> {
        self.taken += 1;
        let sown = check(seed).map_err(|what| SeedError::Impossible {
            number: self.taken,
            what,
        })?;
        self.waiting.push(sown);
        if self.waiting.len() == BATCH {
            self.flush()?;
        }
        Ok(())
    }

    /// Sows what waits, and tells how many there were in all.
    pub(crate) fn finish(mut self) -> Result<u64, SeedError> {
        self.flush()?;
        Ok(self.taken)
    }

    fn take_line(&mut self, line: &[u8]) -> Result<(), SeedError> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let number = self.taken + 1;
        let seed = serde_json::from_slice(line)
            .map_err(|source| SeedError::Malformed { number, source })?;
        self.take(seed)
    }

    fn flush(&mut self) -> Result<(), SeedError> {
        let sown = std::mem::replace(&mut self.waiting, Vec::with_capacity(BATCH));
        self.store.sow(sown).map_err(|_| SeedError::Kept)
    }
}

/// Sows the lines of a body.
pub(crate) async fn sow_lines(store: &Store, mut body: Incoming) -> Result<u64, SeedError> {
    let mut sower = Sower::new(store);
    let mut buffer = BytesMut::new();
    // How much of the buffer is known to hold no line's end.
    let mut searched = 0;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else {
            continue;
        };
        buffer.extend_from_slice(&piece);
        while let Some(at) = buffer[searched..].iter().position(|byte| *byte == b'\n') {
            let line = buffer.split_to(searched + at);
            sower.take_line(&line)?;
            buffer.advance(1);
            searched = 0;
        }
        searched = buffer.len();
        if searched > MAX_LINE {
            return Err(SeedError::TooLong {
                number: sower.taken + 1,
            });
        }
    }
    sower.take_line(&buffer)?;
    sower.finish()
}

fn check(seed: Seed) -> Result<Sown, &'static str> {
    target::check_container_name(&seed.container).map_err(|_| "container")?;
    target::check_blob_name(&seed.name).map_err(|_| "name")?;
    let is_header = |value: &str| value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let identifier = |name: &str| {
        let mut bytes = name.bytes();
        bytes
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let metadata = seed.metadata.iter();
    if !metadata
        .clone()
        .all(|(name, value)| identifier(name) && is_header(value))
    {
        return Err("metadata");
    }
    let kind = seed
        .content_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    let md5 = seed.content_md5.as_deref();
    if !is_header(kind) || !md5.is_none_or(is_header) {
        return Err("property");
    }
    let properties = [
        Some((Property::ContentType, kind)),
        md5.map(|md5| (Property::ContentMd5, md5)),
    ];
    let attributes = Attributes::pack(
        properties.into_iter().flatten(),
        metadata.map(|(name, value)| (name.as_str(), value.as_str())),
    );
    Ok(Sown {
        address: BlobAddress {
            container: seed.container,
            name: seed.name,
        },
        size: seed.size,
        attributes,
    })
}
