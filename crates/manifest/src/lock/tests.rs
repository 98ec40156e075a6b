use proptest::prelude::*;

use super::*;
use crate::samples::{any_lock, any_locked, check_schema};

/// A lock of version 1, as it was written when there was no other: it is read for ever.
const VERSION_1: &str = include_str!("testdata/version-1.lock");

fn example() -> Lock {
    Lock::parse(VERSION_1).unwrap()
}

#[test]
fn locks_of_version_1_are_read_and_written_the_same() {
    let lock = example();
    assert_eq!(lock.library.as_str(), "windows-server-2022");
    let [bginfo, x64, x86, local] = &lock.artifacts[..] else {
        panic!("{lock:?}");
    };
    let url = "https://download.sysinternals.com/files/BGInfo.zip"
        .parse()
        .unwrap();
    assert_eq!(bginfo.source(), Some(Source::Url(&url)));
    assert_eq!(bginfo.etag.as_deref(), Some("\"0x8DC1\""));
    assert_eq!(
        bginfo.modified,
        Some("2024-02-03T04:05:06Z".parse().unwrap())
    );
    assert_eq!(bginfo.digests().sha256, bginfo.sha256);
    assert_eq!(
        (x64.architecture, x86.architecture),
        (Architecture::X64, Architecture::Arm64)
    );
    assert_eq!(
        x64.source(),
        Some(Source::Blob("az://account/container/7z.exe"))
    );
    assert_eq!(
        local.source(),
        Some(Source::Path("apps/Storage \"Explorer\".exe"))
    );
    assert_eq!(lock.render(), VERSION_1);
}

#[test]
fn a_lock_is_changed_in_place() {
    let mut lock = example();
    let first = lock.artifacts[0].clone();
    let newer = Locked {
        size: 7,
        ..first.clone()
    };
    assert_eq!(lock.upsert(newer.clone()), Some(first.clone()));
    assert_eq!(lock.get(&first.key()), Some(&newer));
    assert_eq!(
        lock.of_artifact(&"7zip".parse().unwrap(), Architecture::X64)
            .count(),
        1
    );
    assert_eq!(lock.remove(&first.key()), Some(newer));
    assert_eq!(lock.get(&first.key()), None);
    assert_eq!(lock.remove(&first.key()), None);
    assert_eq!(lock.upsert(first), None);
    assert_eq!(lock.render(), VERSION_1);
}

fn refused(change: impl FnOnce(&mut String)) -> LockError {
    let mut text = VERSION_1.to_owned();
    change(&mut text);
    assert_ne!(text, VERSION_1);
    Lock::parse(&text).unwrap_err()
}

fn replaced(from: &str, to: &str) -> LockError {
    refused(|text| *text = text.replacen(from, to, 1))
}

#[test]
fn locks_that_nobody_should_rely_on_are_refused() {
    let newer = replaced("version = 1", "version = 2");
    assert!(matches!(newer, LockError::Newer { version: 2 }));
    assert!(
        newer.to_string().contains("written by a newer longshore"),
        "{newer}"
    );
    assert!(matches!(
        replaced("version = 1", "version = 0"),
        LockError::Version { version: 0 }
    ));
    assert!(matches!(
        replaced("version = 1\n", ""),
        LockError::Syntax(_)
    ));
    assert!(matches!(
        replaced("size = ", "sise = "),
        LockError::Syntax(_)
    ));
    let double = |text: &mut String| {
        let at = text.rfind("\n[[artifact]]").unwrap();
        text.extend_from_within(at..);
    };
    assert!(matches!(refused(double), LockError::Duplicate { .. }));
    assert!(matches!(
        replaced("id = \"7zip\"", "id = \"z\""),
        LockError::Unsorted { .. }
    ));
    assert!(matches!(
        replaced("url = ", "path = \"a\"\nurl = "),
        LockError::Source { .. }
    ));
    assert!(matches!(
        replaced("from = \"az://account/container/7z.exe\"\n", ""),
        LockError::Source { .. }
    ));
}

#[test]
fn a_newer_lock_is_told_even_when_it_has_other_fields() {
    let text = "version = 3\nlibraries = []\n";
    assert!(matches!(
        Lock::parse(text),
        Err(LockError::Newer { version: 3 })
    ));
}

#[test]
fn secrets_are_refused_and_never_told() {
    for source in [
        "url = \"https://user:hunter2@example.com/a\"",
        "url = \"https://example.com/a?sv=1&SIG=hunter2\"",
        "url = \"https://example.com/a?X-Amz-Signature=hunter2\"",
        "from = \"https://a.blob.core.windows.net/c/b?sig=hunter2\"",
    ] {
        let error = replaced("from = \"az://account/container/7z.exe\"", source);
        assert!(
            matches!(error, LockError::Secret { .. }),
            "{source}: {error}"
        );
        assert!(
            !format!("{error:?} {error}").contains("hunter2"),
            "{error:?}"
        );
    }
}

#[test]
fn what_is_written_is_what_the_schema_says() {
    let document = serde_json::to_value(example()).unwrap();
    let kept = include_str!("../../../../docs/schema/lock.json");
    check_schema(&Lock::json_schema(), kept, &[document]);
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_written_the_same(lock in any_lock()) {
        let text = lock.render();
        let read = Lock::parse(&text).unwrap();
        prop_assert_eq!(&read, &lock);
        prop_assert_eq!(read.render(), text);
    }

    #[test]
    fn one_entry_changes_one_block(lock in any_lock(), locked in any_locked()) {
        let blocks = |lock: &Lock| lock.render().split("\n\n").map(|block| block.trim_end().to_owned()).collect::<Vec<_>>();
        let before = blocks(&lock);
        let mut changed = lock;
        changed.upsert(locked);
        let after = blocks(&changed);
        let new = after.iter().filter(|block| !before.contains(block)).count();
        prop_assert!(new <= 1);
    }
}
