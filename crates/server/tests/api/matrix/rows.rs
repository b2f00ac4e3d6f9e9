//! The rows of the authorisation matrix, one per operation. Add a row for each new operation.

use serde_json::{Value, json};

use super::{Caller, Whose, owner};
use crate::support::{Client, Person, TestServer, new_email, new_password};

/// Who is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Every caller, with any token or none.
    Public,
    /// Callers with this role or a higher one, by a session or an API token.
    Role(usize),
    /// Callers with a session, but no API token.
    Session,
    /// Callers with a session, for their own resources; others are 404.
    OwnBySession,
    /// Owners for their own resources, administrators for all.
    OwnOrAdmin,
    /// The same, but no API token for resources of its own user.
    OwnBySessionOrAdmin,
    /// Administrators, but not for themselves.
    AdminButNotOwn,
}

const VIEWER: Rule = Rule::Role(0);
const RESPONDER: Rule = Rule::Role(1);
const MANAGER: Rule = Rule::Role(2);
const ADMIN: Rule = Rule::Role(3);

pub(crate) struct Row {
    pub(crate) operation: &'static str,
    pub(crate) rule: Rule,
    /// A valid body; `null` for none.
    pub(crate) body: fn(&Things) -> Value,
    /// The statuses of the incident before the operation.
    incident: &'static [&'static str],
}

const fn row(operation: &'static str, rule: Rule, body: fn(&Things) -> Value) -> Row {
    Row { operation, rule, body, incident: &[] }
}

fn nothing(_: &Things) -> Value {
    Value::Null
}

pub(crate) const ROWS: &[Row] = &[
    row("health_live", Rule::Public, nothing),
    row("health_ready", Rule::Public, nothing),
    row("health_db", Rule::Public, nothing),
    row("metrics", Rule::Public, nothing),
    row("login", Rule::Public, |things| {
        let owner = things.owner();
        json!({"email": owner.email, "password": owner.password})
    }),
    row("refresh", Rule::Public, |things| json!({"refresh_token": things.owner().refresh_token})),
    row("logout", Rule::Session, nothing),
    row(
        "change_password",
        Rule::Session,
        |things| json!({"current_password": things.own_password, "new_password": new_password()}),
    ),
    row("list_my_sessions", VIEWER, nothing),
    row("end_my_sessions", Rule::Session, nothing),
    row("end_my_session", Rule::OwnBySession, nothing),
    row("list_my_api_tokens", VIEWER, nothing),
    row("create_api_token", Rule::Session, |_| json!({"name": "t", "role": "viewer"})),
    row("revoke_my_api_token", Rule::OwnBySession, nothing),
    row("get_me", VIEWER, nothing),
    row("patch_me", Rule::Session, |_| json!({"name": "Augusta"})),
    row("list_users", ADMIN, nothing),
    row(
        "create_user",
        ADMIN,
        |_| json!({"email": new_email(), "name": "Grace", "role": "admin", "password": new_password()}),
    ),
    row("get_user", ADMIN, nothing),
    row("patch_user", Rule::AdminButNotOwn, |_| json!({"name": "Augusta", "role": "viewer", "is_active": false})),
    row("delete_user", Rule::AdminButNotOwn, nothing),
    row("list_user_sessions", Rule::OwnOrAdmin, nothing),
    row("end_user_sessions", Rule::OwnBySessionOrAdmin, nothing),
    row("end_user_session", Rule::OwnBySessionOrAdmin, nothing),
    row("list_user_api_tokens", Rule::OwnOrAdmin, nothing),
    row("revoke_user_api_token", Rule::OwnBySessionOrAdmin, nothing),
    row("list_incidents", VIEWER, nothing),
    row("get_incident", VIEWER, nothing),
    row("list_incident_logs", VIEWER, nothing),
    row("open_incident", RESPONDER, |_| json!({"title": "t"})),
    row("open_incident", MANAGER, |things| json!({"title": "t", "assigned_to": things.other_user})),
    row("patch_incident", RESPONDER, |_| json!({"title": "another"})),
    row("patch_incident", RESPONDER, |_| json!({"status": "investigating"})),
    row("patch_incident", MANAGER, |things| json!({"assigned_to": things.other_user})),
    Row { incident: &["investigating", "resolved"], ..row("patch_incident", MANAGER, |_| json!({"status": "closed"})) },
    Row {
        incident: &["investigating", "resolved", "closed"],
        ..row("patch_incident", MANAGER, |_| json!({"status": "investigating", "reason": "it is back"}))
    },
    row("comment_incident", RESPONDER, |_| json!({"message": "a remark"})),
    row("delete_incident", MANAGER, nothing),
    row("verify_incident_logs", VIEWER, nothing),
    row("change_incidents", RESPONDER, |things| json!({"incidents": [things.incident_id], "status": "investigating"})),
    row("export_incidents", VIEWER, nothing),
    row("search_incidents", VIEWER, nothing),
    row("incident_statistics", VIEWER, nothing),
    row("list_tasks", VIEWER, nothing),
    row("create_task", RESPONDER, |_| json!({"title": "t"})),
    row("create_task", MANAGER, |things| json!({"title": "t", "assigned_to": things.other_user})),
    row("get_task", VIEWER, nothing),
    row("change_task", RESPONDER, |_| json!({"title": "another", "status": "in_progress"})),
    row("change_task", MANAGER, |things| json!({"assigned_to": things.other_user})),
    row("delete_task", MANAGER, nothing),
    row("list_incident_tasks", VIEWER, nothing),
    row("create_incident_task", RESPONDER, |_| json!({"title": "t"})),
    row("list_categories", VIEWER, nothing),
    row("create_category", RESPONDER, |_| json!({"name": new_email()})),
    row("get_category", VIEWER, nothing),
    row("change_category", MANAGER, |_| json!({"name": new_email()})),
    row("delete_category", MANAGER, nothing),
    row("list_views", VIEWER, nothing),
    row("create_view", VIEWER, |_| json!({"name": new_email(), "list": "tasks", "filter": {"status": "todo"}})),
    row("get_view", VIEWER, nothing),
    row("change_view", VIEWER, |_| json!({"filter": {"priority": "high"}})),
    row("delete_view", VIEWER, nothing),
    row("list_actions", VIEWER, nothing),
    row("list_events", VIEWER, nothing),
];

/// The resources that an operation needs, created for each request.
pub(crate) struct Things {
    owner: Option<Person>,
    own_password: String,
    /// An active user to assign to, other than the caller.
    other_user: String,
    token_id: Option<String>,
    incident_id: Option<String>,
    /// The task, the category, or the caller's view that the path names.
    other_id: Option<String>,
}

impl Things {
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
            "/api/v1/tasks/{id}" => Some(created(root, "/api/v1/tasks", json!({"title": "t"})).await),
            "/api/v1/categories/{id}" => Some(created(root, "/api/v1/categories", json!({"name": new_email()})).await),
            // A caller without valid credentials has no view.
            "/api/v1/users/me/views/{id}" if !caller.is_authenticated => Some(UNKNOWN_ID.to_owned()),
            "/api/v1/users/me/views/{id}" => {
                let new = json!({"name": new_email(), "list": "tasks", "filter": {}});
                Some(created(&caller.client, "/api/v1/users/me/views", new).await)
            }
            _ => None,
        };
        let own_password = caller.person.as_ref().map_or_else(new_password, |person| person.password.clone());
        let other_user = root.get("/api/v1/users/me").await.text_of("id");
        Self { owner, own_password, other_user, token_id, incident_id, other_id }
    }

    fn owner(&self) -> &Person {
        self.owner.as_ref().expect("the caller has an account")
    }

    /// Returns the path with its parameters.
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
            path.push_str("?q=example");
        }
        assert!(!path.contains('{'), "a parameter of {path} is not filled in");
        path
    }
}

/// An unknown id.
const UNKNOWN_ID: &str = "00000000-0000-7000-8000-000000000000";

async fn created(client: &Client, path: &str, new: Value) -> String {
    let created = client.post(path, new).await;
    assert_eq!(created.status, 201, "{created:?}");
    created.text_of("id")
}

/// Opens an incident and changes it to these statuses as the administrator.
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
