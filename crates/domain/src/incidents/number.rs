//! The numbers of incidents, shown to people.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A unique number, shown as `INC-1042`. Numbers may have gaps and are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentNumber(u32);

impl IncidentNumber {
    /// The prefix of the formatted number.
    pub const PREFIX: &str = "INC-";

    /// Wraps a number taken from [`IncidentNumbers`](crate::incidents::IncidentNumbers).
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, self.0)
    }
}

/// A text that is not an incident number.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must look like INC-1042")]
pub struct IncidentNumberError;

impl FromStr for IncidentNumber {
    type Err = IncidentNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(IncidentNumberError)?;
        let canonical = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !canonical {
            return Err(IncidentNumberError);
        }
        digits.parse().map(Self).map_err(|_| IncidentNumberError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_survives_formatting_and_parsing() {
        let number = IncidentNumber::new(1042);
        assert_eq!(number.to_string(), "INC-1042");
        assert_eq!("INC-1042".parse(), Ok(number));
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "INC-", "INC-0", "INC-007", "inc-7", "INC-+7", "INC- 7", "1042", "INC-4294967296"] {
            assert_eq!(text.parse::<IncidentNumber>(), Err(IncidentNumberError), "{text:?}");
        }
    }
}
