//! Reading a blob: content, properties, metadata.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use http::StatusCode;
use md5::{Digest, Md5};

use crate::answer::{Answer, AnswerContent};
use crate::auth::Principal;
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::range::Range;
use crate::reading::Reading;
use crate::storage::{Blob, LeaseSubject, Property, Sighting};

/// The largest range whose checksum may be asked for.
const MAX_CHECKED_RANGE: u64 = 4 * 1024 * 1024;

/// Get Blob.
pub(super) fn get_blob(call: &Call) -> Outcome<Answer> {
    let sighting = sight(call)?;
    let blob = &sighting.blob;
    let range = requested_range(call)?;
    let Some(range) = range else {
        check_no_range_checksum(call)?;
        let mut answer = describe(call, &sighting, StatusCode::OK);
        answer.content = AnswerContent::Blob(Reading::new(blob, 0, blob.length));
        return Ok(answer);
    };
    let (start, length) = range.within(blob.length).ok_or_else(|| {
        let mut failure = Failure::of(Code::InvalidRange);
        failure.header = Some(("content-range", format!("bytes */{}", blob.length)));
        failure
    })?;
    let mut answer = describe(call, &sighting, StatusCode::PARTIAL_CONTENT);
    let last = start + length - 1;
    answer.set(
        "content-range",
        &format!("bytes {start}-{last}/{}", blob.length),
    );
    // The MD5 of the whole blob moves aside: Content-MD5 speaks of what is sent.
    if let Some(md5) = answer.headers.remove("content-md5") {
        answer.headers.insert("x-ms-blob-content-md5", md5);
    }
    add_range_checksum(call, blob, (start, length), &mut answer)?;
    answer.content = AnswerContent::Blob(Reading::new(blob, start, length));
    Ok(answer)
}

/// Get Blob Properties.
pub(super) fn get_properties(call: &Call) -> Outcome<Answer> {
    let sighting = sight(call)?;
    let blob = &sighting.blob;
    let mut answer = describe(call, &sighting, StatusCode::OK);
    answer.set("content-length", &blob.length.to_string());
    let tier = blob.attributes.property(Property::AccessTier);
    answer.set("x-ms-access-tier", tier.unwrap_or("Hot"));
    if tier.is_none() {
        answer.set("x-ms-access-tier-inferred", "true");
    }
    Ok(answer)
}

/// Get Blob Metadata.
pub(super) fn get_metadata(call: &Call) -> Outcome<Answer> {
    let sighting = sight(call)?;
    let blob = &sighting.blob;
    Ok(Answer::new(StatusCode::OK)
        .with_stamp(blob.modified)
        .with_metadata(blob.attributes.metadata()))
}

/// The blob, if the request's conditions and its lease, where it shows one, allow to read it.
fn sight(call: &Call) -> Outcome<Sighting> {
    let sighting = call.store().sight(call.address()?)?;
    Conditions::of(call)?.check_read(sighting.blob.modified)?;
    let given = call.header("x-ms-lease-id")?;
    sighting.holding().check_given(given, LeaseSubject::Blob)?;
    Ok(sighting)
}

/// The headers of a blob.
fn describe(call: &Call, sighting: &Sighting, status: StatusCode) -> Answer {
    let blob = &sighting.blob;
    let mut answer = Answer::new(status)
        .with_stamp(blob.modified)
        .with_metadata(blob.attributes.metadata());
    for (property, value) in blob.attributes.properties() {
        if property != Property::AccessTier {
            answer.set(property.answer_header(), value);
        }
    }
    if let Principal::Sas(grant) = &call.principal {
        for (header, value) in &grant.overrides {
            answer.set(header, value);
        }
    }
    if let Some(mark) = blob.attributes.copy_mark() {
        answer.set("x-ms-copy-id", mark.id);
        answer.set("x-ms-copy-source", mark.source);
        answer.set("x-ms-copy-status", "success");
        answer.set("x-ms-copy-progress", &format!("{0}/{0}", blob.length));
        answer.set("x-ms-copy-completion-time", mark.completed);
    }
    answer.set_lease(sighting.holding().state());
    answer
        .with("accept-ranges", "bytes")
        .with("x-ms-blob-type", "BlockBlob")
        .with("x-ms-creation-time", &blob.created.http_date())
        .with("x-ms-server-encrypted", "true")
}

fn requested_range(call: &Call) -> Outcome<Option<Range>> {
    let text = match call.header("x-ms-range")? {
        Some(range) => Some(range),
        None => call.header("range")?,
    };
    Ok(text.and_then(Range::parse))
}

fn wants(call: &Call, header: &str) -> Outcome<bool> {
    Ok(call
        .header(header)?
        .is_some_and(|value| value.eq_ignore_ascii_case("true")))
}

fn check_no_range_checksum(call: &Call) -> Outcome<()> {
    for header in ["x-ms-range-get-content-md5", "x-ms-range-get-content-crc64"] {
        if wants(call, header)? {
            return Err(Failure::header_value(header));
        }
    }
    Ok(())
}

fn add_range_checksum(
    call: &Call,
    blob: &Blob,
    (start, length): (u64, u64),
    answer: &mut Answer,
) -> Outcome<()> {
    let md5 = wants(call, "x-ms-range-get-content-md5")?;
    let crc64 = wants(call, "x-ms-range-get-content-crc64")?;
    if !md5 && !crc64 {
        return Ok(());
    }
    if md5 && crc64 {
        return Err(Code::InvalidInput.into());
    }
    if length > MAX_CHECKED_RANGE {
        return Err(Code::OutOfRangeInput.into());
    }
    let (mut md5_digest, mut crc64_digest) =
        (Md5::new(), crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme));
    let mut reading = Reading::new(blob, start, length);
    while let Some(piece) = reading.next_piece()? {
        if md5 {
            md5_digest.update(&piece);
        } else {
            crc64_digest.update(&piece);
        }
    }
    if md5 {
        answer.set("content-md5", &STANDARD.encode(md5_digest.finalize()));
    } else {
        let bytes = crc64_digest.finalize().to_le_bytes();
        answer.set("x-ms-content-crc64", &STANDARD.encode(bytes));
    }
    Ok(())
}
