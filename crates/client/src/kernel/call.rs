//! One request, which may be sent several times.

use reqwest::{RequestBuilder, header::IF_MATCH};
use serde::Serialize;
use uuid::Uuid;

/// Which version of a record a command is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The latest version when the command is executed.
    AnyVersion,
    /// This version only: if the record has changed since, the command is refused with `precondition_failed`.
    Version(u32),
}

/// One request, which may be sent several times.
#[derive(Debug)]
pub(crate) struct Call {
    pub(super) request: RequestBuilder,
    pub(super) is_safe_to_repeat: bool,
}

impl Call {
    /// Begins a call that is repeated only if the server certainly did nothing.
    pub(crate) const fn new(request: RequestBuilder) -> Self {
        Self { request, is_safe_to_repeat: false }
    }

    pub(crate) fn with_body(self, body: &impl Serialize) -> Self {
        Self { request: self.request.json(body), ..self }
    }

    pub(crate) fn only_if(self, expected: Expected) -> Self {
        match expected {
            Expected::AnyVersion => self,
            Expected::Version(version) => {
                Self { request: self.request.header(IF_MATCH, format!("\"{version}\"")), ..self }
            }
        }
    }

    /// Adds an idempotency key, by which the server recognises a repeated command.
    #[expect(clippy::disallowed_methods, reason = "a program that calls a server has no port for ids")]
    pub(crate) fn with_key(self) -> Self {
        let key = format!("\"{}\"", Uuid::new_v4());
        Self { request: self.request.header("Idempotency-Key", key), is_safe_to_repeat: true }
    }

    /// Marks a call that may be repeated without a key.
    pub(crate) fn safe_to_repeat(self) -> Self {
        Self { is_safe_to_repeat: true, ..self }
    }
}
