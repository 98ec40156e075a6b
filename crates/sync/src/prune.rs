//! Deleting what somebody else chose: a plan of nothing but deletes, and doing it.
//!
//! Knows nothing of why a blob is to go. Each delete assumes the version that the chooser saw, so a blob that somebody
//! uses again, and therefore writes, stays and is told.

use std::sync::Arc;

use longshore_store::ETag;

use crate::place::Route;
use crate::plan::{
    Assumption, Header, Kind, Operation, PLAN_VERSION, PlanFile, PlanReader, PlanWriter, Rules,
    Totals,
};
use crate::{
    Apply, Cancel, Direction, Place, Reason, Reporter, SafetyError, Summary, SyncError, SyncOptions,
};

/// A blob that is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruneBlob {
    /// Its name below the prefix of the container.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The version that was seen.
    pub etag: ETag,
}

/// Blobs that are to go from a container, in phases: nothing of a phase goes before all of those before it is gone.
///
/// Blobs that Longshore did not write are refused when the plan is applied, whoever chose them.
#[derive(Debug)]
pub struct Prune {
    container: Place,
    phases: Vec<Vec<PruneBlob>>,
    there: u64,
    options: SyncOptions,
}

impl Prune {
    /// Prepares it; nothing happens yet.
    ///
    /// `there`: how many blobs the container has below the prefix, of which `options.max_delete` may allow a part.
    ///
    /// # Errors
    ///
    /// [`SyncError::Route`] when the place is no container.
    pub fn new(
        container: &Place,
        phases: Vec<Vec<PruneBlob>>,
        there: u64,
        options: SyncOptions,
    ) -> Result<Self, SyncError> {
        Route::prune(container)?;
        Ok(Self {
            container: container.clone(),
            phases,
            there,
            options,
        })
    }

    /// Writes it down, with `shown` as the container's URL without a signature. [`Apply`] does it, with the container
    /// as source and as destination.
    ///
    /// # Errors
    ///
    /// [`SafetyError::MaxDelete`], and [`SyncError`]s of the container and of temporary files.
    pub async fn plan(&self, shown: &str) -> Result<PlanFile, SyncError> {
        self.check_limit()?;
        let route = Route::prune(&self.container)?;
        let store = &route.container().store;
        let order = store
            .listing_order()
            .await
            .map_err(|cause| SyncError::Destination {
                destination: store.to_string(),
                cause,
            })?;
        let mut writer = PlanWriter::new().map_err(spool)?;
        for (phase, blobs) in (0..).zip(&self.phases) {
            let mut blobs: Vec<&PruneBlob> = blobs.iter().collect();
            blobs.sort_by(|a, b| order.compare(&a.name, &b.name));
            for blob in blobs {
                writer.push(&delete(blob, phase)).map_err(spool)?;
            }
        }
        let header = Header {
            plan: PLAN_VERSION,
            tool: concat!("longshore ", env!("CARGO_PKG_VERSION")).to_owned(),
            created: jiff::Timestamp::now().to_string(),
            source: shown.to_owned(),
            destination: shown.to_owned(),
            direction: Direction::Prune,
            order: order.into(),
            rules: Rules {
                max_delete: Some(self.options.max_delete.to_string()),
                backup_to: self.options.backup_to.clone(),
                reuse_from: Vec::new(),
            },
            totals: Totals {
                there: self.there,
                ..Totals::default()
            },
        };
        writer.finish(header).map_err(spool)
    }

    /// Does it: the plan is made and applied at once.
    ///
    /// # Errors
    ///
    /// Those of [`Prune::plan`] and of [`Apply::run`].
    pub async fn run(
        self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> Result<Summary, SyncError> {
        let mut plan = self.plan("").await?;
        let directory = tempfile::tempdir().map_err(spool)?;
        let path = directory.path().join("plan.ndjson");
        plan.save(&path)?;
        let reader = PlanReader::open(&path)?;
        let apply = Apply::new(reader, &self.container, &self.container, self.options)?;
        apply.run(reporter, cancel).await
    }

    fn check_limit(&self) -> Result<(), SyncError> {
        let count = self.phases.iter().map(|phase| phase.len() as u64).sum();
        let limit = self.options.max_delete;
        if limit.allows(count, self.there) {
            return Ok(());
        }
        Err(SafetyError::MaxDelete {
            count,
            total: self.there,
            limit,
        }
        .into())
    }
}

fn delete(blob: &PruneBlob, phase: u32) -> Operation {
    Operation {
        op: Kind::Delete,
        phase,
        name: blob.name.clone(),
        size: blob.size,
        blake3: None,
        sha256: None,
        reason: Reason::Unused,
        assumes: Assumption::Etag(blob.etag.as_str().to_owned()),
        from: None,
    }
}

fn spool(cause: std::io::Error) -> SyncError {
    SyncError::Spool { cause }
}
