//! Writing requests: as bytes, once, however often they are sent.

use serde_json::Value;

pub(crate) fn get(path: &str, access_token: Option<&str>) -> Vec<u8> {
    bytes("GET", path, access_token, None)
}

pub(super) fn delete(path: &str, access_token: Option<&str>) -> Vec<u8> {
    bytes("DELETE", path, access_token, None)
}

pub(super) fn post(path: &str, access_token: Option<&str>, body: &Value) -> Vec<u8> {
    bytes("POST", path, access_token, Some(body))
}

pub(super) fn patch(path: &str, access_token: Option<&str>, body: &Value) -> Vec<u8> {
    bytes("PATCH", path, access_token, Some(body))
}

fn bytes(method: &str, path: &str, access_token: Option<&str>, body: Option<&Value>) -> Vec<u8> {
    let authorization = access_token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let (content, body) = match body.map(Value::to_string) {
        Some(body) => (format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()), body),
        None => Default::default(),
    };
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{authorization}{content}\r\n{body}").into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_what_the_standard_says() {
        let read = get("/a", Some("secret"));
        assert_eq!(read, b"GET /a HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer secret\r\n\r\n");
        let write = post("/b", None, &json!({"ä": 1}));
        let expected = "POST /b HTTP/1.1\r\nhost: 127.0.0.1\r\n\
                        content-type: application/json\r\ncontent-length: 8\r\n\r\n{\"ä\":1}";
        assert_eq!(write, expected.as_bytes());
    }
}
