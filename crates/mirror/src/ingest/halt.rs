//! Why a file does not come in on its own.

use longshore_store::StoreError;

use crate::ItemError;
use crate::upstream::UpstreamError;

/// What ends it early.
#[derive(Debug)]
pub(super) enum Halt {
    /// The service cannot; this machine may.
    ThroughHere(Box<dyn std::error::Error + Send + Sync>),
    /// The file fails.
    Item(ItemError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        let is_final = error.is_fatal() || matches!(error, StoreError::AlreadyExists { .. });
        if is_final {
            Self::Item(ItemError::Ingest(error))
        } else {
            through_here(error)
        }
    }
}

/// The download will say it better, should it fail too.
impl From<UpstreamError> for Halt {
    fn from(error: UpstreamError) -> Self {
        through_here(error)
    }
}

/// The bytes have to come through this machine.
pub(super) fn through_here(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Halt {
    Halt::ThroughHere(cause.into())
}
