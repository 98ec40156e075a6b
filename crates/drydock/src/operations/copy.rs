//! Blobs that are made of other blobs.

use http::StatusCode;

use super::headers;
use super::write::{check_type, guard};
use crate::answer::{Answer, random_id};
use crate::call::Call;
use crate::failure::{Code, Outcome};
use crate::sources::Shipment;
use crate::storage::{Attributes, CopyMark, Property, Standing};

/// Put Blob From URL: the new blob has no block list.
pub(super) fn put_blob_from_url(call: &Call, shipment: Shipment) -> Outcome<Answer> {
    check_type(call)?;
    let md5 = shipment.md5.unwrap_or_default();
    let mut properties = headers::properties(call)?;
    let copied = call
        .flag("x-ms-copy-source-blob-properties")?
        .unwrap_or(true);
    let has = |properties: &[(Property, String)], wanted| {
        properties.iter().any(|(property, _)| *property == wanted)
    };
    for (property, value) in shipment.attributes.properties() {
        let kept = property != Property::AccessTier && property != Property::ContentMd5;
        if copied && kept && !has(&properties, property) {
            properties.push((property, value.to_owned()));
        }
    }
    if !has(&properties, Property::ContentType) {
        properties.push((Property::ContentType, headers::DEFAULT_TYPE.to_owned()));
    }
    if !has(&properties, Property::ContentMd5) {
        properties.push((Property::ContentMd5, md5.clone()));
    }
    let attributes = pack(call, &properties, &shipment.attributes)?;
    let guard = target_guard(call)?;
    let blob = call
        .store()
        .put_blob(call.address()?, attributes, shipment.content, guard)?;
    let mut answer = Answer::new(StatusCode::CREATED)
        .with_stamp(blob.modified)
        .with("content-md5", &md5)
        .with("x-ms-request-server-encrypted", "true");
    if let Some(crc64) = shipment.crc64 {
        answer.set("x-ms-content-crc64", &crc64);
    }
    Ok(answer)
}

/// Copy Blob and Copy Blob From URL: committed blocks and their ids come too. Either is done at once here.
pub(super) fn copy_blob(call: &Call, shipment: Shipment) -> Outcome<Answer> {
    let mut properties: Vec<_> = shipment
        .attributes
        .properties()
        .filter(|(property, _)| *property != Property::AccessTier)
        .map(|(property, value)| (property, value.to_owned()))
        .collect();
    if let Some(tier) = call.header(Property::AccessTier.request_header())? {
        headers::check_tier(tier)?;
        properties.push((Property::AccessTier, tier.to_owned()));
    }
    let id = random_id();
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    let mark = CopyMark {
        id: &id,
        source: &shipment.url,
        completed: &now,
    };
    let attributes = pack(call, &properties, &shipment.attributes)?.with_copy(Some(mark));
    let guard = target_guard(call)?;
    let blob = call
        .store()
        .put_blob(call.address()?, attributes, shipment.content, guard)?;
    let mut answer = Answer::new(StatusCode::ACCEPTED)
        .with_stamp(blob.modified)
        .with("x-ms-copy-id", &id)
        .with("x-ms-copy-status", "success");
    if let Some(md5) = shipment.md5 {
        answer.set("content-md5", &md5);
    }
    if let Some(crc64) = shipment.crc64 {
        answer.set("x-ms-content-crc64", &crc64);
    }
    Ok(answer)
}

/// Abort Copy Blob: no copy is ever under way here.
pub(super) fn abort(call: &Call) -> Outcome<Answer> {
    call.store().blob(call.address()?)?;
    Err(Code::NoPendingCopyOperation.into())
}

/// The metadata is the request's own, or else the source's.
fn pack(
    call: &Call,
    properties: &[(Property, String)],
    source: &Attributes,
) -> Outcome<Attributes> {
    let own = headers::metadata(&call.headers)?;
    if !own.is_empty() {
        return Ok(headers::pack(properties, &own));
    }
    Ok(Attributes::pack(
        properties
            .iter()
            .map(|(property, value)| (*property, value.as_str())),
        source.metadata(),
    ))
}

/// Where a source has conditions too, those on the target are refused under a code of their own.
fn target_guard(call: &Call) -> Outcome<impl FnOnce(Standing<'_>) -> Outcome<()>> {
    let guard = guard(call)?;
    Ok(move |standing: Standing<'_>| {
        guard(standing).map_err(|failure| {
            if failure.is(Code::ConditionNotMet) {
                Code::TargetConditionNotMet.into()
            } else {
                failure
            }
        })
    })
}
