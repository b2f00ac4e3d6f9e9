//! Commands that find everything to be so already.

use incident_application::{
    identity::UserChange,
    incidents::IncidentChange,
    kernel::{KeyedRequest, Precondition},
};
use incident_domain::{incidents::IncidentPatch, kernel::Title};

use crate::{
    failure::Failure,
    process::Process,
    what::{keeping, shown},
    world::{Subjects, name},
};

/// What each says.
pub(crate) const SAYING_NOTHING_NEW: [&str; 3] = ["the same title", "the same name", "the same name of one's own"];

pub(crate) async fn say_nothing_new(
    what: &str,
    process: &Process,
    on: &Subjects,
    request: Option<&KeyedRequest>,
) -> Result<Vec<u8>, Failure> {
    let none = Precondition::None;
    let same_name = name("Ada");
    Ok(match what {
        "the same title" => {
            let title = Some(Title::parse("checkout answers 500").expect("a title"));
            let patch = IncidentPatch { title, ..IncidentPatch::default() };
            let change = IncidentChange { patch, ..IncidentChange::default() };
            shown(&process.incidents.change(keeping(process, &on.caller, request), on.incident, &change, &none).await?)
        }
        "the same name" => {
            let change = UserChange { name: Some(same_name), ..UserChange::default() };
            shown(&process.accounts.update(keeping(process, &on.caller, request), on.other, change, &none).await?)
        }
        "the same name of one's own" => {
            shown(&process.accounts.rename_self(keeping(process, &on.caller, request), same_name, &none).await?)
        }
        other => panic!("nobody knows how to say {other}"),
    })
}
