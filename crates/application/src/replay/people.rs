//! Giving the people of a log a user each.

use std::collections::{BTreeSet, HashMap};

use incident_domain::{
    Action, ActionId, Actor, ChangeSet, Email, Event, ExternalName, Origin, Outcome, Role, User, UserId, Version,
    ports::{CommitError, Conflict, UniqueKey},
};

use super::{
    log::{People, Person, PersonKey},
    outcome::ReplayError,
    ports::{KEYS_PER_QUESTION_MAX, ReplayPorts},
};
use crate::published;

/// How often people are looked up anew when somebody else adds the same ones at the same time. Each
/// attempt finds those whom the other has added, so that few are needed.
const ATTEMPTS_MAX: u32 = 16;

/// The users that stand for the people of a log.
pub(super) type Users = HashMap<PersonKey, UserId>;

pub(super) struct Admitted {
    pub(super) users: Users,
    pub(super) added: usize,
}

/// Finds the users of these people, and adds those who are missing: inactive, without a password, with
/// the least role.
pub(super) async fn admit(
    ports: &ReplayPorts,
    source: &ExternalName,
    people: &People,
    needed: BTreeSet<PersonKey>,
) -> Result<Admitted, ReplayError> {
    let mut admitted = Admitted { users: Users::with_capacity(needed.len()), added: 0 };
    let needed: Vec<(PersonKey, &Person)> =
        needed.into_iter().filter_map(|key| Some((key, people.get(key)?))).collect();
    for slice in needed.chunks(KEYS_PER_QUESTION_MAX) {
        admitted.added += admit_slice(ports, source, slice, &mut admitted.users).await?;
    }
    Ok(admitted)
}

async fn admit_slice(
    ports: &ReplayPorts,
    source: &ExternalName,
    people: &[(PersonKey, &Person)],
    users: &mut Users,
) -> Result<usize, ReplayError> {
    let emails: Vec<Email> = people.iter().map(|(_, person)| person.email.clone()).collect();
    let mut last_conflict = Conflict::Duplicate(User::EMAIL);
    for _ in 0..ATTEMPTS_MAX {
        let found = ports.users.find_by_emails(&emails).await?;
        let found: HashMap<&Email, UserId> = found.iter().map(|user| (&user.email, user.id)).collect();
        let missing: Vec<(PersonKey, User)> = people
            .iter()
            .filter(|(_, person)| !found.contains_key(&person.email))
            .map(|(key, person)| (*key, user_for(person, ports)))
            .collect();
        let found = people.iter().filter_map(|(key, person)| Some((*key, *found.get(&person.email)?)));
        users.extend(found);
        if missing.is_empty() {
            return Ok(0);
        }
        let added: Vec<(PersonKey, UserId)> = missing.iter().map(|(key, user)| (*key, user.id)).collect();
        match ports.store.commit(newcomers(missing, source, ports)).await {
            Ok(()) => {
                let count = added.len();
                users.extend(added);
                return Ok(count);
            }
            Err(CommitError::Conflict(conflict @ Conflict::Duplicate(User::EMAIL))) => last_conflict = conflict,
            Err(error) => return Err(error.into()),
        }
    }
    Err(ReplayError::NotStored(last_conflict))
}

/// Kind by kind, so that a store can insert what belongs to one table at once.
fn newcomers(people: Vec<(PersonKey, User)>, source: &ExternalName, ports: &ReplayPorts) -> ChangeSet {
    let actions: Vec<Action> = people.iter().map(|(_, user)| action_of(user, source, ports)).collect();
    let events: Vec<Event> = people.iter().map(|(_, user)| published::of_new_user(user, &*ports.ids)).collect();
    let users = people.into_iter().fold(ChangeSet::new(), |set, (_, user)| set.insert(user));
    actions.into_iter().fold(users, ChangeSet::with_action).insert_all(events)
}

fn user_for(person: &Person, ports: &ReplayPorts) -> User {
    let now = ports.clock.now();
    User {
        id: UserId::new(ports.ids.next_id()),
        email: person.email.clone(),
        name: person.name.clone(),
        role: Role::Viewer,
        is_active: false,
        password_hash: None,
        created_at: now,
        updated_at: now,
        version: Version::FIRST,
    }
}

fn action_of(user: &User, source: &ExternalName, ports: &ReplayPorts) -> Action {
    Action {
        id: ActionId::new(ports.ids.next_id()),
        actor: Actor::Integration(source.clone()),
        kind: "user.import".to_owned(),
        target: format!("user:{}", user.id),
        origin: Origin::default(),
        outcome: Outcome::Done,
        at: user.created_at,
    }
}
