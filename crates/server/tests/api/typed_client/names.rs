//! The client knows every name in the OpenAPI document.

use std::collections::BTreeSet;

use incident_client::{
    EntryKind, FoundIn, HoldReason, Impact, ItemOutcome, JobState, Outcome, Priority, ProblemCode, ResolutionCode,
    Role, Span, Status, TaskStatus, Urgency, Verdict, ViewedList,
};
use serde_json::Value;

#[test]
fn the_client_knows_every_name_of_the_openapi_document() {
    let document: Value = serde_json::from_str(&incident_http::openapi_json()).expect("the document is JSON");
    let check = |schema: &str, known: Vec<String>| {
        let names = document["components"]["schemas"][schema]["enum"].as_array().expect("a closed set");
        let names: BTreeSet<_> = names.iter().map(|name| name.as_str().expect("a name")).collect();
        assert_eq!(names, known.iter().map(String::as_str).collect(), "{schema}");
    };
    check("EntryKind", EntryKind::ALL.iter().map(ToString::to_string).collect());
    check("FoundIn", FoundIn::ALL.iter().map(ToString::to_string).collect());
    check("HoldReason", HoldReason::ALL.iter().map(ToString::to_string).collect());
    check("Impact", Impact::ALL.iter().map(ToString::to_string).collect());
    check("ItemOutcome", ItemOutcome::ALL.iter().map(ToString::to_string).collect());
    check("JobState", JobState::ALL.iter().map(ToString::to_string).collect());
    check("Outcome", Outcome::ALL.iter().map(ToString::to_string).collect());
    check("Priority", Priority::ALL.iter().map(ToString::to_string).collect());
    check("ProblemCode", ProblemCode::ALL.iter().map(ToString::to_string).collect());
    check("ResolutionCode", ResolutionCode::ALL.iter().map(ToString::to_string).collect());
    check("Role", Role::ALL.iter().map(ToString::to_string).collect());
    check("Span", Span::ALL.iter().map(ToString::to_string).collect());
    check("Status", Status::ALL.iter().map(ToString::to_string).collect());
    check("TaskStatus", TaskStatus::ALL.iter().map(ToString::to_string).collect());
    check("Urgency", Urgency::ALL.iter().map(ToString::to_string).collect());
    check("Verdict", Verdict::ALL.iter().map(ToString::to_string).collect());
    check("ViewedList", ViewedList::ALL.iter().map(ToString::to_string).collect());
}
