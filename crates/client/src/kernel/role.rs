//! Roles of users and API tokens.

use super::names::names;

names! {
    /// What a user may do; each role includes the ones before it.
    Role {
        /// Reads.
        Viewer,
        /// Works on incidents.
        Responder,
        /// Assigns others, closes, reopens and deletes.
        Manager,
        /// Manages users.
        Admin,
    }
}
