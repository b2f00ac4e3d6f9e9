//! The OpenAPI document, made from the registered operations.

use std::collections::BTreeMap;

use actix_web::http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use utoipa::{
    ToSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, Header, HeaderBuilder, HttpMethod, InfoBuilder, LicenseBuilder,
        ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, Ref, RefOr, Required, Response, ResponseBuilder,
        Schema, Type,
        example::{Example, ExampleBuilder},
        link::{Link, LinkBuilder},
        path::OperationBuilder,
        request_body::RequestBodyBuilder,
        schema::ArrayBuilder,
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::{
    access::Access,
    registration::{self, Operation},
    response_docs::{BodyDocs, JSON, SuccessDocs},
    routes::Routes,
};
use crate::{
    openapi::{BodySchema, Inputs, Schemas},
    problem::{PROBLEM_JSON, ProblemBody, ProblemCode, problem_examples},
    request::idempotency_key_parameter,
};

const TITLE: &str = "Incident Intelligence Platform";
const DESCRIPTION: &str = "Open, work on and close incidents through a strict state machine. Every answer of 400 or above \
                           is a problem (RFC 9457) with a stable `code`.";
const LICENSE: &str = "Apache-2.0 OR MIT";
const BEARER: &str = "bearer";

/// Makes the document.
pub(crate) fn document(routes: &Routes) -> OpenApi {
    let mut builder = DocumentBuilder {
        operations: &routes.operations,
        examples: examples(&routes.examples),
        schemas: Schemas::default(),
    };
    builder.schemas.add::<ProblemBody>();
    let mut paths = Paths::new();
    for operation in &routes.operations {
        let method = http_method(&operation.method);
        let item = PathItem::new(method, builder.operation(operation));
        paths = merged(paths, operation.path, item);
    }
    let mut components = ComponentsBuilder::new()
        .security_scheme(BEARER, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
        .build();
    components.schemas = builder.schemas.0;
    components.examples = problem_examples();
    let license = LicenseBuilder::new().name(LICENSE).identifier(Some(LICENSE)).build();
    let info = InfoBuilder::new()
        .title(TITLE)
        .description(Some(DESCRIPTION))
        .license(Some(license))
        .version(env!("CARGO_PKG_VERSION"));
    let tag =
        |(name, description): &(&str, &str)| TagBuilder::new().name(*name).description(Some(*description)).build();
    let document = OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .tags(Some(routes.tags.iter().map(tag)));
    with_joined_lines(document.build())
}

fn http_method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn merged(mut paths: Paths, path: &str, item: PathItem) -> Paths {
    if let Some(known) = paths.paths.get_mut(path) {
        known.merge_operations(item);
        paths
    } else {
        paths.paths.insert(path.to_owned(), item);
        paths
    }
}

/// Examples by the names of their schemas.
fn examples(files: &[&str]) -> BTreeMap<String, Map<String, Value>> {
    let parsed = files.iter().filter_map(|json| serde_json::from_str::<BTreeMap<_, _>>(json).ok());
    parsed.flatten().collect()
}

/// Comments in the code are broken into lines; the document's descriptions are not.
fn with_joined_lines(document: OpenApi) -> OpenApi {
    let Ok(mut value) = serde_json::to_value(&document) else { return document };
    join_lines(&mut value);
    serde_json::from_value(value).unwrap_or(document)
}

fn join_lines(value: &mut Value) {
    if let Some(Value::String(text)) = value.get_mut("description") {
        let paragraphs: Vec<_> = text.split("\n\n").map(|part| part.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(join_lines),
        Value::Array(items) => items.iter_mut().for_each(join_lines),
        _ => {}
    }
}

struct DocumentBuilder<'r> {
    operations: &'r [Operation],
    examples: BTreeMap<String, Map<String, Value>>,
    schemas: Schemas,
}

impl DocumentBuilder<'_> {
    fn operation(&mut self, operation: &Operation) -> OperationBuilder {
        let mut inputs = Inputs::default();
        (operation.inputs)(&mut inputs);
        operation.parameter_schemas.iter().for_each(|add| add(&mut self.schemas));
        let mut documented = OperationBuilder::new()
            .tag(operation.tag)
            .operation_id(Some(operation.id))
            .summary(Some(operation.summary))
            .description(operation.description)
            .security(security(operation));
        for parameter in inputs.parameters.iter().cloned().chain(key_parameter(operation)) {
            documented = documented.parameter(parameter);
        }
        if let Some(body) = &inputs.body {
            let content = self.content(&BodyDocs::Json(body.clone()));
            let request_body = RequestBodyBuilder::new().content(JSON, content).required(Some(Required::True));
            documented = documented.request_body(Some(request_body.build()));
        }
        for success in &operation.successes {
            documented = documented.response(success.status.as_str(), self.success(operation, success));
        }
        for (status, codes) in by_status(operation, &inputs) {
            documented = documented.response(status.as_str(), problem_response(operation, status, &codes));
        }
        documented
    }

    fn success(&mut self, operation: &Operation, success: &SuccessDocs) -> Response {
        let mut response = ResponseBuilder::new().description(&success.description);
        for (media_type, body) in &success.bodies {
            response = response.content(*media_type, self.content(body));
        }
        for (name, description) in &success.headers {
            let text = ObjectBuilder::new().schema_type(Type::String);
            response = response.header(*name, header(text, description));
        }
        if operation.is_command() {
            let replayed = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]));
            let description = "Present if this is the stored answer to an earlier request with the same key.";
            response = response.header("Idempotency-Replayed", header(replayed, description));
        }
        if success.status == StatusCode::CREATED {
            for (id, link) in operation.links.iter().filter_map(|link| self.link(link)) {
                response = response.link(id, link);
            }
        }
        response.build()
    }

    fn link(&self, link: &registration::Link) -> Option<(&'static str, Link)> {
        let is_target = |one: &&Operation| one.method == link.method && one.path == link.path;
        let target = self.operations.iter().find(is_target)?;
        let (_, rest) = link.path.split_once('{')?;
        let (parameter, _) = rest.split_once('}')?;
        let documented = LinkBuilder::new()
            .operation_id(target.id)
            .parameter(parameter, "$response.body#/id")
            .description(&link.description);
        Some((target.id, documented.build()))
    }

    /// The schema of a body, with the examples of the schema.
    fn content(&mut self, body: &BodyDocs) -> utoipa::openapi::Content {
        let (schema, examples) = match body {
            BodyDocs::Text => (ObjectBuilder::new().schema_type(Type::String).into(), None),
            BodyDocs::Json(schema) => (self.schema(schema).into(), self.examples.get(&*schema.name).cloned()),
            BodyDocs::JsonArray(item) => {
                let array = ArrayBuilder::new().items(self.schema(item));
                let examples = self.items(item).map(|items| Map::from_iter([("all".to_owned(), json!(items))]));
                (RefOr::T(Schema::from(array)), examples)
            }
            BodyDocs::Page(page, item) => (self.schema(page).into(), self.items(item).map(|items| pages(&items))),
        };
        let named = examples.into_iter().flatten().map(|(name, value)| (name, example(value)));
        ContentBuilder::new().schema(Some(schema)).examples_from_iter(named).build()
    }

    fn schema(&mut self, schema: &BodySchema) -> Ref {
        (schema.add)(&mut self.schemas);
        schema.reference()
    }

    fn items(&self, item: &BodySchema) -> Option<Vec<Value>> {
        self.examples.get(&*item.name).map(|items| items.values().cloned().collect())
    }
}

/// Examples of a page, in both of its forms.
fn pages(items: &[Value]) -> Map<String, Value> {
    let count = items.len();
    let page = json!({ "items": items, "total": count, "page": 1, "page_size": 50, "total_pages": 1 });
    Map::from_iter([("page".to_owned(), page), ("cursor".to_owned(), json!({ "items": items, "next_cursor": null }))])
}

fn example(value: Value) -> Example {
    ExampleBuilder::new().value(Some(value)).build()
}

fn header(schema: ObjectBuilder, description: &str) -> Header {
    HeaderBuilder::new().schema(Some(schema.build())).description(Some(description)).build()
}

/// Public operations say by an empty requirement that they need none.
fn security(operation: &Operation) -> SecurityRequirement {
    if operation.access.needs_token() {
        SecurityRequirement::new(BEARER, [] as [&str; 0])
    } else {
        SecurityRequirement::default()
    }
}

fn key_parameter(operation: &Operation) -> Option<utoipa::openapi::path::Parameter> {
    operation.is_command().then(idempotency_key_parameter)
}

/// The problems that an operation can answer, by their statuses.
fn by_status(operation: &Operation, inputs: &Inputs) -> BTreeMap<StatusCode, Vec<ProblemCode>> {
    let mut codes = operation.access.problems();
    codes.extend(&inputs.problems);
    codes.extend(&operation.problems);
    if operation.is_command() {
        // The body is read to compare it with that of an earlier request, even where no body is needed.
        codes.extend([ProblemCode::RequestTimeout, ProblemCode::BodyTooLarge, ProblemCode::IdempotencyKeyReused]);
    }
    codes.sort_unstable();
    codes.dedup();
    let mut by_status: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

fn problem_response(operation: &Operation, status: StatusCode, codes: &[ProblemCode]) -> Response {
    let references = codes.iter().map(|code| {
        let reference = Ref::new(format!("#/components/examples/{}", code.as_str()));
        (code.as_str(), reference)
    });
    let schema = Ref::from_schema_name(&*ProblemBody::name());
    let mut content = ContentBuilder::new().schema(Some(schema)).build();
    content.examples = references.map(|(code, reference)| (code.to_owned(), RefOr::Ref(reference))).collect();
    let description = problem_description(operation, status, codes);
    let mut response = ResponseBuilder::new().description(description).content(PROBLEM_JSON, content);
    if operation.access != Access::Probe
        && [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status)
    {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        response = response.header("Retry-After", header(seconds, "In how many seconds to try again."));
    }
    response.build()
}

fn problem_description(operation: &Operation, status: StatusCode, codes: &[ProblemCode]) -> String {
    let common = match status {
        StatusCode::BAD_REQUEST => "The request, one of its headers, or its JSON is malformed.",
        StatusCode::UNAUTHORIZED if operation.access.needs_token() => {
            "The token is missing, unknown, expired or revoked."
        }
        StatusCode::FORBIDDEN => return operation.access.requirement(),
        StatusCode::NOT_FOUND => "The path names something that does not exist.",
        StatusCode::REQUEST_TIMEOUT => "The body took too long to arrive.",
        StatusCode::PRECONDITION_FAILED => "It has changed since you read it.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body has more than 1 MiB.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body is not declared as application/json.",
        StatusCode::UNPROCESSABLE_ENTITY if codes.contains(&ProblemCode::ValidationFailed) => {
            "Some values are invalid; `errors` lists them."
        }
        StatusCode::UNPROCESSABLE_ENTITY => "The idempotency key was used for another request.",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests; `Retry-After` says when to try again.",
        StatusCode::SERVICE_UNAVAILABLE => {
            "The server is overloaded, its database is unavailable, or it timed out; try again."
        }
        _ => {
            let titles: Vec<&str> = codes.iter().map(|code| code.title()).collect();
            return format!("{}.", titles.join(", or: "));
        }
    };
    common.to_owned()
}
