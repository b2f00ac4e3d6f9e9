//! `quickstart`: from nothing to a running server in one command.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use incident_domain::{Email, PersonName, ports::UserRepository};

use super::{
    say,
    user::{create_admin, credentials},
};
use crate::{Application, config::Layers, embedded::Embedded, telemetry, wiring::Adapters};

/// Whom the first start makes an administrator.
const ADMIN_EMAIL: &str = "admin@incident.local";

pub(super) async fn run(folder: &Path, flags: &Layers, port: Option<u16>) -> anyhow::Result<ExitCode> {
    let embedded = Embedded::open(folder).await?;
    let config = embedded.config(flags, |layers| {
        // Whoever tries it out reads about it first.
        let layers = layers.with_default("DEBUG", "true");
        match port {
            Some(port) => layers.with_flag("API_PORT", port.to_string()),
            None => layers,
        }
    })?;
    let telemetry = telemetry::start_with_traces(&config)?;
    // The port first: a second server on it should not get as far as making an administrator.
    let application = Application::build(&config)?;

    let adapters = Adapters::new(&config)?;
    let email = Email::parse(ADMIN_EMAIL)?;
    let found = adapters.store.find_by_emails(std::slice::from_ref(&email)).await;
    if found.context("cannot read the database")?.is_empty() {
        let password = create_admin(&adapters, email.clone(), PersonName::parse("Administrator")?).await?;
        say(&credentials(&email, &password))?;
    } else {
        say(&format!(
            "found the data in {}; sign in as {ADMIN_EMAIL} with the password shown at its first start\n\
             (lost it? incident-server user reset-password --config {} --email {ADMIN_EMAIL})",
            folder.display(),
            embedded.settings_file().display()
        ))?;
    }
    let url = application.url();
    say(&format!("listening on {url}"))?;
    say(&what_to_try(&url))?;
    let indexing = tokio::spawn(index_texts(adapters));
    let ended = application.run_until_stopped().await;
    indexing.abort();
    telemetry.stop().await;
    ended?;
    Ok(ExitCode::SUCCESS)
}

/// The folder may be of a release that could not search. That takes a look at all incidents, for which nobody has to wait:
/// whatever is interrupted goes on at the next start.
async fn index_texts(adapters: Adapters) {
    let indexed = adapters.store.index_texts(|_| {}).await;
    adapters.store.close().await;
    match indexed {
        Ok(0) => {}
        Ok(indexed) => tracing::info!(indexed, "incidents are found by their words now"),
        Err(error) => tracing::error!(error = %error, "cannot read the texts of the incidents"),
    }
}

fn what_to_try(url: &str) -> String {
    format!(
        "
Try it from a second terminal; PASSWORD is the one above:

  TOKEN=$(curl -s {url}/api/v1/auth/login -H 'Content-Type: application/json' \\
    -d '{{\"email\": \"{ADMIN_EMAIL}\", \"password\": \"PASSWORD\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')

  curl -s {url}/api/v1/incidents -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\
    -d '{{\"title\": \"checkout answers 500\", \"impact\": \"high\", \"urgency\": \"high\"}}'

The API is shown at {url}/api/docs, the README walks an incident through. Ctrl-C stops."
    )
}
