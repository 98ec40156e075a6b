//! What each operation does: one file a group. A group that joins later is a file and its rows here.
//!
//! By the time an operation runs, the request is understood, allowed, and its body is taken in and checked.

mod acl;
mod batch;
mod blocks;
mod container;
mod copy;
mod headers;
mod lease;
mod list;
mod properties;
mod read;
mod service;
mod write;

use crate::answer::Answer;
use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::intake::{Cargo, Taken};
use crate::operation::Operation;
use crate::sources::Shipment;

/// Does what a request asks for.
pub(crate) fn perform(call: &Call, taken: Taken) -> Outcome<Answer> {
    match taken {
        Taken::Content(cargo) => perform_with_content(call, cargo),
        Taken::Shipment(shipment) => perform_with_source(call, shipment),
        Taken::Document(document) => perform_with_document(call, &document),
    }
}

fn perform_with_content(call: &Call, cargo: Cargo) -> Outcome<Answer> {
    match call.operation {
        Operation::PutBlob => write::put_blob(call, cargo),
        Operation::PutBlock => blocks::put_block(call, cargo),
        operation => not_served(operation),
    }
}

fn perform_with_source(call: &Call, shipment: Shipment) -> Outcome<Answer> {
    match call.operation {
        Operation::PutBlobFromUrl => copy::put_blob_from_url(call, shipment),
        Operation::CopyBlob => copy::copy_blob(call, shipment),
        Operation::PutBlockFromUrl => blocks::put_block_from_url(call, shipment),
        operation => not_served(operation),
    }
}

fn perform_with_document(call: &Call, document: &[u8]) -> Outcome<Answer> {
    use Operation as Op;
    match call.operation {
        Op::ListContainers => list::list_containers(call),
        Op::GetBlobServiceProperties => Ok(service::get_properties(call)),
        Op::SetBlobServiceProperties => service::set_properties(call, document),
        Op::GetAccountInformation => Ok(service::account_information()),
        Op::CreateContainer => container::create(call),
        Op::DeleteContainer => container::delete(call),
        Op::GetContainerProperties | Op::GetContainerMetadata => container::properties(call),
        Op::SetContainerMetadata => container::set_metadata(call),
        Op::GetContainerAcl => acl::get(call),
        Op::SetContainerAcl => acl::set(call, document),
        Op::ListBlobs => list::list_blobs(call),
        Op::PutBlockList => blocks::put_block_list(call, document),
        Op::GetBlockList => blocks::get_block_list(call),
        Op::GetBlob => read::get_blob(call),
        Op::GetBlobProperties => read::get_properties(call),
        Op::GetBlobMetadata => read::get_metadata(call),
        Op::SetBlobMetadata => properties::set_metadata(call),
        Op::SetBlobProperties => properties::set_properties(call),
        Op::SetBlobTier => properties::set_tier(call),
        Op::DeleteBlob => write::delete_blob(call),
        Op::LeaseContainer => lease::container(call),
        Op::LeaseBlob => lease::blob(call),
        Op::AbortCopyBlob => copy::abort(call),
        Op::BlobBatch => batch::run(call, document),
        operation => not_served(operation),
    }
}

/// Refuses what Drydock does not serve, before its body is read.
pub(crate) fn check_served(call: &Call) -> Outcome<()> {
    use Operation as Op;
    match call.operation {
        Op::GetBlobServiceStats
        | Op::GetUserDelegationKey
        | Op::FindBlobsByTags
        | Op::GetBlobTags
        | Op::SetBlobTags
        | Op::SnapshotBlob
        | Op::UndeleteBlob
        | Op::Unknown => return not_served(call.operation).map(drop),
        _ => {}
    }
    for parameter in ["snapshot", "versionid"] {
        if call.query.get(parameter).is_some() {
            return Err(Failure::of(Code::NotImplemented)
                .with_detail("Drydock keeps no snapshots and no versions."));
        }
    }
    Ok(())
}

/// A write into a container that is not there need not send its content.
pub(crate) fn check_container(call: &Call) -> Outcome<()> {
    if call.operation.carries_content() || call.operation.copies() {
        call.store().container_info(call.container()?)?;
    }
    Ok(())
}

fn not_served(operation: Operation) -> Outcome<Answer> {
    let detail = format_args!("Drydock does not serve {operation} yet.");
    Err(Failure::of(Code::NotImplemented).with_detail(detail))
}
