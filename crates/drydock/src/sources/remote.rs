//! Sources on another port of this machine, in a stand-in or any other server, fetched by plain HTTP.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HOST, HeaderMap, LAST_MODIFIED, RANGE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::local::private;
use super::order::{Order, Shape, Shipment};
use crate::call::{Call, header};
use crate::checksum::Check;
use crate::conditions::bare;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::{Attributes, Block, BlockId, Content, Property, Vault};
use crate::xml::leaves;

/// The largest block list.
const MAX_DOCUMENT: usize = 16 * 1024 * 1024;

/// Fetches what another server has, or a range of it.
pub(super) async fn take(call: &Call, mut order: Order, address: SocketAddr) -> Outcome<Shipment> {
    let errand = Errand {
        call,
        order: &order,
        address,
    };
    let list = errand.block_list().await?;
    let response = errand.content(&list).await?;
    let attributes = attributes(response.headers());
    let length = length(response.headers()).ok_or_else(|| {
        Failure::copy_source(
            StatusCode::BAD_REQUEST,
            "The copy source does not tell its length.",
        )
    })?;
    order.check_size(length)?;
    let mut stream = Stream {
        incoming: response.into_body(),
        left: Bytes::new(),
        check: &mut order.check,
    };
    let vault = call.store().vault();
    let content = if list.blocks.is_empty() {
        stream.fill(vault, length).await?
    } else {
        stream.fill_blocks(vault, list.blocks).await?
    };
    let url = order.shown_url();
    let (md5, crc64) = order.check.finish()?;
    Ok(Shipment {
        content,
        attributes,
        md5,
        crc64,
        url,
    })
}

/// The committed blocks of a source, and the ETag for which they hold.
#[derive(Default)]
struct SourceList {
    blocks: Vec<(BlockId, u64)>,
    etag: Option<http::HeaderValue>,
}

/// Requests for one source.
struct Errand<'a> {
    call: &'a Call,
    order: &'a Order,
    address: SocketAddr,
}

impl Errand<'_> {
    /// The source's block list, if it is wanted and there is one.
    async fn block_list(&self) -> Outcome<SourceList> {
        if self.order.shape != Shape::Blocks {
            return Ok(SourceList::default());
        }
        let path = self.order.path_and_query();
        let separator = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{separator}comp=blocklist");
        let response = self.send(&path, &HeaderMap::new()).await?;
        let is_stand_in = response.headers().contains_key("x-ms-version");
        if response.status() != StatusCode::OK || !is_stand_in {
            // The request for the content says why, and others than stand-ins have no blocks.
            return Ok(SourceList::default());
        }
        let etag = response.headers().get(ETAG).cloned();
        let body = Limited::new(response.into_body(), MAX_DOCUMENT);
        let document = body.collect().await.map_err(|_| broken())?.to_bytes();
        let blocks = parse_list(&document)?;
        Ok(SourceList { blocks, etag })
    }

    /// Asks for the content. Conditions stay here: not every server knows them.
    async fn content(&self, list: &SourceList) -> Outcome<Response<Incoming>> {
        let mut headers = HeaderMap::new();
        if self.order.range.is_some()
            && let Some(range) = self.call.headers.get("x-ms-source-range")
        {
            headers.insert(RANGE, range.clone());
        }
        let response = self.send(self.order.path_and_query(), &headers).await?;
        let status = response.status();
        if status != StatusCode::OK && status != StatusCode::PARTIAL_CONTENT {
            return Err(self.refused(status, response.headers()));
        }
        self.check(list, response.headers())?;
        Ok(response)
    }

    /// Holds an answer against what was asked for.
    fn check(&self, list: &SourceList, headers: &HeaderMap) -> Outcome<()> {
        let etag = header(headers, ETAG.as_str())?.map(bare);
        let modified = header(headers, LAST_MODIFIED.as_str())?;
        let modified = modified.and_then(|time| httpdate::parse_http_date(time).ok());
        self.order.conditions.check_source(etag, modified)?;
        if list.etag.is_some() && list.etag.as_ref() != headers.get(ETAG) {
            return Err(Code::SourceConditionNotMet.into());
        }
        let Some(range) = self.order.range else {
            return Ok(());
        };
        let brought = header(headers, CONTENT_RANGE.as_str())?;
        let brought = brought.and_then(|brought| range.answered_by(brought));
        // Somebody who does not know ranges sends everything.
        if brought.is_none() || brought != length(headers) {
            return Err(Failure::copy_source(
                StatusCode::BAD_REQUEST,
                "The copy source does not answer the range.",
            ));
        }
        Ok(())
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap) -> Failure {
        let code = header(headers, "x-ms-error-code").ok().flatten();
        let code = code.unwrap_or_default().to_owned();
        if code == "ResourceNotFound" {
            let failure = private(Code::ResourceNotFound.into(), self.order);
            return Failure::copy_source(failure.status, failure.message);
        }
        let message = format!("The source answered {status} {code}.");
        // What is no refusal, such as another address, is not followed.
        let is_refusal = status.is_client_error() || status.is_server_error();
        let status = is_refusal.then_some(status);
        Failure::copy_source(status.unwrap_or(StatusCode::BAD_REQUEST), message)
    }

    async fn send(&self, path: &str, headers: &HeaderMap) -> Outcome<Response<Incoming>> {
        let mut request = Request::get(path)
            .header(HOST, self.address.to_string())
            .header("x-ms-version", self.call.version.as_str())
            .body(Empty::<Bytes>::new())
            .map_err(|_| Failure::header_value("x-ms-copy-source"))?;
        request.headers_mut().extend(headers.clone());
        let stream = TcpStream::connect(self.address)
            .await
            .map_err(|_| unreachable())?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_| unreachable())?;
        // It ends with the last of the answer's body.
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(|_| broken())
    }
}

/// The body of an answer on its way to disk.
struct Stream<'a> {
    incoming: Incoming,
    /// What arrived and was not taken yet.
    left: Bytes,
    check: &'a mut Check,
}

impl Stream<'_> {
    async fn fill(&mut self, vault: &std::sync::Arc<Vault>, length: u64) -> Outcome<Content> {
        let mut writer = vault.put(length)?;
        let mut missing = length;
        while missing > 0 {
            let piece = self.next(missing).await?;
            missing -= piece.len() as u64;
            writer.write(&piece)?;
        }
        Ok(Content::plain(writer.finish()?.into_iter().collect()))
    }

    async fn fill_blocks(
        &mut self,
        vault: &std::sync::Arc<Vault>,
        list: Vec<(BlockId, u64)>,
    ) -> Outcome<Content> {
        let mut blocks = Vec::with_capacity(list.len());
        for (id, size) in list {
            if let Content::Whole(extent) = self.fill(vault, size).await? {
                blocks.push(Block { id, extent });
            }
        }
        Ok(Content::Blocks(blocks.into()))
    }

    /// The next bytes, at most so many.
    async fn next(&mut self, at_most: u64) -> Outcome<Bytes> {
        while !self.left.has_remaining() {
            let frame = self.incoming.frame().await.ok_or_else(broken)?;
            if let Ok(piece) = frame.map_err(|_| broken())?.into_data() {
                self.check.update(&piece);
                self.left = piece;
            }
        }
        let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
        let size = self.left.len().min(at_most);
        Ok(self.left.split_to(size))
    }
}

fn parse_list(document: &[u8]) -> Outcome<Vec<(BlockId, u64)>> {
    let mut blocks = Vec::new();
    let mut name = None;
    for (path, text) in leaves(document)? {
        match path.as_str() {
            "BlockList/CommittedBlocks/Block/Name" => name = STANDARD.decode(text).ok(),
            "BlockList/CommittedBlocks/Block/Size" => {
                let (id, size) = (name.take(), text.parse().ok());
                let (id, size) = id.zip(size).ok_or_else(broken)?;
                blocks.push((id.into(), size));
            }
            _ => {}
        }
    }
    Ok(blocks)
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn attributes(headers: &HeaderMap) -> Attributes {
    let value = |name: &str| headers.get(name)?.to_str().ok();
    let properties = Property::ALL.into_iter().filter_map(|property| {
        let name = match property {
            // The tier is the source's own affair.
            Property::AccessTier => return None,
            property => property.answer_header(),
        };
        Some((property, value(name)?))
    });
    let metadata = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix("x-ms-meta-")?;
        Some((name, value.to_str().ok()?))
    });
    Attributes::pack(properties, metadata)
}

fn unreachable() -> Failure {
    Failure::copy_source(StatusCode::NOT_FOUND, "The copy source cannot be reached.")
}

fn broken() -> Failure {
    Failure::copy_source(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The copy source did not arrive whole.",
    )
}
