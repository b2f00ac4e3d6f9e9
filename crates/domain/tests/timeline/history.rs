//! Random histories of incidents.

use std::{fmt, ops::Range};

use incident_domain::{
    incidents::{
        EntryDetails, HoldReason, Impact, Incident, IncidentPatch, Labels, Resolution, ResolutionCode, Status,
        TaskField, TimelineEntry, TransitionRequest, Urgency,
    },
    kernel::{Actor, ExternalName, Label, LabelKey, LabelValue, Patch, TaskId, Title, UserId},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use uuid::Uuid;

use crate::scene::{Scene, note, user, user_id};

/// An incident and all entries of its timeline.
pub(crate) struct History {
    pub(crate) scene: Scene,
    pub(crate) incident: Incident,
    pub(crate) entries: Vec<TimelineEntry>,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| &entry.details)).finish()
    }
}

/// A command on an incident.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Transition(TransitionRequest),
    Amend(Box<IncidentPatch>),
    Assign(Option<UserId>),
    Comment(String),
    Import(ExternalName, ExternalName),
    NoteTask(EntryDetails),
}

fn requests() -> impl Strategy<Value = TransitionRequest> {
    let plain = TransitionRequest::to;
    let fixed = Resolution { code: ResolutionCode::Fixed, note: Some(note("replaced the disk")) };
    select(vec![
        TransitionRequest { reason: Some(note("it is back")), ..plain(Status::Investigating) },
        plain(Status::Investigating),
        TransitionRequest { hold_reason: Some(HoldReason::AwaitingVendor), ..plain(Status::OnHold) },
        plain(Status::Mitigated),
        TransitionRequest { resolution: Some(fixed), ..plain(Status::Resolved) },
        plain(Status::Closed),
    ])
}

fn patches() -> impl Strategy<Value = IncidentPatch> {
    let titles = option::of(select(vec![Title::parse("slow").unwrap(), Title::parse("very slow").unwrap()]));
    let service =
        prop_oneof![Just(Patch::Keep), Just(Patch::Clear), "[a-z]{1,3}".prop_map(|text| Patch::Set(label(&text)))];
    let impact = select(vec![Patch::Keep, Patch::Clear, Patch::Set(Impact::High), Patch::Set(Impact::Low)]);
    let urgency = select(vec![Patch::Keep, Patch::Set(Urgency::High), Patch::Set(Urgency::Low)]);
    let labels = option::of("[a-c]{1}".prop_map(|text| labelled(&text)));
    (titles, service, impact, urgency, labels).prop_map(|(title, service, impact, urgency, labels)| IncidentPatch {
        title,
        service,
        impact,
        urgency,
        labels,
        ..IncidentPatch::default()
    })
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn labelled(text: &str) -> Labels {
    let pair = (LabelKey::parse(text).unwrap(), LabelValue::parse(text).unwrap());
    Labels::parse([pair].into()).unwrap()
}

pub(crate) fn names() -> impl Strategy<Value = ExternalName> {
    "[a-zA-Z0-9:,ü]{1,12}".prop_map(|text| ExternalName::parse(text).unwrap())
}

/// Generates details of entries about tasks.
pub(crate) fn task_details() -> impl Strategy<Value = EntryDetails> {
    let ids = || (0..3_u128).prop_map(|bits| TaskId::new(Uuid::from_u128(bits)));
    let titles = || "[ -~]{0,20}[!-~]".prop_map(|text| Title::parse(text).unwrap());
    prop_oneof![
        (ids(), titles()).prop_map(|(task_id, title)| EntryDetails::TaskAdded { task_id, title }),
        (ids(), select(TaskField::ALL), texts(), texts())
            .prop_map(|(task_id, field, from, to)| EntryDetails::TaskChanged { task_id, field, from, to }),
        (ids(), titles()).prop_map(|(task_id, title)| EntryDetails::TaskRemoved { task_id, title }),
    ]
}

/// Generates values of fields, often ones that look like a part of the canonical form.
pub(crate) fn texts() -> impl Strategy<Value = Option<String>> + Clone {
    let like_the_format = select(vec!["", "to", "from", "2:to,", "4:from,0:,"]).prop_map(str::to_owned);
    option::of(prop_oneof![like_the_format, ".{0,20}"])
}

fn commands() -> impl Strategy<Value = Command> {
    prop_oneof![
        3 => requests().prop_map(Command::Transition),
        2 => patches().prop_map(|patch| Command::Amend(Box::new(patch))),
        1 => option::of(select(vec![user_id(1), user_id(2)])).prop_map(Command::Assign),
        2 => "[a-z0-9:,]{1,20}".prop_map(Command::Comment),
        1 => (names(), names()).prop_map(|(source, reference)| Command::Import(source, reference)),
        2 => task_details().prop_map(Command::NoteTask),
    ]
}

pub(crate) fn actors() -> impl Strategy<Value = Actor> {
    prop_oneof![
        select(vec![user(1), user(2), Actor::System]),
        names().prop_map(Actor::Integration),
        names().prop_map(Actor::Agent),
    ]
}

/// Generates an opened incident after some commands; refused ones change nothing.
pub(crate) fn history(lengths: Range<usize>) -> impl Strategy<Value = History> {
    vec((commands(), actors()), lengths).prop_map(|commands| {
        let scene = Scene::new();
        let opened = scene.open();
        let mut history = History { incident: opened.incident().clone(), entries: opened.entries().to_vec(), scene };
        for (minute, (command, actor)) in (1..).zip(commands) {
            history.apply(command, &actor, minute);
        }
        history
    })
}

impl History {
    fn apply(&mut self, command: Command, actor: &Actor, minute: u32) {
        let stamp = self.scene.stamp(actor, minute);
        let revision = self.incident.clone().revise();
        let revised = match command {
            Command::Transition(request) => revision.transition(&request, &stamp).ok(),
            Command::Amend(patch) => Some(revision.amend(&patch, Some(&note("tidied")), &stamp)),
            Command::Assign(to) => Some(revision.assign(to, &stamp)),
            Command::Comment(text) => Some(revision.comment(note(&text), &stamp)),
            Command::Import(source, reference) => {
                Some(revision.note_import(EntryDetails::Imported { source, reference }, None, &stamp))
            }
            Command::NoteTask(details) => Some(revision.note_task(details, &stamp)),
        };
        let Some(revised) = revised else { return };
        self.incident = revised.incident().clone();
        self.entries.extend_from_slice(revised.entries());
    }
}
