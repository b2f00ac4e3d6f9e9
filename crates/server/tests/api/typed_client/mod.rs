//! The client library on a real server.

mod daily;
mod jobs;
mod lifecycle;
mod lost_answers;
mod names;
mod renewal;

use incident_client::{Client, NewApiToken, NewIncident, Role};

use crate::support::Person;

/// Returns the person's client of the library.
pub(crate) async fn typed(url: &str, person: &Person) -> Client {
    let client = Client::builder(url).build().expect("a client");
    client.sign_in(&person.email, person.password.as_str()).await.expect("signed in")
}

/// Returns a client with a manager's API token, behind a proxy that loses responses.
async fn machine_behind(proxy_url: &str, direct: &Client) -> incident_client::ClientBuilder {
    let new = NewApiToken { name: "nightly import".to_owned(), role: Role::Manager, expires_in_days: None };
    let created = direct.api_tokens().create(&new).await.expect("an API token");
    Client::builder(proxy_url).api_token(created.token)
}

async fn open(client: &Client, title: &str) -> incident_client::Incident {
    client.incidents().open(&NewIncident::titled(title)).await.expect("it is open")
}
