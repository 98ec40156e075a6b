//! Every way in which a rival was seen to fail at uploading, as a test that Longshore passes.
//!
//! The failures were seen with azcopy 10.32: a deleted destination behind an exit code of 0, uploads that were never
//! continued, a core that spun on a closed standard input, and others. Each is one test here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use longshore_drydock::{Fault, Operation};
use longshore_tests::pier::{Pier, noise};

const MIB: usize = 1 << 20;

/// A destination that holds 41 files of the source.
fn staged() -> Pier {
    let pier = Pier::new();
    (0..41).for_each(|i| pier.write(&format!("dir{}/{i}.txt", i % 4), format!("file {i}")));
    pier.synced();
    pier.control().reset_counters();
    pier
}

#[test]
fn a_missing_source_with_delete_is_an_error_and_deletes_nothing() {
    let pier = staged();
    let destination = pier.destination();
    for typo in ["sourec", "sourec/"] {
        let source = pier.folder().join(typo);
        let source = source.to_str().unwrap();
        let ran = pier
            .longshore(&[
                "sync",
                source,
                &destination,
                "--delete",
                "--max-delete",
                "100%",
            ])
            .run();
        assert!(!matches!(ran.code, Some(0) | None), "{ran:?}");
        assert!(
            ran.stderr.contains(source) || ran.stdout.contains(source),
            "{ran:?}"
        );
    }
    assert_eq!(pier.requests(Operation::DeleteBlob), 0);
    assert_eq!(
        pier.counters().total_requests(),
        0,
        "a bad source is found before anything is asked"
    );
}

/// Makes a folder unreadable, and runs as a user whom that stops: permissions do not stop root.
#[cfg(unix)]
#[test]
fn an_unreadable_folder_is_an_error_and_withholds_every_delete() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let pier = staged();
    fs_err::remove_file(pier.source().join("dir0/0.txt")).unwrap();
    let mode = |path: &std::path::Path, mode| {
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let folder = pier.source().join("dir1");
    mode(pier.folder(), 0o755);
    mode(&pier.folder().join("home"), 0o777);
    mode(&folder, 0o000);

    let mut run = pier
        .sync(&["--delete", "--max-delete", "100%", "--no-cache"])
        .copied_to(pier.folder());
    if rustix::process::geteuid().is_root() {
        run.command().uid(65534).gid(65534);
    }
    let ran = run.run();
    mode(&folder, 0o755);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.stdout.contains("dir1") && ran.summary()["failed"] == 1,
        "{ran:?}"
    );
    assert_eq!(pier.requests(Operation::DeleteBlob), 0);
}

#[test]
fn one_processor_is_enough_to_hash_and_to_send() {
    let pier = Pier::new();
    (0..1500).for_each(|i| pier.write(&format!("{i}"), format!("{i}")));
    pier.write("large", noise(1, 20 * MIB));
    let ran = pier
        .sync(&["--delete"])
        .through("taskset", &["-c", "0"])
        .run();
    assert_eq!(
        (ran.code, ran.summary()["uploaded"]["files"].as_u64()),
        (Some(0), Some(1501)),
        "{ran:?}"
    );
    pier.assert_staged(&["0", "1499", "large"]);
    let again = pier
        .sync(&["--delete", "--no-cache"])
        .through("taskset", &["-c", "0"])
        .run();
    assert_eq!(again.summary()["unchanged"]["files"], 1501);
}

#[test]
fn content_decides_when_times_are_older_equal_or_of_the_same_second() {
    let pier = Pier::new();
    pier.write("file", "v1");
    let path = pier.source().join("file");
    let written = fs_err::metadata(&path).unwrap().modified().unwrap();
    pier.synced();
    for (version, age) in [("v2", 0), ("v3 is longer", 3600), ("v4", 0)] {
        pier.write("file", version);
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(written - Duration::from_secs(age))
            .unwrap();
        assert_eq!(pier.synced().summary()["uploaded"]["files"], 1, "{version}");
        pier.assert_staged(&["file"]);
    }
    assert_eq!(pier.synced().summary()["unchanged"]["files"], 1);
}

#[test]
fn a_file_edited_during_its_upload_is_right_after_the_next_run() {
    for (name, before, after) in [
        ("small", b"before".to_vec(), b"after!".to_vec()),
        ("large", noise(1, 30 * MIB), noise(2, 30 * MIB)),
    ] {
        let pier = Pier::new();
        pier.write(name, before);
        // The first write waits in the stand-in for long enough to edit the file; only once.
        pier.control().add_fault(
            Fault::delay(Duration::from_millis(300))
                .on(Operation::PutBlob)
                .times(1),
        );
        pier.control().add_fault(
            Fault::delay(Duration::from_millis(300))
                .on(Operation::PutBlock)
                .times(1),
        );
        let mut child = pier.sync(&[]).start();
        while pier.requests(Operation::PutBlob) + pier.requests(Operation::PutBlock) == 0 {
            std::thread::yield_now();
        }
        pier.write(name, after);
        child.wait().unwrap();
        pier.synced();
        pier.assert_staged(&[name]);
    }
}

#[test]
fn a_killed_upload_is_continued_where_it_stopped() {
    let pier = Pier::new();
    pier.write("large", noise(1, 96 * MIB));
    let mut child = pier.sync(&[]).start();
    while pier.counters().of(Operation::PutBlock).accepted_bytes < 5 * 8 * MIB as u64 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(pier.synced().summary()["resumed"], 1);
    let accepted = pier.counters().of(Operation::PutBlock).accepted_bytes;
    assert_eq!(accepted, 96 * MIB as u64, "no block was staged twice");
    pier.assert_staged(&["large"]);
}

#[test]
fn standard_input_is_left_alone() {
    let pier = Pier::new();
    pier.write("file", "x");
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(b"for the loop around us").unwrap();
    drop(writer);
    let mut run = pier.sync(&[]);
    run.command().stdin(reader.try_clone().unwrap());
    assert_eq!(run.run().code, Some(0));
    assert_eq!(
        std::io::read_to_string(reader).unwrap(),
        "for the loop around us"
    );
}

#[test]
fn a_closed_standard_input_does_not_keep_it_busy() {
    let pier = Pier::new();
    pier.write("file", "x");
    pier.control().add_fault(
        Fault::delay(Duration::from_secs(2))
            .on(Operation::PutBlob)
            .times(1),
    );
    let mut run = pier.sync(&[]);
    run.command().stdin(Stdio::null());
    let mut child = run.start();
    while pier.requests(Operation::PutBlob) == 0 {
        std::thread::yield_now();
    }
    let before = processor_ticks(child.id());
    while pier.blob("file").is_none() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let spent = processor_ticks(child.id()) - before;
    child.wait().unwrap();
    // Waiting two seconds for an answer costs a busy loop 200 ticks.
    assert!(spent < 60, "{spent} ticks");
}

/// User and system time of a process in clock ticks; 0 when it is gone.
fn processor_ticks(process: u32) -> u64 {
    let Ok(stat) = fs_err::read_to_string(format!("/proc/{process}/stat")) else {
        return 0;
    };
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    [11, 12]
        .iter()
        .filter_map(|&at| fields.get(at)?.parse::<u64>().ok())
        .sum()
}

#[test]
fn nothing_asks_a_question_where_there_is_no_terminal() {
    let pier = staged();
    fs_err::remove_file(pier.source().join("dir0/0.txt")).unwrap();
    let ran = pier.sync(&["--delete"]).run();
    assert_eq!(
        (ran.code, ran.summary()["deleted"].as_u64()),
        (Some(0), Some(1)),
        "{ran:?}"
    );
}

#[test]
fn no_more_requests_are_under_way_than_were_asked_for() {
    let pier = Pier::new();
    (0..40).for_each(|i| pier.write(&format!("{i}"), "x"));
    pier.control()
        .add_fault(Fault::delay(Duration::from_secs(1)).on(Operation::PutBlob));
    let ran = pier.sync(&["--concurrency", "5"]).run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(pier.counters().of(Operation::PutBlob).peak, 5);
}

#[test]
fn a_small_file_costs_one_request() {
    let pier = Pier::new();
    (0..300).for_each(|i| pier.write(&format!("{i}"), noise(i, 900)));
    pier.synced();
    let counters = pier.counters();
    assert_eq!(counters.writes(), 300);
    assert!(counters.total_requests() <= 300 + 3, "{counters:?}");
}

#[test]
fn a_listing_costs_a_request_for_5000_blobs_whatever_the_folders() {
    let pier = Pier::new();
    (0..300).for_each(|i| pier.write(&format!("p{i}/src/i.js"), "x"));
    pier.synced();
    pier.control().reset_counters();
    pier.synced();
    assert_eq!(pier.requests(Operation::ListBlobs), 1);
    assert_eq!(pier.counters().writes(), 0);
}

#[test]
fn deletes_go_in_batches_or_side_by_side_and_after_the_uploads() {
    for takes_batches in [true, false] {
        let pier = staged();
        (0..20).for_each(|i| {
            fs_err::remove_file(pier.source().join(format!("dir{}/{i}.txt", i % 4))).unwrap();
        });
        pier.write("new", "x");
        if !takes_batches {
            let refusal = Fault::status(403, "AuthorizationPermissionMismatch");
            pier.control().add_fault(refusal.on(Operation::BlobBatch));
        }
        pier.control()
            .add_fault(Fault::delay(Duration::from_secs(1)).on(Operation::DeleteBlob));
        let ran = pier.sync(&["--delete"]).run();
        assert_eq!(
            (ran.code, ran.summary()["deleted"].as_u64()),
            (Some(0), Some(20)),
            "{ran:?}"
        );
        assert_eq!(pier.requests(Operation::BlobBatch), 1);
        let peak = pier.counters().of(Operation::DeleteBlob).peak;
        assert!(takes_batches || peak >= 10, "{peak}");
        pier.assert_staged(&["new"]);
    }
}

#[test]
fn a_block_corrupted_in_transit_is_noticed_and_sent_again() {
    let pier = Pier::new();
    pier.write("large", noise(1, 20 * MIB));
    pier.write("small", noise(2, 5000));
    pier.control()
        .add_fault(Fault::corrupt(4_000_000).on(Operation::PutBlock).nth(2));
    pier.control()
        .add_fault(Fault::corrupt(99).on(Operation::PutBlob).nth(1));
    pier.synced();
    assert_eq!(
        (
            pier.requests(Operation::PutBlock),
            pier.requests(Operation::PutBlob)
        ),
        (4, 2)
    );
    pier.assert_staged(&["large", "small"]);
}

#[test]
fn memory_does_not_grow_with_the_number_of_files() {
    let peak = |files: u64| {
        let pier = Pier::new();
        // Small pages, so that both have many more than are held at once.
        pier.control().set_list_page_limit(200);
        (0..files).for_each(|i| pier.write(&format!("{}/{i}", i % 50), ""));
        pier.synced();
        assert_eq!(pier.synced().summary()["unchanged"]["files"], files);
        peak_memory(&pier)
    };
    let (few, many) = (peak(8_000), peak(36_000));
    // azcopy needs 1.75 KB for each file that it knows. A quarter of that covers what grows up to a bound, and noise.
    let allowed = 28_000 * 1750 / 4;
    assert!(
        many < few + allowed,
        "{few} bytes for 8,000 files, {many} for 36,000"
    );
}

/// The peak memory in bytes of one more run: the most that `VmHWM` shows while it lives.
fn peak_memory(pier: &Pier) -> u64 {
    pier.control().add_fault(
        Fault::delay(Duration::from_millis(300))
            .on(Operation::ListBlobs)
            .times(1),
    );
    let child = pier.sync(&[]).start();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let mut child = child;
    while child.try_wait().unwrap().is_none() {
        let text = fs_err::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or_default() << 10);
    }
    peak
}

#[test]
fn one_refused_file_among_many_does_not_stop_the_others() {
    let pier = Pier::new();
    (0..41).for_each(|i| pier.write(&format!("{i}"), format!("{i}")));
    let refusal = Fault::status(403, "AuthorizationPermissionMismatch");
    pier.control()
        .add_fault(refusal.on(Operation::PutBlob).name_contains("library/17"));
    let ran = pier.sync(&[]).run();
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(
        (
            ran.summary()["uploaded"]["files"].as_u64(),
            ran.summary()["failed"].as_u64()
        ),
        (Some(40), Some(1))
    );
    pier.control().clear_faults();
    assert_eq!(pier.synced().summary()["uploaded"]["files"], 1);
}

#[test]
fn one_byte_changed_sends_one_block() {
    let pier = Pier::new();
    let mut bytes = noise(1, 100 * MIB);
    pier.write("large", &bytes);
    pier.synced();
    bytes[50 * MIB] ^= 1;
    pier.write("large", &bytes);
    pier.control().reset_counters();
    let ran = pier.synced();
    assert_eq!(pier.requests(Operation::PutBlock), 1);
    assert_eq!(ran.summary()["bytes_sent"].as_u64(), Some(8 * MIB as u64));
    pier.assert_staged(&["large"]);
}

#[test]
fn touching_every_file_writes_nothing() {
    let pier = staged();
    pier.write("large", noise(1, 20 * MIB));
    pier.synced();
    let mut touch = Command::new("find");
    touch.arg(pier.source()).args([
        "-type",
        "f",
        "-exec",
        "touch",
        "-d",
        "2030-01-01",
        "{}",
        "+",
    ]);
    assert!(touch.status().unwrap().success());
    pier.control().reset_counters();
    assert_eq!(pier.synced().summary()["unchanged"]["files"], 42);
    assert_eq!(pier.counters().writes(), 0);
}
