//! Operations by their paths.

use actix_web::{
    HttpResponse, Resource, guard,
    http::{Method, header},
    web,
};

use super::registration::Operation;
use crate::{
    problem::{Problem, ProblemCode},
    telemetry::MatchedRoute,
};

/// The order of methods in `Allow`.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// Operations with the documentation that they share.
#[derive(Default)]
pub(crate) struct Routes {
    pub(super) tag: &'static str,
    pub(super) operations: Vec<Operation>,
    /// Tags of operations with their descriptions.
    pub(super) tags: Vec<(&'static str, &'static str)>,
    /// Objects of examples by the names of their schemas, as JSON.
    pub(super) examples: Vec<&'static str>,
}

impl Routes {
    /// No operations yet; those that follow get this tag in the document.
    pub(crate) fn tagged(tag: &'static str) -> Self {
        Self { tag, ..Self::default() }
    }

    /// Describes the tag.
    pub(crate) fn described(mut self, description: &'static str) -> Self {
        self.tags.push((self.tag, description));
        self
    }

    /// Adds examples of bodies: a JSON object with an object of examples for the name of each schema.
    pub(crate) fn examples(mut self, json: &'static str) -> Self {
        self.examples.push(json);
        self
    }

    /// Adds operations.
    pub(crate) fn operations<const N: usize>(mut self, operations: [Operation; N]) -> Self {
        let tag = self.tag;
        self.operations.extend(operations.map(|operation| Operation { tag, ..operation }));
        self
    }

    /// Adds all operations of another part of the API.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        self.tags.extend(other.tags);
        self.examples.extend(other.examples);
        self
    }

    pub(crate) fn all(&self) -> &[Operation] {
        &self.operations
    }

    /// Makes an actix resource of each path. Paths without parameters are tried first, so that `/users/me` is not taken
    /// for a user's id; otherwise in the order of registration.
    pub(crate) fn resources(&self) -> Vec<Resource> {
        let mut paths: Vec<&'static str> = Vec::new();
        for operation in &self.operations {
            if !paths.contains(&operation.path) {
                paths.push(operation.path);
            }
        }
        paths.sort_by_key(|path| path.matches('{').count());
        paths.into_iter().map(|path| self.resource(path)).collect()
    }

    fn resource(&self, path: &'static str) -> Resource {
        let operations = || self.operations.iter().filter(|operation| operation.path == path);
        let methods: Vec<Method> = METHODS.into_iter().filter(|it| operations().any(|one| one.method == *it)).collect();
        operations().fold(resource(path, &methods), |resource, operation| resource.route(operation.route()))
    }
}

/// A path that refuses every method but these with 405 and `Allow`.
pub(crate) fn resource(path: &'static str, methods: &[Method]) -> Resource {
    let mut allow: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        allow.push("HEAD");
    }
    let allow = allow.join(", ");
    // Guards run when the path has matched, before any middleware of the route can refuse the request.
    let note_route = guard::fn_guard(move |context| {
        MatchedRoute::note(context, path);
        true
    });
    web::resource(path).guard(note_route).default_service(web::to(move || {
        let allow = allow.clone();
        async move {
            let problem = Problem::new(ProblemCode::MethodNotAllowed, format!("this path knows {allow}"));
            Err::<HttpResponse, _>(problem.with_header(header::ALLOW, allow))
        }
    }))
}
