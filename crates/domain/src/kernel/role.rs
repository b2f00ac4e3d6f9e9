//! Roles: what a user may do. Every use case asks for one, so that they belong to the kernel.

use super::names::named;

named!(
    /// The permissions of a user; each role includes those before it.
    Role {
        /// May read.
        Viewer = "viewer",
        /// May also open, work on and comment incidents.
        Responder = "responder",
        /// May also assign others, close, reopen closed incidents and delete.
        Manager = "manager",
        /// May also manage users and all sessions.
        Admin = "admin",
    }
);
