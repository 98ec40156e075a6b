//! No secret reaches an output, whatever fails and however much is told.

use std::net::TcpListener;

use crate::sandbox::Sandbox;

const SECRET: &str = "S3cretS3cretS3cretS3cret";

fn endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    format!("http://{address}/contoso/apps")
}

fn check(arguments: &[&str], variables: &[(&str, &str)]) {
    let sandbox = Sandbox::new();
    sandbox.library();
    for format in ["human", "json", "azure-pipelines", "github"] {
        let flags = ["--output", format, "-vv"];
        let all = [variables, &[("RUST_LOG", "trace")]].concat();
        let outcome = sandbox.run_with(&[arguments, &flags].concat(), &all);
        assert_ne!(outcome.code, 0, "nothing listens there");
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!text.contains(SECRET), "{arguments:?} {format}: {text}");
    }
}

#[test]
fn a_signature_in_the_url_stays_secret_and_is_warned_of() {
    let url = format!("{}?sv=2020-12-06&sp=rl&sr=c&sig={SECRET}%3D", endpoint());
    check(&["ls", &url], &[]);
    check(&["doctor", &url], &[]);
    check(&["sync", "apps", &url], &[]);
    let sandbox = Sandbox::new();
    sandbox.library();
    let outcome = sandbox.run(&["sync", "apps", &url]);
    assert_eq!(
        outcome.stderr.matches("AZURE_STORAGE_SAS_TOKEN").count(),
        1,
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_signature_that_clap_refuses_stays_secret() {
    let url = format!("{}?sv=2020-12-06&sp=rl&sr=c&sig={SECRET}%3D", endpoint());
    check(&["ls", "az://contoso/apps", &url], &[]);
    check(&[&url], &[]);
    check(&["ls", &format!("--auth={url}")], &[]);
    check(&["ls", &format!("{url}&unknown={SECRET}")], &[]);
    check(&["sync", &url, "apps"], &[]);
}

#[test]
fn secrets_of_the_environment_stay_secret() {
    let url = endpoint();
    let key = format!("{SECRET}==");
    check(
        &["ls", &url],
        &[
            ("AZURE_STORAGE_ACCOUNT", "contoso"),
            ("AZURE_STORAGE_KEY", &key),
        ],
    );
    check(
        &["doctor", &url],
        &[
            ("AZURE_STORAGE_ACCOUNT", "contoso"),
            ("AZURE_STORAGE_KEY", &key),
        ],
    );
    let sas = format!("?sv=2020-12-06&sp=rl&sr=c&sig={SECRET}");
    check(&["ls", &url], &[("AZURE_STORAGE_SAS_TOKEN", &sas)]);
    let connection = format!("AccountName=contoso;AccountKey={SECRET};BlobEndpoint={url}");
    check(
        &["ls", "az://contoso/apps"],
        &[("AZURE_STORAGE_CONNECTION_STRING", &connection)],
    );
    check(&["ls", &connection], &[]);
}
