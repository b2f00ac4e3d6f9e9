//! What every resource uses: the client, its transport, lists, problems, and the logs of the whole platform.

mod action;
pub(crate) mod call;
pub(crate) mod client;
pub(crate) mod collection;
pub(crate) mod error;
mod event;
pub(crate) mod fields;
mod job;
pub(crate) mod names;
mod page;
pub(crate) mod problem;
mod retries;
pub(crate) mod role;
pub(crate) mod secret;
pub(crate) mod sender;
pub(crate) mod session;
pub(crate) mod transport;

pub use action::{Action, ActionFilter, Actions, Actor, Outcome};
pub use call::Expected;
pub use client::{Client, ClientBuilder};
pub use collection::{Collection, Create, Delete, Filtered, List, Read, Resource, Update};
pub use error::ClientError;
pub use event::{Event, EventLog, Events};
pub use fields::{Direction, Fields};
pub use job::{Job, JobFilter, JobState, Jobs};
pub use page::Page;
pub use problem::{Problem, ProblemCode, ProblemItem, RefusedTransition};
pub use retries::Retries;
pub use role::Role;
pub use secret::Secret;
