//! Whether quotas hold, and whether `Retry-After` is true: three times the quota is offered at once.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    client::{Answer, Api, Connection, get, sign_in_request_with},
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Setting, Stage, StageOptions},
};

/// How many times the quota is offered.
const TIMES_OFFERED: u32 = 3;

/// How many connections offer.
const CONNECTIONS: usize = 8;

/// The longest `Retry-After` that is waited for.
const WAIT_SECONDS_MAX: u64 = 60;

const SECONDS_PER_MINUTE: f64 = 60.0;

/// Nobody's password: what counts is whether it is looked at.
const WRONG_PASSWORD: &str = "not-the-password-of-anybody-71";

/// Checks that quotas hold and that `Retry-After` is accurate
#[derive(Clone, Debug, Args)]
pub(crate) struct Throttle {
    /// The quota of sign-ins in a minute, of one account
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=60))]
    sign_ins: u32,
    /// The quota of requests in a minute, of one user
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u32).range(60..=6000))]
    requests: u32,
    /// How many server processes share the quotas; several need a Redis
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: u8,
    /// The Redis that servers count with
    #[arg(long, value_name = "URL", env = "BENCH_REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
}

/// A limit, and requests that meet it.
struct Limit {
    name: &'static str,
    per_minute: u32,
    /// How many may come at once.
    burst: u32,
    request: Vec<u8>,
    /// The status of a request that was admitted.
    admitted: u16,
}

/// What became of what was offered.
#[derive(Default)]
struct Offered {
    admitted: u64,
    refused: u64,
    /// Refused ones that did not say what the limit is, how much is left and when to come back.
    silent: u64,
    /// The last refusal: when it came, and how many seconds it said to wait.
    told_to_wait: Option<(Instant, u64)>,
    took: Duration,
}

/// What one request was answered.
enum Outcome {
    Admitted,
    Refused { retry_after_seconds: Option<u64>, tells_limit: bool },
}

impl Row for Throttle {
    const NAME: &'static str = "throttle";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let alone = self.processes == 1;
        anyhow::ensure!(alone || self.redis_url.is_some(), "several processes share quotas by BENCH_REDIS_URL alone");
        let mut settings: Vec<Setting<'_>> = vec![
            ("SIGN_INS_PER_MINUTE", self.sign_ins.to_string()),
            ("REQUESTS_PER_MINUTE", self.requests.to_string()),
        ];
        settings.extend(self.redis_url.iter().map(|url| ("REDIS_URL", url.clone())));
        let stage = Stage::set_up(stage, &settings).await?;
        let servers = stage.start_servers(self.processes.into())?;
        let addresses: Vec<SocketAddr> = servers.iter().map(Server::address).collect();
        let limits = limits(&stage, &servers[0], self).await?;

        let mut table = Table::new(&["limit", "offered", "in s", "admitted", "at most", "refused", "told to wait, s"]);
        let mut verdicts = Vec::new();
        for limit in &limits {
            let offered = limit.offer(Connection::open_many(&addresses, CONNECTIONS).await?).await?;
            let at_most = limit.admitted_max(offered.took);
            let (told_at, wait_seconds) = offered.told_to_wait.context("nothing was refused")?;
            table.push([
                Cell::text(limit.name),
                Cell::Count(offered.admitted + offered.refused),
                Cell::Figure(offered.took.as_secs_f64(), 2),
                Cell::Count(offered.admitted),
                Cell::Count(at_most),
                Cell::Count(offered.refused),
                Cell::Count(wait_seconds),
            ]);
            let above = offered.admitted.saturating_sub(at_most);
            verdicts.push(Verdict::count(limit.named("admitted above burst and refill"), 0, above));
            let above = offered.admitted.saturating_sub(u64::from(limit.per_minute + limit.burst));
            verdicts.push(Verdict::count(limit.named("admitted above quota and burst"), 0, above));
            let least = u64::from(limit.burst);
            let admitted = offered.admitted.to_string();
            verdicts.push(Verdict::correctness(
                limit.named("admitted of the burst"),
                format!("≥ {least}"),
                admitted,
                offered.admitted >= least,
            ));
            verdicts.push(Verdict::count(
                limit.named("refused without Retry-After, RateLimit or RateLimit-Policy"),
                0,
                offered.silent,
            ));
            verdicts.extend(limit.wait_as_told(addresses[0], told_at, wait_seconds).await?);
        }
        let mut circumstances = stage.circumstances();
        circumstances.push(("server processes", self.processes.to_string()));
        let counted = if self.redis_url.is_some() { "in Redis" } else { "in the server's memory" };
        circumstances.push(("requests are counted", counted.to_owned()));
        Ok(Report { command: "throttle", circumstances, table, verdicts })
    }
}

async fn limits(stage: &Stage, server: &Server, options: &Throttle) -> anyhow::Result<[Limit; 2]> {
    let mut admin = stage.admin(server).await?;
    // Counts that outlive this run must not be met by the next one.
    let run = std::process::id();
    let (attacked, busy) = (format!("attacked-{run}@example.org"), format!("busy-{run}@example.org"));
    for email in [&attacked, &busy] {
        admin.create_user(email).await?;
    }
    let token = Api::connect(server.address()).await?.sign_in(&busy).await?.access;
    Ok([
        Limit {
            name: "sign-ins of one account",
            per_minute: options.sign_ins,
            burst: options.sign_ins,
            request: sign_in_request_with(&attacked, WRONG_PASSWORD),
            admitted: 401,
        },
        Limit {
            name: "requests of one user",
            per_minute: options.requests,
            // As the server has it: what is allowed in ten seconds may come in one.
            burst: options.requests / 6,
            request: get("/api/v1/users/me", Some(&token)),
            admitted: 200,
        },
    ])
}

impl Limit {
    /// Offers the multiple of the quota as fast as it goes.
    async fn offer(&self, connections: Vec<Connection>) -> anyhow::Result<Offered> {
        let offered = self.per_minute * TIMES_OFFERED;
        let lanes = u32::try_from(connections.len())?;
        let started = Instant::now();
        let mut offering = JoinSet::new();
        for (lane, mut connection) in (0..).zip(connections) {
            let requests = offered / lanes + u32::from(lane < offered % lanes);
            let (request, admitted) = (self.request.clone(), self.admitted);
            offering.spawn(async move {
                let mut outcomes = Vec::new();
                for _ in 0..requests {
                    let outcome = Outcome::of(connection.exchange(&request).await?, admitted)?;
                    outcomes.push((Instant::now(), outcome));
                }
                anyhow::Ok(outcomes)
            });
        }
        let mut counted = Offered::default();
        while let Some(joined) = offering.join_next().await {
            for (at, outcome) in joined.context("a lane panicked")?? {
                counted.count(at, &outcome);
            }
        }
        counted.took = started.elapsed();
        Ok(counted)
    }

    fn named(&self, what: &str) -> String {
        format!("{}: {what}", self.name)
    }

    /// How many may be admitted in so much time: the burst, and what is refilled meanwhile.
    fn admitted_max(&self, took: Duration) -> u64 {
        let refilled = f64::from(self.per_minute) * took.as_secs_f64() / SECONDS_PER_MINUTE;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
        let refilled = refilled.floor() as u64;
        u64::from(self.burst) + refilled
    }

    /// Who waits as long as they were told is admitted, and who waits half as long, where that is too short for one
    /// more, is not.
    async fn wait_as_told(
        &self,
        server: SocketAddr,
        told_at: Instant,
        wait_seconds: u64,
    ) -> anyhow::Result<Vec<Verdict>> {
        anyhow::ensure!(wait_seconds <= WAIT_SECONDS_MAX, "told to wait for {wait_seconds} s");
        let wait = Duration::from_secs(wait_seconds);
        let refill = Duration::from_secs_f64(SECONDS_PER_MINUTE / f64::from(self.per_minute));
        let mut verdicts = Vec::new();
        if refill > Duration::from_secs(2) {
            sleep((wait / 2).saturating_sub(told_at.elapsed())).await;
            let early = self.try_once(server).await?;
            verdicts.push(Verdict::count(self.named("admitted after half of Retry-After"), 0, u64::from(early)));
        }
        sleep(wait.saturating_sub(told_at.elapsed())).await;
        let in_time = self.try_once(server).await?;
        verdicts.push(Verdict::count(self.named("admitted after Retry-After"), 1, u64::from(in_time)));
        if refill > Duration::from_secs(2) {
            let second = self.try_once(server).await?;
            verdicts.push(Verdict::count(self.named("admitted at once after that one"), 0, u64::from(second)));
        }
        Ok(verdicts)
    }

    /// Whether one more is admitted; on a connection of its own, since the server closes idle ones.
    async fn try_once(&self, server: SocketAddr) -> anyhow::Result<bool> {
        let mut connection = Connection::open(server).await?;
        let outcome = Outcome::of(connection.exchange(&self.request).await?, self.admitted)?;
        Ok(matches!(outcome, Outcome::Admitted))
    }
}

impl Outcome {
    fn of(answer: Answer<'_>, admitted: u16) -> anyhow::Result<Self> {
        let status = answer.status();
        if status == admitted {
            return Ok(Self::Admitted);
        }
        anyhow::ensure!(status == 429, "the answer is {status}: {}", answer.text());
        let tells_limit = answer.header("ratelimit").is_some() && answer.header("ratelimit-policy").is_some();
        let retry_after_seconds = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
        Ok(Self::Refused { retry_after_seconds, tells_limit })
    }
}

impl Offered {
    fn count(&mut self, at: Instant, outcome: &Outcome) {
        match outcome {
            Outcome::Admitted => self.admitted += 1,
            Outcome::Refused { retry_after_seconds, tells_limit } => {
                self.refused += 1;
                self.silent += u64::from(retry_after_seconds.is_none() || !tells_limit);
                let told = retry_after_seconds.map(|seconds| (at, seconds));
                self.told_to_wait = self.told_to_wait.max(told);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_admits_its_burst_and_what_is_refilled_meanwhile() {
        let limit = Limit { name: "x", per_minute: 600, burst: 100, request: Vec::new(), admitted: 200 };
        for (took_ms, at_most) in [(0, 100), (99, 100), (100, 101), (2_050, 120)] {
            assert_eq!(limit.admitted_max(Duration::from_millis(took_ms)), at_most, "{took_ms} ms");
        }
    }
}
