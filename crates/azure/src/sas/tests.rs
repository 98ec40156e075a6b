use std::net::Ipv4Addr;

use super::*;
use crate::secret::AccountKey;

fn sas() -> ServiceSas {
    let resource = SasResource::Blob {
        container: "apps".to_owned(),
        blob: "windows server/ü+&=%2F.exe".to_owned(),
    };
    let expiry = "2026-11-13T09:49:37.9Z".parse().unwrap();
    ServiceSas::new(resource, SasPermissions::READ, expiry)
}

#[test]
fn the_string_has_sixteen_lines_with_values_as_they_are() {
    let sas = ServiceSas {
        start: Some("2026-11-13T08:49:37Z".parse().unwrap()),
        protocol: SasProtocol::HttpsAndHttp,
        addresses: Some(SasAddresses {
            first: Ipv4Addr::new(203, 0, 113, 1),
            last: Ipv4Addr::new(203, 0, 113, 9),
        }),
        ..sas()
    };
    assert_eq!(
        sas.string_to_sign("contoso"),
        "r\n2026-11-13T08:49:37Z\n2026-11-13T09:49:37Z\n\
         /blob/contoso/apps/windows server/ü+&=%2F.exe\n\n203.0.113.1-203.0.113.9\nhttps,http\n\
         2020-12-06\nb\n\n\n\n\n\n\n"
    );
}

#[test]
fn the_query_is_encoded_and_leaves_out_what_is_not_said() {
    let token = sas().sign("contoso", &AccountKey::parse("c2VjcmV0").unwrap());
    let (said, signature) = token.expose().split_once("&sig=").unwrap();
    assert_eq!(
        said,
        "sv=2020-12-06&sr=b&sp=r&se=2026-11-13T09%3A49%3A37Z&spr=https"
    );
    assert!(signature.ends_with("%3D"), "{signature}");
    assert!(!signature.contains(['+', '/', '=']), "{signature}");
    assert_eq!(token.permissions(), Some("r"));
    assert_eq!(format!("{token:?}"), "SasToken(REDACTED)");
}

/// Vectors were signed by the Python SDK's own signer (azure-storage-blob 12.31.1), told to sign for this version.
#[test]
fn signatures_are_those_of_another_signer() {
    let key = AccountKey::parse("c2VjcmV0IGtleSBmb3IgdmVjdG9ycw==").unwrap();
    let signature = |sas: &ServiceSas| {
        let token = sas.sign("contoso", &key);
        let (_, signature) = token.expose().split_once("&sig=").unwrap();
        signature.to_owned()
    };
    let blob = ServiceSas {
        start: Some("2026-11-13T08:34:37Z".parse().unwrap()),
        addresses: Some(SasAddresses {
            first: Ipv4Addr::new(203, 0, 113, 1),
            last: Ipv4Addr::new(203, 0, 113, 9),
        }),
        ..sas()
    };
    assert_eq!(
        signature(&blob),
        "2Pd5DBz0N8x2eptDjEDUnK64AkE6OZUVNuPMf1M%2FAoE%3D"
    );
    let container = ServiceSas {
        resource: SasResource::Container {
            container: "apps".to_owned(),
        },
        permissions: Some(SasPermissions::READ.and(SasPermissions::LIST)),
        protocol: SasProtocol::HttpsAndHttp,
        ..sas()
    };
    assert_eq!(
        signature(&container),
        "Dfx0mj27kUlkpJtwxfo2basuyyzyPi4HDa4lRZc8Zb8%3D"
    );
}

#[test]
fn one_address_is_no_range() {
    let address = Ipv4Addr::new(203, 0, 113, 1);
    let one = SasAddresses {
        first: address,
        last: address,
    };
    assert_eq!(one.to_string(), "203.0.113.1");
}

#[test]
fn addresses_are_read_as_they_are_written() {
    let read = str::parse::<SasAddresses>;
    for text in ["203.0.113.7", "203.0.113.1-203.0.113.9"] {
        assert_eq!(read(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "203.0.113",
        "::1",
        "203.0.113.0/24",
        "1.2.3.4-",
        "1.2.3.4-5.6.7.8-9.9.9.9",
    ] {
        assert_eq!(read(text), Err(BadAddresses::Form), "{text}");
    }
    assert_eq!(
        read("203.0.113.9-203.0.113.1"),
        Err(BadAddresses::Backwards)
    );
}

fn directory() -> SasResource {
    SasResource::Directory {
        container: "apps".to_owned(),
        directory: "windows server/ü+x".to_owned(),
    }
}

#[test]
fn a_policy_says_what_the_signature_does_not() {
    let key = AccountKey::parse("c2VjcmV0").unwrap();
    let sas = ServiceSas::under_policy(directory(), "nightly builds");
    let token = sas.sign("contoso", &key);
    let (said, _) = token.expose().split_once("&sig=").unwrap();
    assert_eq!(
        said,
        "sv=2020-12-06&sr=d&sdd=2&si=nightly%20builds&spr=https"
    );
    assert_eq!((token.permissions(), token.expiry()), (None, None));
    assert_eq!(
        sas.string_to_sign("contoso"),
        "\n\n\n/blob/contoso/apps/windows server/ü+x\nnightly builds\n\nhttps\n2020-12-06\nd\n\n\n\n\n\n\n"
    );
}

/// Vectors as above, by the same signer.
#[test]
fn policies_and_directories_are_signed_as_by_another_signer() {
    let key = AccountKey::parse("c2VjcmV0IGtleSBmb3IgdmVjdG9ycw==").unwrap();
    let check = |sas: ServiceSas, expect: &str| {
        let token = sas.sign("contoso", &key);
        let (_, signature) = token.expose().split_once("&sig=").unwrap();
        assert_eq!(signature, expect, "{sas:?}");
    };
    check(
        ServiceSas::under_policy(sas().resource, "nightly builds/é"),
        "2D6SSm3AFQbPvejDAa95w%2FX4F8ylwsx98iHQV2yLjGY%3D",
    );
    let container = SasResource::Container {
        container: "apps".to_owned(),
    };
    check(
        ServiceSas {
            expiry: sas().expiry,
            addresses: Some("203.0.113.7".parse().unwrap()),
            ..ServiceSas::under_policy(container, "nightly")
        },
        "FWd0pGNHHSTWoHSJDrQ5bzcaAYjSng%2FhgV%2B9w0iMSuk%3D",
    );
    let permissions = SasPermissions::READ.and(SasPermissions::LIST);
    check(
        ServiceSas {
            start: Some("2026-11-13T08:34:37Z".parse().unwrap()),
            ..ServiceSas::new(directory(), permissions, sas().expiry.unwrap())
        },
        "YElI8fwrIE0R%2FroBYG0pT0rGOR8K8%2FB0K0Ow0tfQxNs%3D",
    );
}

#[test]
fn a_resource_has_permissions_of_its_own() {
    let container = SasResource::Container {
        container: "apps".to_owned(),
    };
    assert_eq!(container.permissions().to_string(), "racwdxyltmeopi");
    assert_eq!(directory().permissions().to_string(), "racwdlmeop");
    assert_eq!(sas().resource.permissions().to_string(), "racwdxytmeopi");
}
