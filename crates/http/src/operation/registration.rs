//! The registration of one operation.

use std::fmt;

use actix_web::{
    FromRequest, Handler, Responder, Route, guard,
    http::{Method, StatusCode},
    middleware::from_fn,
    web,
};
use incident_domain::kernel::Record;
use utoipa::ToSchema;

use super::access::Access;
use crate::{
    openapi::{Content, Input, Inputs, JSON, array_content, json_content, text_content},
    problem::ProblemCode,
    request::{answer_once, authenticate, refuse_parameters},
    response::{PathId, Resource, page_content, page_with_fields_content},
};

/// One operation of the API: its route, who may call it, and its documentation.
pub struct Operation {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) successes: Vec<Success>,
    /// The problems that neither the access rule nor the inputs imply.
    pub(super) problems: Vec<ProblemCode>,
    pub(super) links: Vec<Link>,
    /// Schemas that only parameters refer to.
    pub(super) parameter_schemas: Vec<Content>,
    pub(super) describe_inputs: fn(&mut Inputs),
    pub(super) handler: Box<dyn Fn(Route) -> Route + Send + Sync>,
}

/// A successful response of an operation.
pub(super) struct Success {
    pub(super) status: StatusCode,
    pub(super) description: String,
    /// The contents by their media types.
    pub(super) contents: Vec<(&'static str, Content)>,
    /// Names and descriptions of headers.
    pub(super) headers: Vec<(&'static str, &'static str)>,
}

/// A link from a new record to an operation that takes its id, named by method and path.
pub(super) struct Link {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) description: String,
}

/// Declares the functions that register a handler for a method.
macro_rules! methods {
    ($($function:ident = $method:ident;)+) => {
        $(
            pub(crate) fn $function<H, A>(path: &'static str, access: Access, handler: H) -> Operation
            where
                H: Handler<A, Output: Responder> + Send + Sync,
                A: FromRequest + Input + 'static,
            {
                Operation::new(Method::$method, path, access, handler)
            }
        )+
    };
}

// GET includes HEAD (RFC 9110, section 9.1).
methods! {
    get = GET;
    post = POST;
    patch = PATCH;
    delete = DELETE;
}

impl Operation {
    fn new<H, A>(method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<A, Output: Responder> + Send + Sync,
        A: FromRequest + Input + 'static,
    {
        Self {
            method,
            path,
            access,
            id: "",
            tag: "",
            summary: "",
            description: None,
            successes: Vec::new(),
            problems: Vec::new(),
            links: Vec::new(),
            parameter_schemas: Vec::new(),
            describe_inputs: A::describe,
            handler: Box::new(move |route| route.to(handler.clone())),
        }
    }

    /// The unique name of the operation.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The HTTP method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with its parameters in braces.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Who may call it.
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Whether it takes an idempotency key: everything that authenticated callers do, other than reading.
    pub fn is_command(&self) -> bool {
        self.access.needs_token() && self.method != Method::GET
    }

    /// Returns what the handler reads, and how that fails. Probes may have parameters that mean nothing here, such as
    /// those with which a load balancer avoids caches; other operations without parameters refuse them.
    pub(super) fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::default();
        (self.describe_inputs)(&mut inputs);
        if self.refuses_parameters(&inputs) {
            inputs.problems.push(ProblemCode::ValidationFailed);
        }
        inputs
    }

    fn refuses_parameters(&self, inputs: &Inputs) -> bool {
        self.access != Access::Probe && !inputs.parameters.iter().any(|parameter| parameter["in"] == "query")
    }

    /// Sets the operation's id and its documentation in one sentence.
    pub(crate) const fn documented(mut self, id: &'static str, summary: &'static str) -> Self {
        self.id = id;
        self.summary = summary;
        self
    }

    /// Sets what else the documentation says.
    pub(crate) const fn details(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Documents a response with 200 and a JSON body.
    pub(crate) fn returns<T: ToSchema>(self, description: &str) -> Self {
        self.success(StatusCode::OK, description, &[(JSON, json_content::<T>)])
    }

    /// Documents a response with 200 and a page of a list.
    pub(crate) fn returns_page<T: ToSchema>(self, description: &str) -> Self {
        self.success(StatusCode::OK, description, &[(JSON, page_content::<T>)])
    }

    /// Documents a response with 200 and a page of items whose members `fields` chooses.
    pub(crate) fn returns_page_with_fields<T: ToSchema>(self, description: &str) -> Self {
        self.success(StatusCode::OK, description, &[(JSON, page_with_fields_content::<T>)])
    }

    /// Documents a response with 200 and a text.
    pub(crate) fn returns_text(self, media_type: &'static str, description: &str) -> Self {
        self.success(StatusCode::OK, description, &[(media_type, text_content)])
    }

    /// Documents a response with 200 and either a JSON array or a text.
    pub(crate) fn returns_array_or_text<T: ToSchema>(self, media_type: &'static str, description: &str) -> Self {
        self.success(StatusCode::OK, description, &[(JSON, array_content::<T>), (media_type, text_content)])
    }

    /// Documents a response with 200 and a record, and 304 if the client has this version.
    pub(crate) fn returns_record<R: Resource>(self) -> Self {
        self.record::<R>(StatusCode::OK, &format!("The {}.", R::KIND)).success(
            StatusCode::NOT_MODIFIED,
            "You have this version already.",
            &[],
        )
    }

    /// Documents a response with 201 and a new record, with a link to read it.
    pub(crate) fn creates<R: Resource>(mut self) -> Self {
        let path = format!("{}/{{{}}}", R::PATH, <R::Record as Record>::Id::PARAMETER);
        let description = format!("The {}.", R::KIND);
        self.links.push(Link { method: Method::GET, path, description });
        self.record::<R>(StatusCode::CREATED, &format!("The new {}.", R::KIND)).header("Location", "Its path.")
    }

    /// Documents a response with 200 and a record that exists already.
    pub(crate) fn returns_existing<R: Resource>(self) -> Self {
        self.record::<R>(StatusCode::OK, &format!("The {} exists already.", R::KIND)).header("Location", "Its path.")
    }

    /// Documents a response with 201 and a JSON body.
    pub(crate) fn creates_json<T: ToSchema>(self, description: &str) -> Self {
        self.success(StatusCode::CREATED, description, &[(JSON, json_content::<T>)])
    }

    /// Documents a response with 200 and the changed record.
    pub(crate) fn changes<R: Resource>(self) -> Self {
        self.record::<R>(StatusCode::OK, &format!("The {} after the change.", R::KIND))
    }

    /// Documents a response with 204.
    pub(crate) fn returns_nothing(self, description: &str) -> Self {
        self.success(StatusCode::NO_CONTENT, description, &[])
    }

    /// Documents a response with a record and its entity tag.
    fn record<R: Resource>(self, status: StatusCode, description: &str) -> Self {
        self.success(status, description, &[(JSON, json_content::<R::Body>)]).header("ETag", R::ETAG)
    }

    fn success(mut self, status: StatusCode, description: &str, contents: &[(&'static str, Content)]) -> Self {
        let (description, contents) = (description.to_owned(), contents.to_vec());
        self.successes.push(Success { status, description, contents, headers: Vec::new() });
        self
    }

    /// Documents a header of the response that was documented last.
    fn header(mut self, name: &'static str, description: &'static str) -> Self {
        self.successes.iter_mut().next_back().into_iter().for_each(|last| last.headers.push((name, description)));
        self
    }

    /// Documents problems besides those of the access rule and of the inputs.
    pub(crate) fn problems(mut self, problems: &[ProblemCode]) -> Self {
        self.problems.extend(problems);
        self
    }

    /// Links the new record to another operation that takes its id.
    pub(crate) fn link(mut self, method: Method, path: &str, description: &str) -> Self {
        self.links.push(Link { method, path: path.to_owned(), description: description.to_owned() });
        self
    }

    /// Adds a schema to the document that only a parameter refers to.
    pub(crate) fn parameter_schema<T: ToSchema>(mut self) -> Self {
        self.parameter_schemas.push(json_content::<T>);
        self
    }

    /// The route, with authentication and idempotency as the access rule and the method require.
    pub(super) fn route(&self) -> Route {
        let route = if self.method == Method::GET { get_or_head() } else { web::method(self.method.clone()) };
        let mut route = (self.handler)(route);
        // The last one runs first.
        if self.refuses_parameters(&self.inputs()) {
            route = route.wrap(from_fn(refuse_parameters));
        }
        if self.is_command() {
            route = route.wrap(from_fn(answer_once));
        }
        if self.access.needs_token() {
            route = route.wrap(from_fn(authenticate));
        }
        route
    }
}

/// A route for GET and HEAD.
pub(crate) fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {}, {:?})", self.id, self.method, self.path, self.access)
    }
}
