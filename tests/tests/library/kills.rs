//! A stage that is killed in the middle of a large download.

use std::path::Path;

use longshore_tests::pier::noise;
use longshore_tests::upstream::Served;
use serde_json::Value;

use crate::world::{World, artifact, ended, path};

const MIB: u64 = 1 << 20;

/// How many bytes are noted as arrived beside the unfinished downloads of a cellar.
fn noted(cellar: &Path) -> u64 {
    let Ok(entries) = fs_err::read_dir(cellar.join("incoming")) else {
        return 0;
    };
    let notes = entries.filter_map(|entry| {
        let text = fs_err::read(entry.ok()?.path()).ok()?;
        serde_json::from_slice::<Value>(&text).ok()
    });
    let ranges = notes.flat_map(|notes| notes["finished"].as_array().cloned().unwrap_or_default());
    let length = |range: Value| Some(range[1].as_u64()? - range[0].as_u64()?);
    ranges.filter_map(length).sum()
}

#[test]
fn a_killed_download_goes_on_where_it_was() {
    let (size, enough) = (72 * MIB, 32 * MIB);
    let content = noise(1, usize::try_from(size).unwrap());
    let world = World::new();
    // Four connections of 18 MiB each, which all stop before their end.
    let served = Served::new(content)
        .etag("\"1\"")
        .stalled_after(14 * MIB, 4);
    world.offer("large", "1.0", served);
    let manifest = world.manifest("tools", &[artifact("large", "1.0")]);
    let cellar = world.pier.folder().join("cellar");
    let more = ["--cellar", cellar.to_str().unwrap()];
    let mut child = world.stage(&manifest, &more).start();
    while noted(&cellar) < enough {
        assert_eq!(child.try_wait().unwrap(), None, "it ended too early");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(world.is_unpublished());
    let noted = noted(&cellar);

    world.vendor.reset_counts();
    let ran = ended(world.stage(&manifest, &more).run(), 0);
    let fetched = ran.summary()["fetched"]["bytes"].as_u64().unwrap();
    assert_eq!(fetched, size - noted, "what was noted is not fetched again");
    assert_eq!(world.vendor.count(&path("large", "1.0")).sent, fetched);
    assert_eq!(world.release().content.artifacts[0].size, size);
}
