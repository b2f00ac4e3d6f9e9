//! Accounts: administration, and the own account.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestServer, errors, new_email, new_password, send};

const USERS: &str = "/api/v1/users";
const ME: &str = "/api/v1/users/me";
const UNKNOWN: &str = "/api/v1/users/018f0000-0000-7000-8000-000000000000";

#[tokio::test]
async fn an_administrator_creates_a_user_who_can_sign_in() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let (email, password) = (format!("Grace.{}", new_email()), new_password());
    let new = json!({"email": email, "name": "Grace Hopper", "role": "responder", "password": password});
    let created = root.post(USERS, new).await;
    assert_eq!((created.status.as_u16(), created.header("etag")), (201, "\"1\""));
    assert_eq!(created.header("location"), format!("{USERS}/{}", created.text_of("id")));
    assert_eq!(
        (&created.body["email"], &created.body["role"]),
        (&json!(email), &json!("responder")),
        "in the given case"
    );
    assert_eq!((&created.body["is_active"], &created.body["version"]), (&json!(true), &json!(1)));
    assert!(!created.text.contains("password") && !created.text.contains("$2b$"), "{created:?}");

    let grace = server.client().sign_in(&email.to_uppercase(), &password).await;
    assert_eq!(grace.get(ME).await.body, created.body);
    assert_eq!(root.get(created.header("location")).await.body, created.body);
}

#[tokio::test]
async fn users_are_listed_newest_first_by_pages_and_cursors() {
    let server = TestServer::start().await;
    let mut newest_first = Vec::new();
    for role in ["viewer", "responder", "manager"] {
        newest_first.insert(0, server.person(role).await.id);
    }
    let root = server.root().await;
    newest_first.push(root.get(ME).await.text_of("id"));
    let ids =
        |items: &[Value]| items.iter().map(|user| user["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>();

    let page = root.get(USERS).await;
    assert_eq!((ids(page.items()), &page.body["total"]), (newest_first.clone(), &json!(4)));
    let page = root.get(&format!("{USERS}?page=2&page_size=3")).await;
    assert_eq!((ids(page.items()), &page.body["total_pages"]), (newest_first[3..].to_vec(), &json!(2)));
    let first = root.get(&format!("{USERS}?page_size=3&cursor=")).await;
    assert_eq!(ids(first.items()), newest_first[..3]);
    let rest = root.get(&format!("{USERS}?page_size=3&cursor={}", first.text_of("next_cursor"))).await;
    assert_eq!((ids(rest.items()), &rest.body["next_cursor"]), (newest_first[3..].to_vec(), &Value::Null));
    assert!(!page.text.contains("password") && !first.text.contains("$2b$"));
    for (query, pointer) in [("page=x", "?page"), ("page=1&cursor=", "?cursor"), ("role=root", "?role")] {
        let refused = root.get(&format!("{USERS}?{query}")).await;
        assert_eq!((refused.status.as_u16(), errors(&refused)[0].0.as_str()), (422, pointer), "{refused:?}");
    }
}

#[tokio::test]
async fn emails_are_unique_in_any_case() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("viewer").await);
    let new = |email: &str| json!({"email": email, "name": "Mallory", "role": "admin", "password": new_password()});
    for email in [person.email.clone(), person.email.to_uppercase(), person.email.replace("person", "Person")] {
        assert_eq!(root.post(USERS, new(&email)).await.code(), (409, "email_taken"), "{email}");
    }
    let other = server.person("viewer").await;
    let taken = root.patch(&other.path(), json!({"email": person.email.to_uppercase()})).await;
    assert_eq!(taken.code(), (409, "email_taken"));
    assert_eq!(root.get(USERS).await.body["total"], 3);
    let rewritten = root.patch(&person.path(), json!({"email": person.email.to_uppercase()})).await;
    assert_eq!(rewritten.body["email"], person.email.to_uppercase(), "their own, written otherwise");

    for round in 1..=3 {
        let email = new_email();
        let answers = join_all((0..20).map(|_| root.post(USERS, new(&email)))).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
        assert_eq!((count(201), count(409)), (1, 19), "{answers:?}");
        assert_eq!(root.get(USERS).await.body["total"], 3 + round);
    }
}

#[tokio::test]
async fn an_invalid_user_is_refused_with_its_errors() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let good = json!({"email": new_email(), "name": "Grace", "role": "viewer", "password": new_password()});
    for (change, pointer, code) in [
        (json!({"email": "no-address"}), "/email", "not_an_email"),
        (json!({"email": ""}), "/email", "not_an_email"),
        (json!({"email": format!("{}@example.org", "x".repeat(250))}), "/email", "not_an_email"),
        (json!({"email": "a\u{0}@example.org"}), "/email", "not_an_email"),
        (json!({"name": " "}), "/name", "blank"),
        (json!({"name": "n".repeat(129)}), "/name", "too_long"),
        (json!({"role": "root"}), "/role", "unknown_value"),
        (json!({"role": "Admin"}), "/role", "unknown_value"),
        (json!({"role": null}), "/role", "wrong_type"),
        (json!({"password": 4711}), "/password", "wrong_type"),
        (json!({"is_active": true}), "/is_active", "unknown_field"),
        (json!({"password_hash": "$2b$04$x"}), "/password_hash", "unknown_field"),
        (json!({"id": "018f0000-0000-7000-8000-000000000000"}), "/id", "unknown_field"),
    ] {
        let mut body = good.clone();
        for (member, value) in change.as_object().expect("an object") {
            body[member] = value.clone();
        }
        assert_eq!(root.post(USERS, body).await.invalid(), (pointer.to_owned(), code.to_owned()), "{change}");
    }
    assert_eq!(root.get(USERS).await.body["total"], 1);
}

#[tokio::test]
async fn a_patch_of_a_user_changes_only_the_named_members() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("viewer").await);
    let before = root.get(&person.path()).await.body;
    let patched = root.patch(&person.path(), json!({"name": "Augusta", "role": "manager"})).await;
    assert_eq!((patched.status.as_u16(), patched.header("etag")), (200, "\"2\""));
    let same = ["id", "email", "is_active", "created_at"];
    assert!(same.iter().all(|member| patched.body[member] == before[member]), "{patched:?}");
    assert_eq!((&patched.body["name"], &patched.body["role"]), (&json!("Augusta"), &json!("manager")));
    assert!(person.is_signed_in().await, "another name or role ends no session");
    let equal = root.patch(&person.path(), json!({"name": "Augusta", "role": "manager", "is_active": true})).await;
    assert_eq!(equal.body, patched.body, "equal values change nothing");

    for path in [person.path(), ME.to_owned()] {
        assert_eq!(root.patch(&path, json!({})).await.code(), (400, "empty_patch"), "{path}");
        assert_eq!(root.patch(&path, json!({"name": null})).await.invalid().0, "/name", "{path}");
        assert_eq!(root.patch(&path, json!({"nmae": "x"})).await.invalid(), ("/nmae".into(), "unknown_field".into()));
        assert_eq!(root.patch(&path, json!({"id": "x"})).await.invalid(), ("/id".into(), "unknown_field".into()));
        assert_eq!(root.patch(&path, json!({"version": 9})).await.invalid().0, "/version", "{path}");
    }
    for member in ["email", "role", "is_active", "password"] {
        let cleared = root.patch(&person.path(), json!({member: null})).await;
        assert_eq!(cleared.invalid(), (format!("/{member}"), "null_not_allowed".to_owned()));
        let own = root.patch(ME, json!({member: "x"})).await;
        assert_eq!(own.invalid(), (format!("/{member}"), "unknown_field".to_owned()), "that is for administrators");
    }
    assert_eq!(root.get(&person.path()).await.body, patched.body, "a refused patch changes nothing");
    for path in [UNKNOWN, "/api/v1/users/nonsense"] {
        assert_eq!(root.get(path).await.code(), (404, "not_found"));
        assert_eq!(root.patch(path, json!({"name": "x"})).await.code(), (404, "not_found"));
        assert_eq!(root.delete(path).await.code(), (404, "not_found"));
    }
}

#[tokio::test]
async fn entity_tags_apply_to_users_and_the_own_account() {
    let server = TestServer::start().await;
    let person = server.person("admin").await;
    for (path, reader) in [(person.path(), server.root().await), (ME.to_owned(), &person.client)] {
        let read = reader.get(&path).await;
        let tag = read.header("etag").to_owned();
        let get = |tag: &str| send(reader.request(Method::GET, &path).header("If-None-Match", tag));
        let same = get(&tag).await;
        assert_eq!((same.status.as_u16(), same.text.as_str(), same.header("etag")), (304, "", tag.as_str()));
        assert_eq!(get("\"99\"").await.status, 200);

        let rename = |tag: &str, name: &str| {
            send(reader.request(Method::PATCH, &path).header("If-Match", tag).json(&json!({"name": name})))
        };
        let renamed = rename(&tag, &format!("renamed at {tag}")).await;
        assert_eq!(renamed.status, 200, "{renamed:?}");
        assert_ne!(renamed.header("etag"), tag);
        assert_eq!(rename(&tag, "too late").await.code(), (412, "precondition_failed"));
        assert_eq!(rename("nonsense", "x").await.code(), (400, "bad_header"));
        assert_eq!(rename("*", "whatever it is").await.status, 200);
        assert_eq!(get(&tag).await.status, 200, "it has changed");
    }
    let root = server.root().await;
    let delete = |tag: &str| send(root.request(Method::DELETE, &person.path()).header("If-Match", tag));
    assert_eq!(delete("\"1\"").await.code(), (412, "precondition_failed"));
    assert_eq!(delete(root.get(&person.path()).await.header("etag")).await.status, 204);
}

#[tokio::test]
async fn of_32_patches_of_a_user_with_one_entity_tag_exactly_one_succeeds() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("viewer").await);
    for round in 1..=5_u32 {
        let patches = (0..32).map(|writer| {
            let request = root.request(Method::PATCH, &person.path()).header("If-Match", format!("\"{round}\""));
            send(request.json(&json!({"name": format!("round {round} writer {writer}")})))
        });
        let answers = join_all(patches).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
        assert_eq!((count(200), count(412)), (1, 31), "{answers:?}");
    }
}

#[tokio::test]
async fn a_deactivated_user_is_refused_immediately_and_permanently() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("manager").await);
    let other_session = person.sign_in_again(&server).await;
    let (machine, _) = person.api_token("manager").await;
    assert!(person.is_signed_in().await && other_session.is_signed_in().await);
    assert_eq!(machine.get(ME).await.status, 200);

    let patched = root.patch(&person.path(), json!({"is_active": false})).await;
    assert_eq!((patched.status.as_u16(), &patched.body["is_active"]), (200, &json!(false)));
    assert!(!person.is_signed_in().await && !other_session.is_signed_in().await);
    assert_eq!(machine.get(ME).await.code(), (401, "api_token_ended"));
    let refused = server.client().log_in(&person.email, &person.password).await;
    assert_eq!(refused.code(), (401, "wrong_credentials"), "the response does not reveal that the account is inactive");

    assert_eq!(root.patch(&person.path(), json!({"is_active": true})).await.status, 200);
    assert!(!person.is_signed_in().await && !other_session.is_signed_in().await, "sessions do not come back");
    assert!(person.sign_in_again(&server).await.is_signed_in().await);
}

#[tokio::test]
async fn a_changed_role_applies_immediately() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("viewer").await);
    let open = json!({"title": "t"});
    for (role, incidents, users) in
        [("viewer", 403, 403), ("admin", 201, 200), ("responder", 201, 403), ("viewer", 403, 403)]
    {
        assert_eq!(root.patch(&person.path(), json!({"role": role})).await.status, 200);
        assert_eq!(person.client.get(ME).await.body["role"], role);
        let opened = person.client.post("/api/v1/incidents", open.clone()).await;
        assert_eq!(opened.status.as_u16(), incidents, "{role}: {opened:?}");
        assert_eq!(person.client.get(USERS).await.status.as_u16(), users, "{role}");
    }
}

#[tokio::test]
async fn administrators_cannot_demote_deactivate_or_delete_themselves() {
    let server = TestServer::start().await;
    let person = server.person("admin").await;
    let own = person.path();
    for body in [
        json!({"role": "viewer"}),
        json!({"is_active": false}),
        json!({"password": new_password()}),
        json!({"name": "Augusta", "role": "manager"}),
    ] {
        assert_eq!(person.client.patch(&own, body.clone()).await.code(), (403, "own_account"), "{body}");
    }
    assert_eq!(person.client.delete(&own).await.code(), (403, "own_account"));
    let harmless = person.client.patch(&own, json!({"name": "Augusta", "role": "admin", "is_active": true})).await;
    assert_eq!((harmless.status.as_u16(), &harmless.body["name"]), (200, &json!("Augusta")));
    let renamed = server.person("viewer").await;
    let own = renamed.client.patch(ME, json!({"name": "Ada"})).await;
    assert_eq!((own.status.as_u16(), &own.body["name"], own.header("etag")), (200, &json!("Ada"), "\"2\""));
}

#[tokio::test]
async fn a_user_referenced_by_an_incident_cannot_be_deleted() {
    let server = TestServer::start().await;
    let (root, reporter, assignee) =
        (server.root().await, server.person("responder").await, server.person("viewer").await);
    let opened = reporter.client.open("named").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    assert_eq!(root.patch(&path, json!({"assigned_to": assignee.id})).await.status, 200);
    for person in [&reporter, &assignee] {
        assert_eq!(root.delete(&person.path()).await.code(), (409, "user_in_use"));
        assert!(person.is_signed_in().await, "a refused request changes nothing");
    }
    assert_eq!(root.patch(&path, json!({"assigned_to": null})).await.status, 200);
    let (machine, _) = assignee.api_token("viewer").await;
    assert_eq!(root.delete(&assignee.path()).await.status, 204, "nothing names them any more");
    assert_eq!(root.get(&assignee.path()).await.code(), (404, "not_found"));
    assert_eq!(assignee.client.get(ME).await.status, 401);
    assert_eq!(machine.get(ME).await.status, 401);
    assert_eq!(server.client().log_in(&assignee.email, &assignee.password).await.code(), (401, "wrong_credentials"));
    assert_eq!(root.delete(&assignee.path()).await.code(), (404, "not_found"));
    assert_eq!(root.delete(&path).await.status, 204);
    assert_eq!(root.delete(&reporter.path()).await.status, 204, "the incident is gone");
}

#[tokio::test]
async fn two_administrators_who_deactivate_each_other_are_not_both_deactivated() {
    let server = TestServer::start().await;
    for round in 0..10 {
        let (ada, grace) = (server.person("admin").await, server.person("admin").await);
        let inactive = json!({"is_active": false});
        let (ada_path, grace_path) = (ada.path(), grace.path());
        let by_ada = ada.client.patch(&grace_path, inactive.clone());
        let by_grace = grace.client.patch(&ada_path, inactive.clone());
        let (by_ada, by_grace) = futures::join!(by_ada, by_grace);
        let done = [&by_ada, &by_grace].into_iter().filter(|answer| answer.status == 200).count();
        assert!(done <= 1, "round {round}: {by_ada:?} {by_grace:?}");
    }
}
