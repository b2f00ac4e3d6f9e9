//! Reading the audit log and the event log.

use std::sync::{Arc, Mutex};

use incident_application::{
    incidents::IncidentRef,
    kernel::{Command, Logs, Precondition, Principal, QueryError},
};
use incident_domain::{
    identity::Role,
    kernel::{
        ActionFilter, ActionId, Audience, Clock, Direction, Event, EventId, LoggedEvent, MockActionRepository,
        MockEventLog, OutcomeKind, Page, PageRequest, PageSize, StoreError, UserId,
    },
};
use uuid::Uuid;

use crate::scene::{Scene, id_of, new_incident};

const FIRST_PAGE: PageRequest<ActionId> = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };

fn logs(scene: &Scene) -> Logs {
    Logs::new(scene.store.clone(), scene.store.clone())
}

async fn seen(scene: &Scene, caller: &Principal, filter: ActionFilter) -> Result<Vec<UserId>, QueryError> {
    let page = logs(scene).actions(caller, filter, Direction::Descending, FIRST_PAGE).await?;
    Ok(page.items.iter().map(|action| action.actor.user().expect("a user")).collect())
}

#[tokio::test]
async fn administrators_see_all_actions_and_other_users_only_their_own() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let (ada, grace) = (scene.caller(Role::Responder).await, scene.caller(Role::Manager).await);
    scene.open(&ada).await;
    scene.open(&grace).await;
    scene.incidents.open(Command::new(&scene.caller(Role::Viewer).await), new_incident(None)).await.expect_err("no");
    let of = |user: &Principal| ActionFilter { actor: Some(id_of(user)), ..ActionFilter::default() };

    assert_eq!(seen(&scene, &admin, ActionFilter::default()).await.expect("readable").len(), 3);
    assert_eq!(seen(&scene, &admin, of(&ada)).await.expect("readable"), [id_of(&ada)]);
    for (own, other) in [(&ada, &grace), (&grace, &ada)] {
        assert_eq!(seen(&scene, own, ActionFilter::default()).await.expect("readable"), [id_of(own)]);
        assert_eq!(seen(&scene, own, of(own)).await.expect("readable"), [id_of(own)]);
        let refused = seen(&scene, own, of(other)).await;
        assert!(matches!(refused, Err(QueryError::Forbidden(_))), "{refused:?}");
    }
    // An administrator's token with a lower role sees only what that role permits.
    let lesser = Principal::user(id_of(&admin), Role::Manager, admin.origin);
    assert!(seen(&scene, &lesser, ActionFilter::default()).await.expect("readable").is_empty());
    assert!(matches!(seen(&scene, &lesser, of(&ada)).await, Err(QueryError::Forbidden(_))));
}

#[tokio::test]
async fn filters_and_pages_are_passed_on_and_cannot_widen_what_a_user_may_see() {
    let scene = Scene::new();
    let now = scene.clock.now();
    let filter = ActionFilter {
        actor: None,
        kind: Some("incident.open".to_owned()),
        target: Some("incidents".to_owned()),
        outcome: Some(OutcomeKind::Refused),
        since: Some(now),
        until: Some(now),
    };
    let size = PageSize::parse(7).expect("a size");
    let cursor = Some(ActionId::new(Uuid::from_u128(9)));
    let pages = [
        (Direction::Ascending, PageRequest::After { cursor, size }),
        (Direction::Descending, PageRequest::Numbered { page: 3, size }),
    ];
    for (direction, page) in pages {
        for (role, is_own) in [(Role::Admin, false), (Role::Manager, true), (Role::Viewer, true)] {
            let caller = scene.caller(role).await;
            let queries = Arc::<Mutex<Vec<_>>>::default();
            let mut actions = MockActionRepository::new();
            let recorded = queries.clone();
            actions.expect_list().returning(move |filter, direction, page| {
                recorded.lock().expect("not poisoned").push((filter.clone(), direction, page));
                Ok(Page { items: Vec::new(), total: Some(4), has_more: true })
            });
            let logs = Logs::new(Arc::new(actions), scene.store.clone());
            let answered = logs.actions(&caller, filter.clone(), direction, page).await.expect("readable");
            assert_eq!((answered.total, answered.has_more), (Some(4), true));
            let expected = ActionFilter { actor: is_own.then_some(id_of(&caller)), ..filter.clone() };
            assert_eq!(*queries.lock().expect("not poisoned"), [(expected, direction, page)], "{role}");
        }
    }
}

#[tokio::test]
async fn refused_commands_are_listed_and_can_be_filtered() {
    let scene = Scene::new();
    let (admin, viewer) = (scene.caller(Role::Admin).await, scene.caller(Role::Viewer).await);
    let incident = IncidentRef::Id(scene.open(&admin).await.id);
    scene.incidents.delete(Command::new(&viewer), incident, &Precondition::None).await.expect_err("refused");
    let filter = ActionFilter { outcome: Some(OutcomeKind::Refused), ..ActionFilter::default() };
    for caller in [&admin, &viewer] {
        let page =
            logs(&scene).actions(caller, filter.clone(), Direction::Descending, FIRST_PAGE).await.expect("readable");
        let [action] = page.items.as_slice() else { panic!("{page:?}") };
        assert_eq!((action.kind.as_str(), &action.target), ("incident.delete", &incident.to_string()));
    }
}

/// A log with gaps, in which events about users are interleaved with events about incidents, singly and in long runs.
fn log() -> Vec<LoggedEvent> {
    let kinds = "iuiiuuuuuuuuuuiiiiiiuiuiuuuuuuu".chars();
    let logged = |(place, kind): (u64, char)| {
        let (kind, audience) = match kind {
            'i' => ("incident.opened.v1", Audience::Members),
            _ => ("user.created.v1", Audience::Administrators),
        };
        let event = Event {
            id: EventId::new(Uuid::from_u128(place.into())),
            kind: kind.to_owned(),
            subject: "a subject".to_owned(),
            audience,
            occurred_at: "2026-01-31T12:00:00Z".parse().expect("a time"),
            payload: "{}".to_owned(),
        };
        // 2, 4, 8, 10, 14, 16, …: gaps of different widths.
        LoggedEvent { position: 2 * place + 2 * (place / 2), event }
    };
    (1..).zip(kinds).map(logged).collect()
}

fn over(log: Vec<LoggedEvent>) -> Logs {
    let mut events = MockEventLog::new();
    events.expect_after().returning(move |position, limit| {
        let later = log.iter().filter(|logged| logged.position > position);
        Ok(later.take(limit.try_into().expect("not many")).cloned().collect())
    });
    Logs::new(Arc::new(MockActionRepository::new()), Arc::new(events))
}

fn is_about_incident(logged: &LoggedEvent) -> bool {
    logged.event.kind.starts_with("incident.")
}

#[tokio::test]
async fn pages_of_any_size_neither_skip_nor_repeat_events() {
    let (scene, log) = (Scene::new(), log());
    let of_incidents: Vec<LoggedEvent> = log.iter().filter(|logged| is_about_incident(logged)).cloned().collect();
    assert!(of_incidents.len() > 10 && log.len() > 2 * of_incidents.len() - 10, "some events are hidden");
    let length = u32::try_from(log.len()).expect("not many");
    for (role, visible) in [(Role::Admin, &log), (Role::Manager, &of_incidents), (Role::Viewer, &of_incidents)] {
        let (caller, logs) = (scene.caller(role).await, over(log.clone()));
        for size in (1..=length + 2).chain([PageSize::MAX]) {
            let page_size = PageSize::parse(size).expect("a size");
            let (mut found, mut after, mut pages) = (Vec::new(), 0, 0);
            loop {
                let page = logs.events(&caller, after, page_size).await.expect("readable");
                assert!(page.events.len() <= size as usize, "{role}, {size} a page");
                assert!(page.next_after > after, "{role}, {size} a page: the position advances past hidden events");
                found.extend(page.events);
                (after, pages) = (page.next_after, pages + 1);
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(found, *visible, "{role}, {size} a page");
            assert_eq!(pages, length.div_ceil(size), "{role}, {size} a page");
            assert_eq!(Some(after), log.last().map(|last| last.position), "{role}, {size} a page");
        }
    }
}

#[tokio::test]
async fn a_reader_at_the_end_of_the_log_stays_there_until_an_event_is_added() {
    let scene = Scene::new();
    let (admin, viewer) = (scene.caller(Role::Admin).await, scene.caller(Role::Viewer).await);
    scene.open(&admin).await;
    for caller in [&admin, &viewer] {
        let first = logs(&scene).events(caller, 0, PageSize::DEFAULT).await.expect("readable");
        assert!(!first.events.is_empty() && !first.has_more);
        let end = logs(&scene).events(caller, first.next_after, PageSize::DEFAULT).await.expect("readable");
        assert_eq!((end.events.len(), end.next_after, end.has_more), (0, first.next_after, false));
        scene.open(&admin).await;
        let more = logs(&scene).events(caller, end.next_after, PageSize::DEFAULT).await.expect("readable");
        assert_eq!(more.events.len(), 1);
    }
    // A position beyond the end is not an error, because the server cannot tell that it is one.
    let beyond = logs(&scene).events(&viewer, u64::MAX, PageSize::DEFAULT).await.expect("readable");
    assert_eq!((beyond.events.len(), beyond.next_after, beyond.has_more), (0, u64::MAX, false));
}

#[tokio::test]
async fn unavailable_logs_are_reported_as_unavailable() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let (mut actions, mut events) = (MockActionRepository::new(), MockEventLog::new());
    actions.expect_list().returning(|_, _, _| Err(StoreError::unavailable("down")));
    events.expect_after().returning(|_, _| Err(StoreError::unavailable("down")));
    let logs = Logs::new(Arc::new(actions), Arc::new(events));
    let page = logs.actions(&admin, ActionFilter::default(), Direction::Descending, FIRST_PAGE).await;
    assert!(matches!(page, Err(QueryError::Unavailable(_))), "{page:?}");
    let page = logs.events(&admin, 0, PageSize::DEFAULT).await;
    assert!(matches!(page, Err(QueryError::Unavailable(_))), "{page:?}");
}
