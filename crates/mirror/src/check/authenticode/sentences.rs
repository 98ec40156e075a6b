//! What was proved and what was not, in sentences that stay true when they are read alone.

use crate::check::report::{FileKind, SignatureReport, SignatureState, Signed};

/// What a signature leaves open beyond what every signature leaves open here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caveats {
    /// There is a second signature, which nobody looked at.
    pub(super) has_nested: bool,
    /// There are bytes beside the signature that no digest is over.
    pub(super) has_stowaways: bool,
    /// The digest of a package leaves names, sizes and times out.
    pub(super) only_contents: bool,
}

/// The report on a file with a signature.
pub(super) fn report(kind: FileKind, signed: Signed, caveats: Caveats) -> SignatureReport {
    let (mut proved, mut not_proved) = (Vec::new(), Vec::new());
    let digest = format!(
        "the file has the {} digest that was signed",
        signed.digest_algorithm
    );
    let signature = "the key of the certificate made the signature over that digest".to_owned();
    for (sentence, holds) in [
        (digest, signed.digest_matches),
        (signature, signed.signature_verified),
    ] {
        let list = if holds { &mut proved } else { &mut not_proved };
        list.push(sentence);
    }
    if let Some(what) = &signed.unsupported {
        not_proved.push(format!("what rests on {what}, which is not known here"));
    }
    not_proved.extend(left_open(&signed, caveats).into_iter().map(str::to_owned));
    SignatureReport {
        kind,
        state: SignatureState::Signed(Box::new(signed)),
        proved,
        not_proved,
    }
}

/// The report on a file without a signature that can be read.
pub(super) fn without(kind: FileKind, state: SignatureState) -> SignatureReport {
    let not_proved = match kind {
        FileKind::Other => "who made the file: no signature is looked for in files of this kind",
        FileKind::Pe | FileKind::Msi => "who made the file",
    };
    SignatureReport {
        kind,
        state,
        proved: Vec::new(),
        not_proved: vec![not_proved.to_owned()],
    }
}

fn left_open(signed: &Signed, caveats: Caveats) -> Vec<&'static str> {
    let open = [
        (
            true,
            "that the certificate is that of the one it names: no chain to a trusted root was looked for",
        ),
        (
            true,
            "that the certificate was valid when it signed, is meant for code, and was not revoked",
        ),
        (
            signed.timestamp.is_some(),
            "that the time of signing is true: the countersignature was not verified",
        ),
        (
            signed.digest_algorithm == "SHA-1",
            "that no other file has this digest: SHA-1 is broken for files made to collide",
        ),
        (
            caveats.has_nested,
            "that the second signature in it holds: only the first was looked at",
        ),
        (
            caveats.has_stowaways,
            "anything about the bytes beside the signature, which no digest is over",
        ),
        (
            caveats.only_contents,
            "the names, sizes and times of the package's streams: the signature is over their contents",
        ),
    ];
    open.into_iter()
        .filter_map(|(is_open, sentence)| is_open.then_some(sentence))
        .collect()
}
