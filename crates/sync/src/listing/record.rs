//! One blob of a listing as bytes, for the temporary file that listings rest in.

use std::io::{self, Read};

use longshore_content::{Blake3Digest, Digests, Sha256Digest};
use longshore_store::{ETag, ListedBlob};

/// No record is longer: a name has at most 1,024 characters, and a version a few dozen.
pub(super) const LONGEST: u64 = 8 << 10;

const ETAG: u8 = 1;
const DIGESTS: u8 = 2;
const MD5: u8 = 4;

/// Appends a blob. When it was written is not kept: nothing here asks.
pub(super) fn encode(blob: &ListedBlob, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    let flag = |is, flag| if is { flag } else { 0 };
    out.push(
        flag(blob.etag.is_some(), ETAG)
            | flag(blob.digests.is_some(), DIGESTS)
            | flag(blob.content_md5.is_some(), MD5),
    );
    out.extend_from_slice(&blob.size.to_le_bytes());
    if let Some(digests) = &blob.digests {
        out.extend_from_slice(digests.blake3.as_bytes());
        out.extend_from_slice(digests.sha256.as_bytes());
    }
    if let Some(md5) = &blob.content_md5 {
        out.extend_from_slice(md5);
    }
    text(blob.etag.as_ref().map_or("", ETag::as_str), out);
    text(&blob.name, out);
    let length = u32::try_from(out.len() - start - 4).unwrap_or_default();
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

fn text(text: &str, out: &mut Vec<u8>) {
    let length = u32::try_from(text.len()).unwrap_or_default();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Reads the next record, and tells how long it is; none at the end.
pub(super) fn read(file: &mut impl Read) -> io::Result<Option<(u64, ListedBlob)>> {
    let mut length = [0; 4];
    match file.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    }
    let mut bytes = length.to_vec();
    let rest = u64::from(u32::from_le_bytes(length));
    file.take(rest).read_to_end(&mut bytes)?;
    Ok(decode(&mut bytes.as_slice()).map(|blob| (bytes.len() as u64, blob)))
}

/// Takes the next blob off the front; none when it is not there whole.
pub(super) fn decode(bytes: &mut &[u8]) -> Option<ListedBlob> {
    let mut rest = *bytes;
    let length = u32::from_le_bytes(take(&mut rest)?);
    let (mut record, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    let [flags] = take(&mut record)?;
    let size = u64::from_le_bytes(take(&mut record)?);
    let digests = match flags & DIGESTS {
        0 => None,
        _ => Some(Digests {
            blake3: Blake3Digest::from_bytes(take(&mut record)?),
            sha256: Sha256Digest::from_bytes(take(&mut record)?),
        }),
    };
    let content_md5 = match flags & MD5 {
        0 => None,
        _ => Some(take(&mut record)?),
    };
    let etag = take_text(&mut record)?;
    Some(ListedBlob {
        size,
        digests,
        content_md5,
        etag: (flags & ETAG != 0).then(|| ETag::new(etag)),
        name: take_text(&mut record)?.to_owned(),
        last_modified: None,
        is_directory: false,
    })
}

fn take<const LENGTH: usize>(bytes: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(u32::from_le_bytes(take(bytes)?)).ok()?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(name: &str, all: bool) -> ListedBlob {
        ListedBlob {
            name: name.to_owned(),
            size: 7,
            etag: all.then(|| ETag::new("0x8D")),
            last_modified: None,
            digests: all.then(|| Digests {
                blake3: Blake3Digest::from_bytes([1; 32]),
                sha256: Sha256Digest::from_bytes([2; 32]),
            }),
            content_md5: all.then_some([3; 16]),
            is_directory: false,
        }
    }

    #[test]
    fn blobs_come_back_one_after_the_other() {
        let blobs = [blob("a/ü", true), blob("b", false), blob("", true)];
        let mut bytes = Vec::new();
        for blob in &blobs {
            encode(blob, &mut bytes);
        }
        let mut rest = bytes.as_slice();
        let back: Vec<_> = std::iter::from_fn(|| decode(&mut rest)).collect();
        assert_eq!(back, blobs);
        assert!(rest.is_empty());
    }

    #[test]
    fn half_a_record_is_none_and_takes_nothing() {
        let mut bytes = Vec::new();
        encode(&blob("name", true), &mut bytes);
        for length in 0..bytes.len() {
            let mut part = &bytes[..length];
            assert_eq!(decode(&mut part), None);
            assert_eq!(part.len(), length);
        }
    }
}
