//! Since when which bytes are known at one URL.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use longshore_content::Sha256Digest;

use super::{CellarError, file};

/// When these bytes were first seen, after they have been seen now.
pub(super) fn first_seen(
    path: &Path,
    sha256: &Sha256Digest,
    now: Timestamp,
) -> Result<Timestamp, CellarError> {
    let mut seen: BTreeMap<String, Timestamp> = fs_err::read(path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    let name = sha256.to_string();
    match seen.get(&name) {
        // A clock that was wrong once must not hold a file back for years.
        Some(&first) if first <= now => return Ok(first),
        _ => seen.insert(name, now),
    };
    file::write_json(path, &seen)?;
    Ok(now)
}
