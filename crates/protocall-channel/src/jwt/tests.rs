//! Tokens that anybody with the public key can check, and keys that cannot be used.

#![allow(clippy::unwrap_used)]

use super::*;
use protocall_core::Path;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

/// Made for this test by `openssl genpkey`, and used nowhere else.
const KEY: &str = include_str!("testdata.pem");

#[test]
fn a_token_is_signed_and_says_who_for_whom_and_until_when() {
    let account = ServiceAccount::new("a\"b@example.com", "key-1", KEY).unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let token = account.sign("https://example.com/a.B", now).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let text = |part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(text(header), r#"{"alg":"RS256","typ":"JWT","kid":"key-1"}"#);
    let expected = concat!(
        r#"{"iss":"a\"b@example.com","sub":"a\"b@example.com","#,
        r#""aud":"https://example.com/a.B","iat":1700000000,"exp":1700003600}"#
    );
    assert_eq!(text(claims), expected);
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(account.key.public());
    public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn a_service_has_a_token_of_its_own_that_is_kept() {
    let account = ServiceAccount::new("a@example.com", "key-1", KEY).unwrap();
    let target = |path| CallTarget::new(Path::fixed(path), "example.com:443".into());
    let first = account.metadata(&target("/a.B/C")).await.unwrap();
    assert!(first.get("authorization").unwrap().starts_with("Bearer ey"));
    assert_eq!(account.metadata(&target("/a.B/D")).await.unwrap(), first);
    assert_ne!(account.metadata(&target("/a.E/C")).await.unwrap(), first);
    assert!(!CallCredentials::allows_plaintext(&account));
}

#[test]
fn keys_that_cannot_be_used_say_why() {
    let error = |key: &str| ServiceAccount::new("a", "b", key).unwrap_err();
    assert_eq!(error("no key"), InvalidKey::NotPem);
    let wrap =
        |body: &str| format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----");
    assert_eq!(error(&wrap("!")), InvalidKey::NotPem);
    assert_eq!(error(&wrap("AAAA")), InvalidKey::NotRsa);
}
