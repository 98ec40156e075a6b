//! Who may do what: the key, signatures, and everybody.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use longshore_drydock::account_sas;
use sha2::Sha256;

use crate::yard::{BLOCK_BLOB, Headers, Yard};

const HOUR: Duration = Duration::from_hours(1);

impl Yard {
    async fn unsigned(&self, method: &str, path: &str, headers: Headers<'_>, outcome: &str) {
        let reply = self.send_unsigned(method, path, headers, "x").await;
        let shown = path.split("sig=").next().unwrap();
        assert_eq!(reply.outcome(), outcome, "{method} {shown}");
    }

    /// A service SAS written down from the documentation.
    fn service_sas(&self, fields: &[(&str, &str)], resource: &str) -> String {
        let field = |name: &str| {
            let found = fields.iter().find(|(field, _)| *field == name);
            found.map_or("", |(_, value)| value).to_owned()
        };
        let sas = |name: &str| field(name);
        let text = [
            sas("sp"),
            sas("st"),
            sas("se"),
            format!("/blob/{}/{resource}", self.drydock.account()),
            sas("si"),
            sas("sip"),
            sas("spr"),
            "2020-12-06".to_owned(),
            sas("sr"),
            String::new(),
            sas("ses"),
            sas("rscc"),
            sas("rscd"),
            sas("rsce"),
            sas("rscl"),
            sas("rsct"),
        ]
        .join("\n");
        let key = STANDARD.decode(self.drydock.key().expose()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(text.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let encode = |text: &str| {
            text.replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D")
        };
        let mut query = vec![format!("sv=2020-12-06&sig={}", encode(&signature))];
        query.extend(
            fields
                .iter()
                .map(|(name, value)| format!("{name}={}", encode(value))),
        );
        query.join("&")
    }
}

#[tokio::test]
async fn the_key_is_checked() {
    let yard = Yard::open().await;
    let now = httpdate::fmt_http_date(SystemTime::now());
    let wrong = STANDARD.encode([0; 32]);
    let authorize = async |value: &str, date: &str| {
        let headers = [("authorization", value), ("x-ms-date", date)];
        let path = "library?restype=container&comp=list";
        yard.send_unsigned("GET", path, &headers, "")
            .await
            .outcome()
    };
    let refused = "403 AuthenticationFailed";
    assert_eq!(
        authorize(&format!("SharedKey drydock:{wrong}"), &now).await,
        refused
    );
    assert_eq!(authorize("SharedKey drydock", &now).await, refused);
    assert_eq!(
        authorize(&format!("SharedKey other:{wrong}"), &now).await,
        refused
    );
    assert_eq!(
        authorize("Bearer token", &now).await,
        "401 InvalidAuthenticationInfo"
    );
    assert_eq!(
        authorize("Basic token", &now).await,
        "401 InvalidAuthenticationInfo"
    );
}

#[tokio::test]
async fn a_signature_of_yesterday_is_refused() {
    let yard = Yard::open().await;
    let old = httpdate::fmt_http_date(SystemTime::now() - Duration::from_mins(16));
    let reply = yard
        .send("GET", "library/blob", &[("x-ms-date", &old)], "")
        .await;
    assert_eq!(reply.outcome(), "403 AuthenticationFailed");
    assert!(!reply.text().contains(&yard.drydock.key().expose()));
}

#[tokio::test]
async fn the_key_signs_odd_names_and_queries() {
    let yard = Yard::open().await;
    for name in [
        "a%20b", "%C3%BC", "a+b", "a%2Bb", "a%25b", "a%23b", "a%3Fb", "a/b//c",
    ] {
        yard.put(name, name).await;
        assert_eq!(yard.get(name).await, name.as_bytes());
    }
    let path =
        "library?restype=container&comp=list&prefix=a%2Bb&delimiter=%2F&include=metadata,tags";
    yard.expect("GET", path, &[], "", "200").await;
}

#[tokio::test]
async fn an_account_sas_does_what_its_letters_say() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    let mismatch = "403 AuthorizationPermissionMismatch";
    // Letters; then read, list, overwrite, create, delete.
    for (letters, outcomes) in [
        ("r", ["200", mismatch, mismatch, mismatch, mismatch]),
        ("l", [mismatch, "200", mismatch, mismatch, mismatch]),
        ("c", [mismatch, mismatch, mismatch, "201", mismatch]),
        ("w", [mismatch, mismatch, "201", "201", mismatch]),
        ("rwdlac", ["200", "200", "201", "201", "202"]),
    ] {
        let sas = yard.drydock.account_sas(letters, HOUR);
        let sas = sas.expose();
        let (blob, new) = (
            format!("library/blob?{sas}"),
            format!("library/{letters}?{sas}"),
        );
        let list = format!("library?restype=container&comp=list&{sas}");
        yard.unsigned("GET", &blob, &[], outcomes[0]).await;
        yard.unsigned("GET", &list, &[], outcomes[1]).await;
        yard.unsigned("PUT", &blob, &[BLOCK_BLOB], outcomes[2])
            .await;
        yard.unsigned("PUT", &new, &[BLOCK_BLOB], outcomes[3]).await;
        yard.unsigned("DELETE", &blob, &[], outcomes[4]).await;
    }
}

#[tokio::test]
async fn an_account_sas_is_bound() {
    let yard = Yard::open().await;
    let path = |sas: &str| format!("library?restype=container&comp=list&{sas}");
    let sas = yard.drydock.account_sas("rl", HOUR);
    yard.unsigned("GET", &path(sas.expose()), &[], "200").await;
    let refused = "403 AuthenticationFailed";
    let more = sas.expose().replace("sp=rl", "sp=rwl");
    yard.unsigned("GET", &path(&more), &[], refused).await;
    let expired = account_sas(
        "drydock",
        yard.drydock.key(),
        "rl",
        SystemTime::now() - HOUR,
    );
    yard.unsigned("GET", &path(expired.expose()), &[], refused)
        .await;
    let acl = format!("library?restype=container&comp=acl&{}", sas.expose());
    yard.unsigned("GET", &acl, &[], "403 AuthorizationFailure")
        .await;
}

#[tokio::test]
async fn a_container_sas_covers_one_container() {
    let yard = Yard::open().await;
    yard.expect("PUT", "other?restype=container", &[], "", "201")
        .await;
    yard.put("a/b", "x").await;
    let sas = yard.drydock.container_sas("library", "rl", HOUR);
    let sas = sas.expose();
    yard.unsigned("GET", &format!("library/a/b?{sas}"), &[], "200")
        .await;
    let list = |container: &str| format!("{container}?restype=container&comp=list&{sas}");
    yard.unsigned("GET", &list("library"), &[], "200").await;
    yard.unsigned("GET", &list("other"), &[], "403 AuthenticationFailed")
        .await;
    yard.unsigned(
        "PUT",
        &format!("library/a/b?{sas}"),
        &[BLOCK_BLOB],
        "403 AuthorizationPermissionMismatch",
    )
    .await;
    yard.unsigned(
        "GET",
        &format!("library?restype=container&{sas}"),
        &[],
        "403 AuthorizationFailure",
    )
    .await;
}

#[tokio::test]
async fn a_blob_sas_covers_one_blob_and_may_rename_it() {
    let yard = Yard::open().await;
    yard.put("a%20b/c", "x").await;
    yard.put("other", "x").await;
    let fields = [
        ("sr", "b"),
        ("sp", "r"),
        ("se", "2099-01-01T00:00:00Z"),
        ("rscd", "attachment"),
        ("rsct", "text/plain"),
    ];
    let sas = yard.service_sas(&fields, "library/a b/c");
    let reply = yard
        .send_unsigned("GET", &format!("library/a%20b/c?{sas}"), &[], "")
        .await;
    assert_eq!(reply.outcome(), "200");
    assert_eq!(reply.header("content-disposition"), "attachment");
    assert_eq!(reply.header("content-type"), "text/plain");
    yard.unsigned(
        "GET",
        &format!("library/other?{sas}"),
        &[],
        "403 AuthenticationFailed",
    )
    .await;
    let list = format!("library?restype=container&comp=list&{sas}");
    yard.unsigned("GET", &list, &[], "403 AuthenticationFailed")
        .await;
}

#[tokio::test]
async fn times_addresses_and_protocols_are_checked() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    let future = ("se", "2099-01-01");
    for (extra, outcome) in [
        (("st", "2020-01-01T00:00:00Z"), "200"),
        (("st", "2098-01-01T00:00:00Z"), "403 AuthenticationFailed"),
        (("sip", "127.0.0.1"), "200"),
        (("sip", "127.0.0.0-127.0.0.9"), "200"),
        (("sip", "10.0.0.1"), "403 AuthorizationSourceIPMismatch"),
        (("spr", "https,http"), "200"),
        (("spr", "https"), "403 AuthorizationProtocolMismatch"),
        (("si", "none"), "403 AuthenticationFailed"),
    ] {
        let sas = yard.service_sas(&[("sr", "c"), ("sp", "r"), future, extra], "library");
        yard.unsigned("GET", &format!("library/blob?{sas}"), &[], outcome)
            .await;
    }
    let endless = yard.service_sas(&[("sr", "c"), ("sp", "r")], "library");
    yard.unsigned(
        "GET",
        &format!("library/blob?{endless}"),
        &[],
        "403 AuthenticationFailed",
    )
    .await;
}

#[tokio::test]
async fn a_stored_policy_can_be_withdrawn() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    let acl = "library?restype=container&comp=acl";
    let document = "<SignedIdentifiers><SignedIdentifier><Id>readers</Id><AccessPolicy>\
        <Expiry>2099-01-01T00:00:00Z</Expiry><Permission>r</Permission></AccessPolicy>\
        </SignedIdentifier></SignedIdentifiers>";
    yard.expect("PUT", acl, &[], document, "200").await;
    let sas = yard.service_sas(&[("sr", "c"), ("si", "readers")], "library");
    let path = format!("library/blob?{sas}");
    yard.unsigned("GET", &path, &[], "200").await;
    let list = format!("library?restype=container&comp=list&{sas}");
    yard.unsigned("GET", &list, &[], "403 AuthorizationPermissionMismatch")
        .await;
    // What the policy says the signature may not say again.
    let twice = yard.service_sas(&[("sr", "c"), ("si", "readers"), ("sp", "r")], "library");
    yard.unsigned(
        "GET",
        &format!("library/blob?{twice}"),
        &[],
        "403 AuthenticationFailed",
    )
    .await;
    yard.expect("PUT", acl, &[], "", "200").await;
    yard.unsigned("GET", &path, &[], "403 AuthenticationFailed")
        .await;
}

#[tokio::test]
async fn everybody_reads_what_a_container_shows() {
    let yard = Yard::open().await;
    yard.put("blob", "x").await;
    let hidden = "404 ResourceNotFound";
    for (access, blob, list) in [
        ("", hidden, hidden),
        ("blob", "200", hidden),
        ("container", "200", "200"),
    ] {
        let headers = [("x-ms-blob-public-access", access)];
        let headers: Headers<'_> = if access.is_empty() { &[] } else { &headers };
        yard.expect(
            "PUT",
            "library?restype=container&comp=acl",
            headers,
            "",
            "200",
        )
        .await;
        yard.unsigned("GET", "library/blob", &[], blob).await;
        yard.unsigned("HEAD", "library/blob", &[], blob).await;
        yard.unsigned("GET", "library?restype=container&comp=list", &[], list)
            .await;
        yard.unsigned("GET", "?comp=list", &[], hidden).await;
        yard.unsigned("GET", "library?restype=container&comp=acl", &[], hidden)
            .await;
        yard.unsigned(
            "PUT",
            "library/blob",
            &[BLOCK_BLOB],
            "401 NoAuthenticationInformation",
        )
        .await;
        yard.unsigned(
            "DELETE",
            "library/blob",
            &[],
            "401 NoAuthenticationInformation",
        )
        .await;
    }
}

#[tokio::test]
async fn an_account_can_forbid_public_access() {
    let yard = Yard::with(|options| options.public_access(false)).await;
    yard.put("blob", "x").await;
    let headers = [("x-ms-blob-public-access", "blob")];
    let refused = "409 PublicAccessNotPermitted";
    yard.expect(
        "PUT",
        "library?restype=container&comp=acl",
        &headers,
        "",
        refused,
    )
    .await;
    yard.expect("PUT", "other?restype=container", &headers, "", refused)
        .await;
    yard.unsigned("GET", "library/blob", &[], refused).await;
}
