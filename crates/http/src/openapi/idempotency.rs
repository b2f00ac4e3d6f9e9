//! What every command of a signed-in user says about its key, written in one place.

use utoipa::{
    IntoResponses, Modify,
    openapi::{
        HeaderBuilder, ObjectBuilder, RefOr, Type,
        path::{Operation, ParameterBuilder, ParameterIn},
        security::SecurityRequirement,
    },
};

use crate::problem::CommandProblems;

/// Tells how a request with an idempotency key is answered.
pub(super) struct IdempotencyKeys;

impl Modify for IdempotencyKeys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            let commands = [&mut item.post, &mut item.patch, &mut item.delete];
            commands.into_iter().flatten().filter(|operation| needs_token(operation)).for_each(tell);
        }
    }
}

/// Whether it is for signed-in users only; those for strangers say so by an empty requirement.
fn needs_token(operation: &Operation) -> bool {
    let token = SecurityRequirement::new("bearer", [] as [&str; 0]);
    operation.security.as_ref().is_some_and(|security| security.contains(&token))
}

fn tell(operation: &mut Operation) {
    // As it stands in the header: bare, or in quotes with `"` and `\` escaped.
    let pattern = r#"^([!#-~][ -~]{0,254}|"([ !#-\[\]-~]|\\["\\]){1,255}")$"#;
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build();
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Your name for this request, 1 to 255 characters, quoted or bare. Sent again with it, the request has no \
             further effect and gets the same answer.",
        ))
        .schema(Some(text))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(key));
    let replayed = HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"])).build()))
        .description(Some("There if this is the answer to an earlier request with the same key."))
        .build();
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            response.headers.insert("Idempotency-Replayed".to_owned(), RefOr::T(replayed.clone()));
        }
    }
    for (status, problem) in CommandProblems::responses() {
        responses.entry(status).or_insert(problem);
    }
}
