//! Every setting of the server. Each is declared here and nowhere else.

use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
    sync::LazyLock,
    thread,
    time::Duration,
};

use incident_http::{CorsOrigins, TrustedProxies};
use incident_security::{HashCost, SigningAlgorithm};
use secrecy::SecretString;

use super::{
    ConfigError, LogFormat, LogLevel, TargetMinutes,
    declaration::{
        DefaultValue::{Computed, Text, Unset},
        Setting, Values, read, settings,
    },
    kinds::{
        Kind, bcrypt_cost, between, collector_url, days, file, files, hours, minutes, optional, parsed, per_minute,
        seconds, secret, secret_list, switch, threads, url_with,
    },
};

settings! {
    "Listening" {
        /// The IP address on which the server listens.
        api_host: IpAddr, "API_HOST", Text("127.0.0.1"), parsed("an IP address such as 127.0.0.1 or 0.0.0.0");
        /// The port on which the server listens.
        api_port: u16, "API_PORT", Text("8080"), parsed("a number from 0 to 65535; 0 takes a free port");
        /// The number of threads that serve requests.
        api_workers: NonZeroUsize, "API_WORKERS", Computed(processors, "the number of processors"), threads();
        /// How long running requests may take to finish after the server was asked to stop.
        stop_timeout: Duration, "STOP_TIMEOUT_SECONDS", Text("30"), seconds(0, 3600);
        /// How long it may take until the response to a request starts. A request that takes longer is cancelled.
        request_timeout: Duration, "REQUEST_TIMEOUT_SECONDS", Text("30"), seconds(1, 3600);
        /// The certificate for HTTPS. The server speaks plain HTTP if neither this nor `TLS_KEY_FILE` is set.
        tls_certificate_file: Option<PathBuf>, "TLS_CERTIFICATE_FILE", Unset("server.pem"),
            optional(file("a PEM file with the certificate of this server, followed by its intermediate certificates"));
        /// The private key for HTTPS.
        tls_key_file: Option<PathBuf>, "TLS_KEY_FILE", Unset("server.key"),
            optional(file("a PEM file with the private key of TLS_CERTIFICATE_FILE"));
        /// The origins whose web pages may call the API from a browser, besides the server's own.
        cors_origins: CorsOrigins, "CORS_ORIGINS", Unset("https://incidents.example.org"), parsed(CorsOrigins::ALLOWED);
        /// Whether `/api/docs` shows the API in a browser. The default of `quickstart` is true.
        debug: bool, "DEBUG", Text("false"), switch();
    }
    "Logs" {
        /// The least severe level that is logged.
        log_level: LogLevel, "LOG_LEVEL", Text("info"), parsed(LogLevel::ALLOWED);
        /// The form of log lines. `auto` is `pretty` on a terminal and `json` elsewhere.
        log_format: LogFormat, "LOG_FORMAT", Text("auto"), parsed(LogFormat::ALLOWED);
    }
    "Database" {
        /// The database. If this is not set, it is the embedded database in `./data`.
        database_url: SecretString, "DATABASE_URL", Text("sqlite://data/incidents.db"),
            url_with(
                &["sqlite:", "postgres://", "postgresql://"],
                "sqlite://path/to/file.db or postgres://user:password@host/database",
            );
        /// Whether SQL statements are logged, without their values.
        database_echo: bool, "DATABASE_ECHO", Text("false"), switch();
        /// The maximum number of connections for reading.
        database_connections_max: u32, "DATABASE_CONNECTIONS_MAX", Text("8"), between(1, 1000);
    }
    "Keys" {
        /// Signs access tokens when `ALGORITHM` is HS256; `serve` needs it then.
        secret_key: Option<SecretString>, "SECRET_KEY", Unset(""), optional(secret());
        /// Earlier values of `SECRET_KEY` whose access tokens are still accepted.
        secret_keys_retired: Vec<SecretString>, "SECRET_KEYS_RETIRED", Unset(""), secret_list();
        /// The private key that signs access tokens when `ALGORITHM` is EdDSA; `serve` needs it then.
        signing_key_file: Option<PathBuf>, "SIGNING_KEY_FILE", Unset("signing.pem"),
            optional(file("a PEM file with a private key, such as `openssl genpkey -algorithm ed25519` makes"));
        /// Earlier private or public EdDSA keys whose access tokens are still accepted.
        signing_key_files_retired: Vec<PathBuf>, "SIGNING_KEY_FILES_RETIRED", Unset("signing-old.pem"),
            files("PEM files, separated by commas");
        /// Seals timelines, kept replies and cached reports. Keep it with every backup: timelines cannot be verified
        /// without the key that sealed them. A database accepts another key only after `timeline-key change`. `serve`,
        /// `import`, `seed` and `verify` need it.
        timeline_key: Option<SecretString>, "TIMELINE_KEY", Unset(""), optional(secret());
        /// Earlier values of `TIMELINE_KEY` whose timelines and kept replies are still accepted.
        timeline_keys_retired: Vec<SecretString>, "TIMELINE_KEYS_RETIRED", Unset(""), secret_list();
        /// The algorithm that signs access tokens.
        algorithm: SigningAlgorithm, "ALGORITHM", Text("HS256"), parsed("HS256 or EdDSA");
    }
    "Sessions" {
        /// How long an access token is valid.
        access_token_lifetime: Duration, "ACCESS_TOKEN_EXPIRE_MINUTES", Text("15"), minutes(1, 1440);
        /// How long a session lasts, even if it is used all the time.
        session_lifetime: Duration, "REFRESH_TOKEN_EXPIRE_DAYS", Text("30"), days(1, 365);
        /// How long a session lasts after it was last used.
        session_idle_max: Duration, "SESSION_IDLE_DAYS", Text("7"), days(1, 365);
    }
    "Idempotency" {
        /// How long the reply to a request with an `Idempotency-Key` is kept at least.
        reply_lifetime: Duration, "IDEMPOTENCY_KEY_HOURS", Text("24"), hours(1, 8760);
    }
    "Passwords" {
        /// The work factor of bcrypt; each step doubles the work. After it was raised, each password is hashed again
        /// at the next sign-in of its user.
        bcrypt_cost: HashCost, "BCRYPT_COST", Text("12"), bcrypt_cost();
        /// The number of passwords that are hashed at the same time.
        password_hash_threads: NonZeroUsize, "PASSWORD_HASH_THREADS",
            Computed(half_of_processors, "half of the processors, at least 1"), threads();
    }
    "Limits" {
        /// Sign-in attempts per minute for one account from one address.
        sign_ins_per_minute: NonZeroU32, "SIGN_INS_PER_MINUTE", Text("5"), per_minute();
        /// Sign-in attempts per minute for one account from all addresses together.
        sign_ins_per_account_per_minute: NonZeroU32, "SIGN_INS_PER_ACCOUNT_PER_MINUTE", Text("30"), per_minute();
        /// Sign-in attempts per minute from one address, for all accounts together.
        sign_ins_per_address_per_minute: NonZeroU32, "SIGN_INS_PER_ADDRESS_PER_MINUTE", Text("60"), per_minute();
        /// Requests per minute of one user.
        requests_per_minute: NonZeroU32, "REQUESTS_PER_MINUTE", Text("60000"), per_minute();
        /// Requests of all clients that are processed at the same time. Further ones get 503 with `Retry-After`.
        requests_in_flight_max: usize, "REQUESTS_IN_FLIGHT_MAX", Text("1024"), between(1, 1_000_000);
        /// Connections of all clients. The limit of open files may lower it. A new connection replaces the one that made
        /// no progress for the longest time.
        connections_max: usize, "CONNECTIONS_MAX", Text("10000"), between(1, 1_000_000);
        /// Connections from one address, or from one /64 network of IPv6; half of all connections at most. Connections
        /// of `TRUSTED_PROXIES` do not count.
        connections_per_address_max: usize, "CONNECTIONS_PER_ADDRESS_MAX", Text("1000"), between(1, 1_000_000);
        /// The proxies whose `X-Forwarded-For` header is trusted.
        trusted_proxies: TrustedProxies, "TRUSTED_PROXIES", Unset("10.0.0.0/8"),
            parsed("addresses or networks such as 10.0.0.0/8, separated by commas");
    }
    "Service levels" {
        /// The time in which incidents should be acknowledged, in minutes by priority. `/stats/incidents` counts the
        /// late ones.
        sla_acknowledge: TargetMinutes, "SLA_ACKNOWLEDGE_MINUTES", Text("critical:15,high:60,medium:240,low:1440"),
            parsed(TargetMinutes::ALLOWED);
        /// The time in which incidents should be resolved, in minutes by priority.
        sla_resolve: TargetMinutes, "SLA_RESOLVE_MINUTES", Text("critical:240,high:1440,medium:4320,low:10080"),
            parsed(TargetMinutes::ALLOWED);
    }
    "Statistics" {
        /// How long a report of `/stats/incidents` is cached. 0 computes each report again.
        statistics_lifetime: Duration, "STATISTICS_CACHE_SECONDS", Text("10"), seconds(0, 3600);
    }
    "Redis" {
        /// A Redis in which replicas share rate limits and cached reports. Each replica keeps its own if this is not
        /// set.
        redis_url: Option<SecretString>, "REDIS_URL", Unset("redis://127.0.0.1:6379"),
            optional(url_with(&["redis://"], "redis://[user:password@]host[:port][/database]"));
    }
    "Metrics and traces" {
        /// The bearer token that `/metrics` requires. Every client may read the metrics if this is not set.
        metrics_token: Option<SecretString>, "METRICS_TOKEN", Unset(""), optional(secret());
        /// The OpenTelemetry collector that receives traces. There are no traces if this is not set.
        otlp_endpoint: Option<SecretString>, "OTLP_ENDPOINT", Unset("http://127.0.0.1:4318"), optional(collector_url());
        /// Of the traces that start at this server, the share that is sent to the collector.
        otlp_sample_ratio: f64, "OTLP_SAMPLE_RATIO", Text("1"), between(0.0, 1.0);
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn half_of_processors() -> usize {
    (processors() / 2).max(1)
}

impl Setting {
    /// Finds a setting by its name in any case.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name.eq_ignore_ascii_case(name))
    }

    /// Returns the names of all settings, separated by commas.
    pub(super) fn names() -> String {
        SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>().join(", ")
    }
}

impl ConfigError {
    /// Makes the error of a setting that is needed and not set.
    pub(crate) fn not_set(name: &'static str) -> Self {
        Self::NotSet { name, allowed: allowed(name) }
    }

    /// Makes the error of a setting that names a file which cannot be used for the given reason.
    pub(crate) fn unusable_file(name: &'static str, file: &Path, reason: &str) -> Self {
        Self::Value { name, allowed: format!("{}; {} {reason}", allowed(name), file.display()) }
    }
}

/// Returns what the declaration of a setting allows.
fn allowed(name: &str) -> String {
    Setting::find(name).map(|setting| setting.allowed.clone()).unwrap_or_default()
}
