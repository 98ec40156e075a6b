use longshore_store::BlobName;
use longshore_sync::{SafetyError, Tally};

use super::*;

fn summary(failed: u64, conflicts: u64, uploaded: u64) -> Summary {
    Summary {
        unchanged: Tally::default(),
        uploaded: Tally {
            files: uploaded,
            bytes: 0,
        },
        resumed: 0,
        deleted: 0,
        failed,
        conflicts,
        skipped: 0,
        bytes_read: 0,
        bytes_sent: 0,
        bytes_reused: 0,
        deletes_withheld: None,
        cancelled: CancelLevel::None,
        dry_run: false,
    }
}

fn name() -> BlobName {
    BlobName::new("a").unwrap()
}

#[test]
fn codes_are_those_of_the_design() {
    let codes = ExitStatus::ALL.map(ExitStatus::code);
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 64, 78, 130, 143]);
}

#[test]
fn a_run_ends_as_its_items_did() {
    let check = |summary: Summary, common, expect| {
        assert_eq!(
            ExitStatus::of_summary(&summary, common, None),
            expect,
            "{summary:?}"
        );
    };
    check(summary(0, 0, 5), None, ExitStatus::Done);
    check(
        summary(1, 0, 5),
        Some(ExitStatus::NotAllowed),
        ExitStatus::ItemsFailed,
    );
    check(
        summary(3, 0, 0),
        Some(ExitStatus::NotAllowed),
        ExitStatus::NotAllowed,
    );
    check(
        summary(3, 0, 0),
        Some(ExitStatus::Throttled),
        ExitStatus::Throttled,
    );
    check(
        summary(1, 0, 9),
        Some(ExitStatus::Corrupt),
        ExitStatus::Corrupt,
    );
    check(
        summary(2, 2, 9),
        Some(ExitStatus::Precondition),
        ExitStatus::Precondition,
    );
    check(summary(2, 1, 9), None, ExitStatus::ItemsFailed);
}

#[test]
fn an_interrupted_run_tells_by_what() {
    let mut summary = summary(1, 0, 0);
    summary.cancelled = CancelLevel::Drain;
    let status = ExitStatus::of_summary(&summary, None, Some(ExitStatus::Terminated));
    assert_eq!(status, ExitStatus::Terminated);
    assert_eq!(
        ExitStatus::of_summary(&summary, None, None),
        ExitStatus::Interrupted
    );
}

#[test]
fn errors_of_stores_have_their_codes() {
    let check =
        |error: &StoreError, expect| assert_eq!(ExitStatus::of_store(error), expect, "{error}");
    check(
        &StoreError::Precondition { name: name() },
        ExitStatus::Precondition,
    );
    check(
        &StoreError::AlreadyExists { name: name() },
        ExitStatus::Precondition,
    );
    check(
        &StoreError::Corrupt {
            name: name(),
            cause: None,
        },
        ExitStatus::Corrupt,
    );
    check(
        &StoreError::Throttled {
            cause: "busy".into(),
        },
        ExitStatus::Throttled,
    );
    check(
        &StoreError::TimedOut {
            cause: "slow".into(),
        },
        ExitStatus::Throttled,
    );
    check(
        &StoreError::Denied {
            hint: None,
            cause: "no".into(),
        },
        ExitStatus::NotAllowed,
    );
    check(
        &StoreError::NotSignedIn {
            hint: None,
            cause: "who".into(),
        },
        ExitStatus::NotAllowed,
    );
    check(
        &StoreError::Unreachable {
            hint: None,
            cause: "far".into(),
        },
        ExitStatus::Failed,
    );
    check(&StoreError::NotFound { name: name() }, ExitStatus::Failed);
}

#[test]
fn errors_of_runs_have_their_codes() {
    let safety = SyncError::Safety(SafetyError::EmptySource {
        source_path: "a".into(),
    });
    assert_eq!(ExitStatus::of_sync(&safety), ExitStatus::Safety);
    let denied = SyncError::Destination {
        destination: "d".to_owned(),
        cause: StoreError::Denied {
            hint: None,
            cause: "no".into(),
        },
    };
    assert_eq!(ExitStatus::of_sync(&denied), ExitStatus::NotAllowed);
    let source = SyncError::Source {
        path: "a".into(),
        cause: std::io::ErrorKind::NotFound.into(),
    };
    assert_eq!(ExitStatus::of_sync(&source), ExitStatus::Failed);
}
