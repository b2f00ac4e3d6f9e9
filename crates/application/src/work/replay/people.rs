//! Finding or adding a user for each person of a log.

use std::collections::{BTreeSet, HashMap};

use incident_domain::{
    identity::{Email, Role, User},
    kernel::{Action, Actor, Conflict, Event, ExternalName, Origin, UserId, Version},
    write::{ChangeSet, CommitError},
};

use super::{
    log::{People, Person, PersonKey},
    outcome::ReplayError,
    ports::{KEYS_PER_CALL_MAX, ReplayPorts},
};
use crate::kernel::{Published as _, action, target};

/// How often people are looked up again when another writer adds the same ones at the same time. Each attempt finds those
/// whom the other has added, so that few are needed.
const ATTEMPTS_MAX: u32 = 16;

/// The users that stand for the people of a log.
pub(super) type Users = HashMap<PersonKey, UserId>;

/// The users of the people of a log, and how many of them were added.
pub(super) struct FoundUsers {
    pub(super) users: Users,
    pub(super) added: usize,
}

/// Finds the users of these people, and adds those who are missing: inactive, without a password, with the least role.
pub(super) async fn users_of(
    ports: &ReplayPorts,
    source: &ExternalName,
    people: &People,
    needed: BTreeSet<PersonKey>,
) -> Result<FoundUsers, ReplayError> {
    let mut found = FoundUsers { users: Users::with_capacity(needed.len()), added: 0 };
    let needed: Vec<(PersonKey, &Person)> =
        needed.into_iter().filter_map(|key| Some((key, people.get(key)?))).collect();
    for slice in needed.chunks(KEYS_PER_CALL_MAX) {
        found.added += users_of_slice(ports, source, slice, &mut found.users).await?;
    }
    Ok(found)
}

async fn users_of_slice(
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
        match ports.store.commit(adding(missing, source, ports)).await {
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

/// Adds users, kind of record by kind of record, so that a store can insert those of one table at once.
fn adding(people: Vec<(PersonKey, User)>, source: &ExternalName, ports: &ReplayPorts) -> ChangeSet {
    let actions: Vec<Action> = people.iter().map(|(_, user)| action_of(user, source, ports)).collect();
    let events: Vec<Event> =
        people.iter().map(|(_, user)| user.event("created", user.created_at, &*ports.ids)).collect();
    let users = people.into_iter().map(|(_, user)| user);
    ChangeSet::new().insert_all(users).insert_all(actions).insert_all(events)
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
    let by = Actor::Integration(source.clone());
    action(by, Origin::default(), "user.import", target(user.id), user.created_at, &*ports.ids)
}
