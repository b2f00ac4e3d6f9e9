//! Collecting everything that does not fit, so that a client need not find it out one by one.

use std::fmt::Display;

use incident_domain::{
    EmailError, IncidentNumberError, LabelsError, PageSizeError, PasswordError, SearchTextError, TextError, UnknownName,
};

use super::{Problem, ProblemItem};

/// An error of the domain about a value, with a stable code.
pub(crate) trait Invalid: Display {
    fn code(&self) -> &'static str;
}

impl Invalid for TextError {
    fn code(&self) -> &'static str {
        Self::code(self)
    }
}

impl Invalid for UnknownName {
    fn code(&self) -> &'static str {
        "unknown_value"
    }
}

impl Invalid for SearchTextError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoWord => "blank",
            Self::TooLong => "too_long",
            Self::TooManyWords => "too_many",
        }
    }
}

impl Invalid for LabelsError {
    fn code(&self) -> &'static str {
        "too_many"
    }
}

impl Invalid for EmailError {
    fn code(&self) -> &'static str {
        "not_an_email"
    }
}

impl Invalid for PasswordError {
    fn code(&self) -> &'static str {
        Self::code(self)
    }
}

impl Invalid for IncidentNumberError {
    fn code(&self) -> &'static str {
        "not_an_incident_reference"
    }
}

impl Invalid for PageSizeError {
    fn code(&self) -> &'static str {
        "out_of_range"
    }
}

/// Values that do not fit, as they are found.
#[derive(Default)]
pub(crate) struct Validation {
    errors: Vec<ProblemItem>,
}

impl Validation {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Keeps a good value; notes a bad one.
    pub(crate) fn take<T, E: Invalid>(&mut self, pointer: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(pointer, error.code(), &error.to_string());
                None
            }
        }
    }

    /// The same for a value that may be absent.
    pub(crate) fn take_some<S, T, E: Invalid>(
        &mut self,
        pointer: &str,
        value: Option<S>,
        parse: impl FnOnce(S) -> Result<T, E>,
    ) -> Option<T> {
        value.and_then(|value| self.take(pointer, parse(value)))
    }

    /// Notes a bad value.
    pub(crate) fn refuse(&mut self, pointer: &str, code: &str, detail: &str) {
        let item = ProblemItem { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.to_owned() };
        self.errors.push(item);
    }

    /// Notes what did not fit elsewhere, where it stands here.
    pub(crate) fn take_over(&mut self, other: Self, place: impl Fn(&str) -> String) {
        let moved = |item: ProblemItem| ProblemItem { pointer: place(&item.pointer), ..item };
        self.errors.extend(other.errors.into_iter().map(moved));
    }

    /// The whole, unless something did not fit. `build` may use `?` on what [`take`](Self::take) gave:
    /// where that is `None` there is an error.
    pub(crate) fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Problem> {
        if self.errors.is_empty()
            && let Some(whole) = build()
        {
            return Ok(whole);
        }
        Err(Problem::invalid(self.errors))
    }
}
