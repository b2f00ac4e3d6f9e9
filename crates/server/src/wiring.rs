//! The one file that names adapters: which of them stand behind the ports.

use std::sync::Arc;

use incident_application::{AccountPorts, Accounts, Auth, AuthPorts, IncidentPorts, Incidents, ReplayPorts};
use incident_domain::{
    TimelineKey,
    ports::{Clock, IdGenerator, PasswordHasher},
};
use incident_http::Services;
use incident_security::{BcryptHasher, JwtIssuer, SigningKey, TokenNames};
use incident_store_seaorm::{SeaOrmStore, StatementLog, StoreOptions};

use crate::{
    config::{Config, ConfigError, Secret},
    machine::{RandomIds, SystemClock},
    schema_health::SchemaHealth,
};

/// Who makes the tokens, and whom they are for.
const TOKEN_NAME: &str = "incident-server";

/// The adapters of one running program.
#[derive(Clone)]
pub struct Adapters {
    /// The database.
    pub store: Arc<SeaOrmStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
}

impl Adapters {
    /// Makes the adapters; none of them connects to anything yet.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let mut options = StoreOptions::new(config.database_url.expose());
        options.read_connections_max = config.database_connections_max;
        options.log_statements = if config.database_echo { StatementLog::On } else { StatementLog::Off };
        Ok(Self {
            store: Arc::new(SeaOrmStore::build(&options)?),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds::new()),
            hasher: Arc::new(BcryptHasher::new(config.bcrypt_cost)),
        })
    }

    /// Managing accounts.
    pub fn accounts(&self) -> Accounts {
        Accounts::new(AccountPorts {
            store: self.store.clone(),
            hasher: self.hasher.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        })
    }

    /// Taking over incidents from other systems.
    pub fn replay_ports(&self) -> ReplayPorts {
        ReplayPorts {
            store: self.store.clone(),
            incidents: self.store.clone(),
            numbers: self.store.clone(),
            users: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// What the routes call.
    pub fn services(&self, config: &Config) -> Result<Services, ConfigError> {
        let secret = required(config.secret_key.as_ref(), "SECRET_KEY")?;
        let signing_key = SigningKey::try_new(config.algorithm, secret.expose().as_bytes())
            .map_err(|error| ConfigError::Value { name: "SECRET_KEY", allowed: error.to_string() })?;
        let names = TokenNames { issuer: TOKEN_NAME.to_owned(), audience: TOKEN_NAME.to_owned() };
        let auth = AuthPorts {
            store: self.store.clone(),
            users: self.store.clone(),
            sessions: self.store.clone(),
            hasher: self.hasher.clone(),
            tokens: Arc::new(JwtIssuer::new(names, signing_key)),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let incidents = IncidentPorts {
            store: self.store.clone(),
            incidents: self.store.clone(),
            numbers: self.store.clone(),
            timeline: self.store.clone(),
            users: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        Ok(Services {
            auth: Auth::new(auth, config.access_token_lifetime, config.session_lifetime),
            incidents: Incidents::new(incidents, timeline_key(config)?),
            readiness: Arc::new(SchemaHealth::new(config.database_url.clone(), self.store.clone())),
            database: self.store.clone(),
            ids: self.ids.clone(),
        })
    }
}

/// The key that seals timelines.
pub(crate) fn timeline_key(config: &Config) -> Result<TimelineKey, ConfigError> {
    let secret = required(config.timeline_key.as_ref(), "TIMELINE_KEY")?;
    Ok(TimelineKey::new(secret.expose().as_bytes()))
}

fn required<'a>(secret: Option<&'a Secret>, name: &'static str) -> Result<&'a Secret, ConfigError> {
    let allowed = "at least 32 random characters, such as `openssl rand -hex 32` makes";
    secret.ok_or_else(|| ConfigError::NotSet { name, allowed: allowed.to_owned() })
}
