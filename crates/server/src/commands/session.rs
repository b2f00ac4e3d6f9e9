//! `session`: manages sessions from the command line.

use std::process::ExitCode;

use super::{database::with_adapters, output::print};
use crate::{cli::Session, config::Config};

pub(super) async fn run(config: &Config, command: Session) -> anyhow::Result<ExitCode> {
    let Session::RevokeAll { email } = command;
    with_adapters(config, async |adapters| Ok(adapters.accounts().revoke_sessions(email.as_ref()).await?)).await?;
    match email {
        Some(email) => print(&format!("every session of {email} has ended")),
        None => print("every session has ended"),
    }
}
