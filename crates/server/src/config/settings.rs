//! Every setting of the server. Each is declared here and nowhere else.

use std::{
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    sync::LazyLock,
    thread,
    time::Duration,
};

use incident_http::{CorsOrigins, TrustedProxies};
use incident_security::{HashCost, SigningAlgorithm};

use super::{
    ConfigError, Layers, LogFormat, LogLevel, Secret, TargetMinutes,
    declaration::{
        DefaultValue::{Computed, Text, Unset},
        Setting, read, settings,
    },
    kinds::{
        BcryptCost, Between, CollectorUrl, FilePath, Kind, Optional, PER_MINUTE, Parsed, PathList, PrefixedUrl,
        SecretList, SecretText, Switch, days, hours, minutes, seconds,
    },
};

settings! {
    "Listening" {
        /// The IP address on which the server listens.
        setting "API_HOST" as api_host: IpAddr {
            default: Text("127.0.0.1"),
            kind: Parsed("an IP address such as 127.0.0.1 or 0.0.0.0")
        }
        /// The port on which the server listens.
        setting "API_PORT" as api_port: u16 {
            default: Text("8080"),
            kind: Parsed("a number from 0 to 65535; 0 takes a free port")
        }
        /// The number of threads that serve requests.
        setting "API_WORKERS" as api_workers: NonZeroUsize {
            default: Computed { compute: processors, described: "the number of processors" },
            kind: Parsed("a number of threads, at least 1")
        }
        /// How long running requests may take to finish after the server was asked to stop.
        setting "STOP_TIMEOUT_SECONDS" as stop_timeout: Duration {
            default: Text("30"),
            kind: seconds(0, 3600)
        }
        /// How long it may take until the response to a request starts. A request that takes longer is cancelled.
        setting "REQUEST_TIMEOUT_SECONDS" as request_timeout: Duration {
            default: Text("30"),
            kind: seconds(1, 3600)
        }
        /// The certificate for HTTPS. The server speaks plain HTTP if neither this nor `TLS_KEY_FILE` is set.
        setting "TLS_CERTIFICATE_FILE" as tls_certificate_file: Option<PathBuf> {
            default: Unset("server.pem"),
            kind: Optional(FilePath(
                "a PEM file with the certificate of this server, followed by its intermediate certificates"
            ))
        }
        /// The private key for HTTPS.
        setting "TLS_KEY_FILE" as tls_key_file: Option<PathBuf> {
            default: Unset("server.key"),
            kind: Optional(FilePath("a PEM file with the private key of TLS_CERTIFICATE_FILE"))
        }
        /// The origins whose web pages may call the API from a browser, besides the server's own.
        setting "CORS_ORIGINS" as cors_origins: CorsOrigins {
            default: Unset("https://incidents.example.org"),
            kind: Parsed(CorsOrigins::ALLOWED)
        }
        /// Whether `/api/docs` shows the API in a browser. The default of `quickstart` is true.
        setting "DEBUG" as debug: bool {
            default: Text("false"),
            kind: Switch
        }
    }
    "Logs" {
        /// The least severe level that is logged.
        setting "LOG_LEVEL" as log_level: LogLevel {
            default: Text("info"),
            kind: Parsed(LogLevel::ALLOWED)
        }
        /// The form of log lines. `auto` is `pretty` on a terminal and `json` elsewhere.
        setting "LOG_FORMAT" as log_format: LogFormat {
            default: Text("auto"),
            kind: Parsed(LogFormat::ALLOWED)
        }
    }
    "Database" {
        /// The database. `quickstart`, and the commands beside it, use the one in `./data` if this is not set.
        setting "DATABASE_URL" as database_url: Secret {
            default: Text("sqlite://data/incidents.db"),
            kind: PrefixedUrl {
                prefixes: &["sqlite:", "postgres://", "postgresql://"],
                allowed: "sqlite://path/to/file.db or postgres://user:password@host/database"
            }
        }
        /// Whether SQL statements are logged, without their values.
        setting "DATABASE_ECHO" as database_echo: bool {
            default: Text("false"),
            kind: Switch
        }
        /// The maximum number of connections for reading.
        setting "DATABASE_CONNECTIONS_MAX" as database_connections_max: u32 {
            default: Text("8"),
            kind: Between(1, 1000)
        }
    }
    "Keys" {
        /// Signs access tokens when `ALGORITHM` is HS256; `serve` needs it then.
        setting "SECRET_KEY" as secret_key: Option<Secret> {
            default: Unset(""),
            kind: Optional(SecretText)
        }
        /// Earlier values of `SECRET_KEY` whose access tokens are still accepted.
        setting "SECRET_KEYS_RETIRED" as secret_keys_retired: Vec<Secret> {
            default: Unset(""),
            kind: SecretList
        }
        /// The private key that signs access tokens when `ALGORITHM` is EdDSA; `serve` needs it then.
        setting "SIGNING_KEY_FILE" as signing_key_file: Option<PathBuf> {
            default: Unset("signing.pem"),
            kind: Optional(FilePath(
                "a PEM file with a private key, such as `openssl genpkey -algorithm ed25519` makes"
            ))
        }
        /// Earlier private or public EdDSA keys whose access tokens are still accepted.
        setting "SIGNING_KEY_FILES_RETIRED" as signing_key_files_retired: Vec<PathBuf> {
            default: Unset("signing-old.pem"),
            kind: PathList("PEM files, separated by commas")
        }
        /// Seals timelines, kept replies and cached reports. Keep it with every backup and never change it: timelines
        /// that were sealed with another key cannot be verified. `serve`, `import`, `seed` and `verify` need it.
        setting "TIMELINE_KEY" as timeline_key: Option<Secret> {
            default: Unset(""),
            kind: Optional(SecretText)
        }
        /// The algorithm that signs access tokens.
        setting "ALGORITHM" as algorithm: SigningAlgorithm {
            default: Text("HS256"),
            kind: Parsed("HS256 or EdDSA")
        }
    }
    "Sessions" {
        /// How long an access token is valid.
        setting "ACCESS_TOKEN_EXPIRE_MINUTES" as access_token_lifetime: Duration {
            default: Text("15"),
            kind: minutes(1, 1440)
        }
        /// How long a session lasts, even if it is used all the time.
        setting "REFRESH_TOKEN_EXPIRE_DAYS" as session_lifetime: Duration {
            default: Text("30"),
            kind: days(1, 365)
        }
        /// How long a session lasts after it was last used.
        setting "SESSION_IDLE_DAYS" as session_idle_max: Duration {
            default: Text("7"),
            kind: days(1, 365)
        }
    }
    "Idempotency" {
        /// How long the reply to a request with an `Idempotency-Key` is kept at least.
        setting "IDEMPOTENCY_KEY_HOURS" as reply_lifetime: Duration {
            default: Text("24"),
            kind: hours(1, 8760)
        }
    }
    "Passwords" {
        /// The work factor of bcrypt; each step doubles the work. After it was raised, each password is hashed again
        /// at the next sign-in of its user.
        setting "BCRYPT_COST" as bcrypt_cost: HashCost {
            default: Text("12"),
            kind: BcryptCost
        }
        /// The number of passwords that are hashed at the same time.
        setting "PASSWORD_HASH_THREADS" as password_hash_threads: NonZeroUsize {
            default: Computed { compute: half_of_processors, described: "half of the processors, at least 1" },
            kind: Parsed("a number of threads, at least 1")
        }
    }
    "Limits" {
        /// Sign-in attempts per minute for one account from one address.
        setting "SIGN_INS_PER_MINUTE" as sign_ins_per_minute: NonZeroU32 {
            default: Text("5"),
            kind: PER_MINUTE
        }
        /// Sign-in attempts per minute from one address, for all accounts together.
        setting "SIGN_INS_PER_ADDRESS_PER_MINUTE" as sign_ins_per_address_per_minute: NonZeroU32 {
            default: Text("60"),
            kind: PER_MINUTE
        }
        /// Requests per minute of one user.
        setting "REQUESTS_PER_MINUTE" as requests_per_minute: NonZeroU32 {
            default: Text("60000"),
            kind: PER_MINUTE
        }
        /// Requests of all clients that are processed at the same time. Further ones get 503 with `Retry-After`.
        setting "REQUESTS_IN_FLIGHT_MAX" as requests_in_flight_max: usize {
            default: Text("1024"),
            kind: Between(1, 1_000_000)
        }
        /// The proxies whose `X-Forwarded-For` header is trusted.
        setting "TRUSTED_PROXIES" as trusted_proxies: TrustedProxies {
            default: Unset("10.0.0.0/8"),
            kind: Parsed("addresses or networks such as 10.0.0.0/8, separated by commas")
        }
    }
    "Service levels" {
        /// Within how many minutes incidents are to be acknowledged, by priority. `/stats/incidents` counts those that
        /// were late.
        setting "SLA_ACKNOWLEDGE_MINUTES" as sla_acknowledge: TargetMinutes {
            default: Text("critical:15,high:60,medium:240,low:1440"),
            kind: Parsed(TargetMinutes::ALLOWED)
        }
        /// Within how many minutes incidents are to be resolved, by priority.
        setting "SLA_RESOLVE_MINUTES" as sla_resolve: TargetMinutes {
            default: Text("critical:240,high:1440,medium:4320,low:10080"),
            kind: Parsed(TargetMinutes::ALLOWED)
        }
    }
    "Statistics" {
        /// How long a report of `/stats/incidents` is cached. 0 computes each report again.
        setting "STATISTICS_CACHE_SECONDS" as statistics_lifetime: Duration {
            default: Text("10"),
            kind: seconds(0, 3600)
        }
    }
    "Redis" {
        /// A Redis in which replicas share rate limits and cached reports. Each replica keeps its own if this is not
        /// set.
        setting "REDIS_URL" as redis_url: Option<Secret> {
            default: Unset("redis://127.0.0.1:6379"),
            kind: Optional(PrefixedUrl {
                prefixes: &["redis://"],
                allowed: "redis://[user:password@]host[:port][/database]"
            })
        }
    }
    "Metrics and traces" {
        /// The bearer token that `/metrics` requires. Every client may read the metrics if this is not set.
        setting "METRICS_TOKEN" as metrics_token: Option<Secret> {
            default: Unset(""),
            kind: Optional(SecretText)
        }
        /// The OpenTelemetry collector that receives traces. There are no traces if this is not set.
        setting "OTLP_ENDPOINT" as otlp_endpoint: Option<Secret> {
            default: Unset("http://127.0.0.1:4318"),
            kind: Optional(CollectorUrl)
        }
        /// The share of traces started by this server that is sent.
        setting "OTLP_SAMPLE_RATIO" as otlp_sample_ratio: f64 {
            default: Text("1"),
            kind: Between(0.0, 1.0)
        }
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn half_of_processors() -> usize {
    (processors() / 2).max(1)
}
