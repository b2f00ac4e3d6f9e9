//! Sessions: listing and ending them, and their expiry.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::interval;

use crate::support::{Client, Person, TestServer, errors, send};

const MINE: &str = "/api/v1/auth/sessions";
const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

/// How long the server may take to store the last use of sessions.
const WRITTEN_DOWN_MAX: Duration = Duration::from_secs(45);
const ASK_AGAIN: Duration = Duration::from_millis(100);

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn sessions_are_listed_newest_first_by_pages_and_cursors() {
    let server = TestServer::start().await;
    let first = server.person("viewer").await;
    let mut newest_first = vec![first.session_id.clone()];
    for _ in 0..4 {
        newest_first.insert(0, first.sign_in_again(&server).await.session_id);
    }
    let all = first.client.get(MINE).await;
    assert_eq!(ids(all.items()), newest_first);
    assert_eq!((&all.body["total"], &all.body["page"], &all.body["page_size"]), (&json!(5), &json!(1), &json!(50)));
    let current: Vec<bool> = all.items().iter().map(|item| item["is_current"] == true).collect();
    assert_eq!(current, [false, false, false, false, true]);

    let page = first.client.get(&format!("{MINE}?page=2&page_size=2")).await;
    assert_eq!((ids(page.items()), &page.body["total_pages"]), (vec![&*newest_first[2], &*newest_first[3]], &json!(3)));
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    for page in 1.. {
        let some = first.client.get(&format!("{MINE}?page_size=2&cursor={cursor}")).await;
        assert!(some.body["total"].is_null(), "nothing is counted: {some:?}");
        seen.extend(ids(some.items()).into_iter().map(str::to_owned));
        let Some(next) = some.body["next_cursor"].as_str() else {
            assert_eq!(page, 3);
            break;
        };
        next.clone_into(&mut cursor);
    }
    assert_eq!(seen, newest_first);
    for (query, pointer) in
        [("page=0", "?page"), ("page_size=201", "?page_size"), ("cursor=x", "?cursor"), ("user=x", "?user")]
    {
        let refused = first.client.get(&format!("{MINE}?{query}")).await;
        assert_eq!(errors(&refused)[0].0, pointer, "{refused:?}");
    }
}

#[tokio::test]
async fn a_session_contains_its_device_address_and_times() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let sign_in = async |user_agent: &str| {
        let login = json!({"email": person.email, "password": person.password});
        let request = server.client().request(Method::POST, "/api/v1/auth/login").header("User-Agent", user_agent);
        assert_eq!(send(request.json(&login)).await.status, 200);
    };
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    sign_in(firefox).await;
    sign_in("pager/2.1 (on call)").await;
    sign_in(&format!("Mozilla/5.0 {}", "y".repeat(1000))).await;

    let sessions = person.client.get(MINE).await;
    let [long, pager, browser, own] = sessions.items() else { panic!("not four: {sessions:?}") };
    assert_eq!((&browser["device"], &browser["user_agent"]), (&json!("Firefox on Linux"), &json!(firefox)));
    assert_eq!(pager["device"], "pager/2.1");
    assert_eq!((&long["device"], long["user_agent"].as_str().map(str::len)), (&Value::Null, Some(256)));
    assert_eq!((&own["user_agent"], &own["device"]), (&Value::Null, &Value::Null));
    for session in [long, pager, browser, own] {
        assert_eq!(session["ip"], "127.0.0.1");
        let [created, seen, expires] =
            ["created_at", "last_seen_at", "expires_at"].map(|time| session[time].as_str().expect("a time").to_owned());
        assert!(created <= seen && seen < expires && expires.ends_with('Z'), "{session}");
    }
}

#[tokio::test]
async fn signing_out_ends_this_session_only() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let other_session = person.sign_in_again(&server).await;
    assert_eq!(person.client.post("/api/v1/auth/logout", json!({})).await.status, 204);
    assert_eq!((person.is_signed_in().await, other_session.is_signed_in().await), (false, true));
    assert_eq!(person.client.post("/api/v1/auth/logout", json!({})).await.code(), (401, "session_ended"));
    assert_eq!(ids(other_session.client.get(MINE).await.items()), [other_session.session_id.as_str()]);
}

async fn three(server: &TestServer) -> [Person; 3] {
    let person = server.person("responder").await;
    let (second, third) = (person.sign_in_again(server).await, person.sign_in_again(server).await);
    [person, second, third]
}

async fn are_signed_in(people: &[Person; 3]) -> [bool; 3] {
    [people[0].is_signed_in().await, people[1].is_signed_in().await, people[2].is_signed_in().await]
}

#[tokio::test]
async fn one_session_all_others_or_all_can_be_ended() {
    let server = TestServer::start().await;
    let other_user = server.person("viewer").await;
    let devices = three(&server).await;
    assert_eq!(are_signed_in(&devices).await, [true, true, true]);
    let path = format!("{MINE}/{}", devices[1].session_id);
    assert_eq!(devices[0].client.delete(&path).await.status, 204);
    assert_eq!(are_signed_in(&devices).await, [true, false, true]);
    assert_eq!(devices[0].client.delete(&path).await.code(), (404, "not_found"), "it is not there any more");

    let devices = three(&server).await;
    assert_eq!(devices[2].client.delete(&format!("{MINE}?keep_current=true")).await.status, 204);
    assert_eq!(are_signed_in(&devices).await, [false, false, true]);

    for query in ["", "?keep_current=false"] {
        let devices = three(&server).await;
        assert_eq!(devices[0].client.delete(&format!("{MINE}{query}")).await.status, 204);
        assert_eq!(are_signed_in(&devices).await, [false, false, false], "{query}");
        let again = devices[0].sign_in_again(&server).await;
        assert!(again.is_signed_in().await, "signing in again works");
    }
    let devices = three(&server).await;
    for query in ["keep_current=1", "keep_current=", "keep=true"] {
        assert_eq!(devices[0].client.delete(&format!("{MINE}?{query}")).await.status, 422, "{query}");
    }
    assert_eq!(are_signed_in(&devices).await, [true, true, true], "a refused request ends no session");
    assert!(other_user.is_signed_in().await, "other users are not affected");
}

#[tokio::test]
async fn sessions_of_others_are_hidden_and_cannot_be_ended() {
    let server = TestServer::start().await;
    let (person, other) = (server.person("manager").await, server.person("viewer").await);
    for id in [other.session_id.as_str(), UNKNOWN, "nonsense"] {
        assert_eq!(person.client.delete(&format!("{MINE}/{id}")).await.code(), (404, "not_found"), "{id}");
    }
    let theirs = format!("{}/sessions", other.path());
    let theirs_one = format!("{theirs}/{}", other.session_id);
    assert_eq!(person.client.get(&theirs).await.code(), (403, "forbidden"));
    for path in [&theirs, &theirs_one] {
        assert_eq!(person.client.delete(path).await.code(), (403, "forbidden"));
    }
    assert!(other.is_signed_in().await);
}

#[tokio::test]
async fn an_administrator_lists_and_ends_the_sessions_of_any_user() {
    let server = TestServer::start().await;
    let (admin, person) = (server.person("admin").await, server.person("manager").await);
    let other_session = person.sign_in_again(&server).await;
    let path = format!("{}/sessions", person.path());
    let listed = admin.client.get(&path).await;
    assert_eq!(ids(listed.items()), [other_session.session_id.as_str(), person.session_id.as_str()]);
    assert!(listed.items().iter().all(|session| session["is_current"] == false), "none of them asks: {listed:?}");

    let wrong_owner = format!("{}/sessions/{}", admin.path(), person.session_id);
    assert_eq!(admin.client.delete(&wrong_owner).await.code(), (404, "not_found"), "it is not that user's");
    assert_eq!(admin.client.delete(&format!("{path}/{}", person.session_id)).await.status, 204);
    assert_eq!((person.is_signed_in().await, other_session.is_signed_in().await), (false, true));
    assert_eq!(admin.client.delete(&path).await.status, 204);
    assert!(!other_session.is_signed_in().await);
    assert_eq!(admin.client.delete(&path).await.status, 204, "that none is left is fine");
    for user in [UNKNOWN, "nonsense"] {
        let path = format!("/api/v1/users/{user}/sessions");
        assert_eq!(admin.client.get(&path).await.code(), (404, "not_found"));
        assert_eq!(admin.client.delete(&path).await.code(), (404, "not_found"));
    }
    assert!(admin.is_signed_in().await);
}

#[tokio::test]
async fn expired_sessions_are_not_listed() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    server.database.age_rows("sessions", "expires_at", 31 * 86_400).await;
    let current = person.sign_in_again(&server).await;
    assert_eq!(ids(current.client.get(MINE).await.items()), [current.session_id.as_str()]);
    server.database.age_rows("sessions", "last_seen_at", 8 * 86_400).await;
    let newest = person.sign_in_again(&server).await;
    assert_eq!(ids(newest.client.get(MINE).await.items()), [newest.session_id.as_str()]);
}

/// Reads a list until a member of its first item has changed.
async fn until_changed(client: &Client, path: &str, member: &str, from: &Value) -> Value {
    let mut ticks = interval(ASK_AGAIN);
    for _ in 0..WRITTEN_DOWN_MAX.as_millis() / ASK_AGAIN.as_millis() {
        let now = client.get(path).await.items()[0][member].clone();
        if now != *from {
            return now;
        }
        ticks.tick().await;
    }
    panic!("{member} stays {from}");
}

#[tokio::test]
async fn the_last_use_of_sessions_and_tokens_is_stored_after_a_while() {
    let server = TestServer::start().await;
    let (admin, person) = (server.person("admin").await, server.person("viewer").await);
    let (machine, _) = person.api_token("viewer").await;
    let (sessions, tokens) = (format!("{}/sessions", person.path()), format!("{}/api-tokens", person.path()));
    assert!(admin.client.get(&tokens).await.items()[0]["last_used_at"].is_null(), "it was never used");
    // A time of less than a minute ago is not updated.
    server.database.age_rows("sessions", "last_seen_at", 120).await;
    let before = admin.client.get(&sessions).await.items()[0].clone();

    // Creating the token was a use too; this is another one after the cached authentication has expired.
    assert_eq!(person.client.delete(&format!("{MINE}?keep_current=true")).await.status, 204);
    assert!(person.is_signed_in().await);
    assert_eq!(machine.get("/api/v1/users/me").await.status, 200);
    let used = until_changed(&admin.client, &tokens, "last_used_at", &Value::Null).await;
    assert!(used.as_str() >= before["created_at"].as_str(), "{used}");
    let seen = until_changed(&admin.client, &sessions, "last_seen_at", &before["last_seen_at"]).await;
    assert!(seen.as_str() > before["last_seen_at"].as_str(), "{seen}");
}
