//! The lifecycle of an incident, lists, users and events.

use std::time::Duration;

use futures::TryStreamExt;
use incident_client::{
    ActionFilter, ClientError, EntryKind, Expected, HoldReason, IncidentFilter, IncidentPatch, NewUser, Outcome,
    ProblemCode, ResolutionCode, Role, Secret, Status, UserPatch, Verdict,
};

use super::{open, typed};
use crate::support::{TestServer, new_email, new_password};

#[tokio::test]
async fn an_incident_has_a_complete_lifecycle() {
    let server = TestServer::start().await;
    let manager = server.person("manager").await;
    let client = typed(&server.client().url, &manager).await;
    let incidents = client.incidents();

    let incident = open(&client, "checkout answers 500").await;
    assert_eq!((incident.status, incident.version), (Status::Open, 1));
    assert_eq!(incident.reported_by, Some(client.users().me().await.expect("me").id));

    let steps = [
        (IncidentPatch::acknowledge(), Status::Investigating),
        (IncidentPatch::hold(HoldReason::AwaitingVendor), Status::OnHold),
        (IncidentPatch::resume(), Status::Investigating),
        (IncidentPatch::mitigate(), Status::Mitigated),
        (IncidentPatch::resolve(ResolutionCode::Fixed, "rolled back"), Status::Resolved),
        (IncidentPatch::close(), Status::Closed),
        (IncidentPatch::reopen("it is back"), Status::Investigating),
        (IncidentPatch::cancel(ResolutionCode::FalseAlarm), Status::Cancelled),
    ];
    let mut now = incident.clone();
    for (step, status) in steps {
        now = incidents.patch(&now.number, &step, Expected::Version(now.version)).await.expect("a step");
        assert_eq!(now.status, status);
    }
    let comment = incidents.comment(incident.id, "informed the customers").await.expect("a comment");
    assert_eq!((comment.kind, comment.message.as_deref()), (EntryKind::Commented, Some("informed the customers")));

    let logs: Vec<_> = incidents.logs(incident.id).try_collect().await.expect("its timeline");
    assert_eq!(logs.last(), Some(&comment));
    let verdict = incidents.verify(incident.id).await.expect("a verdict");
    assert_eq!((verdict.verdict, verdict.entries_whole as usize), (Verdict::Whole, logs.len()));

    incidents.delete(incident.id, Expected::Version(now.version)).await.expect("it is removed");
    let gone = incidents.get(incident.id).await.expect_err("it is gone");
    assert_eq!(gone.code(), Some(ProblemCode::NotFound));
}

#[tokio::test]
async fn a_refused_transition_names_the_allowed_ones() {
    let server = TestServer::start().await;
    let client = typed(&server.client().url, &server.person("responder").await).await;
    let incident = open(&client, "checkout answers 500").await;

    let resolve = IncidentPatch::resolve(ResolutionCode::Fixed, "rolled back");
    let refused = client.incidents().patch(incident.id, &resolve, Expected::AnyVersion).await;
    let Err(ClientError::Problem(problem)) = refused else { panic!("{refused:?}") };
    assert_eq!((problem.status, problem.code), (409, ProblemCode::TransitionRefused));
    let transition = problem.refused_transition().expect("a transition");
    assert_eq!((transition.from, transition.to), (Status::Open, Status::Resolved));
    assert_eq!(transition.allowed, [Status::Investigating, Status::Cancelled]);
    assert!(!problem.request_id.is_empty());

    let stale = client.incidents().patch(incident.id, &IncidentPatch::acknowledge(), Expected::Version(7)).await;
    assert_eq!(stale.expect_err("a stale version").code(), Some(ProblemCode::PreconditionFailed));
    let unfit = client.incidents().patch(incident.id, &IncidentPatch::default().title(""), Expected::AnyVersion).await;
    let unfit = unfit.expect_err("an empty title");
    assert_eq!(unfit.problem().expect("a problem").errors[0].pointer, "/title");

    let filter = ActionFilter::default().kind("incident.transition").outcome(Outcome::Refused);
    let actions: Vec<_> = client.actions().list(&filter).try_collect().await.expect("the audit");
    let because: Vec<_> = actions.iter().filter_map(|action| action.refused_because.as_deref()).collect();
    assert_eq!(because, ["precondition_failed", "transition_refused"], "the newest first");
}

#[tokio::test]
async fn a_list_is_fetched_page_by_page() {
    let server = TestServer::start().await;
    let client = typed(&server.client().url, &server.person("responder").await).await;
    let mut opened = Vec::new();
    for title in ["one", "two", "three", "four", "five"] {
        opened.push(open(&client, title).await.id);
    }
    let filter = IncidentFilter::default().status(&[Status::Open]).page_size(2);
    let listed: Vec<_> =
        client.incidents().list(&filter).map_ok(|incident| incident.id).try_collect().await.expect("all");
    opened.reverse();
    assert_eq!(listed, opened, "the newest first, each once");

    let last = client.incidents().page(&filter, 3).await.expect("a page");
    assert_eq!((last.items.len(), last.total, last.total_pages), (1, 5, 3));
    let none = IncidentFilter::default().service("unknown").page_size(2);
    assert_eq!(client.incidents().page(&none, 1).await.expect("an empty page").total, 0);
}

#[tokio::test]
async fn users_are_managed_and_events_are_followed() {
    let server = TestServer::start().await;
    let client = typed(&server.client().url, &server.person("admin").await).await;
    let known = client.events().after(0).await.expect("events").next_after;

    let (email, password) = (new_email(), Secret::new(new_password()));
    let new = NewUser { email, name: "Grace Hopper".to_owned(), role: Role::Viewer, password };
    let user = client.users().create(&new).await.expect("a user");
    let patch = UserPatch { role: Some(Role::Responder), ..UserPatch::default() };
    let user = client.users().patch(user.id, &patch, Expected::Version(user.version)).await.expect("a promotion");
    assert_eq!(client.users().get(user.id).await.expect("a user"), user);

    // The stream never ends by itself, and existing events need no pause.
    let events = client.events().follow(known, Duration::from_hours(1));
    let mut events = std::pin::pin!(events);
    for kind in ["user.created.v1", "user.updated.v1"] {
        let event = events.try_next().await.expect("an answer").expect("an event");
        assert_eq!((event.kind.as_str(), event.subject), (kind, format!("user:{}", user.id)));
    }

    client.users().delete(user.id, Expected::AnyVersion).await.expect("it is removed");
    let left: Vec<_> = client.users().all().map_ok(|user| user.id).try_collect().await.expect("all users");
    assert!(!left.contains(&user.id));
    client.sign_out().await.expect("signed out");
    assert_eq!(client.users().me().await.expect_err("the session has ended").code(), Some(ProblemCode::SessionEnded));
}
