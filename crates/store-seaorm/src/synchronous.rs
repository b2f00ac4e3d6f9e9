//! Whether a commit of SQLite survives a power failure: <https://www.sqlite.org/pragma.html#pragma_synchronous>

use sea_orm::sqlx::sqlite::SqliteSynchronous;

/// Splits the parameter `synchronous` off a URL, because the driver does not know it. Returns `None` if the value is not
/// supported.
pub(crate) fn split_off(url: &str) -> Option<(String, SqliteSynchronous)> {
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
