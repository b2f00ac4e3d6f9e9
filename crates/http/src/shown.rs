//! Bodies that show values of the domain: each member is declared once, and taken from the field of the same name.

use chrono::{DateTime, NaiveDate, Utc};
use incident_domain::{
    identity::Email,
    incidents::IncidentNumber,
    kernel::{Description, ExternalName, JobKind, Label, Note, PersonName, RecordId, Title, Version},
    work::CategoryName,
};
use uuid::Uuid;

/// Converts a value of the domain to the member of a body that shows it.
pub(crate) trait Shown<T> {
    fn shown(self) -> T;
}

impl<I: RecordId> Shown<Uuid> for I {
    fn shown(self) -> Uuid {
        self.uuid()
    }
}

impl Shown<u32> for Version {
    fn shown(self) -> u32 {
        self.get()
    }
}

impl<S: Shown<T>, T> Shown<Option<T>> for Option<S> {
    fn shown(self) -> Option<T> {
        self.map(S::shown)
    }
}

impl<S: Shown<T>, T> Shown<Vec<T>> for Vec<S> {
    fn shown(self) -> Vec<T> {
        self.into_iter().map(S::shown).collect()
    }
}

macro_rules! unchanged {
    ($($type:ty),+) => {
        $(impl Shown<Self> for $type {
            fn shown(self) -> Self {
                self
            }
        })+
    };
}

macro_rules! as_text {
    ($($type:ty),+) => {
        $(impl Shown<String> for $type {
            fn shown(self) -> String {
                self.to_string()
            }
        })+
    };
}

unchanged!(bool, u8, u32, u64, f64, String, NaiveDate, DateTime<Utc>);
as_text!(CategoryName, Description, Email, ExternalName, IncidentNumber, JobKind, Label, Note, PersonName, Title);

/// Declares a body of a response and its conversion from a value of the domain. A member without an expression shows the
/// field of its name.
macro_rules! body_of {
    ($(#[$meta:meta])* $vis:vis struct $body:ident from $value:ident: $source:ty {
        $($(#[$member_meta:meta])* $member_vis:vis $member:ident: $type:ty $(= $shown:expr)?,)+
    }) => {
        #[derive(serde::Serialize, utoipa::ToSchema)]
        $(#[$meta])*
        $vis struct $body {
            $($(#[$member_meta])* $member_vis $member: $type,)+
        }

        impl From<$source> for $body {
            fn from($value: $source) -> Self {
                Self { $($member: $crate::shown::body_of!(@ $value.$member $(, $shown)?),)+ }
            }
        }

        impl $crate::shown::Shown<$body> for $source {
            fn shown(self) -> $body {
                $body::from(self)
            }
        }
    };
    (@ $field:expr, $shown:expr) => { $shown };
    (@ $field:expr) => { $crate::shown::Shown::shown($field) };
}

pub(crate) use body_of;
