//! `quickstart`: creates an embedded database and an administrator, and serves.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use incident_domain::{
    identity::{Email, UserRepository},
    kernel::PersonName,
};

use super::{
    output::print,
    user::{create_admin, credentials},
};
use crate::{
    config::Layers, embedded_database::EmbeddedDatabase, open_permissions::warn_of_open_files, server::Application,
    telemetry, wiring::Adapters,
};

/// The email address of the administrator that the first start creates.
const ADMIN_EMAIL: &str = "admin@incident.local";

pub(super) async fn run(folder: &Path, flags: &Layers, port: Option<u16>) -> anyhow::Result<ExitCode> {
    let embedded = EmbeddedDatabase::create_or_open(folder).await?;
    let config = embedded.config(flags, |layers| {
        let layers = layers.with_default("DEBUG", "true");
        match port {
            Some(port) => layers.with_flag("API_PORT", port.to_string()),
            None => layers,
        }
    })?;
    let telemetry = telemetry::start_with_traces(&config)?;
    warn_of_open_files(&embedded.layers()?, &config);
    // Before the administrator is created: a second server on the same port must fail first.
    let application = Application::build(&config)?;
    application.refuse_other_key().await?;

    let adapters = Adapters::new(&config)?;
    let email = Email::parse(ADMIN_EMAIL)?;
    let found = adapters.store.find_by_emails(std::slice::from_ref(&email)).await;
    if found.context("cannot read the database")?.is_empty() {
        let password = create_admin(&adapters, email.clone(), PersonName::parse("Administrator")?).await?;
        print(&credentials(&email, &password))?;
    } else {
        print(&format!(
            "found the data in {}; sign in as {ADMIN_EMAIL} with the password shown at its first start\n\
             (lost it? incident-server user reset-password --config {} --email {ADMIN_EMAIL})",
            folder.display(),
            embedded.settings_file().display()
        ))?;
    }
    let url = application.url();
    print(&format!("listening on {url}"))?;
    print(&first_steps(&url))?;
    let indexing = tokio::spawn(index_texts(adapters));
    let ended = application.run_until_stopped().await;
    indexing.abort();
    telemetry.stop().await;
    ended?;
    Ok(ExitCode::SUCCESS)
}

/// Adds incidents to the search index that a release without search stored. It runs while the server serves, because it
/// reads all incidents; if it is interrupted, it continues at the next start.
async fn index_texts(adapters: Adapters) {
    let indexed = adapters.store.index_texts(|_| {}).await;
    adapters.store.close().await;
    match indexed {
        Ok(0) => {}
        Ok(indexed) => tracing::info!(indexed, "added incidents to the search index"),
        Err(error) => tracing::error!(error = %error, "cannot add incidents to the search index"),
    }
}

fn first_steps(url: &str) -> String {
    format!(
        "
Try it from a second terminal; PASSWORD is the one above:

  TOKEN=$(curl -s {url}/api/v1/auth/login -H 'Content-Type: application/json' \\
    -d '{{\"email\": \"{ADMIN_EMAIL}\", \"password\": \"PASSWORD\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')

  curl -s {url}/api/v1/incidents -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\
    -d '{{\"title\": \"checkout answers 500\", \"impact\": \"high\", \"urgency\": \"high\"}}'

{url}/api/docs shows the API; the README goes through the life of an incident. Ctrl-C stops the server."
    )
}
