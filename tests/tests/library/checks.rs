//! Files that do not pass what they are to pass before they are published.

use longshore_tests::pier::noise;
use longshore_tests::upstream::Served;

use crate::world::{World, artifact, assert_named, ended, events, good};

/// A program for people who have none: its headers are right, and nobody signed it.
fn unsigned_program() -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x80;
    bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
    let header = &mut bytes[0x84..];
    header[..2].copy_from_slice(&0x8664_u16.to_le_bytes());
    // The size of the optional header of PE32+, with sixteen directories.
    header[16..18].copy_from_slice(&240_u16.to_le_bytes());
    header[20..22].copy_from_slice(&0x20b_u16.to_le_bytes());
    header[20 + 60..20 + 64].copy_from_slice(&512_u32.to_le_bytes());
    header[20 + 108..20 + 112].copy_from_slice(&16_u32.to_le_bytes());
    bytes
}

#[test]
fn what_a_scanner_rejects_keeps_the_release_back_and_the_others_go_up() {
    let world = World::new();
    world.offer("old", "1.0", good(1, 10));
    let before = world.staged(&world.manifest("tools", &[artifact("old", "1.0")]), &[]);
    world.offer("clean", "1.0", good(2, 20_000));
    world.offer("dirty", "1.0", Served::new("there is a VIRUS in it"));
    let blocks = ["old", "clean", "dirty"].map(|id| artifact(id, "1.0"));
    let manifest = world.manifest("tools", &blocks);
    let scan = r#"sh -c 'if grep -q VIRUS "$1"; then echo "found Eicar"; exit 1; fi' scanner {}"#;
    let ran = ended(world.stage(&manifest, &["--scan", scan]).run(), 3);
    assert_named(&ran, "dirty", "rejected");
    assert_named(&ran, "dirty", "found Eicar");
    assert_eq!(ran.summary()["failed"], 1, "{ran:?}");
    assert_eq!(ran.summary()["uploaded"]["files"], 1, "{ran:?}");
    assert_eq!(events(&ran, "scanned")[0]["id"], "clean", "{ran:?}");
    assert_eq!(
        world.pier.blob("clean/1.0/setup.exe"),
        Some(noise(2, 20_000))
    );
    assert_eq!(world.pier.blob("dirty/1.0/setup.exe"), None);
    assert_eq!(world.release(), before);
}

#[test]
fn a_scanner_that_is_not_there_lets_nothing_pass() {
    let world = World::new();
    world.offer("alpha", "1.0", good(1, 10));
    let manifest = world.manifest("tools", &[artifact("alpha", "1.0")]);
    let ran = ended(
        world
            .stage(&manifest, &["--scan", "no-such-scanner {}"])
            .run(),
        3,
    );
    assert_named(&ran, "alpha", "no-such-scanner");
    assert_eq!(world.pier.blob("alpha/1.0/setup.exe"), None);
    assert!(world.is_unpublished());
}

#[test]
fn a_program_that_nobody_signed_is_not_published() {
    let world = World::new();
    world.offer("alpha", "1.0", good(1, 5_000));
    world.offer("tool", "1.0", Served::new(unsigned_program()));
    let signed = format!("{}signer = \"Contoso Ltd\"\n", artifact("tool", "1.0"));
    let manifest = world.manifest("tools", &[artifact("alpha", "1.0"), signed]);
    let ran = ended(world.stage(&manifest, &[]).run(), 6);
    assert_named(&ran, "tool", "is not signed");
    assert_eq!(ran.summary()["uploaded"]["files"], 1, "{ran:?}");
    assert_eq!(world.pier.blob("tool/1.0/setup.exe"), None);
    assert!(world.is_unpublished());
}
