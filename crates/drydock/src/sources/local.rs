//! Sources in this stand-in.

use std::sync::Arc;

use http::{Method, Request, StatusCode};

use super::order::{Order, Shape, Shipment, is_synchronous};
use crate::auth::{self, Principal};
use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;
use crate::operations;
use crate::reading::Reading;
use crate::storage::{Blob, Content, Extent};

/// Takes a blob of this stand-in, or a range of it.
pub(super) async fn take(call: &Call, mut order: Order) -> Outcome<Shipment> {
    let blob = find(call, &order)?;
    let (etag, modified) = (blob.modified.to_string(), blob.modified.time());
    order.conditions.check_source(Some(&etag), Some(modified))?;
    let (start, length) = order.span(blob.length)?;
    let shared = share(&blob, start, length, order.shape);
    let content = match shared {
        Some(content) if !order.check.computes() => content,
        shared => {
            let written = read(call, &mut order, (&blob, start, length), shared.is_none()).await?;
            shared.unwrap_or_else(|| Content::plain(written.into_iter().collect()))
        }
    };
    let url = order.shown_url();
    let (md5, crc64) = order.check.finish()?;
    Ok(Shipment {
        content,
        attributes: blob.attributes.clone(),
        md5,
        crc64,
        url,
    })
}

/// Reads the bytes for their checksums, and copies them if they cannot be shared.
async fn read(
    call: &Call,
    order: &mut Order,
    (blob, start, length): (&Blob, u64, u64),
    copy: bool,
) -> Outcome<Option<Arc<Extent>>> {
    let vault = call.store().vault();
    let mut writer = copy.then(|| vault.put(length)).transpose()?;
    let mut reading = Reading::new(blob, start, length);
    while let Some(piece) = reading.next_piece()? {
        order.check.update(&piece);
        if let Some(writer) = &mut writer {
            writer.write(&piece)?;
        }
        // Other requests are served between two pieces.
        tokio::task::yield_now().await;
    }
    match writer {
        Some(writer) => Ok(writer.finish()?),
        None => Ok(None),
    }
}

/// The content, if it is made of whole extents of the source.
fn share(blob: &Blob, start: u64, length: u64, shape: Shape) -> Option<Content> {
    match shape {
        Shape::Blocks => Some(blob.content.clone()),
        Shape::Plain => Some(Content::plain(blob.content.extents())),
        Shape::Block => {
            let mut offset = 0;
            for extent in blob.content.extents() {
                if offset == start && extent.length() == length {
                    return Some(Content::Whole(extent));
                }
                offset += extent.length();
                if offset > start {
                    break;
                }
            }
            None
        }
    }
}

fn find(call: &Call, order: &Order) -> Outcome<Arc<Blob>> {
    let source = source_call(call, order)?;
    let found = authorize(call, &source, order)
        .and_then(|()| operations::check_served(&source))
        .and_then(|()| source.store().blob(source.address()?));
    found.map_err(|failure| Failure::copy_source(failure.status, failure.message))
}

/// The request for the source, as if it came from outside.
fn source_call(call: &Call, order: &Order) -> Outcome<Call> {
    let request = Request::builder()
        .method(Method::GET)
        .uri(order.path_and_query())
        .body(());
    let (head, ()) = request
        .map_err(|_| Failure::header_value("x-ms-copy-source"))?
        .into_parts();
    let peer = call.harbour.address.ip();
    let source = Call::parse(&call.harbour, head, peer)
        .map_err(|failure| Failure::copy_source(failure.status, failure.message))?;
    if source.operation != Operation::GetBlob {
        return Err(Failure::header_value("x-ms-copy-source"));
    }
    Ok(source)
}

/// The key covers its own account's blobs in an asynchronous copy, and no source in any other.
fn authorize(call: &Call, source: &Call, order: &Order) -> Outcome<()> {
    let copies_later = call.operation == Operation::CopyBlob && !is_synchronous(call)?;
    if copies_later && call.principal == Principal::Owner && !order.is_signed() {
        return Ok(());
    }
    auth::authorize(source)
        .map(drop)
        .map_err(|failure| private(failure, order))
}

/// A source that nobody showed a credential for is refused like a stranger, whether it is there or not.
pub(super) fn private(failure: Failure, order: &Order) -> Failure {
    let hidden = failure.status == StatusCode::NOT_FOUND && failure.is(Code::ResourceNotFound);
    if hidden && !order.is_signed() {
        return Code::NoAuthenticationInformation.into();
    }
    failure
}
