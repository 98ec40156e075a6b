//! The first line of a plan.

use longshore_store::ListingOrder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Operation};
use crate::Tally;

/// The version of the format that this code writes.
pub const PLAN_VERSION: u32 = 1;

/// Which way the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From a directory into a container.
    Up,
    /// From a container into a directory.
    Down,
    /// From a container into a container.
    Across,
    /// Nowhere: things go from a container, which is source and destination in one.
    Prune,
}

/// The order of the lines, which is that of the listing; deletes come last, and phase by phase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanOrder {
    /// By bytes.
    #[default]
    Bytes,
    /// By bytes, `/` before all others.
    SlashFirst,
}

impl From<ListingOrder> for PlanOrder {
    fn from(order: ListingOrder) -> Self {
        match order {
            ListingOrder::Bytes => Self::Bytes,
            ListingOrder::SlashFirst => Self::SlashFirst,
        }
    }
}

impl From<PlanOrder> for ListingOrder {
    fn from(order: PlanOrder) -> Self {
        match order {
            PlanOrder::Bytes => Self::Bytes,
            PlanOrder::SlashFirst => Self::SlashFirst,
        }
    }
}

/// What was asked for, and holds for whoever applies the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The most that may be deleted, as `--max-delete` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_delete: Option<String>,
    /// Where blobs are copied before they are written over or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_to: Option<String>,
    /// Other containers whose blobs may be copied, as URLs without a signature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reuse_from: Vec<String>,
}

/// What a plan comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Files whose bytes go up.
    pub upload: Tally,
    /// Blobs that the service copies.
    pub copy: Tally,
    /// Blobs that get their digests.
    pub set_metadata: Tally,
    /// Blobs whose bytes come down.
    pub download: Tally,
    /// Blobs or files that go.
    pub delete: Tally,
    /// Files that stand there already.
    pub unchanged: Tally,
    /// Blobs or files that the destination had when the plan was made.
    pub there: u64,
}

impl Totals {
    /// Counts one operation.
    pub fn count(&mut self, operation: &Operation) {
        let tally = match operation.op {
            Kind::Upload => &mut self.upload,
            Kind::Copy => &mut self.copy,
            Kind::SetMetadata => &mut self.set_metadata,
            Kind::Download => &mut self.download,
            Kind::Delete => &mut self.delete,
        };
        tally.files += 1;
        tally.bytes += operation.size;
    }

    /// Whether nothing is to be done.
    pub const fn is_empty(&self) -> bool {
        self.operations() == 0
    }

    /// How many operations there are.
    pub const fn operations(&self) -> u64 {
        self.upload.files
            + self.copy.files
            + self.set_metadata.files
            + self.download.files
            + self.delete.files
    }
}

/// The first line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub plan: u32,
    /// The program that made it.
    pub tool: String,
    /// When it was made, in RFC 3339 and UTC.
    pub created: String,
    /// Where the content comes from: a path, or a URL without a signature.
    pub source: String,
    /// Where it is to stand.
    pub destination: String,
    /// Which way the bytes go.
    pub direction: Direction,
    /// The order of the lines.
    pub order: PlanOrder,
    /// What was asked for.
    pub rules: Rules,
    /// What it comes to.
    pub totals: Totals,
}
