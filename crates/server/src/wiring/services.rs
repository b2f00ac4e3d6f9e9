//! The services of the application, built on the adapters.

use std::sync::Arc;

use incident_application::{
    AccountPorts, Accounts, Auth, AuthPorts, AuthSettings, Categories, CategoryPorts, IncidentPorts, Incidents, Logs,
    RememberedReports, ReplayPorts, Replies, ReplyPorts, SavedViewPorts, SavedViews, Statistics, TaskPorts, Tasks,
    TimelinePorts,
};
use incident_http::{Metrics, Services, TraceContext};
use incident_security::{AeadReplySeal, OsSecrets};

use super::{
    Adapters,
    keys::{reply_seal, timeline_key, token_issuer},
    quotas::quotas,
};
use crate::{
    config::{Config, ConfigError},
    metrics::{DatabaseMetrics, DatabaseMetricsPorts, MetricsText},
    schema_health::SchemaHealth,
    telemetry::W3cTraceContext,
};

impl Adapters {
    /// Builds the services that the HTTP routes call.
    pub fn services(&self, config: &Config) -> Result<Services, ConfigError> {
        let incidents = Incidents::new(self.incident_ports(), timeline_key(config)?);
        let seal = reply_seal(config)?;
        Ok(Services {
            auth: Arc::new(self.auth(config)?),
            accounts: self.accounts(),
            trusted_proxies: config.trusted_proxies.clone(),
            tasks: Tasks::new(self.task_ports(), &incidents),
            categories: Categories::new(self.category_ports()),
            saved_views: SavedViews::new(self.saved_view_ports()),
            statistics: self.statistics(config, &seal),
            incidents,
            logs: Logs::new(self.store.clone(), self.store.clone()),
            replies: Arc::new(self.replies(config, &seal)),
            readiness: Arc::new(SchemaHealth::new(config.database_url.clone(), self.store.clone())),
            database: self.store.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics(config),
            traces: config.otlp_endpoint.as_ref().map(|_| Arc::new(W3cTraceContext) as Arc<dyn TraceContext>),
        })
    }

    /// Builds the service that manages accounts.
    pub fn accounts(&self) -> Accounts {
        let ports = AccountPorts {
            store: self.store.clone(),
            users: self.store.clone(),
            hasher: self.hasher.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        Accounts::new(ports, self.callers.clone())
    }

    /// Returns the ports of a replay, which imports incidents of other systems.
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

    /// Returns the ports of the verification and export of timelines.
    pub fn timeline_ports(&self) -> TimelinePorts {
        TimelinePorts {
            store: self.store.clone(),
            incidents: self.store.clone(),
            timeline: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn auth(&self, config: &Config) -> Result<Auth, ConfigError> {
        let ports = AuthPorts {
            store: self.store.clone(),
            users: self.store.clone(),
            sessions: self.store.clone(),
            refresh_tokens: self.store.clone(),
            api_tokens: self.store.clone(),
            hasher: self.hasher.clone(),
            tokens: Arc::new(token_issuer(config)?),
            secrets: Arc::new(OsSecrets),
            limiter: self.limiter.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let settings = AuthSettings {
            access_token_lifetime: config.access_token_lifetime,
            session_lifetime: config.session_lifetime,
            session_idle_max: config.session_idle_max,
            quotas: quotas(config),
        };
        Ok(Auth::new(ports, settings, self.callers.clone()))
    }

    fn incident_ports(&self) -> IncidentPorts {
        IncidentPorts {
            store: self.store.clone(),
            incidents: self.store.clone(),
            numbers: self.store.clone(),
            timeline: self.store.clone(),
            tasks: self.store.clone(),
            categories: self.store.clone(),
            search: self.store.clone(),
            users: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn task_ports(&self) -> TaskPorts {
        TaskPorts {
            store: self.store.clone(),
            tasks: self.store.clone(),
            categories: self.store.clone(),
            incidents: self.store.clone(),
            users: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn category_ports(&self) -> CategoryPorts {
        CategoryPorts {
            store: self.store.clone(),
            categories: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn saved_view_ports(&self) -> SavedViewPorts {
        SavedViewPorts {
            store: self.store.clone(),
            views: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn statistics(&self, config: &Config, seal: &AeadReplySeal) -> Statistics {
        let reports = RememberedReports {
            cache: self.cache.clone(),
            seal: Arc::new(seal.clone()),
            lifetime: config.statistics_lifetime,
            database: config.database_url.without_password(),
        };
        Statistics::new(self.store.clone(), self.clock.clone(), config.service_levels()).remembering(reports)
    }

    fn replies(&self, config: &Config, seal: &AeadReplySeal) -> Replies {
        let ports = ReplyPorts {
            store: self.store.clone(),
            replies: self.store.clone(),
            seal: Arc::new(seal.clone()),
            clock: self.clock.clone(),
        };
        Replies::new(ports, config.reply_lifetime)
    }

    fn metrics(&self, config: &Config) -> Metrics {
        let ports = DatabaseMetricsPorts {
            database: self.store.clone(),
            overview: self.store.clone(),
            clock: self.clock.clone(),
        };
        let database = DatabaseMetrics::new(ports, config.session_idle_max);
        let store = self.store.clone();
        let text = MetricsText::new(self.recorder.clone(), move || store.note_connections(), database);
        let token = config.metrics_token.as_ref().map(|token| token.expose().to_owned());
        Metrics::new(self.recorder.clone(), Arc::new(text), token)
    }
}
