//! A vendor, a stand-in and a manifest between them: all that staging a library needs.

use longshore_manifest::Release;
use longshore_tests::binary::{Ran, Run};
use longshore_tests::pier::{Pier, noise};
use longshore_tests::upstream::{Served, UpstreamServer};
use serde_json::Value;

use crate::consumer::consume;

/// The vendor as manifests, locks and releases name it.
pub(crate) const VENDOR: &str = "https://vendor.example/";

/// The library of every manifest that is written here.
pub(crate) const LIBRARY: &str = "tools";

/// A vendor's server, a stand-in, and a folder for manifests.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) pier: Pier,
    pub(crate) vendor: UpstreamServer,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            pier: Pier::new(),
            vendor: UpstreamServer::start().unwrap(),
        }
    }

    /// The vendor offers a file at [`path`].
    pub(crate) fn offer(&self, id: &str, version: &str, served: Served) {
        self.vendor.put(&path(id, version), served);
    }

    /// Writes a manifest of these artifacts, and tells its path.
    pub(crate) fn manifest(&self, name: &str, artifacts: &[String]) -> String {
        let file = self.pier.folder().join(format!("{name}.toml"));
        let blocks = artifacts.join("\n");
        let text = format!("[library]\nname = \"{LIBRARY}\"\nos = \"windows\"\n\n{blocks}");
        fs_err::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// The lock beside a manifest.
    pub(crate) fn lock(&self, name: &str) -> String {
        let file = self.pier.folder().join(format!("{name}.lock"));
        fs_err::read_to_string(file).unwrap()
    }

    /// `--rewrite FROM=TO` for the vendor.
    pub(crate) fn rewrite(&self) -> String {
        format!("{VENDOR}={}", self.vendor.url("/"))
    }

    /// A command that asks the vendor: `lock`, `outdated`.
    pub(crate) fn ask(&self, command: &str, manifest: &str, more: &[&str]) -> Run {
        let rewrite = self.rewrite();
        let shared = [command, manifest, "--allow-http", "--rewrite", &rewrite];
        self.pier.longshore(&[&shared, more].concat())
    }

    /// `longshore stage` to the stand-in.
    pub(crate) fn stage(&self, manifest: &str, more: &[&str]) -> Run {
        let destination = self.pier.destination();
        let shared = ["--destination", &destination];
        self.ask("stage", manifest, &[&shared, more].concat())
    }

    /// Stages, and expects a release to count; gives what a consumer sees.
    pub(crate) fn staged(&self, manifest: &str, more: &[&str]) -> Release {
        let ran = ended(self.stage(manifest, more).run(), 0);
        let release = self.release();
        assert_eq!(
            ran.summary()["release"],
            release.release.to_string(),
            "{ran:?}"
        );
        release
    }

    /// A command that looks at what was published: `releases list`, `prune`.
    pub(crate) fn look(&self, command: &[&str], manifest: &str, more: &[&str]) -> Run {
        let destination = self.pier.destination();
        let shared = [manifest, "--destination", &destination];
        self.pier.longshore(&[command, &shared, more].concat())
    }

    /// The release that counts, read and checked as a build VM does it.
    pub(crate) fn release(&self) -> Release {
        consume(LIBRARY, |blob| self.pier.blob(blob)).unwrap()
    }

    /// Whether nothing was ever published.
    pub(crate) fn is_unpublished(&self) -> bool {
        consume(LIBRARY, |blob| self.pier.blob(blob)).is_none()
    }
}

/// Where the vendor has a file.
pub(crate) fn path(id: &str, version: &str) -> String {
    format!("/{id}/{version}/setup.exe")
}

/// The block of a vendor's file in a manifest; lines for it may follow.
pub(crate) fn artifact(id: &str, version: &str) -> String {
    let url = format!("{}{}", VENDOR.trim_end_matches('/'), path(id, version));
    format!("[[artifact]]\nid = \"{id}\"\nversion = \"{version}\"\nurl = \"{url}\"\n")
}

/// What a good vendor serves.
pub(crate) fn good(seed: u64, length: usize) -> Served {
    Served::new(noise(seed, length)).etag(format!("\"{seed}-{length}\""))
}

/// Makes sure of the exit code.
pub(crate) fn ended(ran: Ran, code: i32) -> Ran {
    assert_eq!(ran.code, Some(code), "\n{}\n{}", ran.stdout, ran.stderr);
    ran
}

/// All that a run said.
pub(crate) fn said(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

/// The events of a kind.
pub(crate) fn events(ran: &Ran, kind: &str) -> Vec<Value> {
    let lines = ran.stdout.lines().map(serde_json::from_str::<Value>);
    lines
        .map(Result::unwrap)
        .filter(|event| event["event"] == kind)
        .collect()
}

/// What a run said of the failure of one file: it names the artifact, and the cause.
pub(crate) fn assert_named(ran: &Ran, id: &str, cause: &str) {
    let failed = events(ran, "failed");
    let named = |event: &Value| event["item"].as_str().is_some_and(|item| item.contains(id));
    let story = failed
        .iter()
        .find(|event| named(event))
        .unwrap_or_else(|| panic!("nothing is said of `{id}`: {}{}", ran.stdout, ran.stderr));
    assert!(story.to_string().contains(cause), "{id}, {cause}: {story}");
}
