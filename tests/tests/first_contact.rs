//! First contacts that cannot work: each fails at once, with the right exit code, and says what to do next.

use longshore_drydock::{Fault, Operation};
use longshore_tests::pier::Pier;

/// Syncs to a stand-in whose listing is refused, and checks exit code and advice.
fn refused(status: u16, code: &str, exit: i32, advice: &str) {
    let pier = Pier::new();
    pier.write("file", "x");
    pier.control()
        .add_fault(Fault::status(status, code).on(Operation::ListBlobs));
    let ran = pier.sync(&["--output", "human"]).run();
    assert_eq!(ran.code, Some(exit), "{code}: {ran:?}");
    assert!(
        ran.stderr.to_lowercase().contains(&advice.to_lowercase()),
        "{code}: {}",
        ran.stderr
    );
    assert_eq!(pier.counters().writes(), 0);
    let tries = pier.requests(Operation::ListBlobs);
    assert_eq!(tries, 1, "a refusal is not tried again");
}

#[test]
fn a_missing_data_role_is_named() {
    refused(
        403,
        "AuthorizationPermissionMismatch",
        7,
        "Storage Blob Data Contributor",
    );
}

#[test]
fn a_firewall_is_named() {
    refused(403, "AuthorizationFailure", 7, "network");
}

#[test]
fn an_account_without_shared_keys_is_named() {
    refused(403, "KeyBasedAuthenticationNotPermitted", 7, "--auth");
}

#[test]
fn an_account_without_public_access_is_named() {
    refused(409, "PublicAccessNotPermitted", 7, "sign in");
}

#[test]
fn a_missing_container_is_named() {
    let pier = Pier::new();
    pier.write("file", "x");
    let destination = format!("{}/nothing-here", pier.drydock().url());
    let ran = pier.sync_to(&destination, &["--output", "human"]).run();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stderr.contains("nothing-here") && ran.stderr.contains("--create-container"),
        "{}",
        ran.stderr
    );
    let made = pier
        .sync_to(&destination, &["--output", "human", "--create-container"])
        .run();
    assert_eq!(made.code, Some(0), "{made:?}");
}

#[test]
fn a_refused_connection_is_named() {
    let pier = Pier::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let destination = format!("http://127.0.0.1:{port}/drydock/library");
    let ran = pier.sync_to(&destination, &["--output", "human"]).run();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stderr.contains("refused") && ran.stderr.contains("hint"),
        "{}",
        ran.stderr
    );
}

/// The top-level domain `invalid` is reserved for names that never resolve (RFC 6761).
#[test]
fn an_unknown_host_is_named() {
    let pier = Pier::new();
    let ran = pier
        .sync_to("https://nobody.invalid/library", &["--output", "human"])
        .env("AZURE_STORAGE_ACCOUNT", "nobody")
        .run();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stderr.contains("nobody.invalid") && ran.stderr.contains("hint"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_expired_signature_is_named_before_anything_is_asked() {
    let pier = Pier::new();
    let expired = "sv=2022-11-02&ss=b&srt=sco&sp=rwl&se=2020-01-01T00:00:00Z&sig=bm90IGEgc2VjcmV0";
    let destination = format!("{}?{expired}", pier.destination());
    let ran = pier.sync_to(&destination, &["--output", "human"]).run();
    assert_eq!(ran.code, Some(7), "{ran:?}");
    assert!(ran.stderr.contains("2020-01-01"), "{}", ran.stderr);
    assert!(!format!("{ran:?}").contains("bm90IGEgc2VjcmV0"));
    assert_eq!(pier.counters().total_requests(), 0);
}
