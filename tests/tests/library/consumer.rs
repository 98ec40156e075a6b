//! What a build VM does with a library: pointer, documents, files, and every digest on the way.

use longshore_content::{BlockLayout, Digests, FileHasher};
use longshore_manifest::{Document, Pointer, Release};

/// Reads the release that counts and all that it names; none when nothing was published.
///
/// # Panics
///
/// When anything is missing, or is not what it is said to be.
pub(crate) fn consume(library: &str, read: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Release> {
    let pointer = read(&format!("_releases/{library}/current.json"))?;
    let pointer = Pointer::parse(&text(pointer)).unwrap();
    let document = |named: &Document| {
        let bytes = read(named.blob.as_str()).unwrap_or_else(|| panic!("no `{}`", named.blob));
        assert_eq!(digests(&bytes).sha256, named.sha256, "`{}`", named.blob);
        assert_eq!(bytes.len() as u64, named.size, "`{}`", named.blob);
        text(bytes)
    };
    let release = Release::parse(&document(&pointer.json)).unwrap();
    assert_eq!(release.release, pointer.release);
    assert_eq!(release.content.digest(), pointer.release);
    assert_eq!(document(&pointer.tsv), release.twin());
    for released in &release.content.artifacts {
        let blob = released.blob.as_str();
        let bytes = read(blob).unwrap_or_else(|| panic!("no `{blob}` of {}", release.release));
        let found = digests(&bytes);
        assert_eq!(bytes.len() as u64, released.size, "`{blob}`");
        assert_eq!(found.sha256, released.sha256, "`{blob}`");
        assert_eq!(found.blake3, released.blake3, "`{blob}`");
    }
    Some(release)
}

/// Both digests of some bytes.
pub(crate) fn digests(bytes: &[u8]) -> Digests {
    let layout = BlockLayout::for_file(bytes.len() as u64).unwrap();
    let mut hasher = FileHasher::new(layout);
    hasher.update(bytes).unwrap();
    hasher.finish().unwrap().digests
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
