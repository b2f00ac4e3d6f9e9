//! The audit.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{
    Action, ActionFilter, ActionId, Actor, ApiTokenId, Direction, Origin, Outcome, OutcomeKind, Page, PageRequest,
    PageSize, SessionId, StoreError, Timestamp, UniqueKey, UserId,
};

use crate::{
    Ports,
    extremes::{actors, before_1970, end_of_time, external_name, odd},
    scene::Scene,
    standard::{List, Specimen, World},
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

#[async_trait]
impl Specimen for Action {
    /// Each kind of actor with each outcome. A request comes from a session or with an API token, never both. An empty
    /// reason is still a reason.
    fn specimens(scene: &Scene, _world: &World) -> Vec<Self> {
        let refused = |because: String| Outcome::Refused { because };
        let outcomes =
            [Outcome::Done, refused("transition_refused".to_owned()), refused(odd(64)), refused(String::new())];
        let ends = actors(scene).into_iter().flat_map(|actor| outcomes.clone().map(|outcome| (actor.clone(), outcome)));
        let action = |(index, (actor, outcome)): (usize, _)| Self {
            actor,
            outcome,
            target: odd(200),
            origin: Origin {
                session_id: (index % 2 == 0).then(|| SessionId::new(scene.uuid())),
                api_token_id: (index % 2 == 1).then(|| ApiTokenId::new(scene.uuid())),
                ip: Some("203.0.113.7".to_owned()),
                request_id: Some(odd(64)),
            },
            ..scene.action()
        };
        ends.enumerate().map(action).chain([scene.action()]).collect()
    }

    fn with_value_of(self, _key: UniqueKey, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        let (mut cursor, size) = (None, PageSize::DEFAULT);
        loop {
            let page = PageRequest::After { cursor, size };
            let page = ports.actions.list(&ActionFilter::default(), Direction::Descending, page).await;
            let page = page.expect("actions can be read");
            if let Some(found) = page.items.iter().find(|action| action.id == self.id) {
                return Some(found.clone());
            }
            cursor = Some(page.items.last().filter(|_| page.has_more)?.id);
        }
    }
}

/// How many actions are listed: no multiple of the length of any list of values below, which would leave out
/// combinations.
const COUNT: usize = 71;
/// A step without a common divisor with the count, which visits every index once.
const STEP: usize = 27;

/// Kinds and targets that a careless comparison takes for one another.
const KINDS: &[&str] =
    &["incident.transition", "Incident.Transition", "incident_transition", "incident.transitio", "%", "", "kind "];
const TARGETS: &[&str] = &["incident:1", "incident:10", "INCIDENT:1", "incident:_", "incident:1 ", "'"];

/// The actions of some users, or all.
#[derive(Debug)]
pub struct Audit;

#[async_trait]
impl List for Audit {
    type Item = Action;
    type Filter = ActionFilter;
    type Order = Direction;

    async fn items(scene: &Arc<Scene>) -> Vec<Action> {
        // None of the users is stored: actions stay when the user is deleted.
        let users = std::array::from_fn(|_| UserId::new(scene.uuid()));
        let start = scene.now();
        let mut actions: Vec<_> = (0..COUNT).map(|index| action(scene, index, users, start)).collect();
        actions.sort_by_key(|action| action.id);
        (0..COUNT).map(|index| actions[index * STEP % COUNT].clone()).collect()
    }

    fn filters(scene: &Scene, items: &[Action]) -> Vec<ActionFilter> {
        let any = ActionFilter::default;
        let text = |text: &str| Some(text.to_owned());
        let refused = Some(OutcomeKind::Refused);
        let mut users: Vec<_> = items.iter().filter_map(|action| action.actor.user()).collect();
        users.sort_unstable();
        users.dedup();
        let (ada, bob) = (Some(users[0]), Some(users[1]));
        let mut filters = vec![
            any(),
            ActionFilter { outcome: refused, ..any() },
            ActionFilter { actor: Some(UserId::new(scene.uuid())), ..any() },
            ActionFilter { kind: text("incident"), ..any() },
            ActionFilter { target: text(""), ..any() },
            ActionFilter { actor: ada, outcome: refused, ..any() },
            ActionFilter { actor: bob, kind: text(KINDS[0]), ..any() },
            ActionFilter { kind: text(KINDS[1]), target: text(TARGETS[1]), ..any() },
            ActionFilter { target: text(TARGETS[0]), outcome: Some(OutcomeKind::Done), ..any() },
        ];
        filters.extend(users.into_iter().map(|user| ActionFilter { actor: Some(user), ..any() }));
        filters.extend(KINDS.iter().map(|kind| ActionFilter { kind: text(kind), ..any() }));
        filters.extend(TARGETS.iter().map(|target| ActionFilter { target: text(target), ..any() }));
        filters.extend(OutcomeKind::ALL.iter().map(|outcome| ActionFilter { outcome: Some(*outcome), ..any() }));
        filters.extend(items.iter().step_by(10).flat_map(|action| times_around(action.at)));
        filters.extend(items.iter().find_map(every_condition));
        filters
    }

    fn matches(filter: &ActionFilter, action: &Action) -> bool {
        filter.matches(action)
    }

    fn orders() -> Vec<Direction> {
        vec![Direction::Descending, Direction::Ascending]
    }

    async fn list(
        ports: &Ports,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError> {
        ports.actions.list(filter, direction, page).await
    }
}

/// Makes filters that begin at a time, end at it, or both, to the microsecond, and one that ends before it begins.
fn times_around(at: Timestamp) -> [ActionFilter; 7] {
    let within =
        |since: Option<Timestamp>, until: Option<Timestamp>| ActionFilter { since, until, ..ActionFilter::default() };
    let (before, after) = (at - MICROSECOND, at + MICROSECOND);
    [
        within(Some(at), None),
        within(Some(after), None),
        within(None, Some(at)),
        within(None, Some(after)),
        within(Some(at), Some(after)),
        within(Some(at), Some(at)),
        within(Some(after), Some(before)),
    ]
}

fn every_condition(action: &Action) -> Option<ActionFilter> {
    let is_refused = action.outcome.kind() == OutcomeKind::Refused;
    is_refused.then_some(ActionFilter {
        actor: Some(action.actor.user()?),
        kind: Some(action.kind.clone()),
        target: Some(action.target.clone()),
        outcome: Some(OutcomeKind::Refused),
        since: Some(action.at),
        until: Some(action.at + MICROSECOND),
    })
}

/// Makes the action with this index; each property changes at its own pace.
fn action(scene: &Scene, index: usize, users: [UserId; 3], start: Timestamp) -> Action {
    let [ada, bob, eve] = users;
    // Other actors may have a user's id as their name.
    let namesake = external_name(&ada.to_string());
    let actors = [
        Actor::User(ada),
        Actor::System,
        Actor::User(bob),
        Actor::Integration(namesake.clone()),
        Actor::Anonymous,
        Actor::User(eve),
        Actor::Agent(namesake),
        Actor::User(ada),
    ];
    let refused = |because: &str| Outcome::Refused { because: because.to_owned() };
    let outcomes = [Outcome::Done, refused("transition_refused"), Outcome::Done, refused(""), refused("forbidden")];
    let microseconds = i64::try_from(index * 31 % (COUNT / 2)).expect("a small number");
    let at = match index {
        0 => before_1970(),
        1 => end_of_time() - MICROSECOND,
        // Some at the same time.
        _ => start + TimeDelta::microseconds(microseconds),
    };
    Action {
        id: ActionId::new(scene.scattered_uuid(index)),
        actor: actors[index % actors.len()].clone(),
        kind: KINDS[index / 2 % KINDS.len()].to_owned(),
        target: TARGETS[index / 3 % TARGETS.len()].to_owned(),
        outcome: outcomes[index % outcomes.len()].clone(),
        at,
        ..scene.action()
    }
}
