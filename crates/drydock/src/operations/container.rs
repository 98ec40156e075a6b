//! Containers.

use http::StatusCode;

use super::headers;
use crate::answer::Answer;
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;
use crate::storage::{ContainerInfo, Holding, LeaseSubject, PublicAccess};

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
    let lease = call.header("x-ms-lease-id")?;
    let check = |info: &ContainerInfo, holding: Holding<'_>| {
        conditions.check_write(Some(info.modified))?;
        holding.check_write(lease, LeaseSubject::Container)
    };
    call.store().delete_container(call.container()?, check)?;
    Ok(Answer::new(StatusCode::ACCEPTED))
}

/// Get Container Properties and Get Container Metadata.
pub(super) fn properties(call: &Call) -> Outcome<Answer> {
    let given = call.header("x-ms-lease-id")?;
    let check = |holding: Holding<'_>| holding.check_given(given, LeaseSubject::Container);
    let (info, lease) = call.store().sight_container(call.container()?, check)?;
    let mut answer = Answer::new(StatusCode::OK)
        .with_stamp(info.modified)
        .with_metadata(info.attributes.metadata());
    if call.operation == Operation::GetContainerProperties {
        answer.set_lease(lease);
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
    let lease = call.header("x-ms-lease-id")?;
    let modified = call.store().update_container(
        call.container()?,
        |info, holding| {
            conditions.check_write(Some(info.modified))?;
            holding.check_given(lease, LeaseSubject::Container)
        },
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
