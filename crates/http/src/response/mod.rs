//! Responses of successful requests: single records, pages of lists, and the replies of commands.

mod command_response;
mod fields;
mod page;
mod resource;

pub(crate) use command_response::{CommandResponse, Response};
pub(crate) use fields::{Fields, Members, members_of};
pub(crate) use page::{ListBody, page_content, page_with_fields_content};
pub(crate) use resource::{PathId, Resource, changed, created, etag, etag_with, existing};
