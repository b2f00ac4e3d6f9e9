//! A request, to be sent as often as it takes.

use reqwest::{Method, Url};
use serde::Serialize;
use uuid::Uuid;

/// Which version of a thing a command is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is by then: the server decides the command anew on the latest one.
    AnyVersion,
    /// This one only: if it has changed since, the command is refused with `precondition_failed`.
    Version(u32),
}

/// A request, to be sent as often as it takes.
#[derive(Debug)]
pub(crate) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<serde_json::Value>,
    pub(super) expected: Expected,
    /// What it is known by when it is sent again.
    pub(super) key: Option<Uuid>,
    pub(super) is_safe_to_repeat: bool,
}

impl Call {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        let is_safe_to_repeat = method == Method::GET;
        Self { method, url, body: None, expected: Expected::AnyVersion, key: None, is_safe_to_repeat }
    }

    pub(crate) fn with_query(mut self, query: &[(&str, String)]) -> Self {
        if !query.is_empty() {
            self.url.query_pairs_mut().extend_pairs(query);
        }
        self
    }

    #[expect(clippy::expect_used, reason = "the bodies are structs and maps with texts as keys, which all become JSON")]
    pub(crate) fn with_body(mut self, body: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_value(body).expect("a body is JSON"));
        self
    }

    pub(crate) fn only_if(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    /// Gives it a name of its own, by which the server knows it when it comes again.
    #[expect(clippy::disallowed_methods, reason = "a program that calls a server has no port for ids")]
    pub(crate) fn with_key(mut self) -> Self {
        self.key = Some(Uuid::new_v4());
        self.is_safe_to_repeat = true;
        self
    }

    /// For what may be sent again although it has no key.
    pub(crate) fn safe_to_repeat(mut self) -> Self {
        self.is_safe_to_repeat = true;
        self
    }
}
