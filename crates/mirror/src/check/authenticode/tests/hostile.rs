//! Bytes that nobody signed in earnest: whatever they are, they are judged and never believed by accident.

use proptest::prelude::*;

use super::*;

/// Bytes with some of them changed, or cut off.
fn mutated(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = bytes.len();
    let changes = proptest::collection::vec((0..length, any::<u8>()), 1..8);
    (changes, 0..length, any::<bool>()).prop_map(move |(changes, end, is_cut)| {
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(if is_cut { end } else { length });
        bytes
    })
}

/// A signature must not hold for another file with the same signer, whatever happened to the bytes.
fn never_panics(bytes: &[u8]) {
    let found = report(bytes);
    assert!(!found.not_proved.is_empty());
    let _ = found.to_string();
}

proptest! {
    #[test]
    fn a_mutated_program_never_panics(bytes in mutated(sample())) {
        never_panics(&bytes);
    }

    #[test]
    fn a_mutated_package_never_panics(bytes in mutated(signed_package())) {
        never_panics(&bytes);
    }

    #[test]
    fn nonsense_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
        for start in [&b"MZ"[..], &msi::MAGIC, b""] {
            never_panics(&[start, &bytes].concat());
        }
        let _ = judge(&bytes, |algorithm| Ok(algorithm.of_bytes(b"")));
    }
}

fn signed_package() -> Vec<u8> {
    let message = Vendor::new(Key::elliptic()).message(&[7; 32]);
    package(&[
        ("a", b"first"),
        ("large", &[7; 9000]),
        ("\u{5}DigitalSignature", &message),
        ("\u{5}MsiDigitalSignatureEx", &[7; 32]),
    ])
}
