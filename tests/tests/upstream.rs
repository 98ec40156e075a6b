//! Files from a vendor's server that does everything wrong that a server can: they are right, or there is a named error,
//! and nothing half done has a final name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

#[path = "upstream/content.rs"]
mod content;
#[path = "upstream/kills.rs"]
mod kills;
#[path = "upstream/redirects.rs"]
mod redirects;
#[path = "upstream/refusals.rs"]
mod refusals;
#[path = "upstream/transfers.rs"]
mod transfers;

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use longshore_content::{Digests, Sha256Digest};
use longshore_mirror::{
    Cellar, Expected, Fetch, FetchProgress, Fetched, Upstream, UpstreamError, UpstreamOptions,
};
use longshore_sync::Cancel;
use longshore_tests::upstream::{Served, UpstreamServer};
use tempfile::TempDir;
use url::Url;

const PATH: &str = "/tool/setup.exe";
const DATE: &str = "Tue, 24 Nov 2026 10:00:00 GMT";
const LATER: &str = "Tue, 24 Nov 2026 11:00:00 GMT";

/// Retries without waiting, and pieces so small that a small file has many.
fn options() -> UpstreamOptions {
    UpstreamOptions {
        retries: 3,
        backoff: Duration::from_millis(1),
        longest_wait: Duration::from_millis(20),
        connections: NonZeroUsize::new(4).unwrap(),
        segment: NonZeroU64::new(20_000).unwrap(),
        checkpoint: NonZeroU64::new(10_000).unwrap(),
        allow_http: true,
        ..UpstreamOptions::default()
    }
}

/// A server, a cellar, and a client between them.
struct Port {
    server: UpstreamServer,
    upstream: Upstream,
    cellar: Cellar,
    home: TempDir,
}

impl Port {
    fn new(served: Served) -> Self {
        Self::with(options(), served)
    }

    fn with(options: UpstreamOptions, served: Served) -> Self {
        let home = tempfile::tempdir().unwrap();
        let server = UpstreamServer::start().unwrap();
        server.put(PATH, served);
        Self {
            server,
            upstream: Upstream::new(options).unwrap(),
            cellar: Cellar::open(home.path()).unwrap(),
            home,
        }
    }

    fn url(&self) -> Url {
        self.server.url(PATH)
    }

    async fn fetch(&self, expected: Expected) -> Result<Fetched, UpstreamError> {
        let fetch = Fetch {
            url: &self.url(),
            expected,
        };
        let progress = FetchProgress::default();
        self.upstream
            .fetch(&fetch, &self.cellar, &progress, &Cancel::new())
            .await
    }

    /// Fetches what must come in whole and right.
    async fn fetch_right(&self, content: &[u8]) -> Fetched {
        let fetched = self.fetch(pinned(content)).await.unwrap();
        assert_eq!(fs_err::read(&fetched.path).unwrap(), content);
        assert_eq!(fetched.digests, digests(content));
        assert_eq!(fetched.size, content.len() as u64);
        assert_eq!(self.held(), std::slice::from_ref(&fetched.path));
        fetched
    }

    /// All files with a final name.
    fn held(&self) -> Vec<PathBuf> {
        let mut held = Vec::new();
        for entry in fs_err::read_dir(self.home.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().len() == 2 {
                let files = fs_err::read_dir(entry.path()).unwrap();
                held.extend(files.map(|file| file.unwrap().path()));
            }
        }
        held
    }

    /// Whether any bytes lie in wait of the next run.
    fn has_part(&self) -> bool {
        fs_err::read_dir(self.home.path().join("incoming"))
            .unwrap()
            .any(|entry| {
                entry
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|ending| ending == "part")
            })
    }
}

/// Bytes that differ at every place that counts.
fn bytes(length: usize, seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn digests(content: &[u8]) -> Digests {
    let layout = longshore_content::BlockLayout::for_file(content.len() as u64).unwrap();
    let mut hasher = longshore_content::FileHasher::new(layout);
    hasher.update(content).unwrap();
    hasher.finish().unwrap().digests
}

fn sha256(content: &[u8]) -> Sha256Digest {
    digests(content).sha256
}

fn pinned(content: &[u8]) -> Expected {
    let digests = digests(content);
    Expected {
        size: Some(content.len() as u64),
        sha256: Some(digests.sha256),
        blake3: Some(digests.blake3),
    }
}
