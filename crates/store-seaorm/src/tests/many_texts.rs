//! Searches in very many texts read about as many of them as are wanted, whether all texts contain a word or one does.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use incident_domain::{
    incidents::{
        FoundIn, IncidentFilter, IncidentId, IncidentRepository, IncidentSort, IncidentSortKey, SearchHit,
        SearchRepository as _, SearchScope, SearchText,
    },
    kernel::{Direction, PageRequest, PageSize},
};
use incident_store_contract::scene::Scene;
use incident_test_support::PostgresDatabase;
use sea_orm::{ConnectionTrait as _, DbBackend, IdenStatic as _, Iterable as _, Statement, sqlx};
use serde_json::Value as Json;
use uuid::Uuid;

use super::Recorded;
use crate::incidents::incident::Column;

const TEXTS: u64 = 100_000;

/// The incident whose title contains a word that no other contains.
const RARE: u64 = 77_777;

/// Adds copies of the stored incident, and their words: one is in all titles, one only in older titles.
async fn fill(recorded: &Recorded) {
    let writer = recorded.store.writer();
    let (id, words) = match writer.get_database_backend() {
        DbBackend::Postgres => ("CAST(lpad(to_hex(n), 32, '0') AS uuid)", "CAST({} AS tsvector)"),
        _ => ("unhex(printf('%032x', n))", "{}"),
    };
    let all =
        format!("WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < {TEXTS})");
    let columns: Vec<&str> = Column::iter().map(|column| column.as_str()).collect();
    let values: Vec<&str> = columns
        .iter()
        .map(|column| match *column {
            "id" => id,
            "number" => "n + 1000",
            other => other,
        })
        .collect();
    let text = format!(
        "'tcommon icommon' || CASE n WHEN {RARE} THEN ' trare irare' ELSE '' END
            || CASE WHEN n < {TEXTS} / 2 THEN ' told iold' ELSE '' END"
    );
    let (columns, values) = (columns.join(", "), values.join(", "));
    let incidents = format!("INSERT INTO incidents ({columns}) {all} SELECT {values} FROM incidents, numbers");
    let texts = format!(
        "INSERT INTO search_texts (incident_id, sequence, words) {all} SELECT {id}, 0, {} FROM numbers",
        words.replace("{}", &text)
    );
    for statement in [incidents, texts] {
        writer.execute_unprepared(&statement).await.expect("very many rows");
    }
}

async fn search(recorded: &Recorded, text: &str, offset: u32) -> Vec<SearchHit> {
    recorded.read.take();
    recorded.store.search(&SearchText::parse(text).expect("words"), offset, 20).await.expect("a search")
}

/// Returns the hits for the titles of incidents with these numbers.
fn in_titles(numbers: impl IntoIterator<Item = u64>) -> Vec<SearchHit> {
    let hits = numbers.into_iter().map(|number| SearchHit {
        incident_id: IncidentId::new(Uuid::from_u128(number.into())),
        found_in: FoundIn::Title,
        comment: None,
    });
    hits.collect()
}

/// Asserts that the newest are found, each time by one statement.
async fn finds_the_newest(recorded: &Recorded) {
    assert_eq!(search(recorded, "common", 0).await, in_titles((TEXTS - 19..=TEXTS).rev()));
    assert_eq!(search(recorded, "common", 980).await, in_titles((TEXTS - 999..=TEXTS - 980).rev()));
    assert_eq!(search(recorded, "old common", 0).await, in_titles((TEXTS / 2 - 20..TEXTS / 2).rev()));
    assert_eq!(search(recorded, "rar* common", 0).await, in_titles([RARE]));
    assert_eq!(search(recorded, "common missing", 0).await, []);
    assert_eq!(recorded.read.take().len(), 1);
}

/// Returns the numbers of the oldest incidents that a list by words contains.
async fn oldest(recorded: &Recorded, text: &str, search_scope: SearchScope) -> Vec<u128> {
    let text = Some(SearchText::parse(text).expect("words"));
    let filter = IncidentFilter { text, search_scope, ..IncidentFilter::default() };
    let oldest_first = IncidentSort { key: IncidentSortKey::CreatedAt, direction: Direction::Ascending };
    let page = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
    let page = IncidentRepository::list(&recorded.store, &filter, oldest_first, page).await.expect("a page");
    page.items.iter().map(|incident| incident.id.as_uuid().as_u128()).collect()
}

/// Asserts that incidents of the newest texts are listed, or all.
async fn lists_the_wanted_incidents(recorded: &Recorded) {
    let all = u128::from(TEXTS);
    let fifty_from = |first: u128| (first..first + 50).collect::<Vec<_>>();
    assert_eq!(oldest(recorded, "common", SearchScope::Recent).await, fifty_from(all - 9_999));
    assert_eq!(oldest(recorded, "common", SearchScope::All).await, fifty_from(1));
    assert_eq!(oldest(recorded, "comm* old", SearchScope::All).await, fifty_from(1));
    for scope in [SearchScope::Recent, SearchScope::All] {
        assert_eq!(oldest(recorded, "rare", scope).await, [u128::from(RARE)]);
        assert_eq!(oldest(recorded, "missing", scope).await, [0; 0]);
    }
}

#[tokio::test]
async fn on_sqlite_a_search_reads_few_more_texts_than_are_wanted() {
    /// More than the wanted texts take, and less than one look at each text would take.
    const STEPS_MAX: u64 = 200_000;
    let recorded = Recorded::create().await;
    Scene::set(&recorded).await.stored_incident().await;
    fill(&recorded).await;
    finds_the_newest(&recorded).await;
    lists_the_wanted_incidents(&recorded).await;

    search(&recorded, "common", 0).await;
    let sent = recorded.read.take().concat();
    for word in ["common", "rare", "missing"] {
        let steps = sqlite_steps(&recorded, &sent, word).await;
        assert!(steps < STEPS_MAX, "{word}: {steps}");
    }
    let without_bound = sent.replace("LIMIT 1000)", "LIMIT 1000000)").replace("THEN 1000 ELSE", "THEN 1000000 ELSE");
    let steps = sqlite_steps(&recorded, &without_bound, "common").await;
    assert!(steps > STEPS_MAX, "reading all texts takes more steps: {steps}");
}

/// Counts the steps of SQLite for a search, without those inside its index of words.
async fn sqlite_steps(recorded: &Recorded, search: &str, word: &str) -> u64 {
    const COUNTED_AT_ONCE: i32 = 100;
    let pool = recorded.store.reader().current().get_sqlite_connection_pool();
    let mut connection = pool.acquire().await.expect("a connection");
    let counted = Arc::new(AtomicU64::new(0));
    let steps = Arc::clone(&counted);
    connection.lock_handle().await.expect("the connection itself").set_progress_handler(COUNTED_AT_ONCE, move || {
        steps.fetch_add(COUNTED_AT_ONCE.unsigned_abs().into(), Ordering::Relaxed);
        true
    });
    let mut query = sqlx::query(sqlx::AssertSqlSafe(search.to_owned()));
    for mark in ["t", "i", "c"] {
        query = query.bind(format!("\"{mark}{word}\""));
    }
    query.bind(1_000_i64).bind(1_000_i64).bind(0_i64).fetch_all(&mut *connection).await.expect("a search");
    connection.lock_handle().await.expect("the connection itself").remove_progress_handler();
    counted.load(Ordering::Relaxed)
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn on_postgres_a_search_reads_few_more_texts_than_are_wanted() {
    /// Less than all texts, and more than are scanned for all fields together.
    const TEXTS_READ_MAX: u64 = 20_000;
    let database = PostgresDatabase::create().await;
    let recorded = Recorded::over(database.url()).await;
    Scene::set(&recorded).await.stored_incident().await;
    fill(&recorded).await;
    finds_the_newest(&recorded).await;
    lists_the_wanted_incidents(&recorded).await;

    recorded.store.writer().execute_unprepared("ANALYZE").await.expect("statistics");
    search(&recorded, "common", 0).await;
    let sent = recorded.read.take().concat();
    for word in ["common", "rare", "missing"] {
        let read = postgres_texts_read(&recorded, &sent, word).await;
        assert!(read <= TEXTS_READ_MAX, "{word}: {read}");
    }
    let without_bound = sent.replace("LIMIT 5000)", "LIMIT 500000)");
    let read = postgres_texts_read(&recorded, &without_bound, "missing").await;
    assert!(read > TEXTS_READ_MAX, "scanning all texts reads more: {read}");
    recorded.store.close().await;
}

/// Counts the texts, and entries of their index of words, that PostgreSQL reads for a search.
async fn postgres_texts_read(recorded: &Recorded, search: &str, word: &str) -> u64 {
    let mut explained = format!("EXPLAIN (ANALYZE, FORMAT JSON) {search}");
    for (number, mark) in (1..).zip(["t", "i", "c"]) {
        explained = explained.replace(&format!("${number}"), &format!("'''{mark}{word}'''"));
    }
    let explained = explained.replace("$4", "20").replace("$5", "20").replace("$6", "0");
    let explained = Statement::from_string(DbBackend::Postgres, explained);
    let plan = recorded.store.reader().query_one_raw(explained).await.expect("a plan").expect("a plan");
    texts_read(&plan.try_get_by("QUERY PLAN").expect("a plan in JSON"))
}

/// Counts the rows of the texts, and of their index of words, that the steps of a plan have read.
fn texts_read(plan: &Json) -> u64 {
    let number = |name: &str| plan.get(name).and_then(Json::as_f64).unwrap_or_default();
    let reads_texts = plan.get("Relation Name").and_then(Json::as_str) == Some("search_texts")
        || plan.get("Index Name").and_then(Json::as_str) == Some("search_texts_words");
    let rows = number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it counts rows")]
    let own = if reads_texts { (rows * number("Actual Loops")) as u64 } else { 0 };
    let inner = match plan {
        Json::Array(steps) => steps.iter().map(texts_read).sum(),
        Json::Object(parts) => ["Plan", "Plans"].iter().filter_map(|part| parts.get(*part)).map(texts_read).sum(),
        _ => 0,
    };
    own + inner
}
