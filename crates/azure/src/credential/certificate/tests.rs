//! Statements under a throw-away certificate, verified with its public key.

use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;

use super::*;

const PEM: &[u8] = include_bytes!("../../../testdata/service-principal.pem");
const PUBLIC: &[u8] = include_bytes!("../../../testdata/service-principal.pub.pem");
const AUDIENCE: &str = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token";

#[derive(Deserialize)]
struct Stated {
    iss: String,
    sub: String,
    jti: String,
    nbf: i64,
    exp: i64,
}

fn load(content: &[u8], send_chain: bool) -> Result<CertificateAssertion, CredentialError> {
    CertificateAssertion::from_pem(
        content,
        send_chain,
        "client".to_owned(),
        AUDIENCE.to_owned(),
    )
}

#[test]
fn the_statement_verifies_under_the_certificates_key() {
    let assertion = load(PEM, false).unwrap();
    let now = Timestamp::now();
    let token = assertion.state(now).unwrap();
    let mut validation = Validation::new(Algorithm::PS256);
    validation.set_audience(&[AUDIENCE]);
    let key = DecodingKey::from_rsa_pem(PUBLIC).unwrap();
    let stated = jsonwebtoken::decode::<Stated>(&token, &key, &validation).unwrap();
    assert_eq!(stated.claims.iss, "client");
    assert_eq!(stated.claims.sub, "client");
    assert_eq!(stated.claims.exp - stated.claims.nbf, LIFETIME_SECONDS);
    assert_eq!(stated.claims.nbf, now.as_second());
    // `openssl x509 -outform der | openssl dgst -sha256 -binary | base64`, in the alphabet of URLs.
    assert_eq!(
        stated.header.x5t_s256.as_deref(),
        Some("giapKIWX15EVdpEH7NJtmthCpNOrCqxuJLi9wLrCVfU")
    );
    assert_eq!(stated.header.x5c, None);
    let again = jsonwebtoken::decode::<Stated>(&assertion.state(now).unwrap(), &key, &validation);
    assert_ne!(
        again.unwrap().claims.jti,
        stated.claims.jti,
        "an id is used once"
    );
}

#[test]
fn the_chain_is_sent_where_asked() {
    let header = load(PEM, true).unwrap().header;
    let chain = header.x5c.unwrap();
    assert_eq!(chain.len(), 1);
    let leaf = STANDARD.decode(&chain[0]).unwrap();
    assert_eq!(
        URL_SAFE_NO_PAD.encode(Sha256::digest(leaf)),
        header.x5t_s256.unwrap()
    );
}

#[test]
fn other_files_are_refused_with_a_reason() {
    let text = std::str::from_utf8(PEM).unwrap();
    let key = text.find("-----BEGIN PRIVATE KEY-----").unwrap();
    let check = |content: &[u8], expect: &str| {
        let error = load(content, false).unwrap_err();
        assert!(error.to_string().contains(expect), "{error}");
        assert!(error.hint().unwrap().contains("openssl pkcs12"));
    };
    check(&[0x30, 0x82, 0x0a, 0x00, 0xff], "PFX");
    check(&PEM[..key], "no private key");
    check(&PEM[key..], "no certificate");
    check(
        text.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
            .as_bytes(),
        "encrypted",
    );
    check(text.replace("MII", "AAA").as_bytes(), "no RSA key");
}

#[test]
fn the_key_is_never_printed() {
    let text = std::str::from_utf8(PEM).unwrap();
    let shown = format!("{:?}", load(PEM, true).unwrap());
    assert!(
        text.lines()
            .filter(|line| line.len() > 20)
            .all(|line| !shown.contains(line))
    );
}
