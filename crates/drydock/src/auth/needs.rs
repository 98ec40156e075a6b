//! What a request must be allowed to do: one row for each operation.

use crate::operation::Operation;

/// What an operation works on, as `srt` of an account SAS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// The service.
    Service,
    /// A container.
    Container,
    /// A blob.
    Object,
    /// Any of them will do.
    Any,
}

/// Who may read without a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anonymous {
    /// Nobody.
    Never,
    /// Anybody, if the container shows its listing.
    Container,
    /// Anybody, if the container shows its blobs.
    Blob,
}

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    /// For account SAS.
    pub(super) resource: Resource,
    /// One of these permissions in an account SAS; none: no account SAS will do.
    pub(super) account: &'static str,
    /// One of these permissions in a service SAS; none: no service SAS will do.
    pub(super) service: &'static str,
    /// Without a credential.
    pub(super) anonymous: Anonymous,
}

/// The row of an operation.
pub(super) const fn needs(operation: Operation) -> Needs {
    use Operation as Op;
    use Resource::{Any, Container, Object, Service};
    let (resource, account, service, anonymous) = match operation {
        Op::ListContainers => (Service, "l", "", Anonymous::Never),
        Op::GetBlobServiceProperties | Op::GetBlobServiceStats => {
            (Service, "r", "", Anonymous::Never)
        }
        Op::SetBlobServiceProperties => (Service, "w", "", Anonymous::Never),
        Op::GetAccountInformation => (Any, "rwdlacupitfx", "racwdl", Anonymous::Never),
        Op::CreateContainer => (Container, "cw", "", Anonymous::Never),
        Op::DeleteContainer => (Container, "d", "", Anonymous::Never),
        Op::GetContainerProperties | Op::GetContainerMetadata => {
            (Container, "r", "", Anonymous::Container)
        }
        Op::SetContainerMetadata | Op::LeaseContainer => (Container, "w", "", Anonymous::Never),
        Op::ListBlobs => (Container, "l", "l", Anonymous::Container),
        Op::PutBlob
        | Op::PutBlock
        | Op::PutBlockList
        | Op::PutBlobFromUrl
        | Op::PutBlockFromUrl
        | Op::CopyBlob
        | Op::SnapshotBlob => (Object, "wc", "wc", Anonymous::Never),
        Op::GetBlob | Op::GetBlobProperties | Op::GetBlobMetadata | Op::GetBlockList => {
            (Object, "r", "r", Anonymous::Blob)
        }
        Op::SetBlobProperties
        | Op::SetBlobMetadata
        | Op::SetBlobTier
        | Op::AbortCopyBlob
        | Op::LeaseBlob
        | Op::UndeleteBlob => (Object, "w", "w", Anonymous::Never),
        Op::GetBlobTags | Op::SetBlobTags => (Object, "t", "t", Anonymous::Never),
        Op::FindBlobsByTags => (Any, "f", "f", Anonymous::Never),
        Op::BlobBatch => (Any, "rwdlacup", "d", Anonymous::Never),
        Op::DeleteBlob => (Object, "d", "d", Anonymous::Never),
        // Only the key may touch who may do what; and nobody's signature covers what is not known.
        Op::GetContainerAcl | Op::SetContainerAcl | Op::GetUserDelegationKey | Op::Unknown => {
            (Any, "", "", Anonymous::Never)
        }
    };
    Needs {
        resource,
        account,
        service,
        anonymous,
    }
}
