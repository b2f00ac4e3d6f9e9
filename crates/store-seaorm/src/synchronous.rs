//! How hard SQLite makes sure that a commit outlives a power cut: <https://www.sqlite.org/pragma.html#pragma_synchronous>

use sea_orm::sqlx::sqlite::SqliteSynchronous;

/// What a URL says of it, and the rest of the URL: the driver knows no such parameter. Nothing, if it says what cannot
/// be.
pub(crate) fn taken_out_of(url: &str) -> Option<(String, SqliteSynchronous)> {
    let Some((file, parameters)) = url.split_once('?') else {
        return Some((url.to_owned(), SqliteSynchronous::Full));
    };
    let is_ours = |parameter: &&str| parameter.split('=').next() == Some("synchronous");
    let (ours, others): (Vec<&str>, Vec<&str>) = parameters.split('&').partition(is_ours);
    let synchronous = match ours.as_slice() {
        [] | ["synchronous=full"] => SqliteSynchronous::Full,
        ["synchronous=normal"] => SqliteSynchronous::Normal,
        _ => return None,
    };
    Some((format!("{file}?{}", others.join("&")), synchronous))
}
