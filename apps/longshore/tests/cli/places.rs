//! Places that cannot work: what is said, and that it is said before anything is done.

use std::net::TcpListener;

use crate::sandbox::Sandbox;

/// An endpoint where nobody listens.
fn closed_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    format!("http://{address}/contoso/apps")
}

#[test]
fn a_missing_source_is_refused_before_anything_starts() {
    let sandbox = Sandbox::new();
    for destination in ["drydock:data", "target", "az://contoso/apps"] {
        let outcome = sandbox
            .run(&["sync", "typo", destination, "--delete"])
            .expect(1);
        assert!(outcome.stderr.contains("`typo`"), "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains("nothing was changed"),
            "{}",
            outcome.stderr
        );
    }
    assert!(!sandbox.path().join("data").exists());
    assert!(!sandbox.path().join("target").exists());
}

#[test]
fn a_file_is_no_source_and_the_way_to_stage_one_is_told() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let outcome = sandbox
        .run(&["sync", "apps/readme.txt", "drydock:data"])
        .expect(64);
    assert!(outcome.stderr.contains("--include"), "{}", outcome.stderr);
}

#[test]
fn a_missing_stand_in_is_no_source_and_is_not_made() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["sync", "drydock:typo", "target"][..],
        &["sync", "drydock:typo", "drydock:data"],
        &["plan", "drydock:typo", "target"],
        &["fetch", "drydock:typo", "target"],
        &[
            "sync",
            "apps",
            "drydock:data",
            "--reuse-from",
            "drydock:typo",
        ],
    ] {
        sandbox.library();
        let outcome = sandbox.run(arguments).expect(1);
        assert!(outcome.stderr.contains("`typo`"), "{}", outcome.stderr);
        for name in ["typo", "data", "target"] {
            assert!(!sandbox.path().join(name).exists(), "{arguments:?}: {name}");
        }
    }
}

#[test]
fn a_refused_connection_is_told_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let endpoint = closed_endpoint();
    for arguments in [
        &["ls", &endpoint, "--auth", "anonymous"][..],
        &["sync", "apps", &endpoint, "--auth", "anonymous"],
    ] {
        let outcome = sandbox.run(arguments).expect(1);
        assert!(
            outcome.stderr.contains("connection refused"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
    }
}

#[test]
fn an_expired_signature_is_told_before_anything_is_sent() {
    let sandbox = Sandbox::new();
    let url = format!(
        "{}?sv=2020-12-06&se=2021-01-01T00:00:00Z&sp=rl&sr=c&sig=c2VjcmV0",
        closed_endpoint()
    );
    let outcome = sandbox.run(&["ls", &url]).expect(7);
    assert!(outcome.stderr.contains("expired"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("c2VjcmV0"), "{}", outcome.stderr);
}

#[test]
fn looking_makes_no_directory() {
    let sandbox = Sandbox::new();
    for place in ["drydock:nowhere", "nowhere"] {
        sandbox.run(&["ls", place]).expect(1);
        sandbox.run(&["doctor", place]).expect(1);
        assert!(!sandbox.path().join("nowhere").exists(), "{place}");
    }
}

#[test]
fn doctor_tells_the_credential_and_why() {
    let sandbox = Sandbox::new();
    let variables = [
        ("AZURE_STORAGE_ACCOUNT", "contoso"),
        ("AZURE_STORAGE_KEY", "c2VjcmV0a2V5"),
        ("AZCOPY_CONCURRENCY_VALUE", "64"),
        ("HTTPS_PROXY", "http://user:pa55word@proxy.test:8080"),
    ];
    let outcome = sandbox.run_with(&["doctor"], &variables).expect(0);
    assert!(outcome.stdout.contains("account key"), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("AZURE_STORAGE_KEY"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains("use `--concurrency`"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains("http://proxy.test:8080"),
        "{}",
        outcome.stdout
    );
    for secret in ["c2VjcmV0a2V5", "pa55word"] {
        assert!(!outcome.stdout.contains(secret), "{}", outcome.stdout);
    }
    let json = sandbox
        .run_with(&["doctor", "--json"], &variables)
        .expect(0);
    let event = &json.events_of("doctor")[0];
    assert_eq!(event["credential"]["chosen"]["kind"], "shared-key");
    assert_eq!(event["exit_code"], 0);
    assert_eq!(event["limits"]["concurrency"], 64);
}

#[test]
fn doctor_probes_the_destination() {
    let sandbox = Sandbox::new();
    let endpoint = closed_endpoint();
    let outcome = sandbox
        .run(&["doctor", &endpoint, "--auth", "anonymous"])
        .expect(1);
    assert!(
        outcome.stdout.contains("connection refused"),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.contains("hint:"), "{}", outcome.stdout);
    let json = sandbox
        .run(&["doctor", &endpoint, "--auth", "anonymous", "--json"])
        .expect(1);
    let event = &json.events_of("doctor")[0];
    assert_eq!(event["probe"]["ok"], false);
    assert!(event["probe"]["error"]["hint"].is_string());
}
