//! Finds incidents by words.

use async_trait::async_trait;
use incident_domain::{
    incidents::{FoundIn, IncidentId, SearchHit, SearchRepository, SearchText},
    kernel::{Note, StoreError},
};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;

use super::query::search_statement;
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    incidents::timeline_entry,
    record::column::{ColumnReader, CorruptRow},
};

#[derive(FromQueryResult)]
struct HitRow {
    incident_id: Uuid,
    found_in: i32,
    comment: Option<String>,
}

#[async_trait]
impl SearchRepository for SeaOrmStore {
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let reader = self.reader();
        let statement = search_statement(reader.get_database_backend(), text, offset, limit);
        let rows = reader.query_all_raw(statement).await.map_err(read_error)?;
        let rows: Result<Vec<HitRow>, _> = rows.iter().map(|row| HitRow::from_query_result(row, "")).collect();
        rows.map_err(read_error)?.into_iter().map(|row| row.read().map_err(corrupt_row)).collect()
    }
}

impl HitRow {
    fn read(self) -> Result<SearchHit, CorruptRow> {
        let found_in = match self.found_in {
            0 => FoundIn::Title,
            1 => FoundIn::Description,
            _ => FoundIn::Comment,
        };
        let comment = ColumnReader::of::<timeline_entry::Entity>().optional("message", self.comment, Note::parse)?;
        Ok(SearchHit { incident_id: IncidentId::new(self.incident_id), found_in, comment })
    }
}
