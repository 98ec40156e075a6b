//! Changing what a blob has beside its content.

use http::StatusCode;

use super::headers;
use crate::answer::Answer;
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;
use crate::storage::{Attributes, Blob, LeaseSubject, Property};

/// Set Blob Metadata: replaces all of it.
pub(super) fn set_metadata(call: &Call) -> Outcome<Answer> {
    let metadata = headers::metadata(&call.headers)?;
    let blob = update(call, |blob| {
        Attributes::pack(
            blob.attributes.properties(),
            metadata
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
        .with_copy(blob.attributes.copy_mark())
    })?;
    Ok(blob.with("x-ms-request-server-encrypted", "true"))
}

/// Set Blob Properties: replaces all of them but the tier.
pub(super) fn set_properties(call: &Call) -> Outcome<Answer> {
    let properties = headers::properties(call)?;
    update(call, |blob| {
        let tier = blob.attributes.property(Property::AccessTier);
        let tier = tier.map(|tier| (Property::AccessTier, tier));
        let set = properties
            .iter()
            .filter(|(property, _)| *property != Property::AccessTier)
            .map(|(property, value)| (*property, value.as_str()));
        Attributes::pack(set.chain(tier), blob.attributes.metadata())
    })
}

/// Set Blob Tier. Unlike the service this changes the ETag too.
pub(super) fn set_tier(call: &Call) -> Outcome<Answer> {
    let tier = call.header("x-ms-access-tier")?.ok_or_else(|| {
        Failure::of(Code::MissingRequiredHeader).with_detail("HeaderName: x-ms-access-tier")
    })?;
    headers::check_tier(tier)?;
    update(call, |blob| {
        let others = blob
            .attributes
            .properties()
            .filter(|(property, _)| *property != Property::AccessTier);
        let tier = [(Property::AccessTier, tier)];
        Attributes::pack(others.chain(tier), blob.attributes.metadata())
            .with_copy(blob.attributes.copy_mark())
    })?;
    Ok(Answer::new(StatusCode::OK))
}

fn update(call: &Call, change: impl FnOnce(&Blob) -> Attributes) -> Outcome<Answer> {
    let conditions = Conditions::of(call)?;
    let lease = call.header("x-ms-lease-id")?;
    // A tier may be set whoever holds the lease.
    let guarded = call.operation != Operation::SetBlobTier;
    let blob = call.store().update_blob(call.address()?, |blob, holding| {
        conditions.check_write(Some(blob.modified))?;
        if guarded {
            holding.check_write(lease, LeaseSubject::Blob)?;
        } else {
            holding.check_given(lease, LeaseSubject::Blob)?;
        }
        Ok(change(blob))
    })?;
    Ok(Answer::new(StatusCode::OK).with_stamp(blob.modified))
}
