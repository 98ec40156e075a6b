//! Signatures of packages: what they are over, and packages that lie about themselves.

use super::*;

type Sample = cfb::CompoundFile<Cursor<Vec<u8>>>;

/// The sample is signed over sizes and times too, and has a storage with a class.
#[test]
fn an_extended_signature_is_over_more_than_contents() {
    let holds_after = |change: &dyn Fn(&mut Sample)| {
        let sample = include_bytes!("../testdata/sample.msi").to_vec();
        let mut file = cfb::CompoundFile::open(Cursor::new(sample)).unwrap();
        change(&mut file);
        file.flush().unwrap();
        signed(&file.into_inner().into_inner()).digest_matches
    };
    assert!(holds_after(&|_| ()));
    let now = std::time::SystemTime::now();
    for change in [
        &(|file: &mut Sample| file.set_modified_time("/sub", now).unwrap()) as &dyn Fn(&mut Sample),
        &|file| file.set_created_time("/sub", now).unwrap(),
        &|file| file.set_state_bits("/sub", 8).unwrap(),
        &|file| {
            let other = *file.root_entry().clsid();
            file.set_storage_clsid("/sub", other).unwrap();
        },
        &|file| drop(file.create_stream("/added").unwrap()),
        &|file| file.remove_stream("/empty").unwrap(),
        &|file| file.remove_stream("/\u{5}MsiDigitalSignatureEx").unwrap(),
    ] {
        assert!(!holds_after(change));
    }
}

/// Reading the tables would cost a thousand times the size of the file.
#[test]
fn a_package_whose_tables_are_listed_in_a_circle_is_malformed() {
    let mut bytes = package(&[("a", b"x")]);
    bytes.resize(bytes.len() + 4096 * 4, 0);
    let own = u32::try_from(bytes.len() / 4096 - 2).unwrap().to_le_bytes();
    bytes[0x44..0x48].copy_from_slice(&own);
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&own);
    assert!(
        why(&bytes).contains("larger than the file needs"),
        "{}",
        why(&bytes)
    );
}

#[test]
fn a_package_whose_streams_claim_too_much_is_malformed() {
    let message = Vendor::new(Key::elliptic()).message(&[7; 32]);
    let mut bytes = package(&[("a", &[7; 9000]), ("\u{5}DigitalSignature", &message)]);
    let entry = "a\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<u8>>();
    let at = bytes.windows(4).position(|at| at == entry).unwrap();
    let size = &mut bytes[at + 0x78..at + 0x7c];
    assert_eq!(size, 9000_u32.to_le_bytes());
    size.copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(
        why(&bytes).contains("larger than the file"),
        "{}",
        why(&bytes)
    );
}

#[test]
fn a_signed_package_is_its_signers() {
    let vendor = Vendor::new(Key::elliptic());
    let streams: [(&str, &[u8]); 3] = [("b", b"second"), ("a", b"first"), ("ab", &[7; 9000])];
    // Streams in the order of their names, then the class of the root.
    let covered = [b"first".as_slice(), &[7; 9000], b"second", &[0; 16]].concat();
    let digest = digest_of(&covered);
    let message = vendor.message(&digest);
    let signature = ("\u{5}DigitalSignature", message.as_slice());
    let bytes = package(&[&streams[..], &[signature]].concat());
    assert!(signed(&bytes).holds(), "{}", report(&bytes));
    assert!(
        report(&bytes)
            .not_proved
            .iter()
            .any(|caveat| caveat.contains("streams"))
    );

    let changed: [(&str, &[u8]); 3] = [("b", b"secund"), streams[1], streams[2]];
    let bytes = package(&[&changed[..], &[signature]].concat());
    assert!(!signed(&bytes).digest_matches);
}

fn digest_of(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)
        .as_ref()
        .to_vec()
}
