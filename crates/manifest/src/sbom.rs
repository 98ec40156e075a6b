//! A release as a software bill of materials: CycloneDX 1.5 in JSON.
//!
//! It says what a build VM is given, file by file, and nothing about what is inside the installers. The same release gives
//! the same text, since its time is the release's and its serial number comes from the release's digest.

#[cfg(test)]
mod tests;

use cyclonedx_bom::models::bom::{Bom, SpecVersion, UrnUuid};
use cyclonedx_bom::models::component::{Classification, Component, Components};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::external_reference::{
    ExternalReference, ExternalReferenceType, ExternalReferences,
};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::models::organization::OrganizationalEntity;
use cyclonedx_bom::models::property::{Properties, Property};
use cyclonedx_bom::models::tool::{Tool, Tools};
use cyclonedx_bom::prelude::{DateTime, NormalizedString, Purl, Uri};
use url::form_urlencoded::byte_serialize;

use crate::{Artifact, Content, Manifest, Provenance, Release, ReleaseDigest, Released};

/// Why a release cannot be written as a bill of materials.
#[derive(Debug, thiserror::Error)]
pub enum SbomError {
    /// The time of the release is none that CycloneDX knows.
    #[error("the release was made at a time that a bill of materials cannot tell")]
    Time(#[source] cyclonedx_bom::external_models::date_time::DateTimeError),
    /// The document could not be written.
    #[error("the bill of materials could not be written")]
    Write(#[source] cyclonedx_bom::errors::JsonWriteError),
}

/// The bill of materials of a release. The manifest tells names and publishers, where it is the one of the release.
///
/// # Errors
///
/// [`SbomError::Time`] for a release from outside the years 0 to 9999, [`SbomError::Write`] for what cannot be written.
pub fn sbom(release: &Release, manifest: Option<&Manifest>) -> Result<String, SbomError> {
    let content = &release.content;
    let components = content
        .artifacts
        .iter()
        .map(|released| {
            component(
                released,
                manifest.and_then(|manifest| artifact_of(manifest, released)),
            )
        })
        .collect();
    let bom = Bom {
        serial_number: Some(serial_number(release.release)),
        metadata: Some(metadata(release)?),
        components: Some(Components(components)),
        dependencies: Some(dependencies(content)),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    };
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text)
        .map_err(SbomError::Write)?;
    text.push(b'\n');
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A UUID of version 8, whose bits are the digest's.
fn serial_number(release: ReleaseDigest) -> UrnUuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&release.0.as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let part = |range: std::ops::Range<usize>| hex::encode(&bytes[range]);
    UrnUuid(format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        part(0..4),
        part(4..6),
        part(6..8),
        part(8..10),
        part(10..16)
    ))
}

fn metadata(release: &Release) -> Result<Metadata, SbomError> {
    let Provenance { created, tool, .. } = &release.provenance;
    let (name, version) = tool.split_once(' ').unwrap_or((tool, ""));
    let library = release.content.library.as_str();
    let digest = release.release.to_string();
    Ok(Metadata {
        timestamp: Some(DateTime::try_from(created.to_string()).map_err(SbomError::Time)?),
        tools: Some(Tools::List(vec![Tool {
            name: Some(NormalizedString::new(name)),
            version: (!version.is_empty()).then(|| NormalizedString::new(version)),
            ..Tool::default()
        }])),
        component: Some(Component::new(
            Classification::Application,
            library,
            &digest,
            Some(library.to_owned()),
        )),
        ..Metadata::default()
    })
}

/// What a manifest says about a file, if it still names its version.
fn artifact_of<'a>(manifest: &'a Manifest, released: &Released) -> Option<&'a Artifact> {
    manifest.artifacts.iter().find(|artifact| {
        artifact.id == released.id && artifact.architecture == released.architecture
    })
}

fn component(released: &Released, artifact: Option<&Artifact>) -> Component {
    let kind = match released.install {
        Some(_) => Classification::Application,
        None => Classification::File,
    };
    let (id, version) = (released.id.as_str(), released.version.as_str());
    let publisher = artifact
        .and_then(|artifact| artifact.publisher.as_deref())
        .map(NormalizedString::new);
    Component {
        description: artifact
            .and_then(|artifact| artifact.name.as_deref())
            .map(NormalizedString::new),
        supplier: publisher.as_deref().map(OrganizationalEntity::new),
        publisher,
        hashes: Some(Hashes(vec![
            hash(HashAlgorithm::SHA_256, released.sha256.to_string()),
            hash(HashAlgorithm::BLAKE3, released.blake3.to_string()),
        ])),
        purl: purl(released),
        external_references: released.url.as_ref().map(|url| {
            let url = Uri::new(url.as_str());
            ExternalReferences(vec![ExternalReference::new(
                ExternalReferenceType::Distribution,
                url,
            )])
        }),
        properties: Some(properties(released)),
        ..Component::new(kind, id, version, Some(reference(released)))
    }
}

fn hash(alg: HashAlgorithm, content: String) -> Hash {
    Hash {
        alg,
        content: HashValue(content),
    }
}

/// A package URL of the type `generic`, which names a download by its digest and its address.
fn purl(released: &Released) -> Option<Purl> {
    let base = Purl::new("generic", released.id.as_str(), released.version.as_str()).ok()?;
    let mut text = format!("{base}?checksum=sha256:{}", released.sha256);
    if let Some(url) = &released.url {
        text.push_str("&download_url=");
        text.extend(byte_serialize(url.as_str().as_bytes()));
    }
    text.parse().ok()
}

fn properties(released: &Released) -> Properties {
    let property = |name: &str, value: &str| Property::new(format!("longshore:{name}"), value);
    Properties(vec![
        property("architecture", released.architecture.name()),
        property("file", released.file.as_str()),
        property("blob", released.blob.as_str()),
        property("size", &released.size.to_string()),
    ])
}

/// What tells a file apart within the document.
fn reference(released: &Released) -> String {
    let architecture = released.architecture.name();
    format!("{}/{architecture}/{}", released.id, released.file)
}

/// The library depends on all of its files, and files on those that have to be installed before.
fn dependencies(content: &Content) -> Dependencies {
    let files = &content.artifacts;
    let library = Dependency {
        dependency_ref: content.library.to_string(),
        dependencies: files.iter().map(reference).collect(),
    };
    let requiring = files.iter().map(|released| {
        let required = |other: &&Released| released.requires().contains(&other.id);
        Dependency {
            dependency_ref: reference(released),
            dependencies: files.iter().filter(required).map(reference).collect(),
        }
    });
    Dependencies(std::iter::once(library).chain(requiring).collect())
}
