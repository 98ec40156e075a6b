//! Reading a body to its end, although connections break.
//!
//! The pipeline below tries a request again until the headers of an answer are there; what happens to the body after
//! them is for the reader. So a body that breaks, ends too soon or stalls is asked for again from where it stopped,
//! in the same version of the blob.
//!
//! The request is our own: the SDK's download cuts a blob into ranges even when all of it is wanted, asks twice for an
//! empty one, and hands out a stream only for the first part.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use azure_core::error::CheckSuccessOptions;
use azure_core::http::response::AsyncResponseBody;
use azure_core::http::{Context, Method, PipelineStreamOptions, Request};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use longshore_content::Crc64;

use super::errors::{self, Subject, unexpected};
use super::headers;
use super::store::Container;
use crate::{BlobName, BlobProperties, BlobRead, Condition, GetOptions, StoreError, rules};

/// How often in a row a body may break without a single byte.
const MAX_BREAKS: u32 = 5;

/// How long the next bytes of a body may take.
const STALL: Duration = Duration::from_mins(1);

/// Reads a blob or a range of it.
pub(super) async fn read(
    container: &Arc<Container>,
    name: &BlobName,
    mut options: GetOptions,
) -> Result<BlobRead, StoreError> {
    container.refuse_absent(name, &options.condition).await?;
    if options.range.as_ref().is_some_and(Range::is_empty) {
        return read_nothing(container, name, &options).await;
    }
    options.checksum &= container.tells_checksums();
    let answer = match ask(container, name, &options).await {
        Err(error) if options.is_checked() && errors::is_unsupported(&error) => {
            tracing::debug!(%error, "no checksums of ranges");
            container.tell_no_checksums();
            options.checksum = false;
            ask(container, name, &options).await?
        }
        answer => answer?,
    };
    let (properties, body) = (answer.properties, answer.body);
    // An emulator answers a range of an empty blob, where the service refuses.
    let (offset, length) = rules::bytes_wanted(name, &options, properties.size)?;
    let reading = Reading {
        container: Arc::clone(container),
        name: name.clone(),
        condition: Condition::Matches(properties.etag.clone()),
        offset,
        end: offset + length,
        body,
        breaks: 0,
    };
    Ok(BlobRead {
        properties,
        body: reading.into_stream(),
        checksum: answer.checksum,
    })
}

/// A range of no bytes cannot be said in HTTP.
async fn read_nothing(
    container: &Container,
    name: &BlobName,
    options: &GetOptions,
) -> Result<BlobRead, StoreError> {
    let properties = container.properties(name, &options.condition).await?;
    rules::bytes_wanted(name, options, properties.size)?;
    Ok(BlobRead {
        properties,
        body: stream::empty().boxed(),
        checksum: None,
    })
}

/// The answer to a request for a range.
struct Answer {
    properties: BlobProperties,
    checksum: Option<Crc64>,
    body: AsyncResponseBody,
}

/// Asks for a range, and waits for the headers.
async fn ask(
    container: &Container,
    name: &BlobName,
    options: &GetOptions,
) -> Result<Answer, StoreError> {
    let client = container.blob(name);
    let mut request = Request::new(client.url().clone(), Method::Get);
    if let Some(range) = &options.range {
        let last = range.end.saturating_sub(1);
        request.insert_header("x-ms-range", format!("bytes={}-{last}", range.start));
    }
    if options.is_checked() {
        request.insert_header("x-ms-range-get-content-crc64", "true");
    }
    headers::assume(&mut request, &options.condition);
    let stream_options = PipelineStreamOptions {
        check_success: CheckSuccessOptions {
            success_codes: &[200, 206],
        },
        ..PipelineStreamOptions::default()
    };
    let response = container
        .pipeline()
        .stream(&Context::new(), &mut request, Some(stream_options))
        .await
        .map_err(|error| {
            container.error(
                &error,
                client.url(),
                Subject::existing(name, &options.condition),
            )
        })?;
    let (_, headers, body) = response.deconstruct();
    Ok(Answer {
        properties: headers::properties(&headers)?,
        checksum: headers::checksum(&headers).filter(|_| options.is_checked()),
        body,
    })
}

/// A body, and how much of it came.
struct Reading {
    container: Arc<Container>,
    name: BlobName,
    condition: Condition,
    offset: u64,
    end: u64,
    body: AsyncResponseBody,
    breaks: u32,
}

impl Reading {
    fn into_stream(self) -> BoxStream<'static, Result<Bytes, StoreError>> {
        stream::try_unfold(self, |mut reading| async move {
            let part = reading.next().await?;
            Ok(part.map(|part| (part, reading)))
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        while self.offset < self.end {
            let cause = match tokio::time::timeout(STALL, self.body.next()).await {
                Ok(Some(Ok(part))) if part.is_empty() => continue,
                Ok(Some(Ok(part))) => return self.take(part).map(Some),
                Ok(Some(Err(error))) => self.cause(&error),
                Ok(None) => "the answer ended too soon".into(),
                Err(elapsed) => elapsed.into(),
            };
            self.resume(cause).await?;
        }
        Ok(None)
    }

    fn take(&mut self, part: Bytes) -> Result<Bytes, StoreError> {
        self.offset += part.len() as u64;
        self.breaks = 0;
        if self.offset > self.end {
            return Err(unexpected("the answer is longer than the range asked for"));
        }
        Ok(part)
    }

    /// What broke the body, without anything secret.
    fn cause(&self, error: &azure_core::Error) -> Box<dyn std::error::Error + Send + Sync> {
        let client = self.container.blob(&self.name);
        let subject = Subject::existing(&self.name, &self.condition);
        self.container.error(error, client.url(), subject).into()
    }

    async fn resume(
        &mut self,
        cause: Box<dyn std::error::Error + Send + Sync>,
    ) -> Result<(), StoreError> {
        self.breaks += 1;
        if self.breaks > MAX_BREAKS {
            return Err(StoreError::Io { cause });
        }
        tracing::debug!(name = %self.name, offset = self.offset, %cause, "reading on");
        let rest = GetOptions {
            range: Some(self.offset..self.end),
            condition: self.condition.clone(),
            ..GetOptions::default()
        };
        self.body = ask(&self.container, &self.name, &rest).await?.body;
        Ok(())
    }
}
