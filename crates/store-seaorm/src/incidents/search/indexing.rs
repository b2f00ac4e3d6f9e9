//! Adds the search texts of incidents that releases before this table have stored.

use incident_domain::{
    incidents::{EntryKind, IncidentNumber},
    kernel::StoreError,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::{Expr, ExprTrait, LockType, OnConflict, Query},
};
use uuid::Uuid;

use super::text::{COLUMNS, OF_INCIDENT, SearchText, TABLE};
use crate::{
    SeaOrmStore,
    error::read_error,
    incidents::{incident, timeline_entry},
    table::words_value,
};

/// How many incidents one transaction indexes. Writers of these incidents wait for it, and on SQLite all writers.
const INCIDENTS_PER_TRANSACTION: u64 = 200;

/// How many comments are read at once.
const COMMENTS_PER_READ: u64 = 500;

/// How many texts one statement inserts.
const TEXTS_PER_INSERT: usize = 100;

impl SeaOrmStore {
    /// Indexes the words of incidents that older releases have stored, and returns how many incidents; `progress` is
    /// called with that number as it grows. A database needs this once after each migration that adds or empties their table. Words
    /// that a server of an older release writes about indexed incidents are not found: stop such servers first.
    ///
    /// Others may read and write meanwhile. After an interruption, the next call continues. If nothing is missing, this
    /// reads only the ids of the incidents.
    pub async fn index_texts(&self, mut progress: impl FnMut(u64) + Send) -> Result<u64, StoreError> {
        let mut indexed = 0;
        let mut last = None;
        loop {
            let ids = self.not_indexed(last).await.map_err(read_error)?;
            let Some(end) = ids.last() else { break };
            last = Some(*end);
            indexed += self.index(&ids).await.map_err(read_error)?;
            progress(indexed);
        }
        if indexed > 0 && self.writer().get_database_backend() == DbBackend::Postgres {
            // Otherwise the statistics of the table would be missing for some minutes.
            self.writer().current().execute_unprepared("ANALYZE search_texts").await.map_err(read_error)?;
        }
        Ok(indexed)
    }

    /// Returns the next incidents without words, in the order of their creation, so that newer incidents get newer
    /// texts.
    async fn not_indexed(&self, after: Option<Uuid>) -> Result<Vec<Uuid>, DbErr> {
        let text = Query::select()
            .expr(Expr::val(1))
            .from(TABLE)
            .and_where(Expr::col((TABLE, "incident_id")).equals((incident::Entity, incident::Column::Id)))
            .and_where(Expr::col((TABLE, "sequence")).eq(OF_INCIDENT))
            .take();
        let missing = incident::Entity::find()
            .select_only()
            .column(incident::Column::Id)
            .filter(Condition::all().not().add(Expr::exists(text)))
            .apply_if(after, |missing, after| missing.filter(incident::Column::Id.gt(after)))
            .order_by_asc(incident::Column::Id)
            .limit(INCIDENTS_PER_TRANSACTION);
        missing.into_tuple().all(self.reader().current()).await
    }

    /// Locks the incidents until their words are stored, so that a concurrent change of a title replaces these words.
    /// Otherwise words could remain that the incident no longer has.
    async fn index(&self, ids: &[Uuid]) -> Result<u64, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.writer().current().begin_with_options(options).await?;
        let incidents: Vec<(Uuid, i64, String, Option<String>)> = incident::Entity::find()
            .select_only()
            .columns([
                incident::Column::Id,
                incident::Column::Number,
                incident::Column::Title,
                incident::Column::Description,
            ])
            .filter(incident::Column::Id.is_in(ids.iter().copied()))
            .order_by_asc(incident::Column::Id)
            .lock(LockType::Share)
            .into_tuple()
            .all(&transaction)
            .await?;
        let texts = incidents.iter().map(|(id, number, title, description)| {
            let number = IncidentNumber::new(u32::try_from(*number).unwrap_or_default());
            SearchText::of_incident(*id, number, title, description.as_deref())
        });
        insert(texts.collect(), &transaction).await?;
        let mut last = None;
        while let Some(texts) = next_comments(ids, &mut last, &transaction).await? {
            insert(texts, &transaction).await?;
        }
        transaction.commit().await?;
        Ok(u64::try_from(incidents.len()).unwrap_or(u64::MAX))
    }
}

/// Returns the texts of the comments after one, if there are any left.
async fn next_comments(
    incidents: &[Uuid],
    last: &mut Option<(Uuid, i64)>,
    transaction: &DatabaseTransaction,
) -> Result<Option<Vec<SearchText>>, DbErr> {
    use timeline_entry::Column;
    let position = || Expr::tuple([Expr::col(Column::IncidentId), Expr::col(Column::Sequence)]);
    let comments: Vec<(Uuid, i64, String)> = timeline_entry::Entity::find()
        .select_only()
        .columns([Column::IncidentId, Column::Sequence, Column::Message])
        .filter(Column::IncidentId.is_in(incidents.iter().copied()))
        .filter(Column::Kind.eq(EntryKind::Commented.as_str()))
        .filter(Column::Message.is_not_null())
        .apply_if(*last, |comments, (incident, sequence)| {
            comments.filter(position().gt(Expr::tuple([incident.into(), sequence.into()])))
        })
        .order_by_asc(Column::IncidentId)
        .order_by_asc(Column::Sequence)
        .limit(COMMENTS_PER_READ)
        .into_tuple()
        .all(transaction)
        .await?;
    let Some((incident, sequence, _)) = comments.last() else { return Ok(None) };
    *last = Some((*incident, *sequence));
    let texts = comments
        .iter()
        .filter_map(|(incident, sequence, message)| SearchText::of_comment(*incident, *sequence, message));
    Ok(Some(texts.collect()))
}

/// Inserts texts, except those that another process has inserted.
async fn insert(texts: Vec<SearchText>, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    for texts in texts.chunks(TEXTS_PER_INSERT) {
        let mut statement = Query::insert();
        statement.into_table(TABLE).columns(COLUMNS);
        for text in texts {
            let words = words_value(backend, Expr::val(text.words.as_str()));
            statement.values_panic([text.incident_id.into(), text.sequence.into(), words]);
        }
        statement.on_conflict(OnConflict::new().do_nothing().to_owned());
        transaction.execute(&statement).await?;
    }
    Ok(())
}
