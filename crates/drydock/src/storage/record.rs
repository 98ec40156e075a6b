//! What the journal writes down: each record is a whole new state of one thing, so replaying needs no arithmetic.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::attributes::Attributes;
use super::container::ContainerInfo;
use super::lease::Lease;
use super::stamp::Stamp;
use super::vault::Place;

/// One line of the journal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Record<'a> {
    /// A container was created, or its metadata or access changed.
    #[serde(rename = "container")]
    Container {
        #[serde(rename = "c")]
        container: Cow<'a, str>,
        #[serde(rename = "i")]
        info: ContainerInfo,
    },
    /// A container and all in it are gone.
    #[serde(rename = "drop-container")]
    DropContainer {
        #[serde(rename = "c")]
        container: Cow<'a, str>,
    },
    /// A blob was written; whatever was staged under its name is gone.
    #[serde(rename = "blob")]
    Blob {
        #[serde(rename = "c")]
        container: Cow<'a, str>,
        #[serde(rename = "n")]
        name: Cow<'a, str>,
        #[serde(rename = "h")]
        head: Head,
        #[serde(rename = "w")]
        content: ContentRecord,
    },
    /// The properties or metadata of a blob were written.
    #[serde(rename = "head")]
    Head {
        #[serde(rename = "c")]
        container: Cow<'a, str>,
        #[serde(rename = "n")]
        name: Cow<'a, str>,
        #[serde(rename = "h")]
        head: Head,
    },
    /// A block was put.
    #[serde(rename = "block")]
    Block {
        #[serde(rename = "c")]
        container: Cow<'a, str>,
        #[serde(rename = "n")]
        name: Cow<'a, str>,
        #[serde(rename = "m")]
        at: Stamp,
        #[serde(rename = "b")]
        block: BlockRecord,
    },
    /// Everything under a name is gone.
    #[serde(rename = "drop-blob")]
    DropBlob {
        #[serde(rename = "c")]
        container: Cow<'a, str>,
        #[serde(rename = "n")]
        name: Cow<'a, str>,
    },
    /// The lease of a blob, or without a name of a container, was changed or is gone.
    #[serde(rename = "lease")]
    Lease {
        #[serde(rename = "c")]
        container: Cow<'a, str>,
        #[serde(rename = "n")]
        name: Option<Cow<'a, str>>,
        #[serde(rename = "l")]
        lease: Option<Lease>,
    },
    /// The service properties were set, as XML.
    #[serde(rename = "service")]
    Service {
        #[serde(rename = "x")]
        xml: Cow<'a, str>,
    },
}

/// What a blob has beside its content.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    #[serde(rename = "k")]
    pub(crate) created: Stamp,
    #[serde(rename = "m")]
    pub(crate) modified: Stamp,
    #[serde(rename = "a")]
    pub(crate) attributes: Attributes,
}

/// Where the content of a blob lies.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ContentRecord {
    #[serde(rename = "e")]
    Empty,
    #[serde(rename = "w")]
    Whole(Place, u64),
    #[serde(rename = "j")]
    Joined(Vec<(Place, u64)>),
    #[serde(rename = "b")]
    Blocks(Vec<BlockRecord>),
}

/// A block: its id in hexadecimal, its place and its length.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BlockRecord(pub(crate) String, pub(crate) Place, pub(crate) u64);
