//! Which contents a listing has shown, and where: made when somebody asks for the first time.

use longshore_content::Blake3Digest;
use longshore_store::ListedBlob;

/// The beginning of a digest, and the place of the record.
type Place = (u64, u64);

/// Where contents stand in the file of a listing.
#[derive(Debug, Default)]
pub(super) struct Index(Vec<Place>);

impl Index {
    /// The index of blobs with the places of their records; only blobs that say what they hold count.
    pub(super) fn of(blobs: impl Iterator<Item = (u64, ListedBlob)>) -> Self {
        let holds = |(place, blob): (u64, ListedBlob)| {
            let digests = blob
                .digests
                .filter(|_| blob.etag.is_some() && blob.size > 0)?;
            Some((beginning(&digests.blake3), place))
        };
        let mut places: Vec<Place> = blobs.filter_map(holds).collect();
        places.sort_unstable();
        Self(places)
    }

    /// The places of blobs whose digest begins like this one.
    pub(super) fn places(&self, digest: &Blake3Digest) -> impl Iterator<Item = u64> {
        let wanted = beginning(digest);
        let start = self.0.partition_point(|(found, _)| *found < wanted);
        self.0[start..]
            .iter()
            .take_while(move |(found, _)| *found == wanted)
            .map(|(_, place)| *place)
    }
}

fn beginning(digest: &Blake3Digest) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_be_bytes(bytes)
}
