//! Replacing the key that signs access tokens without ending sessions.

use std::fs;

use crate::team::{Team, status_with, token};

/// Made by `openssl genpkey -algorithm ed25519` for these tests.
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIOVNbpZfd2Y+sGAY7QJl8R4tKMuS1iEcfPmJ+91uuXIc
-----END PRIVATE KEY-----
";

const OLD_SECRET: &str = "a secret key that only tests know of";
const NEW_SECRET: &str = "a newer secret key that only tests know";

#[tokio::test]
async fn tokens_of_a_retired_secret_are_accepted_while_it_is_configured() {
    let mut team = Team::new();
    let old = token(&team.serve(), &team.password).await;

    team.set("SECRET_KEY", NEW_SECRET);
    team.set("SECRET_KEYS_RETIRED", OLD_SECRET);
    let server = team.serve();
    assert_eq!(status_with(&server, &old).await, 200, "old tokens are still accepted");
    let new = token(&server, &team.password).await;
    drop(server);

    team.set("SECRET_KEYS_RETIRED", "");
    let server = team.serve();
    assert_eq!(status_with(&server, &old).await, 401);
    assert_eq!(status_with(&server, &new).await, 200);
}

#[tokio::test]
async fn a_server_can_change_from_a_secret_to_a_key_pair_and_back() {
    let mut team = Team::new();
    let old = token(&team.serve(), &team.password).await;

    fs::write(team.path().join("signing.pem"), PRIVATE_KEY).expect("written");
    team.set("ALGORITHM", "EdDSA");
    team.set("SIGNING_KEY_FILE", "signing.pem");
    team.set("SECRET_KEY", "");
    team.set("SECRET_KEYS_RETIRED", OLD_SECRET);
    let server = team.serve();
    assert_eq!(status_with(&server, &old).await, 200);
    let new = token(&server, &team.password).await;
    assert_eq!(status_with(&server, &new).await, 200);
    drop(server);

    team.set("ALGORITHM", "HS256");
    team.set("SECRET_KEY", NEW_SECRET);
    team.set("SECRET_KEYS_RETIRED", "");
    let server = team.serve();
    assert_eq!(status_with(&server, &new).await, 401, "the key pair is no longer configured");
    drop(server);
    team.set("SIGNING_KEY_FILES_RETIRED", "signing.pem");
    assert_eq!(status_with(&team.serve(), &new).await, 200);
}

#[test]
fn the_error_of_an_invalid_key_names_it_without_showing_it() {
    let mut team = Team::new();
    team.set("ALGORITHM", "EdDSA");
    let output = team.run(&["serve"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.starts_with("error: SIGNING_KEY_FILE is not set; it must be a PEM file"), "{output:?}");

    team.set("SIGNING_KEY_FILE", "nowhere.pem");
    let output = team.run(&["serve"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.starts_with("error: nowhere.pem cannot be read: "), "{output:?}");

    fs::write(team.path().join("broken.pem"), PRIVATE_KEY.replace("MC4C", "MC4D")).expect("written");
    team.set("SIGNING_KEY_FILE", "broken.pem");
    let output = team.run(&["serve"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("broken.pem") && !output.stderr.contains("BwBCIEI"), "{output:?}");

    team.set("ALGORITHM", "HS256");
    team.set("SECRET_KEYS_RETIRED", "short-secret");
    let output = team.run(&["serve"]);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.starts_with("error: SECRET_KEYS_RETIRED must be "), "{output:?}");
    assert!(!output.stderr.contains("short-secret"), "{output:?}");
}
