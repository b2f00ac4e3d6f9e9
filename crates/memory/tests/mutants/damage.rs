//! Inserts that confuse a value with another.

use incident_domain::{
    identity::{RevocationReason, Role, Spending},
    incidents::{EntryKind, Incident, ResolutionCode},
    kernel::{Actor, Audience},
    work::{CategoryName, TaskStatus, ViewedList},
    write::AnyRecord,
};

/// Replaces one value of one field of each kind of record.
pub(crate) fn damage(record: &mut AnyRecord) {
    match record {
        AnyRecord::User(user) if user.role == Role::Viewer => user.role = Role::Responder,
        AnyRecord::Session(session) => {
            let revocation = session.revocation.as_mut();
            let revocation = revocation.filter(|end| end.because == RevocationReason::RefreshTokenReused);
            if let Some(end) = revocation {
                end.because = RevocationReason::SignedOut;
            }
        }
        AnyRecord::RefreshToken(token) => token.spent = token.spent.map(|(_, at)| (Spending::Superseded, at)),
        AnyRecord::ApiToken(token) if token.role == Role::Manager => token.role = Role::Viewer,
        AnyRecord::SavedView(view) => view.list = ViewedList::Incidents,
        AnyRecord::Category(category) if category.name.as_str().starts_with("Ä ") => {
            category.name = CategoryName::parse(category.name.key()).expect("a name");
        }
        AnyRecord::Incident(incident) => {
            let mut fields = Incident::clone(incident).into_record();
            let resolution = fields.resolution.as_mut();
            let resolution = resolution.filter(|resolution| resolution.code == ResolutionCode::FalseAlarm);
            if let Some(resolution) = resolution {
                resolution.code = ResolutionCode::Fixed;
            }
            **incident = Incident::restore(fields);
        }
        AnyRecord::Task(task) if task.status == TaskStatus::InProgress => task.status = TaskStatus::Todo,
        AnyRecord::TimelineEntry(entry) if entry.kind() == EntryKind::Imported => entry.actor = Actor::Anonymous,
        AnyRecord::Action(action) if action.actor == Actor::Anonymous => action.actor = Actor::System,
        AnyRecord::Job(job) => job.priority = job.priority.min(200),
        AnyRecord::StoredReply(reply) if reply.sealed.is_empty() => reply.sealed = vec![0],
        AnyRecord::Event(event) => event.audience = Audience::Members,
        _ => {}
    }
}
