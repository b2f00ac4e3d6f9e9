//! Signing in, staying signed in, and signing out.

mod body;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod password;
pub(crate) mod refresh;
