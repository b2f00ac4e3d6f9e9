//! What a command needs of its request: the caller, and where its reply is kept.

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use incident_application::kernel::{Command, KeyedRequest, Principal};

use super::authentication::QueryContext;
use crate::{
    app_state::AppState,
    openapi::Input,
    problem::Problem,
    response::{CommandResponse, Response},
};

/// The caller of a command, and the idempotency key of the request if it has one.
pub(crate) struct CommandContext {
    pub(crate) state: Data<AppState>,
    pub(crate) caller: Principal,
    keyed: Option<Rc<KeyedRequest>>,
}

impl CommandContext {
    /// Executes a use case and responds with its outcome. If the request has an idempotency key, the use case stores the
    /// response together with the effect.
    pub(crate) async fn execute<T, E: Into<Problem>>(
        &self,
        respond: fn(&T) -> CommandResponse,
        use_case: impl AsyncFnOnce(&AppState, Command<'_, T>) -> Result<T, E>,
    ) -> Response {
        let render = |outcome: &T| respond(outcome).to_bytes();
        let command = match &self.keyed {
            Some(request) => Command::keeping_reply(&self.caller, &self.state.replies, request, &render),
            None => Command::new(&self.caller),
        };
        let outcome = use_case(&self.state, command).await.map_err(Into::into)?;
        respond(&outcome).into_response()
    }

    /// Executes a use case without an outcome and responds with 204.
    pub(crate) async fn execute_no_content<E: Into<Problem>>(
        &self,
        use_case: impl AsyncFnOnce(&AppState, Command<'_, ()>) -> Result<(), E>,
    ) -> Response {
        self.execute(|()| CommandResponse::no_content(), use_case).await
    }
}

impl FromRequest for CommandContext {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let keyed = request.extensions().get::<Rc<KeyedRequest>>().cloned();
        ready(QueryContext::of(request).map(|QueryContext { state, caller }| Self { state, caller, keyed }))
    }
}

impl Input for CommandContext {}
