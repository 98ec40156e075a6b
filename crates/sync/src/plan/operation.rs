//! One line of a plan: what is to be done under one name, and what that assumes.

use longshore_content::{Blake3Digest, Digests, Sha256Digest};
use longshore_store::{Condition, ETag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Reason;

/// What is to be done.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The bytes of a file go up.
    Upload,
    /// The service copies a blob; no byte passes through here.
    Copy,
    /// The blob holds the right bytes and gets the digests that it lacks.
    SetMetadata,
    /// The bytes of a blob come down.
    Download,
    /// What the source does not have goes.
    Delete,
}

/// What an operation assumes of the thing that it writes or deletes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Assumption {
    /// Nothing is there.
    Absent,
    /// The blob has this version.
    Etag(String),
    /// The file has this content.
    Blake3(#[schemars(with = "String")] Blake3Digest),
}

impl Assumption {
    /// What a request to the service is to assume.
    pub fn condition(&self) -> Condition {
        match self {
            Self::Absent => Condition::Absent,
            Self::Etag(etag) => Condition::Matches(ETag::new(etag)),
            Self::Blake3(_) => Condition::None,
        }
    }
}

impl From<&Condition> for Assumption {
    fn from(condition: &Condition) -> Self {
        match condition {
            Condition::Matches(etag) => Self::Etag(etag.as_str().to_owned()),
            Condition::Absent | Condition::None => Self::Absent,
        }
    }
}

/// The blob that a copy or a download reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The container, when it is not the one that the header names: a URL without a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The whole name of the blob in its container.
    pub blob: String,
    /// The version that was seen.
    pub etag: String,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// What is to be done.
    pub op: Kind,
    /// When a thing is deleted: those of a phase wait until all of those before it are gone.
    #[serde(default, skip_serializing_if = "is_first")]
    pub phase: u32,
    /// The name below the source and below the destination, with `/` between its parts.
    pub name: String,
    /// The size in bytes of what is written or deleted.
    pub size: u64,
    /// The BLAKE3 of what is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub blake3: Option<Blake3Digest>,
    /// The SHA-256 of what is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub sha256: Option<Sha256Digest>,
    /// Why.
    pub reason: Reason,
    /// What must hold of the thing that is written or deleted, or the operation is not done.
    pub assumes: Assumption,
    /// What is read, when it is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Origin>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_first(phase: &u32) -> bool {
    *phase == 0
}

impl Operation {
    /// Both digests, where they are known.
    pub fn digests(&self) -> Option<Digests> {
        Some(Digests {
            blake3: self.blake3?,
            sha256: self.sha256?,
        })
    }
}
