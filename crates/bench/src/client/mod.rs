//! HTTP/1.1 as little as it takes: kept-alive connections to a server on this machine, and answers whose
//! length is announced. A client library would take its share of the processors that the server needs.

mod answer;
mod api;
mod connection;
mod reply;
mod request;

pub(crate) use answer::Answer;
pub(crate) use api::{Api, Tokens, refresh_request, sign_in_request, sign_in_request_in_parts, sign_in_request_with};
pub(crate) use connection::Connection;
pub(crate) use reply::Reply;
pub(crate) use request::{Request, get};
