//! The arguments that rows share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    /// A file in a temporary folder.
    Sqlite,
    /// A new database on the server that `BENCH_POSTGRES_URL` names.
    Postgres,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TestBedOptions {
    /// The database to use
    #[arg(long, value_enum, default_value_t = StoreKind::Sqlite)]
    pub(crate) store: StoreKind,
    /// The PostgreSQL server, with a user who may create databases
    #[arg(long, value_name = "URL", env = "BENCH_POSTGRES_URL", hide_env_values = true)]
    pub(super) postgres_url: Option<String>,
    /// Parent of the temporary folder that contains the SQLite file [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// Overrides a setting of the server, such as API_WORKERS=1; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub(super) settings: Vec<(String, String)>,
}

/// For rows that may run several servers.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ProcessOptions {
    /// Number of server processes that share the database
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) processes: u8,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_name_and_a_value() {
        assert_eq!(setting("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(setting("A").is_err());
    }
}
