//! Signatures that hold, and signatures that do not.

mod hostile;
mod packages;

use std::io::Cursor;

use super::algorithm::DigestAlgorithm;
use super::signing::{CHECKSUM, Hash, Key, Vendor, attach, entry_of, package, program};
use super::*;

fn report(bytes: &[u8]) -> SignatureReport {
    examine(&mut Cursor::new(bytes)).unwrap()
}

fn signed(bytes: &[u8]) -> Signed {
    match report(bytes).state {
        SignatureState::Signed(signed) => *signed,
        other => panic!("{other:?}"),
    }
}

fn why(bytes: &[u8]) -> String {
    match report(bytes).state {
        SignatureState::Malformed { why } => why,
        other => panic!("{other:?}"),
    }
}

/// A program and its signed form.
fn sample() -> Vec<u8> {
    Vendor::new(Key::elliptic()).sign_program(&program(true, b"what it does"))
}

#[test]
fn a_signed_program_is_its_signers() {
    let vendor = Vendor {
        time: Some("260203040506Z"),
        ..Vendor::new(Key::rsa())
    };
    for is_64_bit in [false, true] {
        let found = signed(&vendor.sign_program(&program(is_64_bit, b"what it does")));
        assert_eq!(
            found.signer.common_name.as_deref(),
            Some("Contoso Installers")
        );
        assert_eq!(found.signer.organisation.as_deref(), Some("Contoso Ltd"));
        assert_eq!(found.issuer, "Contoso Installers");
        assert_eq!(found.serial, "1234");
        assert_eq!(found.digest_algorithm, "SHA-256");
        assert_eq!(found.timestamp.unwrap().to_string(), "2026-02-03T04:05:06Z");
        assert_eq!(
            found.not_before.unwrap().to_string(),
            "2026-01-01T00:00:00Z"
        );
        assert!(found.holds() && !found.chain_verified, "{found:?}");
    }
}

/// Signed by osslsigncode 2.9, with a time stamp (RFC 3161): we must read what others write.
#[test]
fn signatures_of_another_tool_hold() {
    for (bytes, kind) in [
        (&include_bytes!("testdata/sample.exe")[..], FileKind::Pe),
        (include_bytes!("testdata/sample.msi"), FileKind::Msi),
    ] {
        let found = signed(bytes);
        assert!(found.holds(), "{kind:?}: {found:?}");
        assert_eq!(report(bytes).kind, kind);
        assert_eq!(found.signer.organisation.as_deref(), Some("Contoso Ltd"));
        assert_eq!(found.timestamp.unwrap().to_string(), "2026-02-02T02:40:00Z");
    }
}

#[test]
fn every_digest_and_scheme_is_checked() {
    for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        let vendor = Vendor {
            hash,
            file_hash: hash,
            ..Vendor::new(Key::rsa())
        };
        let found = signed(&vendor.sign_program(&program(true, b"x")));
        assert!(found.holds(), "{hash:?}: {found:?}");
    }
    assert!(signed(&sample()).holds());
}

#[test]
fn an_old_digest_is_computed_with_a_caveat() {
    let vendor = Vendor {
        file_hash: Hash::Sha1,
        ..Vendor::new(Key::rsa())
    };
    let found = report(&vendor.sign_program(&program(true, b"x")));
    assert!(found.proved.iter().any(|proved| proved.contains("SHA-1")));
    assert!(
        found
            .not_proved
            .iter()
            .any(|caveat| caveat.contains("made to collide"))
    );
}

#[test]
fn every_byte_but_the_left_out_is_signed() {
    let sample = sample();
    let entry = entry_of(&sample);
    let table = program(true, b"what it does").len();
    for at in 0x200..table {
        let mut changed = sample.clone();
        changed[at] ^= 1;
        let found = signed(&changed);
        assert!(!found.digest_matches && found.signature_verified, "{at}");
    }
    let mut changed = sample.clone();
    changed[CHECKSUM] ^= 1;
    assert!(signed(&changed).holds());
    let mut longer = sample.clone();
    longer.extend(b"a stowaway behind the table");
    assert!(!signed(&longer).digest_matches);
    assert!(entry < 0x200);
}

#[test]
fn a_signature_of_another_file_does_not_hold() {
    let vendor = Vendor::new(Key::elliptic());
    let other = vendor.message(&[7; 32]);
    let found = signed(&attach(&program(true, b"what it does"), &other));
    assert!(!found.digest_matches && found.signature_verified);
}

/// Whoever changes a file can write its new digest into the message, but the attributes that were signed name the old.
#[test]
fn a_digest_that_was_put_into_a_signature_does_not_hold() {
    let vendor = Vendor::new(Key::elliptic());
    let (good, evil) = (program(true, b"good"), program(true, b"evil"));
    let digest = |program: &[u8]| {
        let layout = Layout::read(&mut Cursor::new(program)).unwrap().unwrap();
        let digest = layout.digest(&mut Cursor::new(program), DigestAlgorithm::Sha256);
        digest.unwrap().as_ref().to_vec()
    };
    let message = vendor.message(&digest(&good));
    assert!(signed(&attach(&good, &message)).holds());
    let (old, new) = (digest(&good), digest(&evil));
    let at = message.windows(32).position(|at| at == old).unwrap();
    let forged = [&message[..at], &new, &message[at + 32..]].concat();
    let found = signed(&attach(&evil, &forged));
    assert!(found.digest_matches && !found.signature_verified);
}

#[test]
fn a_signature_by_another_key_does_not_hold() {
    let vendor = Vendor::new(Key::elliptic());
    let forger = Vendor::new(Key::elliptic());
    let bytes = forger.sign_program(&program(true, b"x"));
    let (theirs, ours) = (forger.certificate(), vendor.certificate());
    // The two certificates differ in their keys and signatures alone; the forger's message is given the vendor's key.
    let key = |certificate: &[u8]| {
        let at = certificate
            .windows(3)
            .position(|at| at == [0x42, 0, 4])
            .unwrap();
        certificate[at..at + 67].to_vec()
    };
    let (theirs, ours) = (key(&theirs), key(&ours));
    let at = bytes
        .windows(theirs.len())
        .position(|at| at == theirs)
        .unwrap();
    let forged = [&bytes[..at], &ours, &bytes[at + ours.len()..]].concat();
    let found = signed(&forged);
    assert!(found.digest_matches && !found.signature_verified);
    assert!(report(&forged).not_proved[0].contains("the key of the certificate"));
}

#[test]
fn what_is_not_signed_says_so() {
    for bytes in [
        program(true, b""),
        program(false, b""),
        b"MZ".to_vec(),
        b"PK\x03\x04".to_vec(),
        Vec::new(),
    ] {
        assert_eq!(report(&bytes).state, SignatureState::Unsigned);
    }
    let bytes = package(&[("Property", b"x")]);
    assert_eq!(report(&bytes).state, SignatureState::Unsigned);
    assert_eq!(report(&bytes).kind, FileKind::Msi);
}

#[test]
fn bytes_beside_a_signature_are_mentioned() {
    let program = program(true, b"x");
    let sample = Vendor::new(Key::elliptic()).sign_program(&program);
    let message = &sample[program.len() + 8..];
    let stuffed = attach(&program, &[message, b"customer 42"].concat());
    assert!(signed(&stuffed).holds());
    let beside = |bytes: &[u8]| {
        report(bytes)
            .not_proved
            .iter()
            .any(|caveat| caveat.contains("beside"))
    };
    assert!(beside(&stuffed) && !beside(&sample));
}

#[test]
fn a_table_outside_the_file_is_malformed() {
    let mut sample = sample();
    let entry = entry_of(&sample);
    sample[entry + 4..entry + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(why(&sample).contains("not within the file"));
    let sample = attach(&program(true, b"x"), b"not a message");
    assert!(why(&sample).contains("not in its format"));
}

#[test]
fn reports_are_for_people_and_programs() {
    let found = report(&sample());
    let text = found.to_string();
    assert!(
        text.starts_with("signed by `Contoso Installers`; certificate 1234 of"),
        "{text}"
    );
    assert!(
        text.contains("\n  not proved: that the certificate is that of the one it names"),
        "{text}"
    );
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["kind"], "pe");
    assert_eq!(json["state"], "signed");
    assert_eq!(json["signer"]["organisation"], "Contoso Ltd");
    assert_eq!(json["chain_verified"], false);
}

#[tokio::test]
async fn a_signer_is_a_name_an_organisation_or_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("setup.exe");
    let bytes = sample();
    fs_err::write(&path, &bytes).unwrap();
    let certificate = signed(&bytes).certificate_sha256.to_uppercase();
    for expected in ["Contoso Installers", "Contoso Ltd", &certificate] {
        assert!(check_signer(&path, expected).await.is_ok(), "{expected}");
    }
    let error = check_signer(&path, "contoso installers").await.unwrap_err();
    assert!(
        matches!(&error, CheckError::WrongSigner { found, .. } if found == "Contoso Installers")
    );
    assert!(error.hint().contains("`signer`"));
}

#[tokio::test]
async fn a_file_is_refused_for_its_own_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("setup.exe");
    let mut sample = sample();
    let refusal = async |bytes: &[u8]| {
        fs_err::write(&path, bytes).unwrap();
        check_signer(&path, "Contoso Ltd").await.unwrap_err()
    };
    assert!(matches!(
        refusal(&program(true, b"")).await,
        CheckError::Unsigned { .. }
    ));
    sample[0x201] ^= 1;
    assert!(matches!(
        refusal(&sample).await,
        CheckError::DigestMismatch { .. }
    ));
    let broken = attach(&program(true, b""), b"x");
    assert!(matches!(
        refusal(&broken).await,
        CheckError::Malformed { .. }
    ));
    let gone = check_signer(&folder.path().join("gone"), "x")
        .await
        .unwrap_err();
    assert!(matches!(gone, CheckError::Io { .. }));
}
