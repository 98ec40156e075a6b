//! Independent clients work against the stand-in as they are: each uploads, lists, downloads and compares.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use longshore_drydock::Operation;
use longshore_tests::peers::Peers;
use longshore_tests::pier::{CONTAINER, Pier, noise};

/// Small ones, an empty one, one of many blocks, and names that need escaping.
const FILES: [(&str, usize); 5] = [
    ("small.bin", 5_000),
    ("empty", 0),
    ("deep/er/under score.txt", 300_000),
    ("deep/ü+&=~.bin", 70_000),
    ("deep/large.bin", 20_000_001),
];

/// A stand-in and a folder to upload.
fn filled() -> Pier {
    let pier = Pier::new();
    for (seed, (name, size)) in (0..).zip(FILES) {
        pier.write(name, noise(seed, size));
    }
    pier
}

/// A folder beside the source, for the client's own files or for what it downloads.
fn beside(pier: &Pier, name: &str) -> PathBuf {
    let folder = pier.folder().join(name);
    fs_err::create_dir_all(&folder).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The content of every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs_err::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs_err::read(path).unwrap());
            }
        }
    }
    found
}

fn assert_same(downloaded: &Path, source: &Path) {
    let (found, expected) = (contents(downloaded), contents(source));
    assert!(found.keys().eq(expected.keys()), "{:?}", found.keys());
    for (name, content) in expected {
        assert!(found[&name] == content, "`{}` differs", name.display());
    }
}

/// Small files went up in one piece and large ones in blocks, and nothing failed inside the stand-in.
fn assert_served(pier: &Pier) {
    let counters = pier.counters();
    assert!(counters.requests(Operation::PutBlob) > 0);
    assert!(counters.requests(Operation::PutBlockList) > 0);
    for (operation, counters) in counters.operations {
        let refused = counters.statuses.keys().any(|status| *status >= 500);
        assert!(!refused, "{operation}: {counters:?}");
    }
}

#[test]
fn azcopy_uploads_lists_downloads_and_compares() {
    let (pier, peers) = (filled(), Peers::find().unwrap());
    let (home, down) = (beside(&pier, "azcopy"), beside(&pier, "down"));
    let azcopy = |arguments: &[&str]| peers.azcopy(&home).run(arguments).unwrap();
    let sas = pier.sas("racwdl");
    let destination = pier.destination();
    let remote = |path: &str| format!("{destination}{path}?{sas}");
    let source = format!("{}/*", text(&pier.source()));

    let upload = [
        "--recursive",
        "--from-to=LocalBlob",
        "--put-md5",
        "--block-size-mb=8",
    ];
    let copied = azcopy(&[&["copy", &source, &remote("")], &upload[..]].concat());
    assert!(copied.contains("Final Job Status: Completed"), "{copied}");
    assert!(
        copied.contains("Number of File Transfers Completed: 5"),
        "{copied}"
    );
    pier.assert_staged(&FILES.map(|(name, _)| name));
    assert_served(&pier);

    let listed = azcopy(&["list", &remote(""), "--location=Blob", "--machine-readable"]);
    for (name, size) in FILES {
        let line = format!("{name}; Content Length: {size}");
        assert!(listed.contains(&line), "{line} is not in {listed}");
    }

    let download = [
        "--recursive",
        "--from-to=BlobLocal",
        "--check-md5=FailIfDifferentOrMissing",
    ];
    azcopy(&[&["copy", &remote("/*"), text(&down)], &download[..]].concat());
    assert_same(&down, &pier.source());

    // By digest nothing differs, so nothing is sent again.
    pier.control().reset_counters();
    let compare = [
        "--from-to=LocalBlob",
        "--compare-hash=MD5",
        "--hash-meta-dir",
    ];
    let hashes = beside(&pier, "hashes");
    let source = pier.source();
    let sync = ["sync", text(&source), &remote("")];
    azcopy(&[&sync[..], &compare[..], &[text(&hashes)]].concat());
    assert_eq!(pier.requests(Operation::PutBlob), 0);
    assert_eq!(pier.requests(Operation::PutBlockList), 0);

    azcopy(&["remove", &remote("/small.bin"), "--from-to=BlobTrash"]);
    assert_eq!(pier.blob("small.bin"), None);
}

#[test]
fn rclone_uploads_lists_downloads_and_compares() {
    let (pier, peers) = (filled(), Peers::find().unwrap());
    let (home, down) = (beside(&pier, "rclone"), beside(&pier, "down"));
    let rclone = |arguments: &[&str]| {
        peers
            .rclone(&home)
            .env("RCLONE_AZUREBLOB_ACCOUNT", pier.drydock().account())
            .env("RCLONE_AZUREBLOB_KEY", &pier.drydock().key().expose())
            .env("RCLONE_AZUREBLOB_ENDPOINT", pier.drydock().url())
            .run(arguments)
            .unwrap()
    };
    let source = pier.source();
    let source = text(&source);
    let remote = format!(":azureblob:{CONTAINER}");

    rclone(&["copy", source, &remote, "--azureblob-chunk-size=4Mi"]);
    pier.assert_staged(&FILES.map(|(name, _)| name));
    assert_served(&pier);

    let listed = rclone(&["lsf", "--recursive", "--files-only", "--format=ps", &remote]);
    let mut listed: Vec<_> = listed.lines().collect();
    listed.sort_unstable();
    let mut expected = FILES.map(|(name, size)| format!("{name};{size}"));
    expected.sort_unstable();
    assert_eq!(listed, expected);

    // Once by the digests in the listing, once byte by byte.
    rclone(&["check", source, &remote]);
    rclone(&["check", "--download", source, &remote]);
    rclone(&["copy", &remote, text(&down)]);
    assert_same(&down, &pier.source());

    pier.control().reset_counters();
    rclone(&["sync", source, &remote]);
    assert_eq!(pier.counters().writes(), 0);

    rclone(&["deletefile", &format!("{remote}/small.bin")]);
    assert_eq!(pier.blob("small.bin"), None);
    rclone(&["purge", &remote]);
    assert_eq!(pier.requests(Operation::DeleteContainer), 1);
}

#[test]
fn the_python_sdk_uploads_lists_downloads_and_compares() {
    let (pier, peers) = (filled(), Peers::find().unwrap());
    let (home, down) = (beside(&pier, "python"), beside(&pier, "down"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/roundtrip.py");
    peers
        .python(&home)
        .env(
            "AZURE_STORAGE_CONNECTION_STRING",
            &pier.drydock().connection_string(),
        )
        .run(&[text(&script), text(&pier.source()), text(&down)])
        .unwrap();
    assert_same(&down, &pier.source());
    assert_served(&pier);
}

/// Whether content travelled between the stand-in and its client.
fn assert_nothing_travelled(pier: &Pier) {
    let counters = pier.counters();
    let travelled = |operation| {
        let counters = counters.of(operation);
        counters.bytes_in + counters.bytes_out
    };
    for operation in [Operation::PutBlob, Operation::PutBlock, Operation::GetBlob] {
        assert_eq!(travelled(operation), 0, "{operation}");
    }
}

#[test]
fn azcopy_copies_from_container_to_container_on_the_server() {
    let (pier, peers) = (filled(), Peers::find().unwrap());
    let home = beside(&pier, "azcopy");
    let azcopy = |arguments: &[&str]| peers.azcopy(&home).run(arguments).unwrap();
    let sas = pier.sas("racwdl");
    let source = format!("{}?{sas}", pier.destination());
    let target = format!("{}/mirror?{sas}", pier.drydock().url());
    let folder = format!("{}/*", text(&pier.source()));
    azcopy(&[
        "copy",
        &folder,
        &source,
        "--recursive",
        "--from-to=LocalBlob",
    ]);

    pier.control().reset_counters();
    let copied = azcopy(&[
        "copy",
        &source.replace('?', "/*?"),
        &target,
        "--recursive",
        "--from-to=BlobBlob",
        "--block-size-mb=8",
    ]);
    assert!(copied.contains("Final Job Status: Completed"), "{copied}");
    assert_nothing_travelled(&pier);
    for (name, _) in FILES {
        let source = fs_err::read(pier.source().join(name)).unwrap();
        let copy = pier.blob(&format!("../mirror/{name}"));
        assert!(copy == Some(source), "`{name}` differs");
    }
}

#[test]
fn rclone_copies_on_the_server() {
    let (pier, peers) = (filled(), Peers::find().unwrap());
    let (home, down) = (beside(&pier, "rclone"), beside(&pier, "down"));
    let rclone = |arguments: &[&str]| {
        peers
            .rclone(&home)
            .env("RCLONE_AZUREBLOB_ACCOUNT", pier.drydock().account())
            .env("RCLONE_AZUREBLOB_KEY", &pier.drydock().key().expose())
            .env("RCLONE_AZUREBLOB_ENDPOINT", pier.drydock().url())
            .run(arguments)
            .unwrap()
    };
    let source = pier.source();
    let remote = format!(":azureblob:{CONTAINER}");
    rclone(&["copy", text(&source), &remote]);
    pier.control().reset_counters();
    rclone(&["copy", &remote, ":azureblob:mirror"]);
    assert_nothing_travelled(&pier);
    rclone(&["copy", ":azureblob:mirror", text(&down)]);
    assert_same(&down, &source);
}

#[test]
fn the_python_sdk_copies_leases_and_deletes_in_batches() {
    let (pier, peers) = (Pier::new(), Peers::find().unwrap());
    let home = beside(&pier, "python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/server_side.py");
    peers
        .python(&home)
        .env(
            "AZURE_STORAGE_CONNECTION_STRING",
            &pier.drydock().connection_string(),
        )
        .env("READ_SAS", &pier.sas("r"))
        .run(&[text(&script)])
        .unwrap();
    assert_eq!(pier.requests(Operation::BlobBatch), 1);
    assert_eq!(pier.requests(Operation::LeaseContainer), 2);
}
