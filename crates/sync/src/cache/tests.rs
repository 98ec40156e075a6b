use longshore_content::{Blake3Digest, Sha256Digest};

use super::*;
use crate::platform::{self, Identity};

fn rested(inode: u64) -> Stamp {
    Stamp {
        identity: Identity { device: 1, inode },
        size: 9,
        modified: 1,
        changed: 2,
    }
}

fn digests(byte: u8) -> Digests {
    Digests {
        blake3: Blake3Digest::from_bytes([byte; 32]),
        sha256: Sha256Digest::from_bytes([byte; 32]),
    }
}

impl Reader {
    fn get(&self, stamp: &Stamp) -> Option<Digests> {
        self.find(&[*stamp])[0]
    }
}

fn open(directory: &Path) -> Result<Option<DigestCache>, CacheError> {
    DigestCache::open(
        &CachePlace::Directory(directory.to_owned()),
        Path::new("/source"),
    )
}

fn remember(cache: DigestCache, entries: impl IntoIterator<Item = (Stamp, Digests)>) {
    let writer = cache.into_writer();
    let notes = writer.notes();
    for (stamp, digests) in entries {
        notes
            .0
            .send(vec![Notes::entry(&stamp, platform::now(), digests)])
            .unwrap();
    }
    drop(notes);
    writer.finish(Some(1));
}

#[test]
fn digests_are_remembered_across_runs() {
    let place = tempfile::tempdir().unwrap();
    let cache = open(place.path()).unwrap().unwrap();
    assert!(
        cache
            .reader()
            .is_none_or(|reader| reader.get(&rested(1)).is_none())
    );
    remember(cache, (0..10_000).map(|inode| (rested(inode), digests(5))));

    let cache = open(place.path()).unwrap().unwrap();
    let reader = cache.reader().unwrap();
    assert_eq!(reader.get(&rested(9_999)), Some(digests(5)));
    assert_eq!(
        reader.get(&Stamp {
            size: 10,
            ..rested(1)
        }),
        None
    );
    assert_eq!(reader.get(&rested(10_000)), None);
}

#[test]
fn a_second_run_goes_without_and_harms_nothing() {
    let place = tempfile::tempdir().unwrap();
    let first = open(place.path()).unwrap().unwrap();
    assert!(matches!(open(place.path()), Err(CacheError::InUse)));
    remember(first, [(rested(1), digests(1))]);
    assert!(open(place.path()).unwrap().is_some());
}

#[test]
fn a_broken_database_is_begun_anew() {
    let place = tempfile::tempdir().unwrap();
    remember(
        open(place.path()).unwrap().unwrap(),
        [(rested(1), digests(1))],
    );
    let file = fs::read_dir(place.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    for bytes in [&b"not a database"[..], &[0; 4096], &[]] {
        fs::write(&file, bytes).unwrap();
        let cache = open(place.path()).unwrap().unwrap();
        assert!(
            cache
                .reader()
                .is_none_or(|reader| reader.get(&rested(1)).is_none())
        );
        remember(cache, [(rested(1), digests(2))]);
        assert_eq!(
            open(place.path())
                .unwrap()
                .unwrap()
                .reader()
                .unwrap()
                .get(&rested(1)),
            Some(digests(2))
        );
    }
}

#[test]
fn entries_of_files_long_gone_do_not_pile_up() {
    let place = tempfile::tempdir().unwrap();
    let many = (0..STALE_SLACK + 5).map(|inode| (rested(inode), digests(1)));
    remember(open(place.path()).unwrap().unwrap(), many);
    assert!(open(place.path()).unwrap().unwrap().reader().is_none());
}

#[test]
fn damaged_pages_cost_reading_time_and_nothing_else() {
    let entries = || (0..3000).map(|inode| (rested(inode), digests(5)));
    for page in 1..40 {
        let place = tempfile::tempdir().unwrap();
        remember(open(place.path()).unwrap().unwrap(), entries());
        let file = fs::read_dir(place.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let mut bytes = fs::read(&file).unwrap();
        for byte in bytes.iter_mut().skip(page * 4096).take(4096) {
            *byte = 0xa5;
        }
        fs::write(&file, bytes).unwrap();

        let cache = open(place.path()).unwrap().unwrap();
        let reader = cache.reader();
        for (stamp, digests) in entries() {
            let found = reader.as_ref().and_then(|reader| reader.get(&stamp));
            assert!(found.is_none_or(|found| found == digests));
        }
        drop(reader);
        remember(cache, entries());
        // Damage that was met is gone by the next run but one.
        remember(open(place.path()).unwrap().unwrap(), entries());
        assert!(open(place.path()).is_ok());
    }
}

#[test]
fn it_can_be_switched_off() {
    assert!(
        DigestCache::open(&CachePlace::Off, Path::new("/source"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn many_are_found_at_once_whatever_lies_between() {
    let place = tempfile::tempdir().unwrap();
    let stored = (0..5000).filter(|inode| inode % 3 != 0);
    let entries = stored.map(|inode| (rested(inode), digests(u8::try_from(inode % 251).unwrap())));
    remember(open(place.path()).unwrap().unwrap(), entries);
    let cache = open(place.path()).unwrap().unwrap();
    let reader = cache.reader().unwrap();

    let every = |step| (0..5100).rev().step_by(step);
    let twice = (0..10).chain(0..10);
    for inodes in [
        Vec::new(),
        twice.collect(),
        every(1).collect(),
        every(7).collect(),
        every(100).collect::<Vec<u64>>(),
    ] {
        let stamps: Vec<_> = inodes.iter().map(|inode| rested(*inode)).collect();
        let expected: Vec<_> = inodes
            .iter()
            .map(|inode| {
                let is_there = *inode < 5000 && inode % 3 != 0;
                is_there.then(|| digests(u8::try_from(inode % 251).unwrap()))
            })
            .collect();
        assert_eq!(reader.find(&stamps), expected);
    }
}
