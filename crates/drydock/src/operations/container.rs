//! Containers.

use http::StatusCode;

use super::headers;
use crate::answer::Answer;
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;
use crate::storage::{ContainerInfo, PublicAccess};

/// Create Container.
pub(super) fn create(call: &Call) -> Outcome<Answer> {
    let metadata = headers::metadata(&call.headers)?;
    let access = public_access(call)?;
    let attributes = headers::pack(&[], &metadata);
    let info = call
        .store()
        .create_container(call.container()?, attributes, access)?;
    Ok(Answer::new(StatusCode::CREATED).with_stamp(info.modified))
}

/// Delete Container.
pub(super) fn delete(call: &Call) -> Outcome<Answer> {
    let conditions = Conditions::of(call)?;
    let check = |info: &ContainerInfo| conditions.check_write(Some(info.modified));
    call.store().delete_container(call.container()?, check)?;
    Ok(Answer::new(StatusCode::ACCEPTED))
}

/// Get Container Properties and Get Container Metadata.
pub(super) fn properties(call: &Call) -> Outcome<Answer> {
    let info = call.store().container_info(call.container()?)?;
    let mut answer = Answer::new(StatusCode::OK)
        .with_stamp(info.modified)
        .with_metadata(info.attributes.metadata());
    if call.operation == Operation::GetContainerProperties {
        answer.set("x-ms-lease-status", "unlocked");
        answer.set("x-ms-lease-state", "available");
        answer.set("x-ms-has-immutability-policy", "false");
        answer.set("x-ms-has-legal-hold", "false");
        answer.set("x-ms-immutable-storage-with-versioning-enabled", "false");
        answer.set("x-ms-default-encryption-scope", "$account-encryption-key");
        answer.set("x-ms-deny-encryption-scope-override", "false");
        if let Some(access) = info.access.header() {
            answer.set("x-ms-blob-public-access", access);
        }
    }
    Ok(answer)
}

/// Set Container Metadata.
pub(super) fn set_metadata(call: &Call) -> Outcome<Answer> {
    let metadata = headers::metadata(&call.headers)?;
    let conditions = Conditions::of(call)?;
    let modified = call.store().update_container(
        call.container()?,
        |info| conditions.check_write(Some(info.modified)),
        |info| info.attributes = headers::pack(&[], &metadata),
    )?;
    Ok(Answer::new(StatusCode::OK).with_stamp(modified))
}

/// The access that a request asks for, if the account permits any.
pub(super) fn public_access(call: &Call) -> Outcome<PublicAccess> {
    let access = match call.header("x-ms-blob-public-access")? {
        None => PublicAccess::None,
        Some("blob") => PublicAccess::Blob,
        // The first version of the service said `true`.
        Some("container" | "true") => PublicAccess::Container,
        Some(_) => return Err(Failure::header_value("x-ms-blob-public-access")),
    };
    if access != PublicAccess::None && !call.harbour.public_access {
        return Err(Code::PublicAccessNotPermitted.into());
    }
    Ok(access)
}
