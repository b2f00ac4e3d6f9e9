//! Actions of all sorts, and filters that tell them apart.

use chrono::TimeDelta;
use incident_domain::{
    kernel::{Action, ActionFilter, ActionId, Actor, Outcome, OutcomeKind, Timestamp, UserId},
    write::ChangeSet,
};

use crate::{
    full::external_name,
    scene::{Scene, timestamp},
};

/// How many there are: no multiple of the length of any list below, or combinations would be missing.
const SIZE: usize = 71;
/// A step that has no divisor in common with the size visits every place once.
const STEP: usize = 27;

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// Kinds and targets that a careless comparison takes for one another.
const KINDS: &[&str] =
    &["incident.transition", "Incident.Transition", "incident_transition", "incident.transitio", "%", "", "kind "];
const TARGETS: &[&str] = &["incident:1", "incident:10", "INCIDENT:1", "incident:_", "incident:1 ", "'"];

/// Everything that is stored, and who did it.
pub(crate) struct Audit {
    newest_first: Vec<Action>,
    users: [UserId; 3],
    stranger: UserId,
}

impl Audit {
    /// Stores actions in an order that is neither that of their ids nor that of their times.
    pub(crate) async fn keep(scene: &Scene) -> Self {
        // None of them is stored: what somebody did stays when they are gone.
        let [users @ .., stranger] = std::array::from_fn::<_, 4, _>(|_| UserId::new(scene.uuid()));
        let start = scene.now();
        let mut newest_first: Vec<_> = (0..SIZE).map(|index| kept(scene, index, users, start)).collect();
        newest_first.sort_by_key(|action| std::cmp::Reverse(action.id));

        let shuffled: Vec<_> = (0..SIZE).map(|index| newest_first[index * STEP % SIZE].clone()).collect();
        for set in shuffled.chunks(9) {
            scene.commit(ChangeSet::new().insert_all(set.iter().cloned())).await;
        }
        Self { newest_first, users, stranger }
    }

    /// What a list with this filter must contain, in its order.
    pub(crate) fn matching(&self, filter: &ActionFilter) -> Vec<Action> {
        self.newest_first.iter().filter(|action| filter.matches(action)).cloned().collect()
    }

    /// Each condition alone and conditions together, such as nothing fulfils among them.
    pub(crate) fn filters(&self) -> Vec<ActionFilter> {
        let any = ActionFilter::default;
        let text = |text: &str| Some(text.to_owned());
        let [ada, bob, _] = self.users.map(Some);
        let refused = Some(OutcomeKind::Refused);
        let mut filters = vec![
            any(),
            ActionFilter { actor: Some(self.stranger), ..any() },
            ActionFilter { kind: text("incident"), ..any() },
            ActionFilter { target: text(""), ..any() },
            ActionFilter { actor: ada, outcome: refused, ..any() },
            ActionFilter { actor: bob, kind: text(KINDS[0]), ..any() },
            ActionFilter { kind: text(KINDS[1]), target: text(TARGETS[1]), ..any() },
            ActionFilter { target: text(TARGETS[0]), outcome: Some(OutcomeKind::Done), ..any() },
        ];
        filters.extend(self.users.map(|user| ActionFilter { actor: Some(user), ..any() }));
        filters.extend(KINDS.iter().map(|kind| ActionFilter { kind: text(kind), ..any() }));
        filters.extend(TARGETS.iter().map(|target| ActionFilter { target: text(target), ..any() }));
        filters.extend(OutcomeKind::ALL.iter().map(|outcome| ActionFilter { outcome: Some(*outcome), ..any() }));
        filters.extend(self.newest_first.iter().step_by(10).flat_map(|action| times_around(action.at)));
        // One that has every condition and still finds something.
        filters.extend(self.newest_first.iter().find_map(every_condition));
        filters
    }
}

/// From a time on, up to it, and both; to the microsecond, and the wrong way round.
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

/// The one with this index; each property comes round at its own pace.
fn kept(scene: &Scene, index: usize, users: [UserId; 3], start: Timestamp) -> Action {
    let [ada, bob, eve] = users;
    // Others may be called what a user's id looks like.
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
    let microseconds = i64::try_from(index * 31 % (SIZE / 2)).expect("a small number");
    let at = match index {
        0 => timestamp(-1),
        1 => timestamp(253_402_300_799_999_998),
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
