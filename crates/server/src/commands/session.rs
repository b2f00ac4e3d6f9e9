//! `session`: managing sessions from the command line.

use std::process::ExitCode;

use super::say;
use crate::{cli::Session, config::Config, schema_health::require_current, wiring::Adapters};

pub(super) async fn run(config: &Config, command: Session) -> anyhow::Result<ExitCode> {
    let Session::RevokeAll { email } = command;
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(config)?;
    let revoked = adapters.accounts().revoke_sessions(email.as_ref()).await;
    adapters.store.close().await;
    revoked?;
    match email {
        Some(email) => say(&format!("every session of {email} has ended")),
        None => say("every session has ended"),
    }
}
