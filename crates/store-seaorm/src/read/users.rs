//! Reading users.

use async_trait::async_trait;
use incident_domain::{
    Email, ListCursor, Page, PageRequest, Role, User, UserFilter, UserId, UserSort, UserSortKey,
    ports::{StoreError, UserRepository},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use super::{entities, few_lengths, order::Order, page::list};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::user::{Column, Entity},
};

#[async_trait]
impl UserRepository for SeaOrmStore {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        row.map(|row| User::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let keys = few_lengths(emails.iter().map(Email::key).collect());
        let users = Entity::find().filter(Column::EmailKey.is_in(keys));
        entities(users.all(self.reader()).await.map_err(read_error)?)
    }

    async fn list(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, StoreError> {
        let reader = self.reader();
        let backend = reader.get_database_backend();
        let order = match sort.key {
            UserSortKey::CreatedAt => Order::by_id(Column::Id, sort.direction),
            UserSortKey::UpdatedAt => Order::by(Expr::col(Column::UpdatedAt), Column::Id, sort.direction),
            UserSortKey::Email => Order::by(by_code_points(backend, Column::EmailKey), Column::Id, sort.direction),
        };
        list::<Entity>(reader, order, condition(backend, filter)).page(page).await
    }
}

/// What [`UserFilter::matches`] says, in SQL. There is no index for any of it: users are few beside what they do.
fn condition(backend: DbBackend, filter: &UserFilter) -> Condition {
    let roles = filter.roles.iter().copied().map(Role::as_str);
    Condition::all()
        .add_option((!filter.roles.is_empty()).then(|| Column::Role.is_in(roles)))
        .add_option(filter.is_active.map(|is_active| Column::IsActive.eq(is_active)))
        .add_option(
            filter.email_contains.as_ref().map(|part| contains(backend, Column::EmailKey, &part.to_lowercase())),
        )
}

/// Not by a pattern, in which some characters would mean something.
fn contains(backend: DbBackend, column: Column, part: &str) -> SimpleExpr {
    // No text that is stored has one of these, and PostgreSQL refuses to look for it.
    if part.contains('\0') {
        return Expr::val(false);
    }
    let position = if backend == DbBackend::Postgres { "strpos" } else { "instr" };
    Expr::from(Func::cust(position).arg(Expr::col(column)).arg(part)).gt(0)
}

/// SQLite compares code points, PostgreSQL as the database was made to unless it is told.
fn by_code_points(backend: DbBackend, column: Column) -> SimpleExpr {
    let column = Expr::col(column);
    if backend == DbBackend::Postgres { Expr::cust_with_expr(r#"$1 COLLATE "C""#, column) } else { column }
}
