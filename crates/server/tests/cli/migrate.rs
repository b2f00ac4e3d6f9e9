//! `migrate`, and `user create-admin`.

use tempfile::TempDir;

use crate::program::run;

const DATABASE: [(&str, &str); 1] = [("DATABASE_URL", "sqlite://db/migrated.db")];

#[test]
fn migrate_changes_the_schema_and_its_status_is_an_exit_code() {
    let folder = TempDir::new().expect("a temporary folder");
    let migrate = |arguments: &[&str]| run(folder.path(), &[&["migrate"], arguments].concat(), &DATABASE);
    let before = migrate(&["status"]);
    assert_eq!(before.code, Some(3), "{before:?}");
    assert!(before.stdout.contains("pending") && before.stdout.contains("migrate up"), "{before:?}");
    assert_eq!(migrate(&["up"]).code, Some(0));
    assert_eq!(migrate(&["up"]).code, Some(0), "without pending steps it succeeds too");
    let after = migrate(&["status"]);
    assert_eq!(after.code, Some(0));
    assert!(!after.stdout.contains("pending"), "{after:?}");
    assert_eq!(migrate(&["down"]).code, Some(0));
    assert_eq!(migrate(&["status"]).code, Some(3));
}

#[test]
fn only_one_administrator_can_have_an_email_address() {
    let folder = TempDir::new().expect("a temporary folder");
    let without_schema = run(folder.path(), &["user", "create-admin", "--email", "ada@example.org"], &DATABASE);
    assert_eq!(without_schema.code, Some(3), "{without_schema:?}");
    assert!(without_schema.stderr.contains("incident-server migrate up"), "{without_schema:?}");
    assert_eq!(run(folder.path(), &["migrate", "up"], &DATABASE).code, Some(0));
    let create = |email| run(folder.path(), &["user", "create-admin", "--email", email], &DATABASE);
    let first = create("ada@example.org");
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.stdout.starts_with("admin email: ada@example.org\nadmin password: "), "{first:?}");
    let second = create("ADA@example.org");
    assert_eq!(second.code, Some(1));
    assert_eq!(second.stderr, "error: there is a user with this email already\n");
    assert_eq!(create("nonsense").code, Some(2));
}
