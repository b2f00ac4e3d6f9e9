//! Each cause of a refusal has its own code in the audit log.

use incident_application::{
    identity::{API_TOKENS_PER_USER_MAX, NewApiToken, NewUser, SessionScope, UserChange},
    incidents::{IncidentChange, IncidentRef},
    kernel::{Command, Precondition, Principal},
};
use incident_domain::{
    identity::{Password, Revocation, RevocationReason, Role, SessionSelection, User, UserPatch},
    incidents::{HoldReason, IncidentNumber, IncidentPatch, Resolution, ResolutionCode, Status},
    kernel::{Actor, ApiTokenId, Clock, IdGenerator, Note, Outcome, Patch, Repository, UserId, Version},
    write::{Change, ChangeSet, Store},
};

use crate::{
    command_cases::{new_api_token, new_password, new_user},
    failure::Failure,
    process::Process,
    world::{PASSWORD, Subjects, World, id_of, new_incident},
};

/// The attempt, its action kind in the audit log, and the code of the refusal.
const REFUSED: &[(&str, &str, &str)] = &[
    ("comment on an unknown incident", "incident.comment", "not_found"),
    ("delete an unknown incident", "incident.delete", "not_found"),
    ("resolve an incident that was not acknowledged", "incident.transition", "transition_refused"),
    ("cancel without a resolution", "incident.transition", "required"),
    ("acknowledge with a reason to hold", "incident.transition", "does_not_fit"),
    ("cancel as its own duplicate", "incident.transition", "does_not_fit"),
    ("cancel as a duplicate of an unknown incident", "incident.transition", "unknown_incident"),
    ("assign to an unknown user", "incident.update", "unknown_user"),
    ("change another version of an incident", "incident.update", "precondition_failed"),
    ("delete another version of an incident", "incident.delete", "precondition_failed"),
    ("open an incident after the caller was deleted", "incident.open", "session_ended"),
    ("create a user with a taken address", "user.create", "email_taken"),
    ("create a user with a guessable password", "user.create", "too_guessable"),
    ("create a user after the caller was deleted", "user.create", "forbidden"),
    ("change an unknown user", "user.update", "not_found"),
    ("change another version of a user", "user.update", "precondition_failed"),
    ("change a user to a taken address", "user.update", "email_taken"),
    ("change one's own role", "user.update", "own_account"),
    ("delete oneself", "user.delete", "own_account"),
    ("delete another version of a user", "user.delete", "precondition_failed"),
    ("delete a user who reported an incident", "user.delete", "user_in_use"),
    ("end a session that has ended", "session.revoke", "not_found"),
    ("end the sessions of an unknown user", "session.revoke", "not_found"),
    ("create a token of a higher role", "api_token.create", "role_too_high"),
    ("create a token that never expires", "api_token.create", "out_of_range"),
    ("create one token too many", "api_token.create", "too_many_api_tokens"),
    ("create a token after the caller was deleted", "api_token.create", "session_ended"),
    ("revoke another user's token as one's own", "api_token.revoke", "not_found"),
    ("change a password without knowing it", "user.change_password", "wrong_password"),
    ("change to a guessable password", "user.change_password", "too_guessable"),
    ("change the password of a closed account", "user.change_password", "session_ended"),
];

/// Prepares the state in which the attempt is refused.
async fn prepare(world: &World, on: &mut Subjects, case: &str) {
    match case {
        "create a user with a taken address" | "change a user to a taken address" => {
            let elsewhere = Process::of(world);
            elsewhere.accounts.create(Command::new(&on.caller), new_user()).await.expect("made");
        }
        "delete a user who reported an incident" => {
            let reporter = Principal::user(on.other, Role::Admin, on.caller.origin.clone());
            Process::of(world).incidents.open(Command::new(&reporter), new_incident()).await.expect("opened");
        }
        "end a session that has ended" => {
            let revocation = Revocation { at: world.clock.now(), because: RevocationReason::SignedOut };
            world.store(Change::RevokeSessions { selection: SessionSelection::One(on.session), revocation }).await;
        }
        "create a token of a higher role" => on.caller = as_user(on, id_of(&on.caller), Role::Manager),
        "create one token too many" => {
            for _ in 0..API_TOKENS_PER_USER_MAX {
                world.api_token_of(id_of(&on.caller)).await;
            }
        }
        "change the password of a closed account" => {
            let user = Repository::<User>::find(&*world.memory, id_of(&on.caller)).await.expect("readable");
            let user = user.expect("there");
            let closed = UserPatch { is_active: Some(false), ..UserPatch::default() };
            let changes = ChangeSet::new().update(user.patched(&closed, world.clock.now()), user.version);
            world.memory.commit(changes).await.expect("stored");
        }
        removed if removed.ends_with("after the caller was deleted") => {
            on.caller = as_user(on, unknown_user(world), Role::Admin);
        }
        _ => {}
    }
}

fn as_user(on: &Subjects, id: UserId, role: Role) -> Principal {
    Principal::user(id, role, on.caller.origin.clone())
}

fn unknown_user(world: &World) -> UserId {
    UserId::new(world.ids.next_id())
}

fn guessable() -> Password {
    Password::parse("password1234").expect("long enough")
}

async fn attempt(world: &World, process: &Process, on: &Subjects, case: &str) -> Result<(), Failure> {
    let Process { incidents, accounts, auth, .. } = process;
    let (caller, any) = (&on.caller, Precondition::None);
    let others = Precondition::Versions(vec![Version::new(7)]);
    let of_none = IncidentRef::Number(IncidentNumber::new(7));
    match case {
        "comment on an unknown incident" => {
            let text = Note::parse("hello").expect("a remark");
            incidents.comment(Command::new(caller), of_none, &text).await?;
        }
        "delete an unknown incident" => incidents.delete(Command::new(caller), of_none, &any).await?,
        "delete another version of an incident" => {
            incidents.delete(Command::new(caller), on.incident, &others).await?;
        }
        "change another version of an incident" => {
            incidents.change(Command::new(caller), on.incident, &IncidentChange::default(), &others).await?;
        }
        "open an incident after the caller was deleted" => {
            drop(incidents.open(Command::new(caller), new_incident()).await?);
        }
        "create a user with a guessable password" => {
            let new = NewUser { password: guessable(), ..new_user() };
            accounts.create(Command::new(caller), new).await?;
        }
        "create a user with a taken address" | "create a user after the caller was deleted" => {
            accounts.create(Command::new(caller), new_user()).await?;
        }
        "change an unknown user" => {
            accounts.update(Command::new(caller), unknown_user(world), UserChange::default(), &any).await?;
        }
        "change another version of a user" => {
            accounts.update(Command::new(caller), on.other, UserChange::default(), &others).await?;
        }
        "change a user to a taken address" => {
            let change = UserChange { email: Some(new_user().email), ..UserChange::default() };
            accounts.update(Command::new(caller), on.other, change, &any).await?;
        }
        "change one's own role" => {
            let change = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
            accounts.update(Command::new(caller), id_of(caller), change, &any).await?;
        }
        "delete oneself" => accounts.delete(Command::new(caller), id_of(caller), &any).await?,
        "delete another version of a user" => accounts.delete(Command::new(caller), on.other, &others).await?,
        "delete a user who reported an incident" => accounts.delete(Command::new(caller), on.other, &any).await?,
        "end a session that has ended" => auth.end_session(Command::new(caller), on.other, on.session).await?,
        "end the sessions of an unknown user" => {
            auth.end_sessions(Command::new(caller), unknown_user(world), SessionScope::All).await?;
        }
        "create a token of a higher role" => {
            let new = NewApiToken { role: Role::Admin, ..new_api_token() };
            auth.create_api_token(Command::new(caller), new).await?;
        }
        "create a token that never expires" => {
            let new = NewApiToken { lifetime_days: u32::MAX, ..new_api_token() };
            auth.create_api_token(Command::new(caller), new).await?;
        }
        "create one token too many" | "create a token after the caller was deleted" => {
            auth.create_api_token(Command::new(caller), new_api_token()).await?;
        }
        "revoke another user's token as one's own" => {
            auth.revoke_api_token(Command::new(caller), id_of(caller), on.token).await?;
        }
        "change a password without knowing it" => {
            auth.change_password(Command::new(caller), "wrong".to_owned(), new_password()).await?;
        }
        "change to a guessable password" => {
            auth.change_password(Command::new(caller), PASSWORD.to_owned(), guessable()).await?;
        }
        "change the password of a closed account" => {
            auth.change_password(Command::new(caller), PASSWORD.to_owned(), new_password()).await?;
        }
        step => {
            let change = refused_change(world, on, step);
            incidents.change(Command::new(caller), on.incident, &change, &any).await?;
        }
    }
    Ok(())
}

fn refused_change(world: &World, on: &Subjects, case: &str) -> IncidentChange {
    let to = |status| IncidentChange { status: Some(status), ..IncidentChange::default() };
    let duplicate = |of| IncidentChange {
        resolution: Some(Resolution { code: ResolutionCode::Duplicate, note: None }),
        duplicate_of: Some(of),
        ..to(Status::Cancelled)
    };
    match case {
        "resolve an incident that was not acknowledged" => IncidentChange {
            resolution: Some(Resolution { code: ResolutionCode::Fixed, note: None }),
            ..to(Status::Resolved)
        },
        "cancel without a resolution" => to(Status::Cancelled),
        "acknowledge with a reason to hold" => {
            IncidentChange { hold_reason: Some(HoldReason::AwaitingUser), ..to(Status::Investigating) }
        }
        "cancel as its own duplicate" => duplicate(on.incident),
        "cancel as a duplicate of an unknown incident" => duplicate(IncidentRef::Number(IncidentNumber::new(7))),
        "assign to an unknown user" => {
            let patch = IncidentPatch { assigned_to: Patch::Set(unknown_user(world)), ..IncidentPatch::default() };
            IncidentChange { patch, ..IncidentChange::default() }
        }
        other => panic!("unknown attempt: {other}"),
    }
}

#[tokio::test]
async fn each_cause_of_a_refusal_is_audited_under_its_own_code() {
    for (case, kind, code) in REFUSED {
        let world = World::new();
        let (process, mut on) = (Process::of(&world), world.subjects().await);
        prepare(&world, &mut on, case).await;
        let (facts, actions) = (world.facts().await, world.actions().await);
        let outcome = attempt(&world, &process, &on, case).await;
        assert!(outcome.is_err(), "{case}");

        assert_eq!(world.facts().await, facts, "{case}");
        let mut actions_now = world.actions().await;
        let action = actions_now.remove(0);
        assert_eq!(actions_now, actions, "{case}: {outcome:?}");
        assert_eq!((action.kind.as_str(), action.actor), (*kind, Actor::User(id_of(&on.caller))), "{case}");
        assert_eq!(action.outcome, Outcome::Refused { because: (*code).to_owned() }, "{case}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_audit_names_the_requested_target_when_it_does_not_exist() {
    let world = World::new();
    let (process, on) = (Process::of(&world), world.subjects().await);
    let (unknown_user, none) = (unknown_user(&world), ApiTokenId::new(world.ids.next_id()));
    attempt(&world, &process, &on, "delete an unknown incident").await.expect_err("refused");
    process.accounts.delete(Command::new(&on.caller), unknown_user, &Precondition::None).await.expect_err("refused");
    process.auth.end_sessions(Command::new(&on.caller), unknown_user, SessionScope::All).await.expect_err("refused");
    process.auth.revoke_api_token(Command::new(&on.caller), on.other, none).await.expect_err("refused");
    let targets: Vec<String> = world.actions().await.into_iter().take(4).map(|action| action.target).collect();
    let expected = [
        format!("api_token:{none}"),
        format!("user:{unknown_user}"),
        format!("user:{unknown_user}"),
        "incident:INC-7".to_owned(),
    ];
    assert_eq!(targets, expected);
}
