//! The operations of the blob service, and which one a request asks for.
//!
//! Azure routes by method, by what the path names, and by the query parameters `restype` and `comp`; a few writes are
//! told apart by headers. An operation that Drydock does not serve yet is known by name all the same, so that it is
//! refused clearly, counted, and can be told to fail.

use std::fmt;

use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};

use crate::failure::{Code, Outcome};
use crate::target::{Query, Target};

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// An operation, named as Azure names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name, for example `PutBlockList`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

operations! {
    /// `GET /?comp=list`
    ListContainers,
    /// `GET /?restype=service&comp=properties`
    GetBlobServiceProperties,
    /// `PUT /?restype=service&comp=properties`
    SetBlobServiceProperties,
    /// `GET|HEAD …?restype=account&comp=properties`
    GetAccountInformation,
    /// `GET /?restype=service&comp=stats`, not served yet
    GetBlobServiceStats,
    /// `POST /?restype=service&comp=userdelegationkey`, not served yet
    GetUserDelegationKey,
    /// `POST …?comp=batch`: its parts count as operations of their own too
    BlobBatch,
    /// `GET …?comp=blobs`, not served yet
    FindBlobsByTags,
    /// `PUT /container?restype=container`
    CreateContainer,
    /// `DELETE /container?restype=container`
    DeleteContainer,
    /// `GET|HEAD /container?restype=container`
    GetContainerProperties,
    /// `GET|HEAD /container?restype=container&comp=metadata`
    GetContainerMetadata,
    /// `PUT /container?restype=container&comp=metadata`
    SetContainerMetadata,
    /// `GET|HEAD /container?restype=container&comp=acl`
    GetContainerAcl,
    /// `PUT /container?restype=container&comp=acl`
    SetContainerAcl,
    /// `PUT /container?comp=lease&restype=container`
    LeaseContainer,
    /// `GET /container?restype=container&comp=list`
    ListBlobs,
    /// `PUT /container/blob`
    PutBlob,
    /// `PUT /container/blob` with a source and a blob type
    PutBlobFromUrl,
    /// `PUT /container/blob` with a source; at once or not
    CopyBlob,
    /// `PUT /container/blob?comp=copy`: there never is a copy to abort
    AbortCopyBlob,
    /// `PUT /container/blob?comp=block`
    PutBlock,
    /// `PUT /container/blob?comp=block` with a source
    PutBlockFromUrl,
    /// `PUT /container/blob?comp=blocklist`
    PutBlockList,
    /// `GET /container/blob?comp=blocklist`
    GetBlockList,
    /// `GET /container/blob`
    GetBlob,
    /// `HEAD /container/blob`
    GetBlobProperties,
    /// `PUT /container/blob?comp=properties`
    SetBlobProperties,
    /// `GET|HEAD /container/blob?comp=metadata`
    GetBlobMetadata,
    /// `PUT /container/blob?comp=metadata`
    SetBlobMetadata,
    /// `PUT /container/blob?comp=tier`
    SetBlobTier,
    /// `GET /container/blob?comp=tags`, not served yet
    GetBlobTags,
    /// `PUT /container/blob?comp=tags`, not served yet
    SetBlobTags,
    /// `PUT /container/blob?comp=lease`
    LeaseBlob,
    /// `PUT /container/blob?comp=snapshot`, not served yet
    SnapshotBlob,
    /// `PUT /container/blob?comp=undelete`, not served yet
    UndeleteBlob,
    /// `DELETE /container/blob`
    DeleteBlob,
    /// A `comp` that Drydock does not know.
    Unknown,
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Operation {
    /// Whether a body of this operation goes to disk as content.
    pub(crate) const fn carries_content(self) -> bool {
        matches!(self, Self::PutBlob | Self::PutBlock)
    }

    /// Whether its content comes from a source that it names.
    pub(crate) const fn copies(self) -> bool {
        matches!(
            self,
            Self::PutBlobFromUrl | Self::PutBlockFromUrl | Self::CopyBlob
        )
    }
}

/// Finds the operation of a request.
pub(crate) fn route(
    method: &Method,
    target: &Target,
    query: &Query,
    headers: &HeaderMap,
) -> Outcome<Operation> {
    let comp = query.get("comp").unwrap_or_default().to_ascii_lowercase();
    let restype = query
        .get("restype")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let reads = method == Method::GET || method == Method::HEAD;
    if restype == "account" && comp == "properties" && reads {
        return Ok(Operation::GetAccountInformation);
    }
    let found = match target {
        Target::Service => service(method, &restype, &comp),
        Target::Container(_) if restype == "container" => container(method, &comp),
        Target::Container(_) => return Err(Code::InvalidQueryParameterValue.into()),
        Target::Blob(_) => blob(method, &comp, headers),
    };
    found.ok_or_else(|| Code::UnsupportedHttpVerb.into())
}

fn service(method: &Method, restype: &str, comp: &str) -> Option<Operation> {
    Some(match (method.as_str(), restype, comp) {
        ("GET", "", "list") => Operation::ListContainers,
        ("GET", "service", "properties") => Operation::GetBlobServiceProperties,
        ("PUT", "service", "properties") => Operation::SetBlobServiceProperties,
        ("GET", "service", "stats") => Operation::GetBlobServiceStats,
        ("POST", "service", "userdelegationkey") => Operation::GetUserDelegationKey,
        ("POST", _, "batch") => Operation::BlobBatch,
        ("GET", _, "blobs") => Operation::FindBlobsByTags,
        ("GET" | "HEAD" | "PUT" | "POST" | "DELETE", _, _) => Operation::Unknown,
        _ => return None,
    })
}

fn container(method: &Method, comp: &str) -> Option<Operation> {
    Some(match (method.as_str(), comp) {
        ("PUT", "") => Operation::CreateContainer,
        ("DELETE", "") => Operation::DeleteContainer,
        ("GET" | "HEAD", "") => Operation::GetContainerProperties,
        ("GET" | "HEAD", "metadata") => Operation::GetContainerMetadata,
        ("PUT", "metadata") => Operation::SetContainerMetadata,
        ("GET" | "HEAD", "acl") => Operation::GetContainerAcl,
        ("PUT", "acl") => Operation::SetContainerAcl,
        ("PUT", "lease") => Operation::LeaseContainer,
        ("GET", "list") => Operation::ListBlobs,
        ("POST", "batch") => Operation::BlobBatch,
        ("GET", "blobs") => Operation::FindBlobsByTags,
        ("GET" | "HEAD" | "PUT" | "POST" | "DELETE", _) => Operation::Unknown,
        _ => return None,
    })
}

fn blob(method: &Method, comp: &str, headers: &HeaderMap) -> Option<Operation> {
    let copies = headers.contains_key("x-ms-copy-source");
    Some(match (method.as_str(), comp) {
        ("PUT", "") if copies && headers.contains_key("x-ms-blob-type") => {
            Operation::PutBlobFromUrl
        }
        ("PUT", "") if copies => Operation::CopyBlob,
        ("PUT", "") => Operation::PutBlob,
        ("PUT", "block") if copies => Operation::PutBlockFromUrl,
        ("PUT", "block") => Operation::PutBlock,
        ("PUT", "blocklist") => Operation::PutBlockList,
        ("GET", "blocklist") => Operation::GetBlockList,
        ("GET", "") => Operation::GetBlob,
        ("HEAD", "") => Operation::GetBlobProperties,
        ("PUT", "properties") => Operation::SetBlobProperties,
        ("GET" | "HEAD", "metadata") => Operation::GetBlobMetadata,
        ("PUT", "metadata") => Operation::SetBlobMetadata,
        ("PUT", "tier") => Operation::SetBlobTier,
        ("GET", "tags") => Operation::GetBlobTags,
        ("PUT", "tags") => Operation::SetBlobTags,
        ("PUT", "lease") => Operation::LeaseBlob,
        ("PUT", "snapshot") => Operation::SnapshotBlob,
        ("PUT", "undelete") => Operation::UndeleteBlob,
        ("PUT", "copy") => Operation::AbortCopyBlob,
        ("DELETE", "") => Operation::DeleteBlob,
        ("GET" | "HEAD" | "PUT" | "POST" | "DELETE", _) => Operation::Unknown,
        _ => return None,
    })
}
