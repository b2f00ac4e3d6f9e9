//! Leases.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::kernel::{Lease, LeaseRepository, StoreError, Timestamp};
use sea_orm::{
    FromQueryResult,
    entity::prelude::*,
    sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, Query, SelectStatement},
};

use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row, read_error},
    record::{ColumnReader, NoRelation as Relation},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leases")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    holder: String,
    fence: i64,
    expires_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

#[async_trait]
impl LeaseRepository for SeaOrmStore {
    /// Both databases carry out the statement atomically.
    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let stored = |column: Column| Expr::col((Entity, column));
        let is_renewed = || stored(Column::Holder).eq(holder);
        let fence =
            CaseStatement::new().case(is_renewed(), stored(Column::Fence)).finally(stored(Column::Fence).add(1));
        let taken = OnConflict::column(Column::Name)
            .value(Column::Fence, fence)
            .update_columns([Column::Holder, Column::ExpiresAt])
            .action_and_where(is_renewed().or(stored(Column::ExpiresAt).lte(now)))
            .to_owned();
        let acquire = Query::insert()
            .into_table(Entity)
            .columns([Column::Name, Column::Holder, Column::Fence, Column::ExpiresAt])
            .values_panic([name.into(), holder.into(), 1_i64.into(), expires_at.into()])
            .on_conflict(taken)
            .returning_all()
            .take();
        let row = self.writer().query_one(&acquire).await.map_err(read_error)?;
        let row = row.map(|row| Model::from_query_result(&row, "")).transpose().map_err(read_error)?;
        row.map(|row| lease(row).map_err(corrupt_row)).transpose()
    }

    async fn release(&self, lease: &Lease, now: Timestamp) -> Result<(), StoreError> {
        let release = Query::update()
            .table(Entity)
            .value(Column::ExpiresAt, now)
            .cond_where(is_held(&lease.name, lease.fence).add(Column::ExpiresAt.gt(now)))
            .take();
        self.writer().execute(&release).await.map_err(read_error)?;
        Ok(())
    }
}

fn lease(row: Model) -> Result<Lease, CorruptRow> {
    let fence = ColumnReader::of::<Entity>().number("fence", row.fence)?;
    Ok(Lease { name: row.name, holder: row.holder, fence, expires_at: row.expires_at })
}

/// Finds a lease if it has this fence, and keeps others from taking it until the transaction ends.
pub(crate) fn held(name: &str, fence: u64) -> SelectStatement {
    Query::select().column(Column::Name).from(Entity).cond_where(is_held(name, fence)).lock_shared().take()
}

fn is_held(name: &str, fence: u64) -> sea_orm::Condition {
    // No stored fence is greater than this.
    let fence = i64::try_from(fence).unwrap_or(i64::MAX);
    sea_orm::Condition::all().add(Column::Name.eq(name)).add(Column::Fence.eq(fence))
}
