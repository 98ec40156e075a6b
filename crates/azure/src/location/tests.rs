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

#[test]
fn every_form_is_understood() {
    let check = |text: &str, account: Option<&str>, cloud, container_url: &str, prefix: &str| {
        let location = parse(text).unwrap().location;
        assert_eq!(location.account(), account, "{text}");
        assert_eq!(location.cloud(), cloud, "{text}");
        assert_eq!(location.container_url().as_str(), container_url, "{text}");
        assert_eq!(location.prefix(), prefix, "{text}");
    };
    let contoso = Some("contoso");
    let apps = "https://contoso.blob.core.windows.net/apps";
    check(apps, contoso, Cloud::Public, apps, "");
    check(
        "https://contoso.blob.core.windows.net/apps//a/b//",
        contoso,
        Cloud::Public,
        apps,
        "a/b",
    );
    check(
        "HTTPS://Contoso.Blob.Core.Windows.Net/apps/A%20b",
        contoso,
        Cloud::Public,
        apps,
        "A b",
    );
    check(
        "az://contoso/apps/win/%C3%BC",
        contoso,
        Cloud::Public,
        apps,
        "win/ü",
    );
    check(
        "azure://contoso/apps/a b",
        contoso,
        Cloud::Public,
        apps,
        "a b",
    );
    check(
        "abfss://apps@contoso.dfs.core.windows.net/x",
        contoso,
        Cloud::Public,
        apps,
        "x",
    );
    let government = "https://contoso.blob.core.usgovcloudapi.net/apps";
    check(government, contoso, Cloud::UsGovernment, government, "");
    let china = "https://contoso.blob.core.chinacloudapi.cn/apps";
    check(china, contoso, Cloud::China, china, "");
    let zone = "https://contoso.z03.blob.storage.azure.net/apps";
    check(zone, contoso, Cloud::Public, zone, "");
    let private = "https://contoso.privatelink.blob.core.windows.net/apps";
    check(private, contoso, Cloud::Public, private, "");
    let secondary = "https://contoso-secondary.blob.core.windows.net/apps";
    check(secondary, contoso, Cloud::Public, secondary, "");
    let stack = "https://contoso.blob.local.azurestack.external/apps";
    check(stack, contoso, Cloud::Other, stack, "");
    let custom = "https://files.contoso.com/apps";
    check(custom, None, Cloud::Other, custom, "");
    let web = "https://contoso.blob.core.windows.net/$web";
    check(web, contoso, Cloud::Public, web, "");
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

#[test]
fn errors_say_what_to_write_instead() {
    let check = |text: &str, expect: &str| {
        let message = parse(text).unwrap_err().to_string();
        assert!(message.contains(expect), "{text}: {message}");
    };
    check(
        "contoso/apps",
        "write https://ACCOUNT.blob.core.windows.net/CONTAINER",
    );
    check("s3://bucket/key", "az://ACCOUNT/CONTAINER");
    check(
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2Vj",
        "AZURE_STORAGE_CONNECTION_STRING",
    );
    check(
        "https://contoso.dfs.core.windows.net/apps",
        "write https://contoso.blob.core.windows.net/",
    );
    check(
        "https://contoso.file.core.windows.net/apps",
        "files endpoint",
    );
    check(
        "https://contoso.blob.core.windows.net",
        "write https://contoso.blob.core.windows.net/CONTAINER",
    );
    check(
        "http://127.0.0.1:10000",
        "write http://127.0.0.1:10000/ACCOUNT/CONTAINER",
    );
    check(
        "http://127.0.0.1:10000/devstoreaccount1/",
        "devstoreaccount1/CONTAINER",
    );
    check("az://contoso", "the container is missing");
    check("az:///apps", "the account is missing");
    check("az://Contoso/apps", "3 to 24 lower-case letters");
    check("az://apps@contoso/x", "remove everything before the `@`");
    check(
        "https://user:word@contoso.blob.core.windows.net/apps",
        "no user name",
    );
    check(
        "http://contoso.blob.core.windows.net/apps",
        "write https://contoso.blob",
    );
    check("https://contoso.blob.core.windows.net/apps/a#b", "%23");
    check(
        "https://contoso.blob.core.windows.net/apps?sv=1&sp=r",
        "quote the URL",
    );
    check("https://contoso.blob.core.windows.net/apps?x=1", "%3F");
    check(
        "https://contoso.blob.core.windows.net/apps/a%5Cb",
        "backslash",
    );
    check(
        "https://contoso.blob.core.windows.net/apps/a%0Ab",
        "control character",
    );
    for (name, rule) in [
        ("ap", "3 to 63"),
        ("Apps", "lower case"),
        ("my_apps", "letters, digits and hyphens"),
        ("-apps", "each end"),
        ("a--b", "hyphens in a row"),
    ] {
        check(&format!("az://contoso/{name}"), rule);
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
