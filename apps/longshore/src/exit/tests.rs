use longshore_store::BlobName;
use longshore_sync::{SafetyError, Tally, VerifyCounts};

use super::*;

fn summary(failed: u64, conflicts: u64, uploaded: u64) -> Summary {
    Summary {
        unchanged: Tally::default(),
        uploaded: Tally {
            files: uploaded,
            bytes: 0,
        },
        copied: Tally::default(),
        adopted: Tally::default(),
        downloaded: Tally::default(),
        resumed: 0,
        deleted: 0,
        failed,
        conflicts,
        skipped: 0,
        bytes_read: 0,
        bytes_sent: 0,
        bytes_received: 0,
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

fn audited(change: fn(&mut VerifyCounts), failed: u64, conflicts: u64) -> VerifySummary {
    let mut counts = VerifyCounts {
        checked: Tally { files: 9, bytes: 9 },
        unproven: 1,
        foreign: 1,
        ..VerifyCounts::default()
    };
    change(&mut counts);
    VerifySummary {
        counts,
        failed,
        conflicts,
        skipped: 0,
        sampled: None,
        bytes_verified: 0,
        bytes_read: 0,
        cancelled: CancelLevel::None,
        dry_run: false,
    }
}

#[test]
fn an_audit_ends_with_the_worst_that_it_found() {
    let check = |mut summary: VerifySummary, common, expect| {
        let status = ExitStatus::of_verify(&summary, common, None);
        assert_eq!(status, expect, "{summary:?}");
        summary.cancelled = CancelLevel::Drain;
        let terminated = Some(ExitStatus::Terminated);
        let status = ExitStatus::of_verify(&summary, common, terminated);
        assert_eq!(status, ExitStatus::Terminated);
    };
    let denied = Some(ExitStatus::NotAllowed);
    let drifts: [fn(&mut VerifyCounts); 4] = [
        |counts| counts.missing = 1,
        |counts| counts.extra = 1,
        |counts| counts.different = 1,
        |counts| counts.unknown = 1,
    ];
    for drift in drifts {
        check(audited(drift, 0, 0), None, ExitStatus::ChangesPending);
        check(audited(drift, 1, 0), None, ExitStatus::ItemsFailed);
    }
    check(audited(|_| {}, 0, 0), None, ExitStatus::Done);
    check(audited(|_| {}, 2, 2), None, ExitStatus::Precondition);
    check(audited(|_| {}, 1, 0), denied, ExitStatus::ItemsFailed);
    let nothing = |counts: &mut VerifyCounts| *counts = VerifyCounts::default();
    check(audited(nothing, 1, 0), denied, ExitStatus::NotAllowed);
    let damaged = |counts: &mut VerifyCounts| counts.damaged = 1;
    check(audited(damaged, 1, 0), denied, ExitStatus::Corrupt);
}

#[test]
fn damage_is_6_unless_other_things_failed_too() {
    let damaged = ItemError::Damaged {
        name: "a".to_owned(),
    };
    assert_eq!(ExitStatus::of_item(&damaged), ExitStatus::Corrupt);
}

#[test]
fn stale_and_unreadable_plans_have_their_codes() {
    let stale = SyncError::Stale {
        moved: Vec::new(),
        count: 1,
    };
    assert_eq!(ExitStatus::of_sync(&stale), ExitStatus::Precondition);
    let version = PlanError::Version {
        path: "p".into(),
        found: 99,
    };
    assert_eq!(ExitStatus::of_plan(&version), ExitStatus::Configuration);
    let missing = PlanError::Io {
        path: "p".into(),
        cause: std::io::ErrorKind::NotFound.into(),
    };
    assert_eq!(ExitStatus::of_plan(&missing), ExitStatus::Failed);
    assert_eq!(
        ExitStatus::of_sync(&SyncError::Plan(missing)),
        ExitStatus::Failed
    );
}
