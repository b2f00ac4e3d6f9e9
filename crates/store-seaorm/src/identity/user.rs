//! Users.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    identity::{Email, PasswordHash, Role, User, UserFilter, UserRepository, UserSort, UserSortKey},
    kernel::{ListCursor, Page, PageRequest, PersonName, StoreError, UserId, Version},
};
use sea_orm::{
    Condition, DbBackend, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row, read_error},
    few_lengths::few_lengths,
    query::{Order, list},
    record::{ColumnReader, NoRelation as Relation, StoredList, StoredRecord, records},
    table::Constraint,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    email: String,
    email_key: String,
    name: String,
    role: String,
    is_active: bool,
    password_hash: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for User {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[Constraint::unique("users_email_key", "users.email_key", Self::EMAIL)];

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            email: self.email.as_str().to_owned(),
            email_key: self.email.key().to_owned(),
            name: self.name.as_str().to_owned(),
            role: self.role.as_str().to_owned(),
            is_active: self.is_active,
            password_hash: self.password_hash.as_ref().map(|hash| hash.expose().to_owned()),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version.get().into(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        Ok(Self {
            id: UserId::new(row.id),
            email: column.parsed("email", Email::stored(row.email))?,
            name: column.parsed("name", PersonName::stored(row.name))?,
            role: column.name("role", &row.role)?,
            is_active: row.is_active,
            password_hash: row.password_hash.map(PasswordHash::new),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(column.number("version", row.version)?),
        })
    }
}

#[async_trait]
impl UserRepository for SeaOrmStore {
    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let keys = few_lengths(emails.iter().map(Email::key).collect());
        records(Entity::find().filter(Column::EmailKey.is_in(keys)).all(self.reader()).await)
    }
}

impl StoredList for User {
    async fn list(
        store: &SeaOrmStore,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Self>, StoreError> {
        let reader = store.reader();
        let backend = reader.get_database_backend();
        let order = match sort.key {
            UserSortKey::CreatedAt => Order::by_id(Column::Id, sort.direction),
            UserSortKey::UpdatedAt => Order::by(Expr::col(Column::UpdatedAt), Column::Id, sort.direction),
            UserSortKey::Email => Order::by(by_code_points(backend, Column::EmailKey), Column::Id, sort.direction),
        };
        list::<Entity>(reader, order, condition(backend, filter)).page(page).await
    }
}

/// Reads a record together with the user that it belongs to, in one query.
pub(super) async fn one_with_user<R>(
    by_key: Select<R::Entity>,
    store: &SeaOrmStore,
) -> Result<Option<(R, User)>, StoreError>
where
    R: StoredRecord<Entity: Related<Entity>>,
{
    let rows = by_key.find_also_related(Entity).one(store.reader()).await.map_err(read_error)?;
    let Some((row, Some(user))) = rows else { return Ok(None) };
    let record = R::from_row(row).map_err(corrupt_row)?;
    Ok(Some((record, User::from_row(user).map_err(corrupt_row)?)))
}

/// Says in SQL what `User::matches` says. No index serves it: there are few users.
fn condition(backend: DbBackend, filter: &UserFilter) -> Condition {
    let roles = filter.roles.iter().copied().map(Role::as_str);
    let email_contains = filter.email_contains.as_ref();
    Condition::all()
        .add_option((!filter.roles.is_empty()).then(|| Column::Role.is_in(roles)))
        .add_option(filter.is_active.map(|is_active| Column::IsActive.eq(is_active)))
        .add_option(email_contains.map(|part| contains(backend, Column::EmailKey, &part.to_lowercase())))
}

/// Compares without a pattern, in which some characters would have a meaning.
fn contains(backend: DbBackend, column: Column, part: &str) -> SimpleExpr {
    // No stored text has a NUL, and PostgreSQL refuses to look for one.
    if part.contains('\0') {
        return Expr::val(false);
    }
    let position = if backend == DbBackend::Postgres { "strpos" } else { "instr" };
    Expr::from(Func::cust(position).arg(Expr::col(column)).arg(part)).gt(0)
}

/// Orders by code points, as SQLite does; PostgreSQL otherwise orders by the collation of the database.
fn by_code_points(backend: DbBackend, column: Column) -> SimpleExpr {
    let column = Expr::col(column);
    if backend == DbBackend::Postgres { Expr::cust_with_expr(r#"$1 COLLATE "C""#, column) } else { column }
}
