//! A minimal HTTP/1.1 client: keep-alive connections to servers on this machine, and responses with `content-length`.
//!
//! A full client library would use a noticeable share of the processors that the server under test needs.

mod api;
mod connection;
mod owned_response;
mod request;
mod response;

pub(crate) use api::{
    Api, PAGE_ITEMS, Tokens, failing_sign_in_request, refresh_request, sign_in_request, sign_in_request_in_parts,
};
pub(crate) use connection::Connection;
pub(crate) use owned_response::OwnedResponse;
pub(crate) use request::Request;
pub(crate) use response::Response;
