//! Signatures in addresses: in nothing that is printed, and in nothing that is written.

use longshore_tests::binary::{Ran, Run};
use longshore_tests::upstream::Served;

use crate::world::{World, artifact, ended, good, said};

const SECRET: &str = "c2VjcmV0LW9mLXRoZS12ZW5kb3I";

/// Neither a run nor what it left in the world tells a secret.
fn assert_kept(world: &World, ran: &Ran, secret: &str) {
    assert!(!said(ran).contains(secret), "{ran:?}");
    let mut folders = vec![world.pier.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs_err::read(&path).unwrap();
                let holds = bytes
                    .windows(secret.len())
                    .any(|it| it == secret.as_bytes());
                assert!(!holds, "{}", path.display());
            }
        }
    }
}

/// Every way to say much.
fn loud(run: Run, output: &str) -> Ran {
    run.env("LONGSHORE_OUTPUT", output)
        .env("RUST_LOG", "trace")
        .run()
}

#[test]
fn the_signature_of_a_destination_is_kept() {
    let world = World::new();
    world.offer("alpha", "1.0", good(1, 20_000));
    world.offer("gone", "1.0", Served::status(404));
    let good = world.manifest("good", &[artifact("alpha", "1.0")]);
    let bad = world.manifest("bad", &[artifact("alpha", "1.0"), artifact("gone", "1.0")]);
    let sas = world.pier.sas("racwdl");
    let destination = format!("{}?{sas}", world.pier.destination());
    let (_, secret) = sas.split_once("sig=").unwrap();
    let secret = secret.split('&').next().unwrap();
    for output in ["json", "human", "github", "azure-pipelines"] {
        for (manifest, code) in [(&good, 0), (&bad, 3)] {
            let run = world.ask("stage", manifest, &["--destination", &destination, "-vv"]);
            let run = run.env("AZURE_STORAGE_KEY", "");
            assert_kept(&world, &ended(loud(run, output), code), secret);
        }
    }
    let list = [
        "releases",
        "list",
        good.as_str(),
        "--destination",
        &destination,
    ];
    let ran = ended(loud(world.pier.longshore(&list), "human"), 0);
    assert_kept(&world, &ran, secret);
}

#[test]
fn a_signature_that_the_service_refuses_is_kept() {
    let world = World::new();
    world.offer("alpha", "1.0", good(1, 20));
    let manifest = world.manifest("tools", &[artifact("alpha", "1.0")]);
    let sas = format!("sv=2022-11-02&ss=b&srt=sco&sp=rwl&se=2100-01-01T00:00:00Z&sig={SECRET}");
    let destination = format!("{}?{sas}", world.pier.destination());
    let run = world.ask("stage", &manifest, &["--destination", &destination, "-vv"]);
    let ran = ended(loud(run.env("AZURE_STORAGE_KEY", ""), "human"), 7);
    assert_kept(&world, &ran, SECRET);
}

#[test]
fn the_signature_of_a_redirect_is_kept() {
    let world = World::new();
    let elsewhere = format!("/cdn/setup.exe?sv=2022-11-02&sig={SECRET}");
    world.offer("alpha", "1.0", Served::redirect(elsewhere));
    let manifest = world.manifest("tools", &[artifact("alpha", "1.0")]);
    for (served, code) in [
        (Served::status(403), 7),
        (Served::status(404), 3),
        (good(1, 20_000).refused(429, 9).retry_after("86400"), 8),
        (good(1, 20_000), 0),
    ] {
        world.vendor.put("/cdn/setup.exe", served);
        for output in ["human", "json"] {
            let ran = loud(world.stage(&manifest, &["-vv"]), output);
            assert_kept(&world, &ended(ran, code), SECRET);
        }
    }
}
