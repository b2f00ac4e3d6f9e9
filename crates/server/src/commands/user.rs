//! `user`: managing users from the command line.

use std::process::ExitCode;

use incident_domain::{Email, PersonName};
use incident_security::{SecretText, random_password};

use super::say;
use crate::{cli::User, config::Config, schema_health::require_current, wiring::Adapters};

pub(super) async fn run(config: &Config, command: User) -> anyhow::Result<ExitCode> {
    let User::CreateAdmin { email, name } = command;
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(config)?;
    let password = create_admin(&adapters, email.clone(), name).await;
    adapters.store.close().await;
    show(&email, &password?)
}

/// Makes an administrator with a password that nobody can see again.
pub async fn create_admin(adapters: &Adapters, email: Email, name: PersonName) -> anyhow::Result<SecretText> {
    let password = random_password()?;
    adapters.accounts().create_admin(email, name, password.expose().to_owned()).await?;
    Ok(password)
}

pub(super) fn show(email: &Email, password: &SecretText) -> anyhow::Result<ExitCode> {
    say(&format!("admin email: {email}\nadmin password: {}", password.expose()))
}
