//! Opens, acknowledges and resolves an incident, with everything in memory:
//! `cargo run -p incident-application --example embedded`.

#![expect(clippy::print_stdout, reason = "the example prints the timeline")]

use std::{error::Error, sync::Arc};

use incident_application::{
    incidents::{IncidentChange, IncidentPorts, IncidentRef, Incidents},
    kernel::{Command, CommandPorts, CommandRunner, Permission, Permissions, Precondition, Principal},
};
use incident_domain::{
    incidents::{Labels, NewIncident, Priority, Resolution, ResolutionCode, Status, TimelineKey},
    kernel::{ExternalName, Origin, Title},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (store, ids) = (Arc::new(MemoryStore::new()), Arc::new(SequentialIds::new()));
    let ports = CommandPorts { store: store.clone(), clock: Arc::new(ManualClock::default()), ids };
    let runner = Arc::new(CommandRunner::new(ports));
    let ports = IncidentPorts {
        incidents: store.clone(),
        numbers: store.clone(),
        timeline: store.clone(),
        search: store.clone(),
        users: store,
    };
    let incidents = Incidents::new(runner, ports, TimelineKey::new(b"at least 32 bytes of a real secret"));

    let allowed = [Permission::OpenIncidents, Permission::ChangeIncidents, Permission::ReadIncidents];
    let caller = Principal::integration(ExternalName::parse("probe")?, Permissions::from(allowed), Origin::default());
    let opened = incidents.open(Command::new(&caller), new_incident("checkout answers 500")?).await?;
    println!("opened {}", opened.number);

    let (incident, seen) = (IncidentRef::Number(opened.number), Precondition::Versions(vec![opened.version]));
    let acknowledge = IncidentChange { status: Some(Status::Investigating), ..IncidentChange::default() };
    incidents.change(Command::new(&caller), incident, &acknowledge, &seen).await?;

    let resolution = Some(Resolution { code: ResolutionCode::Fixed, note: None });
    let resolve = IncidentChange { status: Some(Status::Resolved), resolution, ..IncidentChange::default() };
    let resolved = incidents.change(Command::new(&caller), incident, &resolve, &Precondition::None).await?;
    println!("{} is {} by {}", resolved.number, resolved.status, caller.actor().kind());

    for entry in incidents.timeline(&caller, incident, 0, 100).await?.entries {
        println!("{}. {} {:?}", entry.sequence, entry.kind(), entry.details.fields());
    }
    let verdict = incidents.verify(&caller, incident).await?;
    println!("{} entries are whole", verdict.entries_whole);
    Ok(())
}

fn new_incident(title: &str) -> Result<NewIncident, Box<dyn Error>> {
    Ok(NewIncident {
        title: Title::parse(title)?,
        description: None,
        priority: Priority::High,
        impact: None,
        urgency: None,
        service: None,
        category: None,
        labels: Labels::default(),
        reported_by: None,
        assigned_to: None,
        external: None,
    })
}
