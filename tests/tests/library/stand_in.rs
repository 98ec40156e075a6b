//! Operators who meet at a stand-in that the binary serves, as somebody tries it out.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use longshore_tests::binary::Run;
use longshore_tests::pier::noise;
use serde_json::Value;
use tempfile::TempDir;

use crate::consumer::consume;
use crate::gate::Gate;
use crate::world::{ended, said};

/// `longshore drydock serve`, until it is dropped.
struct Serving {
    child: Child,
    home: TempDir,
    told: Value,
}

impl Serving {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let serve = ["drydock", "serve", "--data", data.to_str().unwrap()];
        let mut run = Run::new(home.path(), &serve).env("LONGSHORE_OUTPUT", "json");
        let command = run.command().stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).unwrap();
        Self { child, home, told }
    }

    fn place(&self) -> String {
        format!("{}/library", self.told["url"].as_str().unwrap())
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let connection = self.told["connection_string"].as_str().unwrap();
        Run::new(self.home.path(), arguments)
            .env("LONGSHORE_OUTPUT", "json")
            .env("AZURE_STORAGE_CONNECTION_STRING", connection)
    }

    /// Writes a manifest of files that lie beside it, and tells its path.
    fn manifest(&self, name: &str, seed: u64) -> String {
        let folder = self.home.path().join(name);
        fs_err::create_dir(&folder).unwrap();
        let mut text = "[library]\nname = \"tools\"\nos = \"windows\"\n".to_owned();
        for (id, seed) in [("alpha", seed), ("beta", 100 + seed)] {
            let file = format!("{id}.exe");
            fs_err::write(folder.join(&file), noise(seed, 30_000)).unwrap();
            let block =
                format!("[[artifact]]\nid = \"{id}\"\nversion = \"{seed}\"\npath = \"{file}\"\n");
            text.push_str(&block);
        }
        let manifest = folder.join("tools.toml");
        fs_err::write(&manifest, text).unwrap();
        manifest.to_str().unwrap().to_owned()
    }

    fn stage(&self, manifest: &str, more: &[&str]) -> Run {
        let place = self.place();
        let shared = [
            "stage",
            manifest,
            "--destination",
            &place,
            "--create-container",
        ];
        self.run(&[&shared[..], more].concat())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_slower_operator_is_told_and_consumers_see_the_faster_ones_release() {
    let serving = Serving::new();
    let (slow, fast) = (serving.manifest("slow", 1), serving.manifest("fast", 2));
    let gate = Gate::new(serving.home.path());
    let scanner = gate.scanner("alpha");
    let slower = serving.stage(&slow, &["--scan", &scanner]);
    let (told, won) = gate.meanwhile(slower, || ended(serving.stage(&fast, &[]).run(), 0));
    let won = won.summary()["release"].as_str().unwrap().to_owned();
    let told = ended(told, 4);
    assert!(said(&told).contains(&won), "{told:?}");

    let fetched = serving.home.path().join("fetched");
    let fetch = ["fetch", &serving.place(), fetched.to_str().unwrap()];
    ended(serving.run(&fetch).run(), 0);
    let read = |blob: &str| fs_err::read(fetched.join(blob)).ok();
    let release = consume("tools", read).unwrap();
    assert_eq!(release.release.to_string(), won);
    assert_eq!(release.content.artifacts[0].version.as_str(), "2");
}
