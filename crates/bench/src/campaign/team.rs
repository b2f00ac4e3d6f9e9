//! The clients of a campaign, and what they are held together by.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    Finding, Line, Sight,
    client::{Client, Life, Live},
    judge::judge,
    ledger::{Deed, SharedLedger, Subject, write},
    tally::{SharedTally, Tally, count},
};
use crate::{
    client::{Api, Request},
    report::Verdict,
    stage::{Server, Stage},
};

/// How long the last commands of all clients may take.
const END_TIME_MAX: Duration = Duration::from_mins(2);

/// How often an incident is looked at before what is wrong with it counts: a database may still be finishing what a
/// dead server sent, between two looks.
const LOOKS_MAX: usize = 4;

/// Between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct TeamOptions {
    /// How many clients work at once, each as a user of its own
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) clients: u8,
    /// Begins the same sequence of decisions as an earlier run did; a random one if not given
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

impl TeamOptions {
    /// The seed to begin with, which the report tells.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000))
    }
}

/// Clients at work.
pub(crate) struct Team {
    pub(crate) line: Line,
    pub(crate) admin_token: String,
    ledger: SharedLedger,
    tally: SharedTally,
    is_over: Arc<AtomicBool>,
    clients: JoinSet<anyhow::Result<()>>,
    looks: u64,
}

impl Team {
    /// Makes the users and the incidents that all of them work on, and lets them begin as soon as the line is up.
    pub(crate) async fn assemble(stage: &Stage, server: &Server, clients: u8, seed: u64) -> anyhow::Result<Self> {
        let admin_token = stage.admin_session(server).await?;
        let mut admin = Api::resume(server.address(), &admin_token).await?;
        let mut team = Self {
            line: Line::new(),
            admin_token,
            ledger: SharedLedger::default(),
            tally: SharedTally::default(),
            is_over: Arc::new(AtomicBool::new(false)),
            clients: JoinSet::new(),
            looks: 0,
        };
        let shared = vec![team.open_shared(&mut admin, 0).await?, team.open_shared(&mut admin, 1).await?];
        for number in 0..usize::from(clients) {
            let email = format!("client-{number}@example.org");
            admin.create_user_as(&email, "manager").await?;
            let tokens = Api::connect(server.address()).await?.sign_in(&email).await?;
            let client = Client {
                number,
                access_token: tokens.access,
                listener: team.line.listener(),
                ledger: Arc::clone(&team.ledger),
                tally: Arc::clone(&team.tally),
                is_over: Arc::clone(&team.is_over),
                rng: fastrand::Rng::with_seed(seed.wrapping_add(number as u64)),
                shared: shared.clone(),
                life: Life::default(),
            };
            team.clients.spawn(client.work());
        }
        Ok(team)
    }

    async fn open_shared(&self, admin: &mut Api, number: usize) -> anyhow::Result<Live> {
        let mark = format!("shared-{number}");
        let place = write(&self.ledger).open(mark.clone());
        let request = Request::post("/api/v1/incidents", &json!({"title": mark, "service": mark}));
        let request = request.by(&self.admin_token).with("x-request-id", &mark).bytes();
        let reply = admin.reply(&request).await?;
        anyhow::ensure!(reply.status() == Deed::Open.status(), "opening an incident: {}", reply.text());
        let body = reply.json();
        write(&self.ledger).acknowledge(place, Some(body.clone()));
        Ok(Live { subject: place.subject(), id: body["id"].as_str().context("no id")?.to_owned(), body })
    }

    /// Lets every client finish its command and send no other, for as long as the line is down.
    pub(crate) async fn pause(&self) -> anyhow::Result<()> {
        self.line.down();
        let quiet = async {
            while count(&self.tally).under_way > 0 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(END_TIME_MAX, quiet).await.context("requests are still under way")
    }

    /// Ends the campaign: every client finishes its command, on servers that are there.
    pub(crate) async fn finish(&mut self) -> anyhow::Result<()> {
        self.is_over.store(true, Ordering::Relaxed);
        let all = async {
            while let Some(joined) = self.clients.join_next().await {
                joined.context("a client panicked")??;
            }
            anyhow::Ok(())
        };
        timeout(END_TIME_MAX, all).await.context("the clients do not come to an end")?
    }

    /// Looks at every incident that something was sent about since the last look.
    pub(crate) async fn check_touched(&mut self, sight: &mut Sight) -> anyhow::Result<()> {
        let touched = write(&self.ledger).take_touched();
        self.check(&touched, sight).await
    }

    /// Looks at everything, when all clients have finished.
    pub(crate) async fn check_all(&mut self, sight: &mut Sight) -> anyhow::Result<()> {
        let all = write(&self.ledger).subjects().to_vec();
        self.check(&all, sight).await?;
        let missed = sight.census(&all).await?;
        write(&self.ledger).findings.extend(missed);
        Ok(())
    }

    async fn check(&mut self, subjects: &[Subject], sight: &mut Sight) -> anyhow::Result<()> {
        for subject in subjects {
            let mut findings = Vec::new();
            for look in 0..LOOKS_MAX {
                if look > 0 {
                    sleep(LOOK_PAUSE).await;
                }
                findings = sight.follow().await?;
                findings.extend(judge(subject, &sight.see(subject).await?));
                if findings.is_empty() {
                    break;
                }
            }
            write(&self.ledger).findings.extend(findings);
        }
        self.looks += subjects.len() as u64;
        Ok(())
    }

    pub(crate) fn find(&self, finding: Finding) {
        write(&self.ledger).find(finding);
    }

    /// What was sent, how it went, and how much was looked at, for a table.
    pub(crate) fn counts(&self) -> Vec<(String, u64)> {
        let tally = count(&self.tally);
        let sent = write(&self.ledger).commands().count() as u64;
        let mut counts: Vec<(String, u64)> = [
            ("commands sent", sent),
            ("commands acknowledged", tally.acknowledged),
            ("of them after being sent again", tally.acknowledged_later),
            ("of those already done when sent again", tally.replayed),
            ("acknowledged commands repeated on purpose", tally.repeated),
            ("connections that broke", tally.broken.len() as u64),
        ]
        .map(|(what, count)| (what.to_owned(), count))
        .into();
        counts.extend(tally.failed.iter().map(|(status, count)| (format!("answers with {status}"), *count)));
        counts.push(("looks at an incident".to_owned(), self.looks));
        counts
    }

    pub(crate) fn tally<T>(&self, read: impl FnOnce(&Tally) -> T) -> T {
        read(&count(&self.tally))
    }

    /// Nothing that must never happen may have happened, and no command may be without an answer.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let ledger = write(&self.ledger);
        let unanswered = ledger.commands().filter(|command| !command.is_acknowledged).count() as u64;
        let mut verdicts = vec![Verdict::count("commands that were never acknowledged", 0, unanswered)];
        verdicts.extend(ledger.findings.verdicts());
        verdicts
    }
}
