//! The services of the application, built on the adapters.

use std::sync::Arc;

use incident_application::{
    identity::{Accounts, Auth, AuthPorts, AuthSettings, PurgeSessions},
    incidents::{
        CachedReports, ConfirmedStore, IncidentPorts, Incidents, Statistics, TimelineKeyPorts, TimelineKeys,
        TimelinePorts,
    },
    kernel::{
        CommandPorts, CommandRunner, JobPorts, JobRunner, JobSettings, Jobs, Logs, OrdinaryRecords, PurgeReplies,
        Replies, ReplyPorts,
    },
    work::{Categories, ReplayPorts, SavedViews, TaskPorts, Tasks},
};
use incident_domain::{incidents::TimelineKey, write::Store};
use incident_http::{AppState, Metrics, TraceContext};
use incident_security::{AeadReplySeal, JwtIssuer, OsSecrets};
use secrecy::ExposeSecret;

use super::{
    Adapters,
    keys::{reply_seal, timeline_key, token_issuer},
    quotas::quotas,
};
use crate::{
    config::{Config, ConfigError, service_levels, without_password},
    metrics::{DatabaseMetrics, DatabaseMetricsPorts, MeasuredJobs, MetricsText},
    schema_health::SchemaHealth,
    telemetry::W3cTraceContext,
    timeline_key_health::TimelineKeyHealth,
};

impl Adapters {
    /// Builds the services that the HTTP routes call.
    pub fn services(&self, config: &Config) -> Result<AppState, ConfigError> {
        let tokens = token_issuer(config)?;
        let key = timeline_key(config)?;
        let keys = Arc::new(self.timeline_keys(key.clone()));
        // Nothing is written with a key that is not the database's.
        let runner = self.runner_over(Arc::new(ConfirmedStore::new(self.store.clone(), keys.clone())));
        let auth = Arc::new(self.auth(config, runner.clone(), tokens));
        let seal = reply_seal(config)?;
        Ok(AppState {
            auth,
            accounts: self.accounts_by(runner.clone()),
            trusted_proxies: config.trusted_proxies.clone(),
            incidents: Incidents::new(runner.clone(), self.incident_ports(), key.clone()),
            tasks: Tasks::new(runner.clone(), self.task_ports(), key),
            records: OrdinaryRecords::new(runner.clone(), self.store.clone()),
            categories: Categories::new(runner.clone(), self.store.clone()),
            saved_views: SavedViews::new(runner.clone(), self.store.clone()),
            statistics: self.statistics(config, &seal),
            logs: Logs::new(self.store.clone(), self.store.clone()),
            jobs: self.jobs(runner),
            replies: Arc::new(self.replies(config, &seal)),
            readiness: Arc::new(TimelineKeyHealth::new(
                SchemaHealth::new(config.database_url.clone(), self.store.clone()),
                keys,
            )),
            database: self.store.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics(config),
            traces: config.otlp_endpoint.as_ref().map(|_| Arc::new(W3cTraceContext) as Arc<dyn TraceContext>),
        })
    }

    /// Builds the runner of background jobs.
    pub fn job_runner(&self, services: &AppState) -> JobRunner {
        let ports = JobPorts {
            store: self.store.clone(),
            queue: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: Arc::new(MeasuredJobs::new(self.recorder.clone())),
        };
        JobRunner::new(ports, JobSettings::default(), self.job_waker.clone())
            .handling(PurgeSessions(services.auth.clone()))
            .handling(PurgeReplies(services.replies.clone()))
    }

    /// Builds the service that lists jobs and runs them again.
    pub(crate) fn jobs(&self, runner: Arc<CommandRunner>) -> Jobs {
        Jobs::new(runner, self.store.clone(), self.job_waker.clone())
    }

    /// Builds the runner of commands, of which the services of one server share one.
    pub(crate) fn runner(&self) -> Arc<CommandRunner> {
        self.runner_over(self.store.clone())
    }

    fn runner_over(&self, store: Arc<dyn Store>) -> Arc<CommandRunner> {
        let ports = CommandPorts { store, clock: self.clock.clone(), ids: self.ids.clone() };
        Arc::new(CommandRunner::new(ports).waking(self.job_waker.clone()))
    }

    /// Builds the service that manages accounts.
    pub fn accounts(&self) -> Accounts {
        self.accounts_by(self.runner())
    }

    fn accounts_by(&self, runner: Arc<CommandRunner>) -> Accounts {
        Accounts::new(runner, self.store.clone(), self.hasher.clone(), self.callers.clone())
    }

    /// Builds the service that compares this key with those of the database.
    pub(crate) fn timeline_keys(&self, key: TimelineKey) -> TimelineKeys {
        let ports =
            TimelineKeyPorts { keys: self.store.clone(), incidents: self.store.clone(), timeline: self.store.clone() };
        TimelineKeys::new(ports, key)
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

    fn auth(&self, config: &Config, runner: Arc<CommandRunner>, tokens: JwtIssuer) -> Auth {
        let ports = AuthPorts {
            users: self.store.clone(),
            sessions: self.store.clone(),
            refresh_tokens: self.store.clone(),
            api_tokens: self.store.clone(),
            hasher: self.hasher.clone(),
            tokens: Arc::new(tokens),
            secrets: Arc::new(OsSecrets),
            limiter: self.limiter.clone(),
        };
        let settings = AuthSettings {
            access_token_lifetime: config.access_token_lifetime,
            session_lifetime: config.session_lifetime,
            session_idle_max: config.session_idle_max,
            quotas: quotas(config),
        };
        Auth::new(runner, ports, settings, self.callers.clone())
    }

    fn incident_ports(&self) -> IncidentPorts {
        IncidentPorts {
            incidents: self.store.clone(),
            numbers: self.store.clone(),
            timeline: self.store.clone(),
            search: self.store.clone(),
            users: self.store.clone(),
        }
    }

    fn task_ports(&self) -> TaskPorts {
        TaskPorts {
            tasks: self.store.clone(),
            categories: self.store.clone(),
            incidents: self.store.clone(),
            timeline: self.store.clone(),
            users: self.store.clone(),
        }
    }

    fn statistics(&self, config: &Config, seal: &AeadReplySeal) -> Statistics {
        let reports = CachedReports {
            cache: self.cache.clone(),
            seal: Arc::new(seal.clone()),
            lifetime: config.statistics_lifetime,
            database: without_password(config.database_url.expose_secret()),
        };
        Statistics::new(
            self.store.clone(),
            self.clock.clone(),
            service_levels(config.sla_acknowledge, config.sla_resolve),
        )
        .cached_in(reports)
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
        let token = config.metrics_token.as_ref().map(|token| token.expose_secret().to_owned());
        Metrics::new(self.recorder.clone(), Arc::new(text), token)
    }
}
