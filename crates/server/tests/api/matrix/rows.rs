//! The rows of the authorisation matrix: a body for each operation, and the role that it needs if that is higher than the
//! registered one.

use incident_domain::{
    identity::Role,
    kernel::{Job, JobId, JobKind},
    write::{ChangeSet, Store},
};
use incident_server::Adapters;
use serde_json::{Value, json};

use super::{Caller, Whose, documented, owner};
use crate::support::{Client, Person, TestServer, config, new_email, new_password};

#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    /// The role that the body or the incident's status needs, if that is not the registered one.
    pub(super) needs: Option<Role>,
    /// A body with which the operation succeeds for allowed callers; `null` for none.
    pub(super) body: Body,
    /// The statuses that the incident goes through before.
    incident: &'static [&'static str],
}

/// The body of a call.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// Made of the records of the call.
    Of(fn(&Fixtures) -> Value),
    /// The example of the document for this method and path.
    Example(&'static str, &'static str),
}

impl Row {
    pub(super) const fn new(operation: &'static str, body: Body) -> Self {
        Self { operation, needs: None, body, incident: &[] }
    }

    pub(crate) fn body(&self, fixtures: &Fixtures) -> Value {
        match self.body {
            Body::Of(body) => body(fixtures),
            Body::Example(method, path) => documented::example(method, path),
        }
    }
}

const fn row(operation: &'static str, body: fn(&Fixtures) -> Value) -> Row {
    Row::new(operation, Body::Of(body))
}

/// A row with a body that needs a manager.
const fn by_manager(operation: &'static str, body: fn(&Fixtures) -> Value) -> Row {
    Row { needs: Some(Role::Manager), ..row(operation, body) }
}

fn nothing(_: &Fixtures) -> Value {
    Value::Null
}

pub(crate) const ROWS: &[Row] = &[
    row("health_live", nothing),
    row("health_ready", nothing),
    row("health_db", nothing),
    row("metrics", nothing),
    row("login", |fixtures| {
        let owner = fixtures.owner();
        json!({"email": owner.email, "password": owner.password})
    }),
    row("refresh", |fixtures| json!({"refresh_token": fixtures.owner().refresh_token})),
    row("logout", nothing),
    row(
        "change_password",
        |fixtures| json!({"current_password": fixtures.own_password, "new_password": new_password()}),
    ),
    row("list_my_sessions", nothing),
    row("end_my_sessions", nothing),
    row("end_my_session", nothing),
    row("list_my_api_tokens", nothing),
    row("create_api_token", |_| json!({"name": "t", "role": "viewer"})),
    row("revoke_my_api_token", nothing),
    row("get_me", nothing),
    row("patch_me", |_| json!({"name": "Augusta"})),
    row("list_users", nothing),
    row("create_user", |_| json!({"email": new_email(), "name": "Grace", "role": "admin", "password": new_password()})),
    row("get_user", nothing),
    row("patch_user", |_| json!({"name": "Augusta", "role": "viewer", "is_active": false})),
    row("delete_user", nothing),
    row("list_user_sessions", nothing),
    row("end_user_sessions", nothing),
    row("end_user_session", nothing),
    row("list_user_api_tokens", nothing),
    row("revoke_user_api_token", nothing),
    row("list_incidents", nothing),
    row("get_incident", nothing),
    row("list_incident_logs", nothing),
    row("open_incident", |_| json!({"title": "t"})),
    by_manager("open_incident", |fixtures| json!({"title": "t", "assigned_to": fixtures.other_user})),
    row("patch_incident", |_| json!({"title": "another"})),
    row("patch_incident", |_| json!({"status": "investigating"})),
    by_manager("patch_incident", |fixtures| json!({"assigned_to": fixtures.other_user})),
    Row { incident: &["investigating", "resolved"], ..by_manager("patch_incident", |_| json!({"status": "closed"})) },
    Row {
        incident: &["investigating", "resolved", "closed"],
        ..by_manager("patch_incident", |_| json!({"status": "investigating", "reason": "it is back"}))
    },
    row("comment_incident", |_| json!({"message": "a comment"})),
    row("delete_incident", nothing),
    row("verify_incident_logs", nothing),
    row("change_incidents", |fixtures| json!({"incidents": [fixtures.incident_id], "status": "investigating"})),
    row("export_incidents", nothing),
    row("search_incidents", nothing),
    row("incident_statistics", nothing),
    row("list_tasks", nothing),
    row("create_task", |_| json!({"title": "t"})),
    by_manager("create_task", |fixtures| json!({"title": "t", "assigned_to": fixtures.other_user})),
    row("get_task", nothing),
    row("change_task", |_| json!({"title": "another", "status": "in_progress"})),
    by_manager("change_task", |fixtures| json!({"assigned_to": fixtures.other_user})),
    row("delete_task", nothing),
    row("list_incident_tasks", nothing),
    row("create_incident_task", |_| json!({"title": "t"})),
    row("list_categories", nothing),
    row("create_category", |_| json!({"name": new_email()})),
    row("get_category", nothing),
    row("change_category", |_| json!({"name": new_email()})),
    row("delete_category", nothing),
    row("list_views", nothing),
    row("create_view", |_| json!({"name": new_email(), "list": "tasks", "filter": {"status": "todo"}})),
    row("get_view", nothing),
    row("change_view", |_| json!({"filter": {"priority": "high"}})),
    row("delete_view", nothing),
    row("list_actions", nothing),
    row("list_events", nothing),
    row("list_jobs", nothing),
    row("get_job", nothing),
    row("run_job_again", nothing),
];

/// The records that a call needs, created for each call.
pub(crate) struct Fixtures {
    owner: Option<Person>,
    own_password: String,
    /// An active user other than the caller, to assign something to.
    other_user: String,
    token_id: Option<String>,
    incident_id: Option<String>,
    /// The other record that the path names.
    other_id: Option<String>,
}

impl Fixtures {
    pub(crate) async fn make(server: &TestServer, row: &Row, path: &str, caller: &Caller, whose: Whose) -> Self {
        let needs = |part: &str| path.contains(part);
        let needs_owner = ["/users/{id}", "{session_id}", "{token_id}"].into_iter().any(needs);
        let owner = if needs_owner || ["login", "refresh"].contains(&row.operation) {
            Some(owner(server, caller, whose).await)
        } else {
            None
        };
        let token_id = match &owner {
            Some(owner) if needs("{token_id}") => Some(owner.api_token("viewer").await.1),
            _ => None,
        };
        let needs_incident = needs("/incidents/{id}") || row.operation == "change_incidents";
        let incident_id = if needs_incident { Some(incident(server, row.incident).await) } else { None };
        let root = server.root().await;
        let other_id = match path {
            "/api/v1/tasks/{id}" => Some(made(root, "/api/v1/tasks", json!({"title": "t"})).await),
            "/api/v1/categories/{id}" => Some(made(root, "/api/v1/categories", json!({"name": new_email()})).await),
            path if path.starts_with("/api/v1/jobs/{id}") => Some(job(server).await),
            // Unauthenticated callers have no view.
            "/api/v1/users/me/views/{id}" if !caller.is_authenticated => Some(UNKNOWN_ID.to_owned()),
            "/api/v1/users/me/views/{id}" => {
                let new = json!({"name": new_email(), "list": "tasks", "filter": {}});
                Some(made(&caller.client, "/api/v1/users/me/views", new).await)
            }
            path if documented::is_record(path) => {
                let record = documented::record(root, path).await;
                Some(record["id"].as_str().expect("an id").to_owned())
            }
            _ => None,
        };
        let own_password = caller.person.as_ref().map_or_else(new_password, |person| person.password.clone());
        let other_user = root.get("/api/v1/users/me").await.text_of("id");
        Self { owner, own_password, other_user, token_id, incident_id, other_id }
    }

    fn owner(&self) -> &Person {
        self.owner.as_ref().expect("an owner was created")
    }

    /// Returns the path with the ids of the records.
    pub(crate) fn fill_in(&self, path: &str) -> String {
        let mut path = path.to_owned();
        if let Some(id) = self.incident_id.as_ref().or(self.other_id.as_ref()) {
            path = path.replace("{id}", id);
        }
        if let Some(owner) = &self.owner {
            path = path.replace("{id}", &owner.id).replace("{session_id}", &owner.session_id);
        }
        if let Some(token) = &self.token_id {
            path = path.replace("{token_id}", token);
        }
        if path == "/api/v1/search" {
            path.push_str("?q=incident");
        }
        assert!(!path.contains('{'), "no record was created for {path}");
        path
    }
}

/// An id that no record has.
const UNKNOWN_ID: &str = "00000000-0000-7000-8000-000000000000";

async fn made(client: &Client, path: &str, new: Value) -> String {
    let made = client.post(path, new).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.text_of("id")
}

/// Stores a job of a kind that the server does not handle, so that it stays.
async fn job(server: &TestServer) -> String {
    let adapters = Adapters::new(&config(&server.database.url())).expect("adapters");
    let (id, now) = (JobId::new(adapters.ids.next_id()), adapters.clock.now());
    let kind = JobKind::parse("test.unhandled").expect("a kind");
    let job = Job::new(id, kind, "{}".to_owned(), now, now);
    adapters.store.commit(ChangeSet::new().insert(job)).await.expect("stored");
    adapters.store.close().await;
    id.to_string()
}

/// Creates an incident and takes it through these statuses.
async fn incident(server: &TestServer, steps: &[&str]) -> String {
    let root = server.root().await;
    let opened = root.open("an incident").await;
    let id = opened["id"].as_str().expect("an id");
    for step in steps {
        let mut body = json!({"status": step});
        if *step == "resolved" {
            body["resolution"] = json!({"code": "fixed"});
        }
        let patched = root.patch(&format!("/api/v1/incidents/{id}"), body).await;
        assert_eq!(patched.status, 200, "{patched:?}");
    }
    id.to_owned()
}
