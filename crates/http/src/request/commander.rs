//! Who sends a command, and how its answer is kept.

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload};
use incident_application::{Caller, Command, KeyedRequest};

use super::SignedIn;
use crate::{answer::Answer, problem::Problem, services::Services};

/// The signed-in user who sends a command, with the key of the request if it has one.
pub(crate) struct Commander {
    caller: Caller,
    keyed: Option<Rc<KeyedRequest>>,
}

impl Commander {
    pub(crate) const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Lets a use case do the work, and answers what came of it. If the request has a key, the use case stores the
    /// answer together with the effect.
    pub(crate) async fn give<T, E: Into<Problem>>(
        &self,
        services: &Services,
        answer: fn(&T) -> Answer,
        work: impl AsyncFnOnce(Command<'_, T>) -> Result<T, E>,
    ) -> Result<HttpResponse, Problem> {
        let render = |outcome: &T| answer(outcome).to_bytes();
        let command = match &self.keyed {
            Some(request) => Command::keeping_reply(&self.caller, &services.replies, request, &render),
            None => Command::new(&self.caller),
        };
        let outcome = work(command).await.map_err(Into::into)?;
        answer(&outcome).into_response()
    }

    /// The same for a command after which there is nothing to say.
    pub(crate) async fn give_quietly<E: Into<Problem>>(
        &self,
        services: &Services,
        work: impl AsyncFnOnce(Command<'_, ()>) -> Result<(), E>,
    ) -> Result<HttpResponse, Problem> {
        self.give(services, |()| Answer::no_content(), work).await
    }
}

impl FromRequest for Commander {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let keyed = request.extensions().get::<Rc<KeyedRequest>>().cloned();
        let signed_in = SignedIn::from_request(request, payload).into_inner();
        ready(signed_in.map(|SignedIn(caller)| Self { caller, keyed }))
    }
}
