//! `session`: manages sessions from the command line.

use std::process::ExitCode;

use super::print;
use crate::{cli::Session, config::Config, schema_health::require_current, wiring::Adapters};

pub(super) async fn run(config: &Config, command: Session) -> anyhow::Result<ExitCode> {
    let Session::RevokeAll { email } = command;
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(config)?;
    let revoked = adapters.accounts().revoke_sessions(email.as_ref()).await;
    adapters.store.close().await;
    revoked?;
    match email {
        Some(email) => print(&format!("every session of {email} has ended")),
        None => print("every session has ended"),
    }
}
