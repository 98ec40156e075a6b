//! Writing a blob in one piece, and deleting one.

use http::StatusCode;

use super::headers;
use crate::answer::Answer;
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::intake::Cargo;
use crate::storage::{Attributes, Content, LeaseSubject, Property, Standing};

/// Put Blob.
pub(super) fn put_blob(call: &Call, cargo: Cargo) -> Outcome<Answer> {
    check_type(call)?;
    let computed = cargo.md5.unwrap_or_default();
    let attributes = new_attributes(call, Some(&computed))?;
    let guard = guard(call)?;
    let content = Content::plain(cargo.extent.into_iter().collect());
    let blob = call
        .store()
        .put_blob(call.address()?, attributes, content, guard)?;
    let mut answer = Answer::new(StatusCode::CREATED)
        .with_stamp(blob.modified)
        .with("content-md5", &computed)
        .with("x-ms-request-server-encrypted", "true");
    if let Some(crc64) = cargo.crc64 {
        answer.set("x-ms-content-crc64", &crc64);
    }
    Ok(answer)
}

/// Whether the request's conditions, its lease and its principal allow a write over what is there.
pub(super) fn guard(call: &Call) -> Outcome<impl FnOnce(Standing<'_>) -> Outcome<()>> {
    let conditions = Conditions::of(call)?;
    let may_overwrite = call.principal.may_overwrite();
    let lease = lease_guard(call)?;
    Ok(move |standing: Standing<'_>| {
        conditions.check_write(standing.blob.map(|blob| blob.modified))?;
        lease(standing)?;
        if standing.blob.is_some() && !may_overwrite {
            return Err(Code::AuthorizationPermissionMismatch.into());
        }
        Ok(())
    })
}

/// Whether the request's lease allows a write over what is there.
pub(super) fn lease_guard(call: &Call) -> Outcome<impl FnOnce(Standing<'_>) -> Outcome<()>> {
    let lease = call.header("x-ms-lease-id")?;
    Ok(move |standing: Standing<'_>| standing.holding.check_write(lease, LeaseSubject::Blob))
}

/// The attributes of a blob that is written anew; whatever it had before is gone.
///
/// `computed_md5` is kept unless the client names another one, which must then be the same.
pub(super) fn new_attributes(call: &Call, computed_md5: Option<&str>) -> Outcome<Attributes> {
    let mut properties = headers::properties(call)?;
    let has = |properties: &[(Property, String)], wanted| {
        properties.iter().any(|(property, _)| *property == wanted)
    };
    // Plain HTTP headers count where the blob's own are missing.
    for property in [
        Property::ContentType,
        Property::ContentEncoding,
        Property::ContentLanguage,
        Property::CacheControl,
    ] {
        // The body of a block list has a type of its own.
        let plain = computed_md5.is_some();
        if plain
            && !has(&properties, property)
            && let Some(value) = call.header(property.answer_header())?
        {
            properties.push((property, value.to_owned()));
        }
    }
    if !has(&properties, Property::ContentType) {
        properties.push((Property::ContentType, headers::DEFAULT_TYPE.to_owned()));
    }
    if let Some(computed) = computed_md5 {
        match properties
            .iter()
            .find(|(property, _)| *property == Property::ContentMd5)
        {
            Some((_, told)) if told != computed => return Err(Code::Md5Mismatch.into()),
            Some(_) => {}
            None => properties.push((Property::ContentMd5, computed.to_owned())),
        }
    }
    Ok(headers::pack(
        &properties,
        &headers::metadata(&call.headers)?,
    ))
}

pub(super) fn check_type(call: &Call) -> Outcome<()> {
    match call.header("x-ms-blob-type")? {
        Some("BlockBlob") => Ok(()),
        Some("PageBlob" | "AppendBlob") => {
            Err(Failure::of(Code::NotImplemented).with_detail("Drydock serves block blobs only."))
        }
        Some(_) => Err(Failure::header_value("x-ms-blob-type")),
        None => {
            Err(Failure::of(Code::MissingRequiredHeader).with_detail("HeaderName: x-ms-blob-type"))
        }
    }
}

/// Delete Blob.
pub(super) fn delete_blob(call: &Call) -> Outcome<Answer> {
    let conditions = Conditions::of(call)?;
    let lease = lease_guard(call)?;
    call.store().delete_blob(call.address()?, |standing| {
        conditions.check_write(standing.blob.map(|blob| blob.modified))?;
        lease(standing)
    })?;
    Ok(Answer::new(StatusCode::ACCEPTED).with("x-ms-delete-type-permanent", "true"))
}
