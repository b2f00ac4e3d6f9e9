//! Hand-written event logs, and an in-memory store to import them into.

use std::{fmt::Write, path::PathBuf, sync::Arc};

use incident_application::work::{ForeignLog, Replay, ReplayOutcome, ReplayPorts};
use incident_domain::{
    identity::User,
    incidents::{
        Incident, IncidentFilter, IncidentRepository, IncidentSort, TimelineEntry, TimelineKey, TimelineRepository,
    },
    kernel::{PageRequest, PageSize, Repository, UserId},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};
use incident_server::import::{
    ImportFile,
    servicenow::{self, DateOrder, Options},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// The columns of an export, two of which the import ignores.
pub(crate) const COLUMNS: [&str; 28] = [
    "number",
    "incident_state",
    "active",
    "caller_id",
    "opened_by",
    "opened_at",
    "sys_created_by",
    "sys_updated_by",
    "sys_updated_at",
    "contact_type",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "cmdb_ci",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "assigned_to",
    "knowledge",
    "problem_id",
    "rfc",
    "vendor",
    "caused_by",
    "closed_code",
    "resolved_by",
    "resolved_at",
];

/// An event log.
#[derive(Clone)]
pub(crate) struct Sheet {
    text: String,
}

/// A file in a temporary folder.
pub(crate) struct File {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self { text: COLUMNS.join(",") + "\n" }
    }

    /// Adds a row; other columns have common values, or are missing.
    pub(crate) fn row(mut self, number: &str, state: &str, time: &str, rest: &[(&str, &str)]) -> Self {
        let given = |column: &str| rest.iter().find(|(name, _)| *name == column).map(|(_, value)| *value);
        let usual = |column: &str| match column {
            "number" => number,
            "incident_state" => state,
            "sys_updated_at" => time,
            "opened_at" => "1/3/2016 08:00",
            "opened_by" => "Opened by  1",
            "sys_updated_by" => "Updated by 2",
            "impact" | "urgency" => "2 - Medium",
            "priority" => "3 - Moderate",
            _ => "?",
        };
        for (name, _) in rest {
            assert!(COLUMNS.contains(name), "{name} is not a column");
        }
        let values: Vec<&str> = COLUMNS.iter().map(|column| given(column).unwrap_or_else(|| usual(column))).collect();
        writeln!(self.text, "{}", values.join(",")).unwrap();
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn save(&self) -> File {
        File::of(self.text.as_bytes())
    }

    pub(crate) fn read(&self) -> ImportFile {
        self.save().read().expect("a whole file")
    }
}

impl File {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("log.csv");
        std::fs::write(&path, bytes).expect("a file");
        Self { _folder: folder, path }
    }

    /// Reads it with the day first, which few rows do not decide.
    pub(crate) fn read(&self) -> anyhow::Result<ImportFile> {
        self.read_with(&Options { date_order: Some(DateOrder::DayFirst), ..Options::default() })
    }

    pub(crate) fn read_with(&self, options: &Options) -> anyhow::Result<ImportFile> {
        servicenow::read(&self.path, options)
    }
}

pub(crate) fn key() -> TimelineKey {
    TimelineKey::new(b"thirty-two bytes of a test's key")
}

/// The store after a replay.
pub(crate) struct Replayed {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) outcome: ReplayOutcome,
}

/// Replays a log into an empty store.
pub(crate) async fn replay(log: &ForeignLog) -> Replayed {
    let memory = Arc::new(MemoryStore::new());
    let ports = ReplayPorts {
        store: memory.clone(),
        incidents: memory.clone(),
        numbers: memory.clone(),
        users: memory.clone(),
        clock: Arc::new(ManualClock::default()),
        ids: Arc::new(SequentialIds::new()),
    };
    let outcome = Replay::new(ports, key()).run(log, &CancellationToken::new(), &|_| ()).await;
    Replayed { memory, outcome }
}

impl Replayed {
    /// Returns the incidents, oldest first; they must fit on one page.
    pub(crate) async fn incidents(&self) -> Vec<Incident> {
        let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).unwrap() };
        let page = IncidentRepository::list(&*self.memory, &IncidentFilter::default(), IncidentSort::default(), page)
            .await
            .unwrap();
        assert!(!page.has_more);
        page.items.into_iter().rev().collect()
    }

    pub(crate) async fn only(&self) -> (Incident, Vec<TimelineEntry>) {
        let incidents = self.incidents().await;
        let [incident] = incidents.as_slice() else { panic!("there are {}", incidents.len()) };
        let entries = self.memory.entries(incident.id, 0, u32::MAX).await.unwrap();
        (incident.clone(), entries)
    }

    /// Returns the name and the address of a user.
    pub(crate) async fn person(&self, id: Option<UserId>) -> Option<(String, String)> {
        let user = Repository::<User>::find(&*self.memory, id?).await.unwrap()?;
        Some((user.name.to_string(), user.email.to_string()))
    }
}
