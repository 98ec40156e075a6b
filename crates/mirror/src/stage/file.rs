//! One file on its way: brought to this machine and checked, or fetched by the service.

use std::path::{Path, PathBuf};

use super::{Placed, Stage};
use crate::check::{Scanned, check_signer};
use crate::ingest::ingest;
use crate::pin::Pinned;
use crate::{Event, ItemError, bring};

impl Stage<'_> {
    /// Brings one file to this machine and has it checked; nothing when the service has fetched it itself.
    pub(super) async fn bring(&self, placed: &Placed<'_>) -> Result<Option<PathBuf>, ItemError> {
        let Placed { pinned, placement } = placed;
        if self.tools.cancel.is_draining() {
            return Err(ItemError::Stopped);
        }
        if self.may_go_past(pinned)
            && ingest(self.tools, &self.shelf, (pinned, &placement.blob)).await?
        {
            return Ok(None);
        }
        let path = bring::path_of(self.tools, &pinned.wanted, &pinned.pin).await?;
        self.check(pinned, &path).await?;
        Ok(Some(path))
    }

    /// Whether nobody has to look at the bytes here.
    fn may_go_past(&self, pinned: &Pinned<'_>) -> bool {
        self.options.server_side
            && self.options.scanner.is_none()
            && pinned.wanted.artifact.signer.is_none()
    }

    async fn check(&self, pinned: &Pinned<'_>, path: &Path) -> Result<(), ItemError> {
        let Pinned { wanted, pin } = pinned;
        if let Some(signer) = &wanted.artifact.signer {
            let report = &check_signer(path, signer).await?;
            self.tools.report(&Event::Checked {
                key: &wanted.key,
                report,
            });
        }
        if let Some(scanner) = &self.options.scanner {
            let sha256 = pin.sha256.to_string();
            let scanned = Scanned {
                path,
                sha256: &sha256,
                artifact: wanted.key.id.as_str(),
            };
            scanner.scan(scanned, &self.tools.cancel).await?;
            self.tools.report(&Event::Scanned { key: &wanted.key });
        }
        Ok(())
    }
}
