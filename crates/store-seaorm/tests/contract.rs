//! The storage contract on both databases, each case on a database of its own.

mod databases;

mod sqlite {
    use crate::databases::SqliteDatabase;
    use incident_store_contract::store_contract;

    store_contract!(SqliteDatabase::create);
}

mod postgres {
    use crate::databases::PostgresDatabase;
    use incident_store_contract::store_contract;

    store_contract!(PostgresDatabase::create, ignore = "needs PostgreSQL: set TEST_POSTGRES_URL");
}
