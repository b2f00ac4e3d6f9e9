//! Collects every invalid value of a request, so that one response reports them all.

use std::fmt::Display;

use incident_domain::{
    identity::{EmailError, PasswordError},
    incidents::{IncidentNumberError, LabelsError, SearchTextError},
    kernel::{JobKindError, PageSizeError, TextError, UnknownName},
};

use super::body::{Problem, ProblemItem};

/// A domain error about a value, with its published code.
pub(crate) trait Invalid: Display {
    fn code(&self) -> &'static str;
}

impl Invalid for TextError {
    fn code(&self) -> &'static str {
        Self::code(self)
    }
}

impl Invalid for PasswordError {
    fn code(&self) -> &'static str {
        Self::code(self)
    }
}

impl Invalid for SearchTextError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoWord => "blank",
            Self::TooLong => "too_long",
        }
    }
}

/// Gives errors of one cause their codes.
macro_rules! invalid {
    ($($error:ty => $code:literal;)+) => {
        $(
            impl Invalid for $error {
                fn code(&self) -> &'static str {
                    $code
                }
            }
        )+
    };
}

invalid! {
    EmailError => "not_an_email";
    IncidentNumberError => "not_an_incident_reference";
    JobKindError => "invalid_value";
    LabelsError => "too_many";
    PageSizeError => "out_of_range";
    UnknownName => "unknown_value";
}

/// A body or a set of parameters whose values can be checked.
pub(crate) trait Validate {
    /// The values after the check.
    type Valid;

    /// Checks every value and records each invalid one. Returns `None` only after recording one.
    fn validate(self, validation: &mut Validation) -> Option<Self::Valid>;
}

/// The invalid values found so far.
#[derive(Default)]
pub(crate) struct Validation {
    errors: Vec<ProblemItem>,
}

impl Validation {
    /// Checks all values of a body or of parameters.
    pub(crate) fn run<T: Validate>(input: T) -> Result<T::Valid, Problem> {
        let mut validation = Self::default();
        let valid = input.validate(&mut validation);
        validation.finish(valid)
    }

    /// Returns a valid value; records the error of an invalid one.
    pub(crate) fn check<T, E: Invalid>(&mut self, pointer: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.reject(pointer, error.code(), error.to_string())).ok()
    }

    /// Parses a value that may be absent.
    pub(crate) fn check_optional<S, T, E: Invalid>(
        &mut self,
        pointer: &str,
        value: Option<S>,
        parse: impl FnOnce(S) -> Result<T, E>,
    ) -> Option<T> {
        value.and_then(|value| self.check(pointer, parse(value)))
    }

    /// Records an invalid value.
    pub(crate) fn reject(&mut self, pointer: &str, code: &str, detail: impl Into<String>) {
        let item = ProblemItem { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.into() };
        self.errors.push(item);
    }

    /// Records the errors of another validation under other pointers.
    pub(crate) fn adopt(&mut self, other: Self, pointer: impl Fn(&str) -> String) {
        let moved = |item: ProblemItem| ProblemItem { pointer: pointer(&item.pointer), ..item };
        self.errors.extend(other.errors.into_iter().map(moved));
    }

    /// Returns the value unless something was invalid.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        value.filter(|_| self.errors.is_empty()).ok_or_else(|| Problem::invalid(self.errors))
    }
}
