//! Which of the records that changes refer to is missing. SQLite only says that one is.

use incident_domain::{
    kernel::{Record, RecordKey as _, RecordKind, Reference},
    match_record,
    write::Change,
};
use sea_orm::{
    DbErr,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    tables::table_of,
    transaction::{Found, Transaction},
};

/// Returns the first record that the changes of a failed statement refer to and that does not exist, after the changes
/// before them have been made.
pub(super) async fn first_missing(
    changes: &[Change],
    transaction: &Transaction<'_>,
) -> Result<Option<RecordKind>, DbErr> {
    let mut inserted: Vec<(RecordKind, Uuid)> = Vec::new();
    for change in changes {
        for reference in references_of(change) {
            let is_inserted = inserted.contains(&(reference.kind, reference.id));
            if !is_inserted && find(reference, transaction).await? == Found::Nothing {
                return Ok(Some(reference.kind));
            }
        }
        // Others in the same statement may refer to it.
        if let Change::Insert(record) = change {
            inserted.extend(match_record!(record, record => id_of(&**record)));
        }
    }
    Ok(None)
}

async fn find(reference: Reference, transaction: &Transaction<'_>) -> Result<Found, DbErr> {
    let Some(table) = table_of(reference.kind) else { return Ok(Found::Nothing) };
    let row = Query::select().column("id").from((table.name)()).and_where(Expr::col("id").eq(reference.id)).take();
    transaction.find(&row).await
}

fn references_of(change: &Change) -> Vec<Reference> {
    match change {
        Change::Insert(record) => record.references(),
        Change::Update { record, .. } => record.references(),
        Change::UpdateIncident { incident, .. } => incident.references(),
        Change::Delete { .. }
        | Change::Expect { .. }
        | Change::DeleteIncident { .. }
        | Change::RevokeSessions { .. }
        | Change::TouchSession { .. }
        | Change::PurgeSessions { .. }
        | Change::SpendRefreshToken { .. }
        | Change::RevokeApiTokens { .. }
        | Change::TouchApiToken { .. }
        | Change::PurgeReplies { .. }
        | Change::HoldsLease { .. } => Vec::new(),
    }
}

/// Returns the identifier of a record, if others can refer to it.
fn id_of<R: Record>(record: &R) -> Option<(RecordKind, Uuid)> {
    record.id().referent().map(|id| (R::KIND, id))
}
