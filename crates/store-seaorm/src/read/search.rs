//! Finding incidents by words.

use async_trait::async_trait;
use incident_domain::{
    FoundIn, IncidentId, Note, SearchHit, SearchText,
    ports::{SearchRepository, StoreError},
};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;

use super::{entities, search_query::search_statement};
use crate::{
    SeaOrmStore,
    error::read_error,
    row::{CorruptRow, Reading},
};

#[derive(FromQueryResult)]
struct Hit {
    incident_id: Uuid,
    place: i32,
    comment: Option<String>,
}

#[async_trait]
impl SearchRepository for SeaOrmStore {
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let reader = self.reader();
        let statement = search_statement(reader.get_database_backend(), text, offset, limit);
        let rows = reader.query_all_raw(statement).await.map_err(read_error)?;
        let hits: Result<Vec<Hit>, _> = rows.iter().map(|row| Hit::from_query_result(row, "")).collect();
        entities(hits.map_err(read_error)?)
    }
}

impl TryFrom<Hit> for SearchHit {
    type Error = CorruptRow;

    fn try_from(hit: Hit) -> Result<Self, CorruptRow> {
        let found_in = match hit.place {
            0 => FoundIn::Title,
            1 => FoundIn::Description,
            _ => FoundIn::Comment,
        };
        let comment = Reading("timeline_entries").optional("message", hit.comment, Note::parse)?;
        Ok(Self { incident_id: IncidentId::new(hit.incident_id), found_in, comment })
    }
}
