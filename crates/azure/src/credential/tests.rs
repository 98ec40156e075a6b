//! A table of environments, and who one is in each.

use jiff::Timestamp;
use proptest::prelude::*;

use super::candidates::Surroundings;
use super::resolve::resolve_at;
use super::*;
use crate::environment::Environment;
use crate::location::BlobLocation;

type Pairs<'p> = &'p [(&'p str, &'p str)];

const CONTOSO: &str = "https://contoso.blob.core.windows.net/apps";
const NOW: &str = "2026-11-23T12:00:00Z";

fn resolve(
    mode: AuthMode,
    text: &str,
    pairs: Pairs<'_>,
) -> Result<ResolvedCredential, CredentialError> {
    let environment = Environment::from_pairs(pairs.iter().copied());
    let parsed = BlobLocation::parse(text, &environment).unwrap();
    let surroundings = Surroundings {
        mode,
        location: &parsed.location,
        sas: parsed.sas,
        environment: &environment,
    };
    let resolved = resolve_at(&surroundings, NOW.parse::<Timestamp>().unwrap());
    // Whatever is chosen, nothing that tells about it holds a secret; all secrets below say so.
    let told = match &resolved {
        Ok(resolved) => format!(
            "{} {}",
            serde_json::to_string(&resolved.choice).unwrap(),
            resolved.choice
        ),
        Err(error) => format!("{error} {:?}", error.hint()),
    };
    let shown = format!("{resolved:?} {told}");
    assert!(
        !shown.contains("s3cr") && !shown.contains("czNjcg"),
        "{shown}"
    );
    resolved
}

/// The kind and the source of what is chosen.
fn chosen(mode: AuthMode, text: &str, pairs: Pairs<'_>) -> (CredentialKind, String) {
    let choice = resolve(mode, text, pairs).unwrap().choice;
    (choice.kind, choice.source)
}

const SAS: &str = "sv=2020-12-06&sp=rwdl&se=2027-01-01T00:00:00Z&sig=s3cr";
const KEY: &str = "czNjcg==";
const GITHUB: Pairs<'static> = &[
    ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://ci.test/t?v=2"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "s3cr"),
    ("AZURE_CLIENT_ID", "id"),
    ("AZURE_TENANT_ID", "tenant"),
];
const PIPELINES: Pairs<'static> = &[
    ("SYSTEM_OIDCREQUESTURI", "https://ci.test/oidc"),
    ("SYSTEM_ACCESSTOKEN", "s3cr"),
    ("AZURESUBSCRIPTION_CLIENT_ID", "id"),
    ("AZURESUBSCRIPTION_TENANT_ID", "tenant"),
    ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection"),
];

#[track_caller]
fn check(pairs: Pairs<'_>, kind: CredentialKind, source: &str) {
    assert_eq!(
        chosen(AuthMode::Auto, CONTOSO, pairs),
        (kind, source.to_owned())
    );
}

#[test]
fn secrets_for_storage_are_found() {
    use CredentialKind as K;
    let connection = "AZURE_STORAGE_CONNECTION_STRING";
    check(
        &[("AZURE_STORAGE_SAS_TOKEN", SAS)],
        K::Sas,
        "AZURE_STORAGE_SAS_TOKEN",
    );
    check(
        &[("AZURE_STORAGE_SAS_KEY", SAS)],
        K::Sas,
        "AZURE_STORAGE_SAS_KEY",
    );
    check(
        &[(connection, "AccountName=contoso;AccountKey=czNjcg==")],
        K::SharedKey,
        connection,
    );
    let text =
        format!("BlobEndpoint=https://contoso.blob.core.windows.net;SharedAccessSignature={SAS}");
    check(&[(connection, &text)], K::Sas, connection);
    for name in [
        "AZURE_STORAGE_KEY",
        "AZURE_STORAGE_ACCOUNT_KEY",
        "AZURE_STORAGE_ACCESS_KEY",
    ] {
        check(&[(name, KEY)], K::SharedKey, name);
        check(
            &[(name, KEY), ("AZURE_STORAGE_ACCOUNT", "contoso")],
            K::SharedKey,
            name,
        );
        check(
            &[(name, KEY), ("AZURE_STORAGE_ACCOUNT", "fabrikam")],
            K::AzureCli,
            "az login",
        );
    }
}

#[test]
fn identities_are_found() {
    use CredentialKind as K;
    let certificate = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/testdata/service-principal.pem"
    );
    let token_file = tempfile::NamedTempFile::new().unwrap();
    let token_file = token_file.path().to_str().unwrap();
    let principal = [("AZURE_CLIENT_ID", "id"), ("AZURE_TENANT_ID", "tenant")];
    for (name, value, kind) in [
        (
            "AZURE_FEDERATED_TOKEN_FILE",
            token_file,
            K::WorkloadIdentity,
        ),
        ("AZURE_CLIENT_SECRET", "s3cr", K::ClientSecret),
        (
            "AZURE_CLIENT_CERTIFICATE_PATH",
            certificate,
            K::ClientCertificate,
        ),
    ] {
        check(
            &[[(name, value)].as_slice(), &principal].concat(),
            kind,
            name,
        );
    }
    check(GITHUB, K::GithubOidc, "ACTIONS_ID_TOKEN_REQUEST_URL");
    check(PIPELINES, K::AzurePipelines, "SYSTEM_OIDCREQUESTURI");
    check(
        &[("AZURE_CLIENT_ID", "id")],
        K::ManagedIdentity,
        "AZURE_CLIENT_ID",
    );
    check(
        &[("IDENTITY_ENDPOINT", "http://127.0.0.1:1")],
        K::ManagedIdentity,
        "IDENTITY_ENDPOINT",
    );
    check(&principal, K::AzureCli, "az login");
    check(&[], K::AzureCli, "az login");
}

#[test]
fn what_is_said_for_this_command_outranks_what_is_said_for_all() {
    use CredentialKind as K;
    let everything = [
        &[("AZURE_STORAGE_SAS_TOKEN", SAS), ("AZURE_STORAGE_KEY", KEY)],
        GITHUB,
        PIPELINES,
        &[
            ("AZURE_CLIENT_SECRET", "s3cr"),
            ("IDENTITY_ENDPOINT", "http://127.0.0.1:1"),
        ],
    ]
    .concat();
    let check = |mode, text: &str, kind| {
        assert_eq!(chosen(mode, text, &everything).0, kind, "{mode}");
    };
    let in_location = format!("{CONTOSO}?{SAS}");
    check(AuthMode::Auto, &in_location, K::Sas);
    assert_eq!(
        chosen(AuthMode::Auto, &in_location, &everything).1,
        "the location"
    );
    check(AuthMode::Auto, CONTOSO, K::Sas);
    check(AuthMode::Sas, CONTOSO, K::Sas);
    check(AuthMode::Key, CONTOSO, K::SharedKey);
    check(AuthMode::Entra, CONTOSO, K::GithubOidc);
    check(AuthMode::Github, CONTOSO, K::GithubOidc);
    check(AuthMode::Pipelines, CONTOSO, K::AzurePipelines);
    check(AuthMode::ManagedIdentity, CONTOSO, K::ManagedIdentity);
    check(AuthMode::Cli, &in_location, K::AzureCli);
    check(AuthMode::Anonymous, &in_location, K::Anonymous);
}

#[test]
fn emulators_need_no_variable_and_get_no_token() {
    let emulator = "http://127.0.0.1:10000/devstoreaccount1/apps";
    let (kind, source) = chosen(AuthMode::Auto, emulator, GITHUB);
    assert_eq!(
        (kind, source.as_str()),
        (CredentialKind::SharedKey, "the key that every emulator has")
    );
    let own = [(
        "AZURE_STORAGE_CONNECTION_STRING",
        "AccountName=devstoreaccount1;AccountKey=czNjcg==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1",
    )];
    assert_eq!(
        chosen(AuthMode::Auto, emulator, &own).1,
        "AZURE_STORAGE_CONNECTION_STRING"
    );

    for mode in [AuthMode::Auto, AuthMode::Entra, AuthMode::Cli] {
        let error = resolve(mode, "http://127.0.0.1:10000/other/apps", GITHUB).unwrap_err();
        assert!(error.hint().unwrap().contains("https only"), "{error}");
    }
}

#[test]
fn a_choice_tells_what_was_passed_over_and_why() {
    let pairs = [
        ("AZURE_STORAGE_KEY", KEY),
        ("AZURE_STORAGE_ACCOUNT", "fabrikam"),
        (
            "AZURE_STORAGE_CONNECTION_STRING",
            "AccountName=tailspin;AccountKey=czNjcg==",
        ),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://ci.test/t"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "s3cr"),
        ("AZURE_CLIENT_SECRET", "s3cr"),
        ("AZURE_TENANT_ID", "tenant"),
    ];
    let choice = resolve(AuthMode::Auto, CONTOSO, &pairs).unwrap().choice;
    let said: Vec<_> = choice
        .passed_over
        .iter()
        .map(|passed| passed.reason.as_str())
        .collect();
    for expect in [
        "AZURE_STORAGE_KEY is set, but AZURE_STORAGE_ACCOUNT names `fabrikam`, the location `contoso`",
        "AZURE_STORAGE_CONNECTION_STRING is for `tailspin`, the location for `contoso`",
        "AZURE_CLIENT_ID is not set",
        "the location holds none",
    ] {
        assert!(said.contains(&expect), "{expect}: {said:#?}");
    }
    assert_eq!(choice.kind, CredentialKind::AzureCli);
}

#[test]
fn an_explicit_mode_is_never_replaced_by_another() {
    for mode in [
        AuthMode::Sas,
        AuthMode::Key,
        AuthMode::Github,
        AuthMode::Pipelines,
        AuthMode::Workload,
    ] {
        let error = resolve(mode, CONTOSO, &[]).unwrap_err();
        assert!(matches!(error, CredentialError::Nothing { mode: named, .. } if named == mode));
        assert!(error.hint().unwrap().contains("is not set"), "{mode}");
    }
}

#[test]
fn what_is_broken_is_an_error_and_no_reason_to_be_somebody_else() {
    let check = |pairs: Pairs<'_>, expect: &str| {
        let error = resolve(AuthMode::Auto, CONTOSO, pairs).unwrap_err();
        assert!(error.to_string().contains(expect), "{error}");
        assert!(error.hint().is_some());
    };
    check(
        &[("AZURE_STORAGE_KEY", "s3cr!")],
        "`AZURE_STORAGE_KEY` cannot be used",
    );
    check(
        &[("AZURE_STORAGE_SAS_TOKEN", "s3cr")],
        "`AZURE_STORAGE_SAS_TOKEN` cannot be used",
    );
    check(
        &[("AZURE_STORAGE_CONNECTION_STRING", "s3cr")],
        "`AZURE_STORAGE_CONNECTION_STRING`",
    );
    let principal = [("AZURE_CLIENT_ID", "id"), ("AZURE_TENANT_ID", "tenant")];
    let missing = [("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/at/all.pem")];
    check(
        &[missing.as_slice(), &principal].concat(),
        "`AZURE_CLIENT_CERTIFICATE_PATH` cannot be used",
    );
}

#[test]
fn a_signature_is_checked_against_the_clock() {
    let with = |query: &str| resolve(AuthMode::Auto, &format!("{CONTOSO}?{query}&sig=s3cr"), &[]);
    let error = with("sp=rwl&se=2026-11-23T11:59:59Z").unwrap_err();
    assert!(
        matches!(error, CredentialError::ExpiredSas { .. }),
        "{error}"
    );
    let warnings = |query: &str| with(query).unwrap().choice.warnings;
    assert_eq!(
        warnings("sp=rwdl&se=2026-11-24T00:00:00Z"),
        Vec::<String>::new()
    );
    assert!(warnings("sp=rwl&se=2026-11-23T12:20:00Z")[0].contains("expires in 20 min"));
    assert!(warnings("sp=rwl&st=2026-11-23T13:00:00Z&se=2026-11-24")[0].contains("not valid yet"));
    assert!(warnings("sp=r&se=2026-11-24")[0].ends_with(": wl"));
    assert_eq!(warnings("si=policy"), Vec::<String>::new());
}

#[test]
fn a_key_signs_for_the_account_that_the_host_does_not_tell() {
    let custom = "https://files.test/apps";
    let pairs = [
        ("AZURE_STORAGE_KEY", KEY),
        ("AZURE_STORAGE_ACCOUNT", "contoso"),
    ];
    let resolved = resolve(AuthMode::Key, custom, &pairs).unwrap();
    assert!(
        matches!(resolved.credential, Credential::SharedKey { account, .. } if account == "contoso")
    );
    let error = resolve(AuthMode::Key, custom, &pairs[..1]).unwrap_err();
    assert!(error.hint().unwrap().contains("set AZURE_STORAGE_ACCOUNT"));
}

/// Every variable that may hold a secret, or into which somebody may paste one.
const VARIABLES: &[&str] = &[
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_KEY",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "SYSTEM_ACCESSTOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
];

proptest! {
    #[test]
    fn no_story_of_a_choice_holds_a_secret(
        secret in "[A-Za-z0-9]{20,40}",
        form in "(|sig=|sv=1&sig=|AccountName=contoso;AccountKey=|AccountName=contoso;SharedAccessSignature=sig=)",
        count in 1..7_usize,
    ) {
        let value = format!("{form}{secret}");
        let mut pairs: Vec<_> = VARIABLES[count..].iter().map(|name| (*name, value.as_str())).collect();
        pairs.extend(GITHUB.iter().filter(|(_, value)| *value != "s3cr"));
        pairs.extend(PIPELINES.iter().filter(|(_, value)| *value != "s3cr"));
        for mode in AuthMode::ALL {
            let environment = Environment::from_pairs(pairs.iter().copied());
            let parsed = BlobLocation::parse(CONTOSO, &Environment::default()).unwrap();
            let shown = match resolve_credential(mode, &parsed.location, None, &environment) {
                Ok(resolved) => {
                    let told = serde_json::to_string(&resolved.choice).unwrap();
                    format!("{resolved:?} {told}")
                }
                Err(error) => format!("{error:?} {error} {:?}", error.hint()),
            };
            prop_assert!(!shown.contains(&secret), "{}", shown);
        }
    }
}
