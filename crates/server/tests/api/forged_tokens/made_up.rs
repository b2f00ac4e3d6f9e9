//! Forged tokens.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{ADMIN_EMAIL, SECRET_KEY};

/// A public text.
const PUBLIC_TEXT: &str = "-----BEGIN PUBLIC KEY-----";

fn encode(part: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
}

/// Returns a token signed with HS256, whatever its header says.
pub(super) fn signed(header: &Value, body: &Value, key: &[u8]) -> String {
    let signed = format!("{}.{}", encode(header), encode(body));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Returns a JSON object with other members.
pub(super) fn with(object: &Value, changes: &Value) -> Value {
    let mut object = object.clone();
    for (member, value) in changes.as_object().expect("an object") {
        object[member] = value.clone();
    }
    object
}

fn without(object: &Value, member: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").remove(member);
    object
}

/// A value of `Authorization`, and why it is invalid.
pub(super) type Forgery = (String, HeaderValue);

pub(super) fn bearer(name: &str, token: &str) -> Forgery {
    (name.to_owned(), HeaderValue::from_str(&format!("Bearer {token}")).expect("a header"))
}

/// Returns tokens with a header or body that the server never writes, signed with its own key.
pub(super) fn of_this_key(header: &Value, body: &Value) -> Vec<Forgery> {
    let key = SECRET_KEY.as_bytes();
    let mut forgeries = Vec::new();
    for (name, change) in [
        ("typ JWT", json!({"typ": "JWT"})),
        ("typ of another purpose", json!({"typ": "rt+jwt"})),
        ("typ in capitals", json!({"typ": "AT+JWT"})),
        ("alg HS384", json!({"alg": "HS384"})),
        ("alg HS512", json!({"alg": "HS512"})),
        ("alg RS256", json!({"alg": "RS256"})),
        ("alg ES256", json!({"alg": "ES256"})),
        ("alg EdDSA", json!({"alg": "EdDSA"})),
        ("alg unknown", json!({"alg": "HS257"})),
        ("alg none, signed", json!({"alg": "none"})),
        ("unknown kid", json!({"kid": "0000000000000000"})),
        ("kid that is a path", json!({"kid": "../../../dev/null"})),
        ("kid that is a query", json!({"kid": "' OR '1'='1"})),
        ("a key of its own", json!({"kid": null, "jwk": {"kty": "oct", "k": "AAAA"}})),
        ("unknown critical extensions", json!({"crit": ["exp"]})),
    ] {
        forgeries.push(bearer(name, &signed(&with(header, &change), body, key)));
    }
    for member in ["typ", "alg", "kid"] {
        forgeries.push(bearer(&format!("no {member}"), &signed(&without(header, member), body, key)));
    }
    for (name, change) in [
        ("iss of another server", json!({"iss": "another-server"})),
        ("several iss", json!({"iss": ["incident-server", "another-server"]})),
        ("aud of another server", json!({"aud": "another-server"})),
        ("several aud", json!({"aud": ["incident-server", "another-server"]})),
        ("exp in the past", json!({"exp": body["iat"].as_i64().expect("seconds") - 1})),
        ("exp at the beginning of time", json!({"exp": 0})),
        ("exp before the beginning of time", json!({"exp": i64::MIN})),
        ("exp that is a text", json!({"exp": body["exp"].to_string()})),
        ("exp beyond all time", json!({"exp": i64::MAX})),
        ("session that is no id", json!({"sid": "1"})),
        ("user that is no id", json!({"sub": ADMIN_EMAIL})),
        ("unknown session", json!({"sid": "018f0000-0000-7000-8000-000000000000"})),
        ("unknown user", json!({"sub": "018f0000-0000-7000-8000-000000000000"})),
    ] {
        forgeries.push(bearer(name, &signed(header, &with(body, &change), key)));
    }
    for member in ["iss", "aud", "sub", "sid", "exp", "iat"] {
        forgeries.push(bearer(&format!("no {member}"), &signed(header, &without(body, member), key)));
    }
    forgeries
}

/// Returns tokens that are valid except for their signature.
pub(super) fn of_other_keys(header: &Value, body: &Value) -> Vec<Forgery> {
    let mut forgeries = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(header, &json!({"alg": alg}));
        forgeries.push(bearer(&format!("alg {alg:?}, unsigned"), &format!("{}.{}.", encode(&header), encode(body))));
    }
    let far = with(body, &json!({"exp": 4_102_444_800_i64}));
    for (name, key, body) in [
        ("another key", "another secret key of the right size", body),
        ("another key, for ever", "another secret key of the right size", &far),
        ("no key", "", body),
        ("a key that is easy to guess", "secret", body),
        ("the key's public name as key", header["kid"].as_str().expect("a kid"), body),
        ("a public text as key", PUBLIC_TEXT, body),
    ] {
        forgeries.push(bearer(name, &signed(header, body, key.as_bytes())));
    }
    forgeries
}

/// Returns damaged variants of a valid token.
pub(super) fn damaged(good: &str, other: &str) -> Vec<Forgery> {
    let parts: Vec<&str> = good.split('.').collect();
    let other_parts: Vec<&str> = other.split('.').collect();
    let [header, body, signature] = parts[..] else { panic!("not three parts") };
    let altered = if signature.starts_with('A') { 'B' } else { 'A' };
    vec![
        bearer("no signature", &format!("{header}.{body}.")),
        bearer("two parts", &format!("{header}.{body}")),
        bearer("one part", header),
        bearer("four parts", &format!("{good}.{signature}")),
        bearer("five parts", &format!("{good}.{body}.{signature}")),
        bearer("no body", &format!("{header}..{signature}")),
        bearer("dots", ".."),
        bearer("one digit of the signature changed", &format!("{header}.{body}.{altered}{}", &signature[1..])),
        bearer("signature cut short", &format!("{header}.{body}.{}", &signature[..signature.len() - 2])),
        bearer("extended signature", &format!("{good}AA")),
        bearer("signature with padding", &format!("{good}=")),
        bearer("signature of another token", &format!("{header}.{body}.{}", other_parts[2])),
        bearer("body of another token", &format!("{header}.{}.{signature}", other_parts[1])),
        bearer("a space inside", &format!("{header}. {body}.{signature}")),
        bearer("twice", &format!("{good} {good}")),
        bearer("in quotes", &format!("\"{good}\"")),
    ]
}

/// Returns values that are no access token.
pub(super) fn not_even_tokens(good: &str, refresh_token: &str, api_token: &str) -> Vec<Forgery> {
    let last = if api_token.ends_with('0') { '1' } else { '0' };
    let almost = format!("{}{last}", &api_token[..api_token.len() - 1]);
    let header = |name: &str, value: &str| (name.to_owned(), HeaderValue::from_str(value).expect("a header"));
    let mut not_ascii = b"Bearer ".to_vec();
    not_ascii.extend_from_slice("tökén\u{1f511}".as_bytes());
    vec![
        bearer("a refresh token", refresh_token),
        bearer("a refresh token as API token", &refresh_token.replace("ipr_", "ipt_")),
        bearer("an API token with one digit changed", &almost),
        bearer("an API token in capitals", &api_token.to_uppercase()),
        bearer("an API token without its prefix", api_token.trim_start_matches("ipt_")),
        bearer("an API token and more", &format!("{api_token}0")),
        bearer("an API token cut short", &api_token[..api_token.len() - 1]),
        bearer("an unknown API token", &format!("ipt_{}", "5e".repeat(32))),
        bearer("the prefix alone", "ipt_"),
        bearer("a query", "' OR '1'='1' --"),
        bearer("oversized", &"a".repeat(16 * 1024)),
        bearer("oversized, in the form of a token", &format!("{good}{}", "A".repeat(16 * 1024))),
        header("empty", ""),
        header("scheme alone", "Bearer"),
        header("scheme and a space", "Bearer "),
        header("another scheme", &format!("Basic {good}")),
        header("no scheme", good),
        header("scheme twice", &format!("Bearer Bearer {good}")),
        header("scheme with a colon", &format!("Bearer: {good}")),
        header("another separator", &format!("Bearer\t{good}")),
        ("not ASCII".to_owned(), HeaderValue::from_bytes(&not_ascii).expect("a header")),
        ("not even UTF-8".to_owned(), HeaderValue::from_bytes(b"Bearer \xff\xfe\xfd").expect("a header")),
    ]
}
