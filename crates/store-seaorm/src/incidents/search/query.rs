//! Queries for words.
//!
//! The newest texts are found first, and no more of them than are wanted: the cost depends on how many are wanted, and
//! hardly on how many there are.

use async_trait::async_trait;
use incident_domain::{
    incidents::{FoundIn, IncidentId, SEARCH_HITS_MAX, SearchHit, SearchRepository, SearchScope, SearchText},
    kernel::{Note, StoreError},
};
use sea_orm::{
    Condition, ConnectionTrait as _, DbBackend, FromQueryResult, Statement,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use super::text::Field;
use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row, read_error},
    incidents::timeline_entry,
    record::ColumnReader,
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
        let comment = ColumnReader::of::<timeline_entry::Entity>().optional("message", self.comment, Note::stored)?;
        Ok(SearchHit { incident_id: IncidentId::new(self.incident_id), found_in, comment })
    }
}

/// How many of the newest texts of one field are found.
#[derive(Clone, Copy)]
struct Newest {
    texts_max: u32,
    /// How many of the newest texts PostgreSQL scans before it uses the index.
    scanned: u32,
}

const SEARCHED: Newest = Newest { texts_max: SEARCH_HITS_MAX, scanned: 5 * SEARCH_HITS_MAX };

const LISTED: Newest = Newest { texts_max: 10_000, scanned: 20_000 };

/// The fields in which words are searched, the best first.
const FIELDS: [(Field, &str); 3] =
    [(Field::Title, "title"), (Field::Incident, "incident"), (Field::Comment, "comment")];

/// The fields by which a list finds incidents.
const LISTED_FIELDS: [Field; 2] = [Field::Incident, Field::Comment];

/// Selects incidents that contain all the words, in themselves or in one comment.
pub(crate) fn found_by(backend: DbBackend, text: &SearchText, scope: SearchScope) -> Condition {
    Condition::all().add(match scope {
        SearchScope::Recent => among_newest(backend, text),
        SearchScope::All => among_all(backend, text),
    })
}

/// Selects the incidents of the newest texts that contain the words, by two placeholders that begin with this one.
fn newest_incidents(backend: DbBackend, placeholder: usize) -> String {
    let found = LISTED_FIELDS.into_iter().zip(placeholder..).map(|(field, number)| {
        let newest = newest_texts(backend, field, &numbered(backend, number), LISTED, None);
        format!(r#"SELECT "incident_id" FROM ({newest}) AS "newest""#)
    });
    found.collect::<Vec<_>>().join(" UNION ALL ")
}

fn numbered(backend: DbBackend, placeholder: usize) -> String {
    if backend == DbBackend::Postgres { format!("${placeholder}") } else { "?".to_owned() }
}

fn among_newest(backend: DbBackend, text: &SearchText) -> SimpleExpr {
    let found = newest_incidents(backend, 1);
    let words = LISTED_FIELDS.map(|field| expression(backend, field, text));
    // PostgreSQL expects an array to be short, and looks up its incidents. For a subquery it would expect many, and read
    // the incidents in the order of the list until there are enough: for a rare word, all of them.
    let among =
        if backend == DbBackend::Postgres { format!("= ANY (ARRAY({found}))") } else { format!("IN ({found})") };
    Expr::cust_with_values(format!(r#""incidents"."id" {among}"#), words)
}

/// Selects an incident if it has one of the newest texts, or, if there are more texts, one with the words. So few
/// incidents are checked in vain, whether the words are rare or common.
fn among_all(backend: DbBackend, text: &SearchText) -> SimpleExpr {
    let [found, counted] = [1, 3].map(|placeholder| newest_incidents(backend, placeholder));
    let (texts_max, words) = (LISTED.texts_max, numbered(backend, 5));
    let own = match backend {
        // The offset makes PostgreSQL check each incident by itself; otherwise it might read all texts for each page.
        DbBackend::Postgres => format!(
            r#"SELECT 1 FROM "search_texts" AS "own" WHERE "own"."incident_id" = "incidents"."id"
               AND "own"."words" @@ CAST({words} AS tsquery) OFFSET 0"#
        ),
        _ => format!(
            r#"SELECT 1 FROM "search_texts" AS "own" CROSS JOIN "search_index"
               WHERE "own"."incident_id" = "incidents"."id" AND "search_index"."rowid" = "own"."id"
               AND "search_index" MATCH {words}"#
        ),
    };
    let [incident, comment] = LISTED_FIELDS.map(|field| expression(backend, field, text));
    let or = if backend == DbBackend::Postgres { "|" } else { "OR" };
    let either = format!("({incident}) {or} ({comment})");
    let is_found = format!(
        r#"("incidents"."id" IN ({found})
            OR ((SELECT count(*) FROM ({counted}) AS "counted") >= {texts_max} AND EXISTS ({own})))"#
    );
    Expr::cust_with_values(is_found, [&incident, &comment, &incident, &comment, &either].map(String::as_str))
}

/// Selects the columns `incident_id`, `found_in` and `comment` of incidents that contain all the words.
fn search_statement(backend: DbBackend, text: &SearchText, offset: u32, limit: u32) -> Statement {
    const WANTED: &str = "$4";
    let mut common_tables = Vec::new();
    let mut better_fields: Vec<String> = Vec::new();
    for (number, (field, name)) in (1..).zip(FIELDS) {
        // If the better fields have as many as are wanted, this one is not needed.
        let condition = (!better_fields.is_empty()).then(|| better_fields.join(" AND "));
        let newest = newest_texts(backend, field, &format!("${number}"), SEARCHED, condition.as_deref());
        common_tables.push(format!(r#""{name}" AS MATERIALIZED ({newest})"#));
        better_fields.push(format!(r#"(SELECT count(*) FROM "{name}") < {WANTED}"#));
    }
    let found = (0..)
        .zip(FIELDS)
        .map(|(rank, (_, name))| format!(r#"SELECT {rank} AS "rank", "incident_id", "sequence" FROM "{name}""#));
    let found: Vec<String> = found.collect();
    let sql = format!(
        r#"WITH {common_tables},
                "found" AS ({found}),
                "best" AS (SELECT "incident_id", min("rank") AS "found_in", max("sequence") AS "last" FROM "found"
                           GROUP BY "incident_id" ORDER BY "found_in", "incident_id" DESC LIMIT $5 OFFSET $6)
           SELECT "best"."incident_id", "best"."found_in", "entry"."message" AS "comment"
           FROM "best" LEFT JOIN "timeline_entries" AS "entry"
               ON "best"."found_in" = 2 AND "entry"."incident_id" = "best"."incident_id"
                   AND "entry"."sequence" = "best"."last"
           ORDER BY "best"."found_in", "best"."incident_id" DESC"#,
        common_tables = common_tables.join(", "),
        found = found.join(" UNION ALL "),
    );
    let (offset, limit) = (i64::from(offset), i64::from(limit));
    let [title, incident, comment] = FIELDS.map(|(field, _)| expression(backend, field, text).into());
    let values = [title, incident, comment, (offset + limit).into(), limit.into(), offset.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// Selects the `id`, `incident_id` and `sequence` of the newest texts that an expression finds, if a condition holds.
fn newest_texts(backend: DbBackend, field: Field, words: &str, newest: Newest, condition: Option<&str>) -> String {
    match backend {
        DbBackend::Postgres => newest_of_postgres(field, words, newest, condition),
        _ => newest_of_sqlite(words, newest, condition),
    }
}

/// Reads the index from its end until there are enough texts. As a filter, the condition would be checked for every text
/// with the words, so that it decides how many are enough.
fn newest_of_sqlite(words: &str, Newest { texts_max, .. }: Newest, condition: Option<&str>) -> String {
    let enough = match condition {
        Some(condition) => format!("CASE WHEN {condition} THEN {texts_max} ELSE 0 END"),
        None => texts_max.to_string(),
    };
    // SQLite keeps the order of a cross join.
    format!(
        r#"SELECT "text"."id", "text"."incident_id", "text"."sequence"
           FROM (SELECT "rowid" AS "id" FROM "search_index" WHERE "search_index" MATCH {words}
                 ORDER BY "rowid" DESC LIMIT {enough}) AS "match"
           CROSS JOIN "search_texts" AS "text" ON "text"."id" = "match"."id""#
    )
}

/// Scans the newest texts, and uses the index if they are not enough. The index has no order: it finds all texts before
/// the newest are chosen. But words of very many texts are in many of the newest ones.
///
/// PostgreSQL may choose this plan itself if it knows how common each word is, but not if a word was common in other
/// years only, nor for a statement that it has prepared for any words. `+ 0` prevents it from reading all texts in their
/// order.
fn newest_of_postgres(field: Field, words: &str, newest: Newest, condition: Option<&str>) -> String {
    let condition = condition.map(|condition| format!("{condition} AND ")).unwrap_or_default();
    let Newest { texts_max, scanned } = newest;
    let texts = match field {
        Field::Title | Field::Incident => r#"WHERE "sequence" = 0"#,
        Field::Comment => "",
    };
    let has_words = format!(r#"{condition}"words" @@ CAST({words} AS tsquery)"#);
    format!(
        r#"WITH "newest" AS MATERIALIZED (
               SELECT "id", "incident_id", "sequence"
               FROM (SELECT "id", "incident_id", "sequence", "words" FROM "search_texts" {texts}
                     ORDER BY "id" DESC LIMIT {scanned}) AS "scanned"
               WHERE {has_words} ORDER BY "id" DESC LIMIT {texts_max}
           )
           SELECT "id", "incident_id", "sequence" FROM "newest" WHERE (SELECT count(*) FROM "newest") >= {texts_max}
           UNION ALL
           (SELECT "id", "incident_id", "sequence" FROM "search_texts"
            WHERE (SELECT count(*) FROM "newest") < {texts_max} AND {has_words} ORDER BY "id" + 0 DESC LIMIT {texts_max})"#
    )
}

/// Writes the words as the index is asked for enough of them in a field: they consist of letters, digits and their marks,
/// none of which has a meaning there.
fn expression(backend: DbBackend, field: Field, text: &SearchText) -> String {
    let terms = text.terms().iter().map(|term| {
        let word = field.marked(&term.word);
        match (backend, term.is_prefix) {
            (DbBackend::Postgres, true) => format!("'{word}':*"),
            (DbBackend::Postgres, false) => format!("'{word}'"),
            (_, true) => format!("\"{word}\"*"),
            (_, false) => format!("\"{word}\""),
        }
    });
    let operators = if backend == DbBackend::Postgres {
        Operators { and: " & ", or: " | " }
    } else {
        Operators { and: " AND ", or: " OR " }
    };
    at_least(text.required(), &terms.collect::<Vec<_>>(), operators)
}

#[derive(Clone, Copy)]
struct Operators {
    and: &'static str,
    or: &'static str,
}

/// Writes that at least so many of the terms match, from 1 to all. Neither index counts matches, so that the terms are
/// halved again and again: six of ten terms are an expression of about a hundred, and not of the 1,260 in all sixes.
fn at_least(required: usize, terms: &[String], operators: Operators) -> String {
    if required == terms.len() {
        return terms.join(operators.and);
    }
    if required == 1 {
        return terms.join(operators.or);
    }
    let (left, right) = terms.split_at(terms.len() / 2);
    let fewest_left = required.saturating_sub(right.len());
    let ways = (fewest_left..=required.min(left.len())).map(|of_left| {
        let halves = [(of_left, left), (required - of_left, right)].into_iter().filter(|(required, _)| *required > 0);
        let halves = halves.map(|(required, terms)| format!("({})", at_least(required, terms, operators)));
        format!("({})", halves.collect::<Vec<_>>().join(operators.and))
    });
    ways.collect::<Vec<_>>().join(operators.or)
}
