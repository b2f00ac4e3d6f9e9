//! What changes refer to, and what a set is told that refers to something that is not there.

use incident_domain::{
    CategoryId, Change, Incident, IncidentId, RefreshTokenId, SavedViewId, SessionId, Task, TaskId, UserId,
    ports::{Conflict, Reference},
};
use sea_orm::{
    DbErr,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    table::Table,
    transaction::{Found, Transaction},
};

/// Something that a change refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Referred {
    User(UserId),
    Session(SessionId),
    RefreshToken(RefreshTokenId),
    Incident(IncidentId),
    Task(TaskId),
    Category(CategoryId),
    SavedView(SavedViewId),
}

impl Referred {
    pub(super) const fn kind(self) -> Reference {
        match self {
            Self::User(_) => User::KIND,
            Self::Session(_) => Session::KIND,
            Self::RefreshToken(_) => RefreshToken::KIND,
            Self::Incident(_) => Incident::KIND,
            Self::Task(_) => Task::KIND,
            Self::Category(_) => Category::KIND,
            Self::SavedView(_) => SavedView::KIND,
        }
    }

    /// Where it is stored, and under which id.
    pub(super) const fn row(self) -> (Table, Uuid) {
        match self {
            Self::User(id) => (Table::Users, id.as_uuid()),
            Self::Session(id) => (Table::Sessions, id.as_uuid()),
            Self::RefreshToken(id) => (Table::RefreshTokens, id.as_uuid()),
            Self::Incident(id) => (Table::Incidents, id.as_uuid()),
            Self::Task(id) => (Table::Tasks, id.as_uuid()),
            Self::Category(id) => (Table::Categories, id.as_uuid()),
            Self::SavedView(id) => (Table::SavedViews, id.as_uuid()),
        }
    }

    async fn find(self, transaction: &Transaction<'_>) -> Result<Found, DbErr> {
        let (table, id) = self.row();
        let row = Query::select().column("id").from(table.name()).and_where(Expr::col("id").eq(id)).take();
        transaction.finds(&row).await
    }

    /// Why what was expected of it was not found.
    pub(super) async fn conflict(self, transaction: &Transaction<'_>) -> Result<Conflict, DbErr> {
        Ok(match self.find(transaction).await? {
            Found::Something => Conflict::Stale,
            Found::Nothing => Conflict::Missing(self.kind()),
        })
    }
}

/// What the changes of a statement refer to that is not there, when those before it have been made.
pub(super) async fn first_missing(
    changes: &[Change],
    transaction: &Transaction<'_>,
) -> Result<Option<Reference>, DbErr> {
    let mut made: Vec<Referred> = Vec::new();
    for change in changes {
        for referred in references_of(change) {
            if !made.contains(&referred) && referred.find(transaction).await? == Found::Nothing {
                return Ok(Some(referred.kind()));
            }
        }
        made.extend(made_by(change));
    }
    Ok(None)
}

fn references_of(change: &Change) -> Vec<Referred> {
    match change {
        Change::InsertSession(session) => vec![Referred::User(session.user_id)],
        Change::InsertRefreshToken(token) => {
            let predecessor = token.predecessor_id.map(Referred::RefreshToken);
            [Referred::Session(token.session_id)].into_iter().chain(predecessor).collect()
        }
        Change::InsertApiToken(token) => vec![Referred::User(token.user_id)],
        Change::InsertReply(reply) => vec![Referred::User(reply.user_id)],
        Change::InsertIncident(incident) | Change::UpdateIncident { incident, .. } => references_of_incident(incident),
        Change::InsertTask(task) | Change::UpdateTask { task, .. } => references_of_task(task),
        Change::InsertSavedView(view) | Change::UpdateSavedView { view, .. } => vec![Referred::User(view.user_id)],
        Change::InsertEntry(entry) => vec![Referred::Incident(entry.incident_id)],
        // The others refer to nothing but what they change themselves.
        _ => Vec::new(),
    }
}

fn references_of_incident(incident: &Incident) -> Vec<Referred> {
    let users = [incident.reported_by, incident.assigned_to].into_iter().flatten().map(Referred::User);
    users.chain(incident.duplicate_of.map(Referred::Incident)).collect()
}

/// In the order of the foreign keys, which is the one in which PostgreSQL looks after them.
fn references_of_task(task: &Task) -> Vec<Referred> {
    let incident = task.incident_id.map(Referred::Incident);
    let category = task.category_id.map(Referred::Category);
    let users = [task.assigned_to, Some(task.created_by)].into_iter().flatten().map(Referred::User);
    incident.into_iter().chain(category).chain(users).collect()
}

/// What a change makes that others of its kind, in the same statement, may refer to.
fn made_by(change: &Change) -> Option<Referred> {
    match change {
        Change::InsertRefreshToken(token) => Some(Referred::RefreshToken(token.id)),
        Change::InsertIncident(incident) => Some(Referred::Incident(incident.id)),
        _ => None,
    }
}
