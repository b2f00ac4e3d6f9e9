//! How words are looked for.
//!
//! The newest texts are looked for first, and no more of them than are wanted: what that costs depends on how many
//! are wanted, and hardly on how many there are.

use incident_domain::{SEARCH_HITS_MAX, SearchText, SearchScope};
use sea_orm::{
    Condition, DbBackend, Statement,
    sea_query::{Expr, SimpleExpr},
};

use crate::row::search_text::Place;

/// The newest texts that are looked for in one place.
#[derive(Clone, Copy)]
struct Newest {
    /// At most so many.
    texts_max: u32,
    /// How many of the newest texts PostgreSQL looks through before it asks the index.
    looked_through: u32,
}

const SEARCHED: Newest = Newest { texts_max: SEARCH_HITS_MAX, looked_through: 5 * SEARCH_HITS_MAX };

const LISTED: Newest = Newest { texts_max: 10_000, looked_through: 20_000 };

/// Where words are looked for, the best place first.
const PLACES: [(Place, &str); 3] =
    [(Place::Title, "title"), (Place::Incident, "incident"), (Place::Comment, "comment")];

/// What the texts of an incident have that it is listed by: those of itself, and of each comment.
const LISTED_PLACES: [Place; 2] = [Place::Incident, Place::Comment];

/// Incidents that have all the words, in themselves or in one comment.
pub(super) fn found_by(backend: DbBackend, text: &SearchText, reach: SearchScope) -> Condition {
    Condition::all().add(match reach {
        SearchScope::Recent => among_newest(backend, text),
        SearchScope::All => among_all(backend, text),
    })
}

/// The incidents of the newest texts that have the words. Two placeholders are for them, from this one on.
fn newest_incidents(backend: DbBackend, placeholder: usize) -> String {
    let found = LISTED_PLACES.into_iter().zip(placeholder..).map(|(place, number)| {
        let newest = newest_texts(backend, place, &numbered(backend, number), LISTED, None);
        format!(r#"SELECT "incident_id" FROM ({newest}) AS "newest""#)
    });
    found.collect::<Vec<_>>().join(" UNION ALL ")
}

fn numbered(backend: DbBackend, placeholder: usize) -> String {
    if backend == DbBackend::Postgres { format!("${placeholder}") } else { "?".to_owned() }
}

fn among_newest(backend: DbBackend, text: &SearchText) -> SimpleExpr {
    let found = newest_incidents(backend, 1);
    let words = LISTED_PLACES.map(|place| expression(backend, place, text));
    // PostgreSQL takes an array for a short one, and looks its incidents up whatever the order of the list. Of a query
    // it expects as many as it may find, and reads the incidents in that order until there are enough: of a rare word,
    // all of them.
    let among =
        if backend == DbBackend::Postgres { format!("= ANY (ARRAY({found}))") } else { format!("IN ({found})") };
    Expr::cust_with_values(format!(r#""incidents"."id" {among}"#), words)
}

/// Whether an incident is of the newest texts; and if there are more, whether one of its own has the words. So few
/// incidents are looked at in vain, whether the words are rare or common.
fn among_all(backend: DbBackend, text: &SearchText) -> SimpleExpr {
    let [found, counted] = [1, 3].map(|placeholder| newest_incidents(backend, placeholder));
    let (texts_max, words) = (LISTED.texts_max, numbered(backend, 5));
    let own = match backend {
        // It is asked of each incident by itself: without the offset, PostgreSQL might read all texts for each page.
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
    let [incident, comment] = LISTED_PLACES.map(|place| expression(backend, place, text));
    let or = if backend == DbBackend::Postgres { "|" } else { "OR" };
    let either = format!("({incident}) {or} ({comment})");
    let is_found = format!(
        r#"("incidents"."id" IN ({found})
            OR ((SELECT count(*) FROM ({counted}) AS "counted") >= {texts_max} AND EXISTS ({own})))"#
    );
    Expr::cust_with_values(is_found, [&incident, &comment, &incident, &comment, &either].map(String::as_str))
}

/// The columns `incident_id`, `place` and `comment` of incidents that have all the words.
pub(super) fn search_statement(backend: DbBackend, text: &SearchText, offset: u32, limit: u32) -> Statement {
    const WANTED: &str = "$4";
    let mut common_tables = Vec::new();
    let mut better_places: Vec<String> = Vec::new();
    for (number, (place, name)) in (1..).zip(PLACES) {
        // Where the better places have as many as are wanted, nobody would see what is found in this one.
        let condition = (!better_places.is_empty()).then(|| better_places.join(" AND "));
        let newest = newest_texts(backend, place, &format!("${number}"), SEARCHED, condition.as_deref());
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
fn newest_texts(backend: DbBackend, place: Place, words: &str, newest: Newest, condition: Option<&str>) -> String {
    match backend {
        DbBackend::Postgres => newest_of_postgres(place, words, newest, condition),
        _ => newest_of_sqlite(words, newest, condition),
    }
}

/// The index is read from its end until there are enough. A condition beside the words would be looked at for each
/// text that has them, until the last: here it says how many are enough.
fn newest_of_sqlite(words: &str, Newest { texts_max, .. }: Newest, condition: Option<&str>) -> String {
    let enough = match condition {
        Some(condition) => format!("CASE WHEN {condition} THEN {texts_max} ELSE 0 END"),
        None => texts_max.to_string(),
    };
    // In a cross join SQLite keeps to this order.
    format!(
        r#"SELECT "text"."id", "text"."incident_id", "text"."sequence"
           FROM (SELECT "rowid" AS "id" FROM "search_index" WHERE "search_index" MATCH {words}
                 ORDER BY "rowid" DESC LIMIT {enough}) AS "match"
           CROSS JOIN "search_texts" AS "text" ON "text"."id" = "match"."id""#
    )
}

/// The index has no order: all texts are found before the newest are picked. But words that are in very many texts are
/// in many of the newest ones. So these are looked through first, and the index is asked if they are not enough.
///
/// PostgreSQL might come to this by itself when it knows how common each word is, but not when a word was common in
/// other years only, nor with a statement that it has prepared for any words. `+ 0` keeps it from reading all texts
/// in their order.
fn newest_of_postgres(place: Place, words: &str, newest: Newest, condition: Option<&str>) -> String {
    let condition = condition.map(|condition| format!("{condition} AND ")).unwrap_or_default();
    let Newest { texts_max, looked_through } = newest;
    let texts = match place {
        Place::Title | Place::Incident => r#"WHERE "sequence" = 0"#,
        Place::Comment => "",
    };
    let has_words = format!(r#"{condition}"words" @@ CAST({words} AS tsquery)"#);
    format!(
        r#"WITH "newest" AS MATERIALIZED (
               SELECT "id", "incident_id", "sequence"
               FROM (SELECT "id", "incident_id", "sequence", "words" FROM "search_texts" {texts}
                     ORDER BY "id" DESC LIMIT {looked_through}) AS "looked_through"
               WHERE {has_words} ORDER BY "id" DESC LIMIT {texts_max}
           )
           SELECT "id", "incident_id", "sequence" FROM "newest" WHERE (SELECT count(*) FROM "newest") >= {texts_max}
           UNION ALL
           (SELECT "id", "incident_id", "sequence" FROM "search_texts"
            WHERE (SELECT count(*) FROM "newest") < {texts_max} AND {has_words} ORDER BY "id" + 0 DESC LIMIT {texts_max})"#
    )
}

/// The words as the index of a place is asked for all of them: they consist of letters and digits, so that nothing in
/// them means anything else.
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
