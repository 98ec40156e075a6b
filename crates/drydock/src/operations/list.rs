//! Listing containers and blobs.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::answer::Answer;
use crate::call::Call;
use crate::failure::{Failure, Outcome};
use crate::storage::{Attributes, Blob, Item, LeaseState, ListQuery, Page, Property, Stamp};
use crate::xml::{DECLARATION, element, escape, name_element};

/// The most items of a page.
const MAX_RESULTS: usize = 5000;

/// What a listing may be asked to show in addition.
const INCLUDABLE: [&str; 12] = [
    "copy",
    "deleted",
    "deletedwithversions",
    "immutabilitypolicy",
    "legalhold",
    "metadata",
    "permissions",
    "snapshots",
    "system",
    "tags",
    "uncommittedblobs",
    "versions",
];

/// List Containers.
pub(super) fn list_containers(call: &Call) -> Outcome<Answer> {
    let asked = Asked::of(call)?;
    let from = asked
        .marker
        .as_ref()
        .map_or("", |marker| marker.name.as_str());
    let (containers, next) = call
        .store()
        .list_containers(&asked.prefix, from, asked.limit(call));
    let mut document = head(call, None, &asked);
    document.push_str("<Containers>");
    for (name, info, lease_state) in &containers {
        document.push_str("<Container>");
        element(&mut document, "Name", name);
        document.push_str("<Properties>");
        stamp(&mut document, info.modified);
        lease(&mut document, *lease_state);
        if let Some(access) = info.access.header() {
            element(&mut document, "PublicAccess", access);
        }
        document.push_str(
            "<DefaultEncryptionScope>$account-encryption-key</DefaultEncryptionScope>\
             <DenyEncryptionScopeOverride>false</DenyEncryptionScopeOverride>\
             <HasImmutabilityPolicy>false</HasImmutabilityPolicy>\
             <HasLegalHold>false</HasLegalHold></Properties>",
        );
        if asked.metadata {
            metadata(&mut document, &info.attributes);
        }
        document.push_str("</Container>");
    }
    document.push_str("</Containers>");
    let next = next.map(|name| Marker {
        name,
        after_empty: false,
    });
    Ok(tail(document, next))
}

/// List Blobs.
pub(super) fn list_blobs(call: &Call) -> Outcome<Answer> {
    let asked = Asked::of(call)?;
    let container = call.container()?;
    let marker = asked.marker.as_ref();
    let mut query = ListQuery {
        prefix: asked.prefix.clone(),
        delimiter: call.query.get("delimiter").unwrap_or_default().to_owned(),
        from: marker.map(|marker| marker.name.clone()).unwrap_or_default(),
        limit: asked.limit(call),
        uncommitted: asked.uncommitted,
    };
    let empty = call.harbour.control.empty_pages() && !marker.is_some_and(|m| m.after_empty);
    if empty {
        // The first item becomes where the next page starts.
        query.limit = 0;
    }
    let Page { items, next } = call.store().list_blobs(container, &query)?;
    let mut document = head(call, Some(container), &asked);
    element(&mut document, "Delimiter", &query.delimiter);
    document.push_str("<Blobs>");
    // A blob takes about so much; growing a string of megabytes copies it again and again.
    document.reserve(items.len() * if asked.metadata { 1100 } else { 800 });
    for item in &items {
        write_item(&mut document, item, &asked);
    }
    document.push_str("</Blobs>");
    let next = next.map(|name| Marker {
        name,
        after_empty: empty,
    });
    Ok(tail(document, next))
}

/// What both listings are asked for.
#[derive(Debug)]
struct Asked {
    prefix: String,
    marker_text: String,
    marker: Option<Marker>,
    max_results: Option<usize>,
    metadata: bool,
    copy: bool,
    uncommitted: bool,
}

impl Asked {
    fn of(call: &Call) -> Outcome<Self> {
        let text = |name: &str| call.query.get(name).unwrap_or_default().to_owned();
        let marker = call.query.get("marker").map(Marker::decode).transpose()?;
        let max_results: Option<usize> = call.query.number("maxresults")?;
        if max_results == Some(0) {
            return Err(Failure::of(
                crate::failure::Code::OutOfRangeQueryParameterValue,
            ));
        }
        let include: Vec<_> = text("include")
            .split(',')
            .map(|word| word.trim().to_ascii_lowercase())
            .filter(|word| !word.is_empty())
            .collect();
        if include
            .iter()
            .any(|word| !INCLUDABLE.contains(&word.as_str()))
        {
            return Err(Failure::query_value("include"));
        }
        let includes = |what: &str| include.iter().any(|word| word == what);
        Ok(Self {
            prefix: text("prefix"),
            marker_text: text("marker"),
            marker,
            max_results,
            metadata: includes("metadata"),
            copy: includes("copy"),
            uncommitted: includes("uncommittedblobs"),
        })
    }

    fn limit(&self, call: &Call) -> usize {
        let asked = self.max_results.unwrap_or(MAX_RESULTS).min(MAX_RESULTS);
        call.harbour.control.page_limit(asked)
    }
}

/// Where a listing goes on: opaque to clients.
#[derive(Debug, PartialEq, Eq)]
struct Marker {
    /// The first name of the next page.
    name: String,
    /// Whether the page before was left empty on purpose.
    after_empty: bool,
}

impl Marker {
    fn encode(&self) -> String {
        let kind = if self.after_empty { 'e' } else { 'n' };
        format!(
            "2!{}",
            URL_SAFE_NO_PAD.encode(format!("{kind}{}", self.name))
        )
    }

    fn decode(text: &str) -> Outcome<Self> {
        let parse = || {
            let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix("2!")?).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let (after_empty, name) = match text.split_at_checked(1)? {
                ("e", name) => (true, name),
                ("n", name) => (false, name),
                _ => return None,
            };
            Some(Self {
                name: name.to_owned(),
                after_empty,
            })
        };
        parse().ok_or_else(|| Failure::query_value("marker"))
    }
}

fn head(call: &Call, container: Option<&str>, asked: &Asked) -> String {
    let mut document = String::with_capacity(4096);
    let endpoint = escape(&call.harbour.url);
    // Writing to a string cannot fail.
    let _ = write!(
        document,
        "{DECLARATION}<EnumerationResults ServiceEndpoint=\"{endpoint}/\""
    );
    if let Some(container) = container {
        let _ = write!(document, " ContainerName=\"{container}\"");
    }
    document.push('>');
    element(&mut document, "Prefix", &asked.prefix);
    element(&mut document, "Marker", &asked.marker_text);
    if let Some(max) = asked.max_results {
        element(&mut document, "MaxResults", &max.to_string());
    }
    document
}

fn tail(mut document: String, next: Option<Marker>) -> Answer {
    let marker = next.map(|marker| marker.encode()).unwrap_or_default();
    element(&mut document, "NextMarker", &marker);
    document.push_str("</EnumerationResults>");
    Answer::xml(document)
}

fn write_item(document: &mut String, item: &Item, asked: &Asked) {
    match item {
        Item::Blob(name, blob, lease) => {
            document.push_str("<Blob>");
            name_element(document, name);
            blob_properties(document, blob, *lease, asked.copy);
            if asked.metadata {
                metadata(document, &blob.attributes);
            }
            document.push_str("<OrMetadata /></Blob>");
        }
        // Neither ETag nor times: for readers there is nothing yet.
        Item::Uncommitted(name) => {
            document.push_str("<Blob>");
            name_element(document, name);
            document.push_str(
                "<Properties><Content-Length>0</Content-Length><BlobType>BlockBlob</BlobType>\
                 </Properties></Blob>",
            );
        }
        Item::Prefix(prefix) => {
            document.push_str("<BlobPrefix>");
            name_element(document, prefix);
            document.push_str("</BlobPrefix>");
        }
    }
}

fn blob_properties(document: &mut String, blob: &Blob, lease_state: LeaseState, copy: bool) {
    let property = |property| blob.attributes.property(property).unwrap_or_default();
    document.push_str("<Properties>");
    element(document, "Creation-Time", &blob.created.http_date());
    stamp(document, blob.modified);
    element(document, "Content-Length", &blob.length.to_string());
    for (name, value) in [
        ("Content-Type", property(Property::ContentType)),
        ("Content-Encoding", property(Property::ContentEncoding)),
        ("Content-Language", property(Property::ContentLanguage)),
        ("Content-CRC64", ""),
        ("Content-MD5", property(Property::ContentMd5)),
        ("Cache-Control", property(Property::CacheControl)),
        (
            "Content-Disposition",
            property(Property::ContentDisposition),
        ),
        ("BlobType", "BlockBlob"),
    ] {
        element(document, name, value);
    }
    let tier = blob.attributes.property(Property::AccessTier);
    element(document, "AccessTier", tier.unwrap_or("Hot"));
    if tier.is_none() {
        element(document, "AccessTierInferred", "true");
    }
    lease(document, lease_state);
    if copy && let Some(mark) = blob.attributes.copy_mark() {
        element(document, "CopyId", mark.id);
        element(document, "CopySource", mark.source);
        element(document, "CopyStatus", "success");
        element(document, "CopyProgress", &format!("{0}/{0}", blob.length));
        element(document, "CopyCompletionTime", mark.completed);
    }
    document.push_str("<ServerEncrypted>true</ServerEncrypted></Properties>");
}

fn lease(document: &mut String, lease: LeaseState) {
    element(document, "LeaseStatus", lease.status());
    element(document, "LeaseState", lease.name());
    if let Some(duration) = lease.duration() {
        element(document, "LeaseDuration", duration);
    }
}

fn stamp(document: &mut String, stamp: Stamp) {
    element(document, "Last-Modified", &stamp.http_date());
    element(document, "Etag", &stamp.to_string());
}

fn metadata(document: &mut String, attributes: &Attributes) {
    document.push_str("<Metadata>");
    for (name, value) in attributes.metadata() {
        element(document, name, value);
    }
    document.push_str("</Metadata>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_carries_any_name() {
        for name in ["", "a/b", "ü+%?", "\u{1}"] {
            for after_empty in [false, true] {
                let marker = Marker {
                    name: name.to_owned(),
                    after_empty,
                };
                assert_eq!(Marker::decode(&marker.encode()).unwrap(), marker);
            }
        }
        assert!(Marker::decode("nonsense").is_err());
    }
}
