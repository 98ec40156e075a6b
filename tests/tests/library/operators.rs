//! Operators who stage different content into one library at once.

use crate::gate::Gate;
use crate::world::{World, artifact, ended, events, good, said};

/// Two manifests of the library that want different versions.
fn rivals(world: &World) -> [String; 2] {
    for (version, seed) in [("1.0", 1), ("2.0", 2)] {
        world.offer("alpha", version, good(seed, 70_000));
    }
    world.offer("beta", "1.0", good(3, 9_000));
    ["1.0", "2.0"].map(|version| {
        let name = format!("operator-{version}");
        world.manifest(
            &name,
            &[artifact("alpha", version), artifact("beta", "1.0")],
        )
    })
}

/// The slower one saw the library as it was before the faster one published.
fn the_slower_is_told(world: &World, [slow, fast]: &[String; 2]) {
    let gate = Gate::new(world.pier.folder());
    let cellar = world.pier.folder().join("cellar");
    let (scanner, cellar) = (gate.scanner("alpha"), cellar.to_str().unwrap());
    let slower = world.stage(slow, &["--scan", &scanner, "--cellar", cellar]);
    let (told, won) = gate.meanwhile(slower, || world.staged(fast, &[]));
    let told = ended(told, 4);
    let now = won.release.to_string();
    assert!(said(&told).contains(&now), "{told:?}");
    assert!(said(&told).contains("meanwhile"), "{told:?}");
    assert!(events(&told, "flipped").is_empty(), "{told:?}");
    assert_eq!(told.summary()["flipped"], false);
    assert_eq!(world.release(), won, "what was published stays");
}

#[test]
fn of_two_first_releases_one_wins_and_the_other_is_told() {
    let world = World::new();
    let rivals = rivals(&world);
    the_slower_is_told(&world, &rivals);
    // Run again, it publishes on top of what counts now.
    let again = world.staged(&rivals[0], &[]);
    assert_eq!(again.content.artifacts[0].version.as_str(), "1.0");
}

#[test]
fn of_two_later_releases_one_wins_and_the_other_is_told() {
    let world = World::new();
    let rivals = rivals(&world);
    world.staged(&world.manifest("first", &[artifact("beta", "1.0")]), &[]);
    the_slower_is_told(&world, &rivals);
}

#[test]
fn operators_who_want_the_same_both_succeed() {
    let world = World::new();
    let [slow, _] = rivals(&world);
    let fast = world.manifest("same", &[artifact("alpha", "1.0"), artifact("beta", "1.0")]);
    let gate = Gate::new(world.pier.folder());
    let cellar = world.pier.folder().join("cellar");
    let (scanner, cellar) = (gate.scanner("alpha"), cellar.to_str().unwrap());
    let slower = world.stage(&slow, &["--scan", &scanner, "--cellar", cellar]);
    let (ran, won) = gate.meanwhile(slower, || world.staged(&fast, &[]));
    ended(ran, 0);
    assert_eq!(world.release(), won);
    let again = ended(world.stage(&slow, &[]).run(), 0);
    assert_eq!(again.summary()["flipped"], false);
}

#[test]
fn of_many_at_once_each_wins_or_is_told() {
    let world = World::new();
    let operators: Vec<(String, String)> = (0..4)
        .map(|number| {
            let version = format!("{number}.0");
            world.offer("alpha", &version, good(number, 40_000));
            let block = artifact("alpha", &version);
            (
                world.manifest(&format!("operator-{number}"), &[block]),
                version,
            )
        })
        .collect();
    let ran = std::thread::scope(|scope| {
        let runs: Vec<_> = operators
            .iter()
            .map(|(manifest, _)| scope.spawn(|| world.stage(manifest, &[]).run()))
            .collect();
        runs.into_iter()
            .map(|run| run.join().unwrap())
            .collect::<Vec<_>>()
    });
    let release = world.release();
    let mut winners = Vec::new();
    for (ran, (_, version)) in ran.iter().zip(&operators) {
        match ran.code {
            Some(0) => winners.push(version.as_str()),
            Some(4) => assert!(said(ran).contains("meanwhile"), "{ran:?}"),
            _ => panic!("{ran:?}"),
        }
    }
    let counts = release.content.artifacts[0].version.as_str();
    assert!(winners.contains(&counts), "{counts}: {ran:?}");
}
