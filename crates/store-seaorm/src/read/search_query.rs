//! How words are looked for.
//!
//! The newest texts are looked for first, and no more of them than are wanted: what that costs depends on how many
//! are wanted, and hardly on how many there are.

use incident_domain::{SEARCH_HITS_MAX, SearchText};
use sea_orm::{
    Condition, DbBackend, Statement,
    sea_query::{Expr, SimpleExpr},
};

use crate::row::search_text::Place;

/// How many texts a list looks for.
const LISTED_TEXTS_MAX: u32 = 10_000;

/// The places in which an incident's hit can be, the best one first: what is found in one of them is what the search
/// statement calls by its position in here.
const PLACES: [(Place, &str); 3] =
    [(Place::Title, "title"), (Place::Incident, "incident"), (Place::Comment, "comment")];

/// Incidents that have all the words, in themselves or in one comment: those of the newest texts that have them.
pub(super) fn found_by(backend: DbBackend, text: &SearchText) -> Condition {
    let (placeholder, or) = if backend == DbBackend::Postgres { ("$1", "|") } else { ("?", "OR") };
    let [own, comment] = [Place::Incident, Place::Comment].map(|place| expression(backend, place, text));
    let newest = newest_texts(backend, placeholder, LISTED_TEXTS_MAX, None);
    let is_found: SimpleExpr = Expr::cust_with_values(
        format!(r#""incidents"."id" IN (SELECT "incident_id" FROM ({newest}) AS "found")"#),
        [format!("({own}) {or} ({comment})")],
    );
    Condition::all().add(is_found)
}

/// The columns `incident_id`, `place` and `comment` of incidents that have all the words.
pub(super) fn search_statement(backend: DbBackend, text: &SearchText, offset: u32, limit: u32) -> Statement {
    const WANTED: &str = "$4";
    let mut common_tables = Vec::new();
    let mut better_places: Vec<String> = Vec::new();
    for (number, (_, name)) in (1..).zip(PLACES) {
        // Where the better places have as many as are wanted, nobody would see what is found in this one.
        let condition = (!better_places.is_empty()).then(|| better_places.join(" AND "));
        let newest = newest_texts(backend, &format!("${number}"), SEARCH_HITS_MAX, condition.as_deref());
        common_tables.push(format!(r#""{name}" AS MATERIALIZED ({newest})"#));
        better_places.push(format!(r#"(SELECT count(*) FROM "{name}") < {WANTED}"#));
    }
    let found = (0..)
        .zip(PLACES)
        .map(|(place, (_, name))| format!(r#"SELECT {place} AS "found_in", "incident_id", "sequence" FROM "{name}""#));
    let found: Vec<String> = found.collect();
    let sql = format!(
        r#"WITH {common_tables},
                "found" AS ({found}),
                "best" AS (SELECT "incident_id", min("found_in") AS "place", max("sequence") AS "last" FROM "found"
                           GROUP BY "incident_id" ORDER BY "place", "incident_id" DESC LIMIT $5 OFFSET $6)
           SELECT "best"."incident_id", "best"."place", "entry"."message" AS "comment"
           FROM "best" LEFT JOIN "timeline_entries" AS "entry"
               ON "best"."place" = 2 AND "entry"."incident_id" = "best"."incident_id"
                   AND "entry"."sequence" = "best"."last"
           ORDER BY "best"."place", "best"."incident_id" DESC"#,
        common_tables = common_tables.join(", "),
        found = found.join(" UNION ALL "),
    );
    let (offset, limit) = (i64::from(offset), i64::from(limit));
    let [title, incident, comment] = PLACES.map(|(place, _)| expression(backend, place, text).into());
    let values = [title, incident, comment, (offset + limit).into(), limit.into(), offset.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// The `id`, `incident_id` and `sequence` of the newest texts that an expression finds, if a condition holds.
fn newest_texts(backend: DbBackend, expression: &str, texts_max: u32, condition: Option<&str>) -> String {
    match backend {
        DbBackend::Postgres => newest_of_postgres(expression, texts_max, condition),
        _ => newest_of_sqlite(expression, texts_max, condition),
    }
}

/// The index is read from its end until there are enough.
fn newest_of_sqlite(expression: &str, texts_max: u32, condition: Option<&str>) -> String {
    let condition = condition.map(|condition| format!("{condition} AND ")).unwrap_or_default();
    // In a cross join SQLite keeps to this order.
    format!(
        r#"SELECT "text"."id", "text"."incident_id", "text"."sequence"
           FROM (SELECT "rowid" AS "id" FROM "search_index" WHERE {condition}"search_index" MATCH {expression}
                 ORDER BY "rowid" DESC LIMIT {texts_max}) AS "match"
           CROSS JOIN "search_texts" AS "text" ON "text"."id" = "match"."id""#
    )
}

/// The index has no order, and finds all texts before they are sorted. Words that are in very many texts are in many
/// of the newest ones: these are read first, and only if that is not enough, the index is asked.
///
/// PostgreSQL might come to this by itself when it knows how common each word is, but not when a word is common in
/// other years only, nor with a statement that it has prepared for any words. `+ 0` keeps it from reading all texts
/// in their order.
fn newest_of_postgres(expression: &str, texts_max: u32, condition: Option<&str>) -> String {
    const LOOKED_THROUGH_PER_TEXT: u32 = 5;
    let looked_through = texts_max * LOOKED_THROUGH_PER_TEXT;
    let condition = condition.map(|condition| format!("{condition} AND ")).unwrap_or_default();
    let has_words = format!(r#"{condition}"words" @@ CAST({expression} AS tsquery)"#);
    format!(
        r#"WITH "newest" AS MATERIALIZED (
               SELECT "id", "incident_id", "sequence"
               FROM (SELECT "id", "incident_id", "sequence", "words" FROM "search_texts"
                     ORDER BY "id" DESC LIMIT {looked_through}) AS "looked_through"
               WHERE {has_words} ORDER BY "id" DESC LIMIT {texts_max}
           )
           SELECT "id", "incident_id", "sequence" FROM "newest" WHERE (SELECT count(*) FROM "newest") >= {texts_max}
           UNION ALL
           (SELECT "id", "incident_id", "sequence" FROM "search_texts"
            WHERE (SELECT count(*) FROM "newest") < {texts_max} AND {has_words} ORDER BY "id" + 0 DESC LIMIT {texts_max})"#
    )
}

/// The words as the index of a place is asked for all of them.
fn expression(backend: DbBackend, place: Place, text: &SearchText) -> String {
    let terms = text.terms().iter().map(|term| {
        let word = place.marked(&term.word);
        match (backend, term.is_prefix) {
            (DbBackend::Postgres, true) => format!("'{word}':*"),
            (DbBackend::Postgres, false) => format!("'{word}'"),
            (_, true) => format!("\"{word}\"*"),
            (_, false) => format!("\"{word}\""),
        }
    });
    let and = if backend == DbBackend::Postgres { " & " } else { " AND " };
    terms.collect::<Vec<_>>().join(and)
}
