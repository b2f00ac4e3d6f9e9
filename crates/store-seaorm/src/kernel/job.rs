//! Jobs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::kernel::{
    Job, JobClaim, JobCounts, JobFilter, JobId, JobKind, JobQueue, JobState, Page, PageRequest, StoreError, Timestamp,
    Version,
};
use sea_orm::{
    Condition, DbBackend, FromQueryResult, Order, QuerySelect,
    entity::prelude::*,
    sea_query::{
        CaseStatement, Expr, ExprTrait, Func, LockBehavior, LockType, Query, SelectStatement, SimpleExpr, UnionType,
        UpdateStatement,
    },
};

use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row, read_error},
    query::{by_id, newest_first},
    record::{ColumnReader, NoRelation as Relation, StoredRecord, records},
    table::{Batching, Constraint},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    dedup_key: Option<String>,
    partition: Option<String>,
    payload: String,
    priority: i64,
    run_at: DateTime<Utc>,
    attempts: i64,
    attempts_max: i64,
    lease_until: Option<DateTime<Utc>>,
    state: String,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Job {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] =
        &[Constraint::unique("jobs_dedup_key", "jobs.kind, jobs.dedup_key", Self::DEDUP_KEY)];

    /// Many workers finish jobs at the same time, and no other record refers to a job.
    const BATCHING: &'static Batching =
        &Batching { insert_order: &["kind", "dedup_key"], shares_guards: true, ..Batching::DEFAULT };

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            kind: self.kind.as_str().to_owned(),
            dedup_key: self.dedup_key.clone(),
            partition: self.partition.clone(),
            payload: self.payload.clone(),
            priority: self.priority.into(),
            run_at: self.run_at,
            attempts: self.attempts.into(),
            attempts_max: self.attempts_max.into(),
            lease_until: self.lease_until,
            state: self.state.as_str().to_owned(),
            last_error: self.last_error.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version.get().into(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        Ok(Self {
            id: JobId::new(row.id),
            kind: column.parsed("kind", JobKind::parse(row.kind))?,
            dedup_key: row.dedup_key,
            partition: row.partition,
            payload: row.payload,
            priority: column.number("priority", row.priority)?,
            run_at: row.run_at,
            attempts: column.number("attempts", row.attempts)?,
            attempts_max: column.number("attempts_max", row.attempts_max)?,
            lease_until: row.lease_until,
            state: column.name("state", &row.state)?,
            last_error: row.last_error,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(column.number("version", row.version)?),
        })
    }
}

#[async_trait]
impl JobQueue for SeaOrmStore {
    async fn claim(&self, claim: &JobClaim) -> Result<Vec<Job>, StoreError> {
        if claim.kinds.is_empty() || claim.jobs_max == 0 {
            return Ok(Vec::new());
        }
        let writer = self.writer();
        let rows = writer.query_all(&claim_statement(writer.get_database_backend(), claim)).await;
        let rows = rows.and_then(|rows| rows.iter().map(|row| Model::from_query_result(row, "")).collect());
        let mut jobs: Vec<Job> = records(rows)?;
        jobs.retain(|job| job.state == JobState::Open);
        // The order in which the statement returns its rows is not defined.
        jobs.sort_by_key(|job| (job.priority, job.run_at, job.id));
        Ok(jobs)
    }

    async fn list(&self, filter: &JobFilter, page: PageRequest<JobId>) -> Result<Page<Job>, StoreError> {
        let condition = Condition::all()
            .add_option(filter.kind.as_ref().map(|kind| Column::Kind.eq(kind.as_str())))
            .add_option(filter.state.map(|state| Column::State.eq(state.as_str())));
        newest_first::<Entity>(self.reader(), Column::Id, condition).page(by_id(page)).await
    }

    async fn counts(&self) -> Result<Vec<JobCounts>, StoreError> {
        let counts = Entity::find()
            .select_only()
            .columns([Column::Kind, Column::State])
            .column_as(Column::Id.count(), "jobs")
            .column_as(Column::RunAt.min(), "oldest_run_at")
            .group_by(Column::Kind)
            .group_by(Column::State);
        let rows: Vec<CountRow> = counts.into_model().all(self.reader()).await.map_err(read_error)?;
        counted(rows).map_err(corrupt_row)
    }
}

/// Claims jobs in one statement, as [`Job::claimed`] does.
fn claim_statement(backend: DbBackend, claim: &JobClaim) -> UpdateStatement {
    let has_attempts = || Expr::col(Column::Attempts).lt(Expr::col(Column::AttemptsMax));
    let claimed_or_dead =
        |claimed: SimpleExpr, dead: SimpleExpr| CaseStatement::new().case(has_attempts(), claimed).finally(dead);
    let never_finished = Func::coalesce([Expr::col(Column::LastError), Expr::val(Job::NEVER_FINISHED)]);
    Query::update()
        .table(Entity)
        .value(Column::Version, Expr::col(Column::Version).add(1))
        .value(Column::UpdatedAt, claim.now)
        .value(Column::State, claimed_or_dead(Expr::col(Column::State), Expr::val(JobState::Dead.as_str())))
        .value(Column::LastError, claimed_or_dead(Expr::col(Column::LastError), never_finished.into()))
        .value(Column::LeaseUntil, claimed_or_dead(Expr::val(claim.lease_until), Expr::val(None::<Timestamp>)))
        .value(Column::Attempts, claimed_or_dead(Expr::col(Column::Attempts).add(1), Expr::col(Column::Attempts)))
        .and_where(is_claimed(backend, claim))
        .returning_all()
        .take()
}

/// Selects the jobs of a claim.
fn is_claimed(backend: DbBackend, claim: &JobClaim) -> SimpleExpr {
    let id = Expr::col(Column::Id);
    if backend == DbBackend::Postgres {
        // An array is computed once. A subquery after `IN` may run for each row, and then locks more than its limit.
        let ids = due(claim, &claim.kinds, [Column::Id])
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .take();
        return Expr::cust_with_exprs("$1 = ANY(ARRAY $2)", [id, SimpleExpr::SubQuery(None, Box::new(ids.into()))]);
    }
    // The index holds the jobs of each kind in the order of claims. Asked for several kinds at once, SQLite would read
    // and sort all of their jobs.
    let columns = [Column::Id, Column::Priority, Column::RunAt];
    let mut of_kinds = claim
        .kinds
        .chunks(1)
        .map(|kind| Query::select().columns(columns).from_subquery(due(claim, kind, columns), "of_kind").take());
    let first = of_kinds.next().unwrap_or_default();
    let all = of_kinds.fold(first, |mut all, of_kind| all.union(UnionType::All, of_kind).take());
    id.in_subquery(first_claimed(Query::select().column(Column::Id).from_subquery(all, "due"), claim.jobs_max))
}

/// Selects jobs of some kinds for which [`JobClaim::matches`] is true, as many as a claim may need.
fn due<const COLUMNS: usize>(claim: &JobClaim, kinds: &[JobKind], columns: [Column; COLUMNS]) -> SelectStatement {
    let mut due = Query::select();
    due.columns(columns)
        .from(Entity)
        .and_where(Column::State.eq(JobState::Open.as_str()))
        .and_where(Column::Kind.is_in(kinds.iter().map(JobKind::as_str)))
        .and_where(Column::RunAt.lte(claim.now))
        .and_where(Column::LeaseUntil.is_null().or(Column::LeaseUntil.lte(claim.now)));
    for (kind, partition) in claim.busy_partitions.iter().filter(|(kind, _)| kinds.contains(kind)) {
        let is_other = Column::Partition.is_null().or(Column::Partition.ne(partition.as_str()));
        due.and_where(is_other.or(Column::Kind.ne(kind.as_str())));
    }
    first_claimed(&mut due, claim.jobs_max)
}

/// Limits a selection to those jobs that are claimed first.
fn first_claimed(selection: &mut SelectStatement, jobs_max: u32) -> SelectStatement {
    let columns = [Column::Priority, Column::RunAt, Column::Id].map(|column| (column, Order::Asc));
    selection.order_by_columns(columns).limit(u64::from(jobs_max)).take()
}

/// How many jobs of one kind and state there are.
#[derive(FromQueryResult)]
struct CountRow {
    kind: String,
    state: String,
    jobs: i64,
    oldest_run_at: Option<DateTime<Utc>>,
}

fn counted(rows: Vec<CountRow>) -> Result<Vec<JobCounts>, CorruptRow> {
    let column = ColumnReader::of::<Entity>();
    let mut counts: BTreeMap<JobKind, JobCounts> = BTreeMap::new();
    for row in rows {
        let kind = column.parsed("kind", JobKind::parse(row.kind))?;
        let of_kind = counts.entry(kind.clone()).or_insert(JobCounts { kind, open: 0, dead: 0, oldest_run_at: None });
        let jobs = column.number("id", row.jobs)?;
        match column.name("state", &row.state)? {
            JobState::Open => (of_kind.open, of_kind.oldest_run_at) = (jobs, row.oldest_run_at),
            JobState::Dead => of_kind.dead = jobs,
        }
    }
    Ok(counts.into_values().collect())
}
