//! Settings, help and invalid arguments.

use rcgen::generate_simple_self_signed;
use tempfile::TempDir;

use crate::program::{Server, incident_server, run};

const SECRETS: [(&str, &str); 6] = [
    ("DATABASE_URL", "postgres://ada:hunter2-hunter2@localhost/incidents?sslkey=also-secret"),
    ("SECRET_KEY", "a secret key that only tests know of"),
    ("SECRET_KEYS_RETIRED", "an older secret key that only tests know, another secret key that only tests know"),
    ("TIMELINE_KEY", "a timeline key that only tests know"),
    ("TIMELINE_KEYS_RETIRED", "an older timeline key that only tests know"),
    ("REDIS_URL", "redis://ada:hunter2-hunter2@localhost/1"),
];

#[test]
fn config_check_prints_the_values_in_force_without_secrets() {
    let folder = TempDir::new().expect("a temporary folder");
    let others = [
        ("API_WORKERS", "3"),
        ("PASSWORD_HASH_THREADS", "2"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,::1"),
        ("OTLP_ENDPOINT", "http://ada:hunter2-hunter2@localhost:4318/?token=also-secret"),
    ];
    let output = run(folder.path(), &["config", "check"], &[&SECRETS[..], &others].concat());
    assert_eq!(output.code, Some(0), "{output:?}");
    insta::assert_snapshot!("config_check", output.stdout);
    for secret in ["hunter2", "also-secret", "only tests know"] {
        assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret), "{secret} is shown: {output:?}");
    }
}

#[test]
fn the_error_of_an_invalid_value_names_the_setting_and_what_is_allowed_but_not_the_value() {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, value) in [
        ("API_PORT", "70000"),
        ("API_HOST", "everywhere"),
        ("API_WORKERS", "0"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_ECHO", "perhaps"),
        ("DATABASE_CONNECTIONS_MAX", "0"),
        ("SECRET_KEY", "short-secret"),
        ("TIMELINE_KEY", "short-secret"),
        ("SECRET_KEY", "00000000000000000000000000000000"),
        ("TIMELINE_KEY", "abcabcabcabcabcabcabcabcabcabcabc"),
        ("SECRET_KEYS_RETIRED", "00000000000000000000000000000000"),
        ("ALGORITHM", "none"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "-1"),
        ("REFRESH_TOKEN_EXPIRE_DAYS", "1e3"),
        ("BCRYPT_COST", "31"),
        ("STOP_TIMEOUT_SECONDS", "soon"),
        ("SECRET_KEYS_RETIRED", "short-secret"),
        ("TIMELINE_KEYS_RETIRED", "short-secret"),
        ("SESSION_IDLE_DAYS", "0"),
        ("PASSWORD_HASH_THREADS", "0"),
        ("SIGN_INS_PER_MINUTE", "0"),
        ("SIGN_INS_PER_ADDRESS_PER_MINUTE", "many"),
        ("REQUESTS_PER_MINUTE", "-1"),
        ("REQUESTS_IN_FLIGHT_MAX", "0"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("REDIS_URL", "http://localhost"),
        ("REQUEST_TIMEOUT_SECONDS", "0"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://incidents.example.org/"),
        ("DEBUG", "perhaps"),
    ] {
        let output = run(folder.path(), &["config", "check"], &[&SECRETS[..], &[(name, value)]].concat());
        assert_eq!(output.code, Some(2), "{name}={value}: {output:?}");
        assert!(output.stderr.starts_with(&format!("error: {name} must be ")), "{output:?}");
        assert!(!output.stderr.contains("short-secret"), "{output:?}");
    }
}

#[test]
fn one_secret_cannot_sign_tokens_and_seal_timelines() {
    let folder = TempDir::new().expect("a temporary folder");
    let key = "an older secret key that only tests know";
    for name in ["TIMELINE_KEY", "TIMELINE_KEYS_RETIRED"] {
        let output = run(folder.path(), &["config", "check"], &[&SECRETS[..], &[(name, key)]].concat());
        assert_eq!(output.code, Some(2), "{name}: {output:?}");
        assert!(output.stderr.starts_with("error: SECRET_KEY and TIMELINE_KEY must differ"), "{output:?}");
        assert!(!output.stderr.contains(key), "{output:?}");
    }
}

#[test]
fn the_file_dotenv_the_environment_and_flags_override_each_other_in_this_order() {
    let folder = TempDir::new().expect("a temporary folder");
    let port = |environment: &[(&str, &str)]| {
        let output = run(folder.path(), &["config", "check"], &[&SECRETS[..], environment].concat());
        output.stdout.lines().find_map(|line| line.strip_prefix("API_PORT = ")).map(str::to_owned)
    };
    assert_eq!(port(&[]).as_deref(), Some("8080"));
    std::fs::write(folder.path().join("incident-server.toml"), "api_port = 1001\nlog_level = \"warn\"\n")
        .expect("written");
    assert_eq!(port(&[]).as_deref(), Some("1001"));
    std::fs::write(folder.path().join(".env"), "API_PORT=1002\nUNRELATED=1\n").expect("written");
    assert_eq!(port(&[]).as_deref(), Some("1002"));
    assert_eq!(port(&[("API_PORT", "1003")]).as_deref(), Some("1003"));
    let mut served = incident_server(folder.path(), &["serve", "--port", "0"]);
    served.envs(SECRETS).env("DATABASE_URL", "sqlite://served.db").env_remove("REDIS_URL").env("API_PORT", "1003");
    assert_ne!(Server::start(served).url, "http://127.0.0.1:1003");
}

#[test]
fn a_certificate_needs_its_key_and_both_files_must_be_valid() {
    let folder = TempDir::new().expect("a temporary folder");
    let ours = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let other = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    for (file, text) in [
        ("ours.pem", ours.cert.pem()),
        ("ours.key", ours.signing_key.serialize_pem()),
        ("other.key", other.signing_key.serialize_pem()),
        ("empty.pem", String::new()),
    ] {
        std::fs::write(folder.path().join(file), text).expect("written");
    }
    let check = |certificate: &str, key: &str| {
        let tls = [("TLS_CERTIFICATE_FILE", certificate), ("TLS_KEY_FILE", key)];
        let output = run(folder.path(), &["config", "check"], &[&SECRETS[..], &tls].concat());
        (output.code, output.stderr)
    };
    assert_eq!(check("ours.pem", "ours.key"), (Some(0), String::new()));
    for (certificate, key, name, reason) in [
        ("ours.pem", "", "TLS_KEY_FILE is not set; it must be ", "the private key of TLS_CERTIFICATE_FILE"),
        ("", "ours.key", "TLS_CERTIFICATE_FILE is not set; it must be ", "the certificate of this server"),
        ("nowhere.pem", "ours.key", "TLS_CERTIFICATE_FILE must be ", "; nowhere.pem cannot be read"),
        ("ours.pem", "nowhere.key", "TLS_KEY_FILE must be ", "; nowhere.key cannot be read"),
        ("empty.pem", "ours.key", "TLS_CERTIFICATE_FILE must be ", "; empty.pem has no certificate"),
        ("ours.pem", "ours.pem", "TLS_KEY_FILE must be ", "; ours.pem has no private key"),
        ("ours.pem", "other.key", "TLS_KEY_FILE must be ", "; other.key is not the key of the certificate"),
    ] {
        let (code, error) = check(certificate, key);
        assert_eq!(code, Some(2), "{certificate} {key}: {error}");
        assert!(error.starts_with(&format!("error: {name}")) && error.contains(reason), "{error}");
    }
    let mut served = incident_server(folder.path(), &["serve", "--port", "0"]);
    served.envs(SECRETS).env("DATABASE_URL", "sqlite://served.db").env_remove("REDIS_URL");
    served.env("TLS_CERTIFICATE_FILE", "ours.pem").env("TLS_KEY_FILE", "ours.key");
    let url = Server::start(served).url.clone();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
}

#[test]
fn an_unknown_setting_is_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join("mine.toml"), "api_prot = 1\n").expect("written");
    let output = run(folder.path(), &["config", "check", "--config", "mine.toml"], &SECRETS);
    assert_eq!(output.code, Some(2));
    assert!(
        output.stderr.starts_with("error: mine.toml: there is no setting API_PROT; known are: API_HOST"),
        "{output:?}"
    );
    let output = run(folder.path(), &["config", "check", "--config", "nowhere.toml"], &SECRETS);
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.starts_with("error: nowhere.toml cannot be read"), "{output:?}");
}

#[test]
fn the_error_of_a_missing_secret_says_how_to_make_one() {
    let folder = TempDir::new().expect("a temporary folder");
    let output = run(folder.path(), &["serve"], &[]);
    assert_eq!(output.code, Some(2));
    let expected = "error: SECRET_KEY is not set; it must be at least 32 random characters, such as `openssl rand -hex 32` makes\n";
    assert_eq!(output.stderr, expected);
}

#[test]
fn the_help_of_commands_is_as_recorded() {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_quickstart", &["quickstart", "--help"]),
        ("help_serve", &["serve", "--help"]),
        ("help_user", &["user", "--help"]),
        ("help_reset_password", &["user", "reset-password", "--help"]),
        ("help_session", &["session", "--help"]),
        ("help_jobs", &["jobs", "--help"]),
        ("help_jobs_list", &["jobs", "list", "--help"]),
        ("help_import", &["import", "servicenow", "--help"]),
        ("help_verify", &["verify", "--help"]),
        ("help_export_timelines", &["export", "timelines", "--help"]),
        ("help_backup", &["backup", "--help"]),
    ] {
        insta::assert_snapshot!(name, run(folder.path(), arguments, &[]).stdout);
    }
    assert_eq!(run(folder.path(), &["--nonsense"], &[]).code, Some(2));
}

#[test]
fn env_example_and_the_settings_page_are_what_the_code_says() {
    let folder = TempDir::new().expect("a temporary folder");
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    for (file, command) in [(".env.example", "example"), ("docs/settings.md", "reference")] {
        let printed = run(folder.path(), &["config", command], &[]);
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
        let written = std::fs::read_to_string(format!("{workspace}/{file}")).expect(file);
        assert!(written == printed.stdout, "{file} differs from the code: run `just settings`");
    }
}

#[test]
fn the_openapi_document_is_printed() {
    let folder = TempDir::new().expect("a temporary folder");
    let output = run(folder.path(), &["openapi"], &[]);
    assert_eq!(output.stdout.trim_end(), incident_http::openapi_json());
}
