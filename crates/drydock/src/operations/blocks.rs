//! Blocks and block lists.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;

use super::write::{guard, lease_guard, new_attributes};
use crate::answer::Answer;
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::intake::Cargo;
use crate::sources::Shipment;
use crate::storage::{BlockChoice, BlockId, Content, Extent, NamedBlock};
use crate::xml::{DECLARATION, element, leaves};

/// The longest id, decoded.
const MAX_ID: usize = 64;
/// The most blocks of a blob.
const MAX_BLOCKS: usize = 50_000;

/// Put Block.
pub(super) fn put_block(call: &Call, cargo: Cargo) -> Outcome<Answer> {
    let id = block_id(call)?;
    let extent = cargo
        .extent
        .ok_or_else(|| Failure::header_value("Content-Length"))?;
    stage(call, id, extent)?;
    Ok(staged(cargo.md5.as_deref(), cargo.crc64.as_deref()))
}

/// Put Block From URL.
pub(super) fn put_block_from_url(call: &Call, shipment: Shipment) -> Outcome<Answer> {
    let id = block_id(call)?;
    // A block of nothing is refused as an empty Put Block is.
    let Content::Whole(extent) = shipment.content else {
        return Err(Failure::header_value("x-ms-source-range"));
    };
    stage(call, id, extent)?;
    Ok(staged(shipment.md5.as_deref(), shipment.crc64.as_deref()))
}

fn block_id(call: &Call) -> Outcome<BlockId> {
    let id = call.query.get("blockid").ok_or_else(|| {
        Failure::of(Code::MissingRequiredQueryParameter).with_detail("QueryParameterName: blockid")
    })?;
    // A client that did not encode the plus signs of the base64 sent spaces.
    decode_id(&id.replace(' ', "+"))
}

fn stage(call: &Call, id: BlockId, extent: Arc<Extent>) -> Outcome<()> {
    let guard = lease_guard(call)?;
    call.store().put_block(call.address()?, id, extent, guard)
}

fn staged(md5: Option<&str>, crc64: Option<&str>) -> Answer {
    let mut answer = Answer::new(StatusCode::CREATED).with("x-ms-request-server-encrypted", "true");
    if let Some(md5) = md5 {
        answer.set("content-md5", md5);
    }
    if let Some(crc64) = crc64 {
        answer.set("x-ms-content-crc64", crc64);
    }
    answer
}

fn decode_id(text: &str) -> Outcome<BlockId> {
    let id = STANDARD
        .decode(text)
        .map_err(|_| Failure::of(Code::InvalidBlockId))?;
    if id.is_empty() || id.len() > MAX_ID {
        return Err(Failure::query_value("blockid"));
    }
    Ok(id.into())
}

/// Put Block List.
pub(super) fn put_block_list(call: &Call, document: &[u8]) -> Outcome<Answer> {
    let list = parse(document)?;
    let attributes = new_attributes(call, None)?;
    let guard = guard(call)?;
    let blob = call
        .store()
        .put_block_list(call.address()?, attributes, &list, guard)?;
    Ok(Answer::new(StatusCode::CREATED)
        .with_stamp(blob.modified)
        .with("x-ms-request-server-encrypted", "true"))
}

fn parse(document: &[u8]) -> Outcome<Vec<NamedBlock>> {
    let mut list = Vec::new();
    for (path, text) in leaves(document)? {
        let choice = match path.as_str() {
            "BlockList" => continue,
            "BlockList/Committed" => BlockChoice::Committed,
            "BlockList/Uncommitted" => BlockChoice::Uncommitted,
            "BlockList/Latest" => BlockChoice::Latest,
            _ => return Err(Code::InvalidXmlDocument.into()),
        };
        if list.len() == MAX_BLOCKS {
            return Err(Code::BlockListTooLong.into());
        }
        let id = decode_id(&text).map_err(|_| Failure::of(Code::InvalidBlockList))?;
        list.push(NamedBlock { choice, id });
    }
    Ok(list)
}

/// Get Block List.
pub(super) fn get_block_list(call: &Call) -> Outcome<Answer> {
    let kind = call.query.get("blocklisttype").unwrap_or("committed");
    let (committed, uncommitted) = match kind.to_ascii_lowercase().as_str() {
        "committed" => (true, false),
        "uncommitted" => (false, true),
        "all" => (true, true),
        _ => return Err(Failure::query_value("blocklisttype")),
    };
    let lists = call.store().block_lists(call.address()?)?;
    if let Some(blob) = &lists.blob {
        Conditions::of(call)?.check_read(blob.modified)?;
    }
    let mut document = format!("{DECLARATION}<BlockList>");
    if committed {
        write_blocks(&mut document, "CommittedBlocks", &lists.committed);
    }
    if uncommitted {
        write_blocks(&mut document, "UncommittedBlocks", &lists.uncommitted);
    }
    document.push_str("</BlockList>");
    let answer = Answer::xml(document);
    Ok(match &lists.blob {
        Some(blob) => answer
            .with_stamp(blob.modified)
            .with("x-ms-blob-content-length", &blob.length.to_string()),
        None => answer.with("x-ms-blob-content-length", "0"),
    })
}

fn write_blocks(document: &mut String, name: &str, blocks: &[(BlockId, u64)]) {
    document.push('<');
    document.push_str(name);
    document.push('>');
    for (id, size) in blocks {
        document.push_str("<Block>");
        element(document, "Name", &STANDARD.encode(id));
        element(document, "Size", &size.to_string());
        document.push_str("</Block>");
    }
    document.push_str("</");
    document.push_str(name);
    document.push('>');
}
