//! `user`: manages users from the command line.

use std::process::ExitCode;

use incident_application::identity::ApiTokens;
use incident_domain::{
    identity::{Email, Password},
    kernel::PersonName,
};
use incident_security::random_password;
use secrecy::{ExposeSecret, SecretString};

use super::{database::with_adapters, output::print};
use crate::{cli::User, config::Config, wiring::Adapters};

pub(super) async fn run(config: &Config, command: User) -> anyhow::Result<ExitCode> {
    print(&with_adapters(config, async |adapters| execute(adapters, command).await).await?)
}

async fn execute(adapters: &Adapters, command: User) -> anyhow::Result<String> {
    match command {
        User::CreateAdmin { email, name } => {
            let password = create_admin(adapters, email.clone(), name).await?;
            Ok(credentials(&email, &password))
        }
        User::ResetPassword { email, keep_api_tokens, revoke_api_tokens: _ } => {
            let api_tokens = if keep_api_tokens { ApiTokens::Keep } else { ApiTokens::Revoke };
            let password = random_password()?;
            let new = Password::parse(password.expose_secret())?;
            adapters.accounts().reset_password(&email, new, api_tokens).await?;
            Ok(format!("email: {email}\npassword: {}", password.expose_secret()))
        }
        User::Deactivate { email } => {
            adapters.accounts().deactivate(&email).await?;
            Ok(format!("{email} is inactive, and their sessions and API tokens have ended"))
        }
    }
}

/// Creates an administrator, and returns the generated password. The store keeps only its hash.
pub async fn create_admin(adapters: &Adapters, email: Email, name: PersonName) -> anyhow::Result<SecretString> {
    let password = random_password()?;
    adapters.accounts().create_admin(email, name, Password::parse(password.expose_secret())?).await?;
    Ok(password)
}

/// Returns the lines that show a new administrator's email address and password.
pub(super) fn credentials(email: &Email, password: &SecretString) -> String {
    format!("admin email: {email}\nadmin password: {}", password.expose_secret())
}
