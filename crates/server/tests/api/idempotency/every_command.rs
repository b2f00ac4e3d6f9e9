//! Every command of the OpenAPI document, sent twice with one key.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;

use super::Happened;
use crate::{
    matrix::{Caller, Fixtures, Kind, Operation, Row, Whose, all_rows, documented, operations},
    support::TestServer,
};

/// The expected outcome of the repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeated {
    /// The response to the first request.
    Replayed,
    /// A refusal: the command has ended the caller's session.
    SignedOut,
}

/// A command, whose resources it is about, and the outcome of its repetition. Its body is that of the authorisation
/// matrix.
#[derive(Clone, Copy)]
struct Command {
    operation: &'static str,
    query: &'static str,
    whose: Whose,
    repeated: Repeated,
}

const fn command(operation: &'static str, whose: Whose) -> Command {
    Command { operation, query: "", whose, repeated: Repeated::Replayed }
}

const COMMANDS: &[Command] = &[
    Command { repeated: Repeated::SignedOut, ..command("logout", Whose::Own) },
    command("change_password", Whose::Own),
    Command { repeated: Repeated::SignedOut, ..command("end_my_sessions", Whose::Own) },
    Command { query: "?keep_current=true", ..command("end_my_sessions", Whose::Own) },
    command("end_my_session", Whose::Own),
    command("create_api_token", Whose::Own),
    command("revoke_my_api_token", Whose::Own),
    command("patch_me", Whose::Own),
    command("create_user", Whose::Others),
    command("patch_user", Whose::Others),
    command("delete_user", Whose::Others),
    Command { repeated: Repeated::SignedOut, ..command("end_user_sessions", Whose::Own) },
    command("end_user_sessions", Whose::Others),
    command("end_user_session", Whose::Own),
    command("end_user_session", Whose::Others),
    command("revoke_user_api_token", Whose::Own),
    command("revoke_user_api_token", Whose::Others),
    command("open_incident", Whose::Others),
    command("patch_incident", Whose::Others),
    command("comment_incident", Whose::Others),
    command("delete_incident", Whose::Others),
    command("change_incidents", Whose::Others),
    command("create_task", Whose::Others),
    command("change_task", Whose::Others),
    command("delete_task", Whose::Others),
    command("create_incident_task", Whose::Others),
    command("create_category", Whose::Others),
    command("change_category", Whose::Others),
    command("delete_category", Whose::Others),
    command("create_view", Whose::Own),
    command("change_view", Whose::Own),
    command("delete_view", Whose::Own),
    command("run_job_again", Whose::Others),
];

/// Returns the commands above, and those of ordinary resources.
fn all_commands() -> impl Iterator<Item = Command> {
    let commands = commands();
    let documented = documented::rows().into_iter().map(|row| row.operation);
    let documented = documented.filter(move |operation| commands.contains_key(*operation));
    COMMANDS.iter().copied().chain(documented.map(|operation| command(operation, Whose::Others)))
}

/// Returns the operations that accept a key.
fn commands() -> BTreeMap<String, Operation> {
    let mut operations = operations();
    let commands = [Method::POST, Method::PATCH, Method::DELETE];
    operations.retain(|_, operation| operation.needs_token && commands.contains(&operation.method));
    operations
}

#[test]
fn every_command_has_a_row() {
    let commands = commands();
    let with_row: BTreeSet<&str> = all_commands().map(|command| command.operation).collect();
    let described: BTreeSet<&str> = commands.keys().map(String::as_str).collect();
    assert_eq!(described, with_row, "add the outcome of a repetition to idempotency/every_command.rs");
    assert!(described.len() >= 28, "{described:?}");
}

#[tokio::test]
async fn every_repeated_command_has_one_effect_and_equal_responses() {
    let server = TestServer::start().await;
    let (commands, mut asked) = (commands(), 0);
    for command in all_commands() {
        for row in all_rows().filter(|row| row.operation == command.operation) {
            ask_twice(&server, &command, &row, &commands[command.operation]).await;
            asked += 1;
        }
    }
    assert!(asked >= 36, "only {asked} were asked");
}

async fn ask_twice(server: &TestServer, command: &Command, row: &Row, operation: &Operation) {
    let what = format!("{}{} of {:?}", command.operation, command.query, command.whose);
    let root = server.root().await;
    let caller = Caller::make(server, &Kind::Session("admin")).await;
    let fixtures = Fixtures::make(server, row, &operation.path, &caller, command.whose).await;
    let path = format!("{}{}", fixtures.fill_in(&operation.path), command.query);
    let body = row.body(&fixtures);
    let send = |key| caller.client.keyed(operation.method.clone(), &path, key, &body);

    let before = Happened::seen_by(root).await;
    let first = send("a key").await;
    assert!(first.status.is_success(), "{what}: {first:?}");
    assert!(!first.headers.contains_key("idempotency-replayed"), "{what}: {first:?}");
    let after = Happened::seen_by(root).await;
    assert_eq!(after.actions, before.actions + 1, "{what}");
    assert!(after.events > before.events, "{what}");

    for key in ["a key", "\"a key\""] {
        let again = send(key).await;
        match command.repeated {
            Repeated::Replayed => {
                assert_eq!(again.replayable_parts(), first.replayable_parts(), "{what}");
                assert!(again.is_replayed(), "{what}: {again:?}");
                assert_ne!(again.header("x-request-id"), first.header("x-request-id"), "{what}");
            }
            Repeated::SignedOut => assert_eq!(again.code(), (401, "session_ended"), "{what}"),
        }
    }
    assert_eq!(Happened::seen_by(root).await, after, "{what}: it was done again");

    // The action contains the id of the request that took effect.
    let newest = root.get("/api/v1/actions?page_size=1").await.items()[0].clone();
    assert_eq!(newest["request_id"], first.header("x-request-id"), "{what}");
    assert_eq!(newest["outcome"], "done", "{what}");
}
