use cyclonedx_bom::models::bom::Bom;
use cyclonedx_bom::prelude::Validate;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::samples::{any_release, release};

fn manifest() -> Manifest {
    toml::from_str(
        r#"
        library = { name = "tools" }
        [[artifact]]
        id = "bginfo"
        version = "4.33"
        name = "Sysinternals BGInfo"
        publisher = "Microsoft"
        url = "https://download.sysinternals.com/files/BGInfo.zip"
        "#,
    )
    .unwrap()
}

/// The bill as JSON, after the crate that knows the specification has found nothing wrong with it.
fn checked(release: &Release, manifest: Option<&Manifest>) -> serde_json::Value {
    let text = sbom(release, manifest).unwrap();
    let bom = Bom::parse_from_json_v1_5(text.as_bytes()).unwrap();
    let result = bom.validate_version(SpecVersion::V1_5);
    assert!(result.passed(), "{result:?}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_bill_says_what_is_given_and_where_it_is_from() {
    let release = release();
    let bill = checked(&release, Some(&manifest()));
    assert_eq!(
        (&bill["bomFormat"], &bill["specVersion"]),
        (&json!("CycloneDX"), &json!("1.5"))
    );
    assert_eq!(
        bill["metadata"]["timestamp"],
        release.provenance.created.to_string()
    );
    assert_eq!(
        bill["metadata"]["tools"],
        json!([{ "name": "longshore", "version": "0.1.0" }])
    );
    assert_eq!(
        bill["metadata"]["component"]["version"],
        release.release.to_string()
    );
    let components = bill["components"].as_array().unwrap();
    assert_eq!(components.len(), 3);
    let bginfo = &components[1];
    assert_eq!(
        (&bginfo["name"], &bginfo["version"]),
        (&json!("bginfo"), &json!("4.33"))
    );
    assert_eq!(
        (&bginfo["publisher"], &bginfo["type"]),
        (&json!("Microsoft"), &json!("application"))
    );
    assert_eq!(components[2]["type"], "file");
    let digest = release.content.artifacts[1].sha256;
    assert_eq!(
        bginfo["hashes"][0],
        json!({ "alg": "SHA-256", "content": digest.to_string() })
    );
    let url = "https://download.sysinternals.com/files/BGInfo.zip";
    assert_eq!(
        bginfo["externalReferences"],
        json!([{ "type": "distribution", "url": url }])
    );
    let encoded = "https%3A%2F%2Fdownload.sysinternals.com%2Ffiles%2FBGInfo.zip";
    assert_eq!(
        bginfo["purl"],
        format!("pkg:generic/bginfo@4.33?checksum=sha256:{digest}&download_url={encoded}")
    );
    let tool = bill["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["ref"] == components[0]["bom-ref"])
        .unwrap();
    assert_eq!(tool["dependsOn"], json!([bginfo["bom-ref"]]));
}

#[test]
fn the_same_release_gives_the_same_bill() {
    let release = release();
    assert_eq!(sbom(&release, None).unwrap(), sbom(&release, None).unwrap());
    let serial = checked(&release, None)["serialNumber"].clone();
    assert_eq!(serial, "urn:uuid:772e79d2-c572-8fe5-b165-98136dc75b17");
}

proptest! {
    #[test]
    fn every_release_has_a_valid_bill(release in any_release()) {
        let bill = checked(&release, None);
        let components = bill["components"].as_array().map_or(0, Vec::len);
        prop_assert_eq!(components, release.content.artifacts.len());
    }
}
