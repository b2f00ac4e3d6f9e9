//! Inserts without the committer, with which benchmarks compare it: a statement of the ORM for each row.

use incident_domain::{match_record, write::AnyRecord};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, sea_query::Query};

use crate::{
    incidents::search::text::{COLUMNS, SearchText, TABLE},
    record::{Row as _, StoredRecord},
    table::words_value,
};

/// Inserts a record, and the words by which an incident is found.
pub async fn insert(record: &AnyRecord, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    match_record!(record, record => insert_row(&**record, connection).await?);
    let text = match record {
        AnyRecord::Incident(incident) => Some(SearchText::from(&**incident)),
        AnyRecord::TimelineEntry(entry) => SearchText::of_entry(entry),
        _ => None,
    };
    let Some(SearchText { incident_id, sequence, words }) = text else { return Ok(()) };
    let words = words_value(connection.get_database_backend(), words.into());
    let values = [incident_id.into(), sequence.into(), words];
    connection.execute(&Query::insert().into_table(TABLE).columns(COLUMNS).values_panic(values).take()).await?;
    Ok(())
}

async fn insert_row<R: StoredRecord>(record: &R, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    R::Entity::insert(record.to_row().into_insertable()).exec_without_returning(connection).await?;
    Ok(())
}
