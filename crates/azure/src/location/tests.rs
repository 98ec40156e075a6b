//! Locations as people write them, right and wrong.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<ParsedLocation, LocationError> {
    BlobLocation::parse(text, &Environment::default())
}

fn parse_in<const N: usize>(text: &str, pairs: [(&str, &str); N]) -> BlobLocation {
    BlobLocation::parse(text, &Environment::from_pairs(pairs))
        .unwrap()
        .location
}

/// Text, account, cloud, the container's URL, prefix.
type Form = (
    &'static str,
    Option<&'static str>,
    Cloud,
    &'static str,
    &'static str,
);

const CONTOSO: Option<&str> = Some("contoso");
const APPS: &str = "https://contoso.blob.core.windows.net/apps";
const FORMS: &[Form] = &[
    (APPS, CONTOSO, Cloud::Public, APPS, ""),
    (
        "https://contoso.blob.core.windows.net/apps//a/b//",
        CONTOSO,
        Cloud::Public,
        APPS,
        "a/b",
    ),
    (
        "HTTPS://Contoso.Blob.Core.Windows.Net/apps/A%20b",
        CONTOSO,
        Cloud::Public,
        APPS,
        "A b",
    ),
    (
        "az://contoso/apps/win/%C3%BC",
        CONTOSO,
        Cloud::Public,
        APPS,
        "win/ü",
    ),
    (
        "azure://contoso/apps/a b",
        CONTOSO,
        Cloud::Public,
        APPS,
        "a b",
    ),
    (
        "abfss://apps@contoso.dfs.core.windows.net/x",
        CONTOSO,
        Cloud::Public,
        APPS,
        "x",
    ),
];

#[test]
fn every_form_is_understood() {
    for (text, account, cloud, container_url, prefix) in FORMS {
        let location = parse(text).unwrap().location;
        assert_eq!(location.account(), *account, "{text}");
        assert_eq!(location.cloud(), *cloud, "{text}");
        assert_eq!(location.container_url().as_str(), *container_url, "{text}");
        assert_eq!(location.prefix(), *prefix, "{text}");
    }
}

#[test]
fn every_cloud_and_endpoint_is_told_apart() {
    for (url, account, cloud) in [
        (
            "https://contoso.blob.core.usgovcloudapi.net/apps",
            CONTOSO,
            Cloud::UsGovernment,
        ),
        (
            "https://contoso.blob.core.chinacloudapi.cn/apps",
            CONTOSO,
            Cloud::China,
        ),
        (
            "https://contoso.blob.core.cloudapi.de/apps",
            CONTOSO,
            Cloud::Germany,
        ),
        (
            "https://contoso.z03.blob.storage.azure.net/apps",
            CONTOSO,
            Cloud::Public,
        ),
        (
            "https://contoso.privatelink.blob.core.windows.net/apps",
            CONTOSO,
            Cloud::Public,
        ),
        (
            "https://contoso-secondary.blob.core.windows.net/apps",
            CONTOSO,
            Cloud::Public,
        ),
        (
            "https://contoso.blob.local.azurestack.external/apps",
            CONTOSO,
            Cloud::Other,
        ),
        (
            "https://contoso.blob.core.windows.net/$web",
            CONTOSO,
            Cloud::Public,
        ),
        ("https://files.contoso.com/apps", None, Cloud::Other),
    ] {
        let location = parse(url).unwrap().location;
        assert_eq!(location.account(), account, "{url}");
        assert_eq!(location.cloud(), cloud, "{url}");
        assert_eq!(location.container_url().as_str(), url);
        assert!(!location.is_emulator(), "{url}");
    }
}

#[test]
fn emulators_are_path_style() {
    let dev = Some("devstoreaccount1");
    for host in [
        "127.0.0.1:10000",
        "localhost:10000",
        "[::1]:4711",
        "azurite",
        "host.docker.internal:9",
    ] {
        let text = format!("http://{host}/devstoreaccount1/apps/a/");
        let location = parse(&text).unwrap().location;
        assert!(location.is_emulator(), "{host}");
        assert_eq!(location.account(), dev);
        assert_eq!(location.container(), "apps");
        assert_eq!(location.service_url().path(), "/devstoreaccount1");
        assert_eq!(location.to_string(), text.trim_end_matches('/'));
    }
    let hosted = parse("http://devstoreaccount1.blob.localhost:10000/apps")
        .unwrap()
        .location;
    assert!(!hosted.is_emulator());
    assert_eq!(hosted.account(), dev);
}

#[test]
fn the_environment_tells_where_an_account_is_served() {
    let url = |location: BlobLocation| location.container_url().to_string();
    let check = |pairs: [(&str, &str); 1], expect: &str| {
        assert_eq!(url(parse_in("az://contoso/apps", pairs)), expect);
    };
    check(
        [("AZURE_STORAGE_ENDPOINT", "http://127.0.0.1:1")],
        "http://127.0.0.1:1/contoso/apps",
    );
    check(
        [("AZURE_STORAGE_ENDPOINT", "http://127.0.0.1:1/contoso/")],
        "http://127.0.0.1:1/contoso/apps",
    );
    check(
        [("AZURE_STORAGE_ENDPOINT", "https://files.test")],
        "https://files.test/apps",
    );
    check(
        [("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us")],
        "https://contoso.blob.core.usgovcloudapi.net/apps",
    );
    check(
        [("AZURE_STORAGE_USE_EMULATOR", "1")],
        "http://127.0.0.1:10000/contoso/apps",
    );
    let connection = "AccountName=contoso;AccountKey=c2VjcmV0;EndpointSuffix=core.chinacloudapi.cn";
    check(
        [("AZURE_STORAGE_CONNECTION_STRING", connection)],
        "https://contoso.blob.core.chinacloudapi.cn/apps",
    );
    let other = "AccountName=fabrikam;AccountKey=c2VjcmV0;EndpointSuffix=core.chinacloudapi.cn";
    check(
        [("AZURE_STORAGE_CONNECTION_STRING", other)],
        "https://contoso.blob.core.windows.net/apps",
    );

    check(
        [("AZURE_STORAGE_ENDPOINT", "http://127.0.0.1:1/fabrikam")],
        "http://127.0.0.1:1/contoso/apps",
    );
    check(
        [(
            "AZURE_STORAGE_ENDPOINT",
            "https://fabrikam.blob.core.usgovcloudapi.net",
        )],
        "https://contoso.blob.core.windows.net/apps",
    );

    let named = parse_in(
        "http://storage.test:9000/contoso/apps",
        [("AZURE_STORAGE_ENDPOINT", "http://storage.test:9000/contoso")],
    );
    assert!(named.is_emulator());
    assert_eq!(named.account(), Some("contoso"));
    let custom = parse_in(
        "https://files.test/apps",
        [("AZURE_STORAGE_ACCOUNT", "contoso")],
    );
    assert_eq!(custom.account(), Some("contoso"));
}

/// Text, and a part of what is said about it.
const REFUSED: &[(&str, &str)] = &[
    (
        "contoso/apps",
        "write https://ACCOUNT.blob.core.windows.net/CONTAINER",
    ),
    ("s3://bucket/key", "az://ACCOUNT/CONTAINER"),
    (
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2Vj",
        "AZURE_STORAGE_CONNECTION_STRING",
    ),
    (
        "https://contoso.dfs.core.windows.net/apps",
        "write https://contoso.blob.core.windows.net/",
    ),
    (
        "https://contoso.file.core.windows.net/apps",
        "files endpoint",
    ),
    (
        "https://contoso.blob.core.windows.net",
        "write https://contoso.blob.core.windows.net/CONTAINER",
    ),
    (
        "http://127.0.0.1:10000",
        "write http://127.0.0.1:10000/ACCOUNT/CONTAINER",
    ),
    (
        "http://127.0.0.1:10000/devstoreaccount1/",
        "devstoreaccount1/CONTAINER",
    ),
    ("az://contoso", "the container is missing"),
    ("az:///apps", "the account is missing"),
    ("az://Contoso/apps", "3 to 24 lower-case letters"),
    ("az://apps@contoso/x", "remove everything before the `@`"),
    (
        "https://user:word@contoso.blob.core.windows.net/apps",
        "no user name",
    ),
    (
        "http://contoso.blob.core.windows.net/apps",
        "write https://contoso.blob",
    ),
    ("https://contoso.blob.core.windows.net/apps/a#b", "%23"),
    (
        "https://contoso.blob.core.windows.net/apps?sv=1&sp=r",
        "quote the URL",
    ),
    ("https://contoso.blob.core.windows.net/apps?x=1", "%3F"),
    (
        "https://contoso.blob.core.windows.net/apps/a%5Cb",
        "backslash",
    ),
    (
        "https://contoso.blob.core.windows.net/apps/a%0Ab",
        "control character",
    ),
    ("az://contoso/ap", "3 to 63"),
    ("az://contoso/Apps", "lower case"),
    ("az://contoso/my_apps", "letters, digits and hyphens"),
    ("az://contoso/-apps", "each end"),
    ("az://contoso/a--b", "hyphens in a row"),
];

#[test]
fn errors_say_what_to_write_instead() {
    for (text, expect) in REFUSED {
        let message = parse(text).unwrap_err().to_string();
        assert!(message.contains(expect), "{text}: {message}");
    }
}

#[test]
fn a_signature_is_split_off_at_once() {
    let parsed = parse("az://contoso/apps/x?sv=2020-12-06&sp=rl&sig=s3cr%3D").unwrap();
    assert_eq!(
        parsed.sas.as_ref().unwrap().expose(),
        "sv=2020-12-06&sp=rl&sig=s3cr%3D"
    );
    assert_eq!(
        parsed.location.to_string(),
        "https://contoso.blob.core.windows.net/apps/x"
    );
    assert!(!format!("{parsed:?}").contains("s3cr"));
}

proptest! {
    #[test]
    fn no_secret_survives_in_anything_printed(
        scheme in "(https|http|az|azure|abfss|ftp|x)",
        host in "(contoso|contoso\\.blob\\.core\\.windows\\.net|127\\.0\\.0\\.1:1|contoso\\.dfs\\.core\\.windows\\.net|[a-z.]{0,12})",
        path in "[a-z0-9/%.$-]{0,20}",
        before in "(sv=1&|sp=r&|x=&|)",
        name in "(sig|SIG|si%67|signature)",
        secret in "[A-Z]{16,40}",
    ) {
        for text in [
            format!("{scheme}://{host}/{path}?{before}{name}={secret}"),
            format!("{scheme}://user:{secret}@{host}/{path}"),
            format!("AccountName={host};AccountKey={secret}"),
        ] {
            match parse(&text) {
                Ok(parsed) => {
                    let shown = format!("{parsed:?} {}", parsed.location);
                    prop_assert!(!shown.contains(&secret), "{}", shown);
                }
                Err(error) => {
                    let shown = format!("{error:?} {error}");
                    prop_assert!(!shown.contains(&secret), "{}", shown);
                }
            }
        }
    }

    #[test]
    fn what_is_printed_is_read_back_the_same(
        container in "[a-z0-9]{3,20}",
        prefix in "[^/\\\\\\p{Cc}]{1,10}(/[^/\\\\\\p{Cc}]{1,10}){0,3}",
    ) {
        let encoded: String = percent_encoding::utf8_percent_encode(
            &prefix.replace('/', "\u{1}"), percent_encoding::NON_ALPHANUMERIC,
        ).to_string().replace("%01", "/");
        let text = format!("https://contoso.blob.core.windows.net/{container}/{encoded}");
        if let Ok(parsed) = parse(&text) {
            let again = parse(&parsed.location.to_string()).unwrap();
            prop_assert_eq!(again.location, parsed.location);
        }
    }

    #[test]
    fn parsing_never_panics(text in ".*") {
        let _ = parse(&text);
        let _ = parse(&format!("https://{text}"));
        let _ = parse(&format!("az://{text}"));
    }
}
