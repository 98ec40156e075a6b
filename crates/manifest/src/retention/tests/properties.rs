//! What holds for every history.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use super::world::{World, at, deleted, json, lock_of, locked};
use crate::samples::released;
use crate::{Architecture, Released};

fn any_released() -> impl Strategy<Value = Released> {
    let architecture = prop::sample::select(vec![Architecture::X64, Architecture::Arm64]);
    ("[ab]", "[1-5]", architecture, 0..3).prop_map(|(id, version, architecture, name)| {
        let blob = match name {
            0 => format!("{id}/{version}/any.exe"),
            1 => format!("{id}/{version}/{architecture:?}.exe"),
            _ => format!("other/{id}-{version}-{architecture:?}"),
        };
        let file = format!("{name}.exe").parse().unwrap();
        Released {
            architecture,
            file,
            blob: blob.parse().unwrap(),
            ..released(&id, &version, 1)
        }
    })
}

/// Histories: releases of two libraries over a hundred days, some rolled back, with blobs that nobody names.
fn any_world() -> impl Strategy<Value = World> {
    let contents = vec(("[xy]", 0_i64..101, vec(any_released(), 0..4)), 0..7);
    let strays = vec((any_released(), 0_i64..101), 0..6);
    let locks = vec("[ab]/[1-5]", 0..3);
    (
        contents,
        strays,
        locks,
        vec(any::<u8>(), 40),
        any::<usize>(),
    )
        .prop_map(|(contents, strays, names, dice, back)| {
            let mut world = World::default();
            for (library, day, mut artifacts) in contents {
                artifacts.sort_by_key(Released::key);
                artifacts.dedup_by_key(|released| released.key());
                let mut blobs = BTreeSet::new();
                artifacts.retain(|released| blobs.insert(released.blob.clone()));
                world.publish(&library, day, artifacts);
            }
            for (released, day) in strays {
                world.hold(released.blob.as_str(), day);
            }
            for (held, dice) in world.blobs.iter_mut().zip(dice) {
                held.managed = dice > 20;
            }
            if !world.releases.is_empty() {
                let release = world.releases[back % world.releases.len()].clone();
                let pointer = world
                    .pointers
                    .iter_mut()
                    .find(|pointer| pointer.library == release.content.library)
                    .unwrap();
                pointer.previous = Some(pointer.release);
                pointer.release = release.release;
            }
            for path in names {
                let (id, version) = path.split_once('/').unwrap();
                world.locks.push(lock_of(&[locked(id, version, "any.exe")]));
            }
            world
        })
}

fn any_retention() -> impl Strategy<Value = Retention> {
    (0_usize..4, 0_usize..4, prop::option::of(0_i64..60)).prop_map(
        |(keep_versions, keep_releases, days)| Retention {
            keep_versions,
            keep_releases,
            older_than: days.map(|days| SignedDuration::from_hours(24 * days)),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn nothing_that_is_in_use_goes(world in any_world(), retention in any_retention()) {
        let decision = world.decide(retention).unwrap();
        let gone: BTreeSet<&BlobPath> = decision.deletions().map(|doomed| &doomed.path).collect();
        let kept: BTreeSet<&BlobPath> = decision.keep.iter().map(|kept| &kept.path).collect();
        prop_assert!(gone.is_disjoint(&kept));
        prop_assert_eq!(gone.len() + kept.len(), world.blobs.len());
        for release in world.releases.iter().filter(|release| !gone.contains(&json(release))) {
            for released in &release.content.artifacts {
                prop_assert!(!gone.contains(&released.blob), "{} is named", released.blob);
            }
            prop_assert!(kept.contains(&Release::tsv_path(&release.content.library, release.release)));
        }
        for pointer in &world.pointers {
            let before = pointer.previous.map(|previous| Release::json_path(&pointer.library, previous));
            prop_assert!(kept.contains(&Release::json_path(&pointer.library, pointer.release)));
            prop_assert!(before.is_none_or(|before| kept.contains(&before)));
        }
        for locked in world.locks.iter().flat_map(|lock| &lock.artifacts) {
            let path: BlobPath = format!("{}/{}/any.exe", locked.id, locked.version).parse().unwrap();
            prop_assert!(!gone.contains(&path));
        }
        for held in world.blobs.iter().filter(|held| gone.contains(&held.path)) {
            prop_assert!(held.managed);
            prop_assert!(retention.recent(held, at(100)).is_none());
        }
    }

    #[test]
    fn keeping_more_never_deletes_more(world in any_world(), retention in any_retention(), which in 0..4) {
        let mut more = retention;
        let mut with_lock = world.clone();
        match which {
            0 => more.keep_versions += 1,
            1 => more.keep_releases += 1,
            2 => more.older_than = Some(more.older_than.unwrap_or_default() + SignedDuration::from_hours(240)),
            _ => with_lock.locks.push(lock_of(&[locked("a", "2", "any.exe")])),
        }
        let less = world.decide(retention).unwrap();
        let less: BTreeSet<&str> = deleted(&less).into_iter().collect();
        let more = with_lock.decide(more).unwrap();
        prop_assert!(deleted(&more).iter().all(|path| less.contains(path)), "{more:?}");
    }

    #[test]
    fn a_second_decision_changes_nothing(world in any_world(), retention in any_retention()) {
        let decision = world.decide(retention).unwrap();
        let again = world.without(&decision, usize::MAX).decide(retention).unwrap();
        prop_assert!(again.is_empty(), "{again:?}");
    }

    #[test]
    fn no_release_ever_names_a_blob_that_is_gone(world in any_world(), retention in any_retention(), count in 0_usize..20) {
        let decision = world.decide(retention).unwrap();
        let cut = world.without(&decision, count);
        let held: BTreeSet<&BlobPath> = cut.blobs.iter().map(|held| &held.path).collect();
        for released in cut.releases.iter().flat_map(|release| &release.content.artifacts) {
            prop_assert!(held.contains(&released.blob));
        }
        prop_assert!(cut.decide(retention).is_ok());
    }
}
