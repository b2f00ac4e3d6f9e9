//! Changes that set values to what they already are.

use incident_application::{
    identity::UserChange,
    incidents::IncidentChange,
    kernel::{KeyedRequest, Precondition},
};
use incident_domain::{incidents::IncidentPatch, kernel::Title};

use crate::{
    command_cases::{encode, keyed},
    failure::Failure,
    process::Process,
    world::{Subjects, name},
};

/// The changes, by name.
pub(crate) const NO_OP_CHANGES: [&str; 3] = ["the same title", "the same name", "the same name of one's own"];

pub(crate) async fn execute_no_op(
    case: &str,
    process: &Process,
    on: &Subjects,
    request: Option<&KeyedRequest>,
) -> Result<Vec<u8>, Failure> {
    let none = Precondition::None;
    let same_name = name("Ada");
    Ok(match case {
        "the same title" => {
            let title = Some(Title::parse("checkout answers 500").expect("a title"));
            let patch = IncidentPatch { title, ..IncidentPatch::default() };
            let change = IncidentChange { patch, ..IncidentChange::default() };
            encode(&process.incidents.change(keyed(process, &on.caller, request), on.incident, &change, &none).await?)
        }
        "the same name" => {
            let change = UserChange { name: Some(same_name), ..UserChange::default() };
            encode(&process.accounts.update(keyed(process, &on.caller, request), on.other, change, &none).await?)
        }
        "the same name of one's own" => {
            encode(&process.accounts.rename_self(keyed(process, &on.caller, request), same_name, &none).await?)
        }
        other => panic!("unknown case: {other}"),
    })
}
