//! Copies that the service makes on its own, by reading a URL.

use std::ops::Range;
use std::time::Duration;

use azure_core::error::ErrorKind;
use azure_core::http::headers::HeaderName;
use azure_core::http::{ClientMethodOptions, Context, Etag};
use azure_storage_blob::models::{
    BlockBlobClientStageBlockFromUrlOptions, BlockBlobClientUploadBlobFromUrlOptions, HttpRange,
};
use longshore_azure::{AttemptDeadline, AzureError, Missing, ReadGrant, SafeUrl, header};
use url::Url;

use super::errors::{self, Subject};
use super::headers;
use super::store::{Container, pairs};
use crate::copy::{MAX_PUT_FROM, MAX_STAGE_FROM, MAX_URL, NOTHING, refused};
use crate::{BlobName, BlockName, Condition, CopySource, ETag, StoreError, WriteOptions, Written};

const SOURCE_STATUS: HeaderName = HeaderName::from_static("x-ms-copy-source-status-code");

/// Why something is not asked for.
const TOO_LARGE: &str = "the source is larger than the service copies in one request";

/// What a copy is given, whatever its size.
const PATIENCE: Duration = Duration::from_mins(2);

/// The slowest copy that is still waited for.
const SLOWEST_BYTES_PER_SECOND: u64 = 1 << 20;

/// What a copy is given whose size is not known.
const LONG_PATIENCE: Duration = Duration::from_mins(15);

/// How others may read a blob of this container.
pub(super) async fn source(
    container: &Container,
    name: &BlobName,
    version: Option<&ETag>,
) -> Result<CopySource, StoreError> {
    let url = container.blob_url(name);
    let grant = container
        .connection()
        .grant_read(url, container.name(), name.as_str())
        .await
        .map_err(|error| errors::of_any(error, container.name()))?;
    Ok(CopySource::remote(grant, name, version))
}

/// Writes a whole blob.
pub(super) async fn put(
    container: &Container,
    name: &BlobName,
    source: &CopySource,
    options: WriteOptions,
) -> Result<Written, StoreError> {
    let client = container.block_blob(name);
    let grant = readable(name, source, client.url())?;
    if source.size().is_some_and(|size| size > MAX_PUT_FROM) {
        return Err(refused(name, TOO_LARGE));
    }
    let (if_match, if_none_match) = headers::conditions(&options.condition);
    let copy = BlockBlobClientUploadBlobFromUrlOptions {
        copy_source_authorization: grant.expose_authorization().map(str::to_owned),
        // Otherwise those of the source would come along, such as an MD5 that somebody stored.
        copy_source_blob_properties: Some(false),
        blob_content_type: Some(options.content_type.as_str().to_owned()),
        metadata: Some(pairs(&options.metadata)),
        if_match,
        if_none_match,
        source_if_match: version(source),
        method_options: patient(LONG_PATIENCE),
        ..BlockBlobClientUploadBlobFromUrlOptions::default()
    };
    let result = client
        .upload_blob_from_url(grant.expose_url().to_owned(), Some(copy))
        .await;
    let subject = Subject::written(name, &options.condition);
    let response = result.map_err(|error| {
        of_source(&error, client.url(), name, source)
            .unwrap_or_else(|| container.error(&error, client.url(), subject))
    })?;
    headers::written(response.headers())
}

/// Stages a block.
pub(super) async fn stage(
    container: &Container,
    name: &BlobName,
    (block, range): (&BlockName, Range<u64>),
    source: &CopySource,
) -> Result<(), StoreError> {
    let client = container.block_blob(name);
    let grant = readable(name, source, client.url())?;
    let Some(length) = range.end.checked_sub(range.start).filter(|it| *it > 0) else {
        return Err(refused(name, NOTHING));
    };
    if length > MAX_STAGE_FROM {
        return Err(refused(name, TOO_LARGE));
    }
    let patience = PATIENCE + Duration::from_secs(length / SLOWEST_BYTES_PER_SECOND);
    let copy = BlockBlobClientStageBlockFromUrlOptions {
        copy_source_authorization: grant.expose_authorization().map(str::to_owned),
        source_if_match: version(source),
        source_range: Some(HttpRange::new(range.start, length)),
        method_options: patient(patience),
        ..BlockBlobClientStageBlockFromUrlOptions::default()
    };
    let url = grant.expose_url().to_owned();
    let result = client
        .stage_block_from_url(block.as_bytes(), 0, url, Some(copy))
        .await;
    result.map_err(|error| {
        let subject = Subject::written(name, &Condition::None);
        of_source(&error, client.url(), name, source)
            .unwrap_or_else(|| container.error(&error, client.url(), subject))
    })?;
    Ok(())
}

fn patient(patience: Duration) -> ClientMethodOptions<'static> {
    ClientMethodOptions {
        context: Context::new().with_value(AttemptDeadline(patience)),
    }
}

fn version(source: &CopySource) -> Option<Etag> {
    source.version().map(|version| Etag::from(version.quoted()))
}

/// The right to read the source, where the service at `url` can be given it.
fn readable<'source>(
    name: &BlobName,
    source: &'source CopySource,
    url: &Url,
) -> Result<&'source ReadGrant, StoreError> {
    let Some(grant) = source.grant() else {
        return Err(refused(
            name,
            "the source is on this machine, out of the service's reach",
        ));
    };
    if grant.expose_url().len() > MAX_URL {
        return Err(refused(
            name,
            "the URL of the source is longer than the service takes",
        ));
    }
    if grant.expose_authorization().is_some() && url.scheme() != "https" {
        return Err(refused(name, "a token is sent over https alone"));
    }
    Ok(grant)
}

/// What an error says of the source; none when it is about the blob that was to be written, or the line.
fn of_source(
    error: &azure_core::Error,
    url: &Url,
    name: &BlobName,
    source: &CopySource,
) -> Option<StoreError> {
    let ErrorKind::HttpResponse { raw_response, .. } = error.kind() else {
        return None;
    };
    // Newer services repeat here what the source said to them.
    let told = raw_response
        .as_deref()
        .and_then(|raw| header(raw.headers(), &SOURCE_STATUS))
        .and_then(|text| text.parse().ok());
    let error = AzureError::from_core(error, &SafeUrl::from(url));
    match verdict(&error, told)? {
        Verdict::Changed => Some(match source.name() {
            Some(name) => StoreError::SourceChanged { name: name.clone() },
            None => refused(name, error),
        }),
        Verdict::Refused => Some(refused(name, error)),
    }
}

/// What an error means for the source of a copy.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Changed,
    Refused,
}

/// `told`: the status with which the source answered the service, where that says.
fn verdict(error: &AzureError, told: Option<u16>) -> Option<Verdict> {
    let answer = error.answer()?;
    let code = error.code().unwrap_or_default();
    let is_about_source = told.is_some() || code == "CannotVerifyCopySource";
    match (code, told.unwrap_or(answer.status)) {
        ("SourceConditionNotMet", _) | (_, 304) => return Some(Verdict::Changed),
        (_, 412) if is_about_source => return Some(Verdict::Changed),
        ("CannotVerifyCopySource", _) => return Some(Verdict::Refused),
        _ => {}
    }
    let is_refused = match error {
        AzureError::Throttled(_) | AzureError::AlreadyExists(_) => false,
        _ if is_about_source => true,
        AzureError::NotFound { missing, .. } => *missing != Missing::Container,
        AzureError::PublicAccess(_) => true,
        AzureError::Protocol(_) => match code {
            // The blob that is written has blocks of another tool.
            "InvalidBlobOrBlock" | "InvalidBlockId" => false,
            _ => answer.status < 500 || answer.status == 501 || code.contains("NotSupported"),
        },
        _ => false,
    };
    is_refused.then_some(Verdict::Refused)
}

#[cfg(test)]
mod tests {
    use longshore_azure::ServiceAnswer;

    use super::*;

    fn check(status: u16, code: &str, told: Option<u16>, expect: Option<&Verdict>) {
        let url = Url::parse("https://a.blob.core.windows.net/c/b").unwrap();
        let error = AzureError::from_answer(ServiceAnswer {
            url: SafeUrl::from(&url),
            status,
            code: (!code.is_empty()).then(|| code.to_owned()),
            request_id: None,
            message: None,
        });
        assert_eq!(
            verdict(&error, told).as_ref(),
            expect,
            "{status} {code} {told:?}"
        );
    }

    #[test]
    fn a_source_that_changed_is_told_from_one_that_cannot_be_read() {
        check(412, "SourceConditionNotMet", None, Some(&Verdict::Changed));
        check(412, "CannotVerifyCopySource", None, Some(&Verdict::Changed));
        check(304, "", None, Some(&Verdict::Changed));
        check(
            400,
            "CannotVerifyCopySource",
            Some(412),
            Some(&Verdict::Changed),
        );
        for status in [400, 401, 403, 404, 409, 500] {
            check(
                status,
                "CannotVerifyCopySource",
                None,
                Some(&Verdict::Refused),
            );
        }
        check(
            403,
            "AuthenticationFailed",
            Some(403),
            Some(&Verdict::Refused),
        );
        check(
            401,
            "NoAuthenticationInformation",
            Some(401),
            Some(&Verdict::Refused),
        );
    }

    #[test]
    fn what_a_service_does_not_do_is_refused() {
        check(501, "APINotImplemented", None, Some(&Verdict::Refused));
        check(405, "UnsupportedHttpVerb", None, Some(&Verdict::Refused));
        check(400, "FeatureVersionMismatch", None, Some(&Verdict::Refused));
        check(
            409,
            "FeatureNotYetSupportedForHierarchicalNamespaceAccounts",
            None,
            Some(&Verdict::Refused),
        );
        check(500, "FeatureNotSupported", None, Some(&Verdict::Refused));
        check(416, "InvalidRange", None, Some(&Verdict::Refused));
        check(404, "", None, Some(&Verdict::Refused));
    }

    #[test]
    fn errors_of_the_written_blob_and_of_the_line_are_none_of_the_source() {
        for (status, code) in [
            (412, "ConditionNotMet"),
            (412, "LeaseIdMissing"),
            (409, "BlobAlreadyExists"),
            (404, "ContainerNotFound"),
            (400, "InvalidBlobOrBlock"),
            (409, "BlockCountExceedsLimit"),
            (403, "AuthorizationPermissionMismatch"),
            (403, "AuthenticationFailed"),
            (503, "ServerBusy"),
            (500, "InternalError"),
            (500, "OperationTimedOut"),
        ] {
            check(status, code, None, None);
        }
        check(503, "ServerBusy", Some(503), None);
    }
}
