//! `verify` against the embedded stand-in and a directory: verdicts, exit codes, reports, adoption.

use std::sync::Arc;

use longshore_azure::{
    AuthMode, BlobLocation, Connection, ConnectionOptions, Environment, resolve_credential,
};
use longshore_drydock::{Drydock, DrydockOptions};
use longshore_store::{AzureStore, BlobName, BlobStore, WriteOptions};
use serde_json::Value;

use crate::sandbox::{Outcome, Sandbox};

const PLACE: &str = "drydock:data";

/// Does something to the blobs of the stand-in, as another tool would.
fn meddle(sandbox: &Sandbox, work: impl AsyncFnOnce(Arc<AzureStore>)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = DrydockOptions::new(sandbox.path().join("data"));
        let drydock = Drydock::start(options).await.unwrap();
        let pair = (
            "AZURE_STORAGE_CONNECTION_STRING",
            drydock.connection_string(),
        );
        let environment = Environment::from_pairs([pair]);
        let url = format!("{}/library", drydock.url());
        let location = BlobLocation::parse(&url, &environment).unwrap().location;
        let credential = resolve_credential(AuthMode::Key, &location, None, &environment).unwrap();
        let connection = Connection::new(&credential, &ConnectionOptions::default()).unwrap();
        let store = Arc::new(AzureStore::new(&location, &connection).unwrap());
        store.create_container().await.unwrap();
        work(Arc::clone(&store)).await;
        drop(store);
        drydock.shutdown().await;
    });
}

fn name(text: &str) -> BlobName {
    BlobName::new(text).unwrap()
}

fn put_foreign(sandbox: &Sandbox, blob: &str, bytes: &'static str) {
    meddle(sandbox, async |store| {
        let options = WriteOptions::default();
        store.put(&name(blob), bytes.into(), options).await.unwrap();
    });
}

/// Puts other bytes of the same length under the metadata that are there.
fn damage(sandbox: &Sandbox, blob: &str, bytes: &'static str) {
    meddle(sandbox, async |store| {
        let options = WriteOptions {
            metadata: store.properties(&name(blob)).await.unwrap().metadata,
            ..WriteOptions::default()
        };
        store.put(&name(blob), bytes.into(), options).await.unwrap();
    });
}

#[track_caller]
fn finding(outcome: &Outcome, name: &str) -> Value {
    let mut found = outcome.events_of("finding");
    found.retain(|finding| finding["name"] == name);
    assert_eq!(found.len(), 1, "{name}: {outcome:#?}");
    found.remove(0)
}

#[track_caller]
fn summary(outcome: &Outcome) -> Value {
    outcome.events_of("summary").remove(0)
}

#[test]
fn what_was_staged_is_sound() {
    for place in [PLACE, "target"] {
        let sandbox = Sandbox::new();
        sandbox.library();
        sandbox.write("apps/big.iso", vec![7; 9 << 20]);
        sandbox.run(&["sync", "apps", place]).expect(0);
        let cheap = sandbox.run(&["verify", place, "--json"]).expect(0);
        let totals = summary(&cheap);
        assert_eq!(totals["checked"]["files"], 4, "{place}");
        assert_eq!(totals["recorded"], 3);
        assert_eq!(totals["proved_by_list"], 1);
        assert_eq!(totals["exit_code"], 0);
        assert_eq!(cheap.events_of("finding").len(), 0, "nothing notable");
        assert_eq!(cheap.events_of("verify")[0]["deep"], false);
        let told = sandbox.run(&["verify", place, "--json", "-v"]).expect(0);
        assert_eq!(told.events_of("finding").len(), 4);
        let deep = sandbox
            .run(&["verify", place, "--deep", "--against", "apps", "--json"])
            .expect(0);
        assert_eq!(summary(&deep)["proved_by_bytes"], 4);
    }
}

#[test]
fn people_get_groups_and_totals() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", PLACE]).expect(0);
    let sound = sandbox.run(&["verify", PLACE]).expect(0);
    assert!(
        sound.stdout.starts_with("nothing is amiss\n"),
        "{}",
        sound.stdout
    );
    assert!(sound.stdout.contains("3 blobs"), "{}", sound.stdout);
    assert_eq!(sound.stderr, "verifying drydock:data#library\n");
    let quiet = sandbox.run(&["verify", PLACE, "-q"]).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));

    damage(&sandbox, "readme.txt", "three FILES");
    sandbox.write("apps/new\u{200b}.txt", "new");
    let found = sandbox
        .run(&["verify", PLACE, "--deep", "--against", "apps"])
        .expect(6);
    let lines: Vec<&str> = found.stdout.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "damaged (1)",
            "  readme.txt  11 B, its bytes have another BLAKE3 than its metadata",
            "missing (1)",
            "  new\\u{200b}.txt  3 B",
            "damage was found",
        ]
    );
}

#[test]
fn drift_is_2_and_says_what() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", PLACE]).expect(0);
    sandbox.write("apps/readme.txt", "other text");
    sandbox.write("apps/tools/new.exe", "MZ new");
    fs_err::remove_file(sandbox.path().join("apps/bginfo/BGInfo.zip")).unwrap();
    let arguments = ["verify", PLACE, "--against", "apps", "--json"];
    let drift = sandbox.run(&arguments).expect(2);
    assert_eq!(finding(&drift, "readme.txt")["verdict"], "different");
    assert_eq!(finding(&drift, "tools/new.exe")["verdict"], "missing");
    assert_eq!(finding(&drift, "bginfo/BGInfo.zip")["verdict"], "extra");
    assert_eq!(summary(&drift)["exit_code"], 2);
    let filtered = [
        &arguments[..],
        &[
            "--exclude",
            "readme.txt",
            "--exclude",
            "/bginfo/",
            "--exclude",
            "new.exe",
        ],
    ];
    sandbox.run(&filtered.concat()).expect(0);
}

#[test]
fn a_plan_tells_what_is_there_once_it_is_applied() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", PLACE]).expect(0);
    sandbox.write("apps/readme.txt", "other text");
    sandbox.write("apps/tools/new.exe", "MZ new");
    fs_err::remove_file(sandbox.path().join("apps/bginfo/BGInfo.zip")).unwrap();
    sandbox
        .run(&["plan", "apps", PLACE, "--delete", "-o", "plan"])
        .expect(0);
    let arguments = ["verify", PLACE, "--against", "plan", "--json"];
    let before = sandbox.run(&arguments).expect(2);
    assert_eq!(finding(&before, "readme.txt")["verdict"], "different");
    assert_eq!(finding(&before, "tools/new.exe")["verdict"], "missing");
    assert_eq!(finding(&before, "bginfo/BGInfo.zip")["verdict"], "extra");
    sandbox.run(&["apply", "plan"]).expect(0);
    sandbox.run(&arguments).expect(0);
    sandbox.write("no-plan", "text");
    sandbox
        .run(&["verify", PLACE, "--against", "no-plan"])
        .expect(78);
}

#[test]
fn damage_is_found_by_the_bytes_and_is_in_the_report() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", PLACE]).expect(0);
    damage(&sandbox, "readme.txt", "three FILES");
    sandbox.run(&["verify", PLACE]).expect(0);
    let arguments = ["verify", PLACE, "--deep", "--report", "audit.json"];
    sandbox.run(&arguments).expect(6);
    let report = fs_err::read_to_string(sandbox.path().join("audit.json")).unwrap();
    let report = Outcome {
        code: 6,
        stdout: report,
        stderr: String::new(),
    };
    assert_eq!(finding(&report, "readme.txt")["verdict"], "damaged");
    assert_eq!(finding(&report, "tools/azcopy.exe")["proof"], "bytes");
    assert_eq!(report.events_of("finding").len(), 3, "every blob is in it");
    assert_eq!(summary(&report)["exit_code"], 6);
    assert_eq!(report.events().last(), report.events_of("summary").last());
    let nowhere = sandbox
        .run(&["verify", PLACE, "--report", "no/such/audit.json"])
        .expect(1);
    assert!(nowhere.stderr.contains("audit.json"), "{}", nowhere.stderr);
}

#[test]
fn blobs_of_other_tools_are_recognised_by_their_md5_and_adopted() {
    let sandbox = Sandbox::new();
    sandbox.write("apps/theirs.txt", "text");
    put_foreign(&sandbox, "theirs.txt", "text");
    let against = ["verify", PLACE, "--against", "apps", "--json"];
    let same = sandbox.run(&against).expect(0);
    assert_eq!(finding(&same, "theirs.txt")["verdict"], "same-by-md5");
    let alone = sandbox
        .run(&["verify", PLACE, "--deep", "--json", "-v"])
        .expect(0);
    assert_eq!(finding(&alone, "theirs.txt")["proof"], "md5");
    sandbox.write("apps/theirs.txt", "TEXT");
    let other = sandbox.run(&against).expect(2);
    assert_eq!(finding(&other, "theirs.txt")["verdict"], "different");
    sandbox.write("apps/theirs.txt", "text");

    let dry = sandbox
        .run(&["verify", PLACE, "--adopt", "--dry-run", "--json"])
        .expect(0);
    assert_eq!(finding(&dry, "theirs.txt")["would_adopt"], true);
    assert_eq!(finding(&dry, "theirs.txt")["adopted"], false);
    let done = sandbox
        .run(&["verify", PLACE, "--adopt", "--json"])
        .expect(0);
    assert_eq!(finding(&done, "theirs.txt")["adopted"], true);
    let again = sandbox
        .run(&["verify", PLACE, "--adopt", "--json"])
        .expect(0);
    assert_eq!(summary(&again)["adopted"], 0);
    assert_eq!(summary(&again)["recorded"], 1);
    let synced = sandbox.run(&["sync", "apps", PLACE, "--json"]).expect(0);
    assert_eq!(synced.events_of("summary")[0]["bytes_sent"], 0);
}

#[test]
fn another_container_of_the_same_stand_in_is_compared() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["sync", "apps", "drydock:data#one/win"])
        .expect(0);
    sandbox.run(&["sync", "apps", "drydock:data#two"]).expect(0);
    let arguments = [
        "verify",
        "drydock:data#one/win",
        "--against",
        "drydock:./data#two",
    ];
    sandbox.run(&arguments).expect(0);
    sandbox.write("apps/new.txt", "new");
    sandbox.run(&["sync", "apps", "drydock:data#two"]).expect(0);
    let drift = sandbox
        .run(&[&arguments[..], &["--json"]].concat())
        .expect(2);
    assert_eq!(finding(&drift, "win/new.txt")["verdict"], "missing");
}

#[test]
fn a_sample_tells_its_seed_and_depends_on_it() {
    let sandbox = Sandbox::new();
    for number in 0..20 {
        sandbox.write(&format!("apps/{number}"), number.to_string());
    }
    sandbox.run(&["sync", "apps", PLACE]).expect(0);
    let read = |seed: &[&str]| {
        let arguments = ["verify", PLACE, "--deep", "--sample", "5", "--json", "-v"];
        let outcome = sandbox.run(&[&arguments[..], seed].concat()).expect(0);
        assert_eq!(summary(&outcome)["sampled"]["chosen"], 5);
        assert_eq!(summary(&outcome)["sampled"]["candidates"], 20);
        let mut found = outcome.events_of("finding");
        found.retain(|finding| finding["proof"] == "bytes");
        let mut names: Vec<String> = found.iter().map(|it| it["name"].to_string()).collect();
        names.sort();
        (outcome.events_of("verify")[0]["seed"].clone(), names)
    };
    let (seed, names) = read(&["--seed", "a"]);
    assert_eq!(seed, "a");
    assert_eq!(names, read(&["--seed", "a"]).1);
    assert_ne!(names, read(&["--seed", "b"]).1);
    let today = read(&[]).0;
    assert!(
        today.as_str().unwrap().parse::<jiff::civil::Date>().is_ok(),
        "{today}"
    );
}

#[test]
fn nothing_to_verify_is_no_success() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", PLACE]).expect(0);
    let empty = sandbox
        .run(&["verify", "drydock:data#library/typo"])
        .expect(1);
    assert!(
        empty.stderr.contains("there is no blob"),
        "{}",
        empty.stderr
    );
    sandbox.run(&["verify", "drydock:typo"]).expect(1);
    sandbox
        .run(&["verify", PLACE, "--against", "typo"])
        .expect(1);
    assert!(
        !sandbox.path().join("typo").exists(),
        "looking makes nothing"
    );
    let missing = sandbox
        .run(&["verify", "drydock:data#nowhere", "--json"])
        .expect(1);
    assert_eq!(missing.events_of("error").len(), 1, "{}", missing.stdout);
    assert_eq!(summary(&missing)["exit_code"], 1);
    sandbox
        .run(&["verify", "drydock:data#library/readme.txt"])
        .expect(0);
}
