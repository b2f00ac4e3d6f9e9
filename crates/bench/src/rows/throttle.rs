//! Whether quotas hold and `Retry-After` is accurate: three times the quota is sent at once.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use tokio::{task::JoinSet, time::sleep};

use super::Row;
use crate::{
    client::{Api, Connection, Request, Response, failing_sign_in_request},
    report::{Cell, Report, Table, cells},
    testbed::{Setting, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// How many times the quota is sent.
const QUOTAS_SENT: u32 = 3;

const CONNECTIONS: u32 = 8;

/// The longest `Retry-After` that the row waits for.
const WAIT_SECONDS_MAX: u64 = 60;

/// Half of `Retry-After` is tried too if one request is refilled more slowly than this.
const REFILL_TIME_MIN: Duration = Duration::from_secs(2);

const SECONDS_PER_MINUTE: f64 = 60.0;

/// Checks that quotas hold and that `Retry-After` is accurate
#[derive(Clone, Debug, Args)]
pub(crate) struct Throttle {
    /// The quota of sign-ins per minute of one account
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=60))]
    sign_ins: u32,
    /// The quota of requests per minute of one user
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u32).range(60..=6000))]
    requests: u32,
    /// Number of server processes that share the quotas; more than one needs a Redis
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: u8,
    /// The Redis that counts requests
    #[arg(long, value_name = "URL", env = "BENCH_REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
}

/// A rate limit and a request that it applies to.
struct Limit {
    name: &'static str,
    per_minute: u32,
    burst: u32,
    request: Vec<u8>,
    /// The status of an admitted request.
    admitted: u16,
}

/// The responses to all requests of a limit.
#[derive(Default)]
struct Responses {
    admitted: u64,
    refused: u64,
    /// Refusals without `Retry-After`, `RateLimit` or `RateLimit-Policy`.
    incomplete: u64,
    /// The last refusal: when it came, and its `Retry-After` in seconds.
    last_refusal: Option<(Instant, u64)>,
    took: Duration,
}

impl Row for Throttle {
    const NAME: &'static str = "throttle";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let is_shared = self.processes == 1 || self.redis_url.is_some();
        anyhow::ensure!(is_shared, "several processes share quotas only through a Redis: set BENCH_REDIS_URL");
        let mut settings: Vec<Setting<'_>> = vec![
            ("SIGN_INS_PER_MINUTE", self.sign_ins.to_string()),
            ("REQUESTS_PER_MINUTE", self.requests.to_string()),
        ];
        settings.extend(self.redis_url.iter().map(|url| ("REDIS_URL", url.clone())));
        let testbed = TestBed::create(options, &settings).await?;
        let (_servers, addresses) = testbed.start_servers(self.processes)?;

        let mut table = Table::new(&["limit", "sent", "in s", "admitted", "at most", "refused", "last Retry-After, s"]);
        let mut verdicts = Vec::new();
        for limit in self.limits(&testbed, addresses[0]).await? {
            let responses = limit.send_quotas(&addresses).await?;
            let (refused_at, retry_after_seconds) = responses.last_refusal.context("nothing was refused")?;
            table.push(cells![
                limit.name,
                responses.admitted + responses.refused,
                Cell::Figure(responses.took.as_secs_f64(), 2),
                responses.admitted,
                limit.admitted_max(responses.took),
                responses.refused,
                retry_after_seconds
            ]);
            verdicts.extend(limit.verdicts(&responses));
            verdicts.extend(limit.check_retry_after(addresses[0], refused_at, retry_after_seconds).await?);
        }
        let counted = if self.redis_url.is_some() { "in Redis" } else { "in the server's memory" };
        let circumstances =
            testbed.circumstances().with("server processes", self.processes).with("requests are counted", counted);
        Ok(Report { circumstances, table, verdicts })
    }
}

impl Throttle {
    async fn limits(&self, testbed: &TestBed, server: SocketAddr) -> anyhow::Result<[Limit; 2]> {
        let mut admin = testbed.admin(server).await?;
        // Counts in Redis outlive this run and must not affect the next one.
        let run = std::process::id();
        let (attacked, busy) = (format!("attacked-{run}@example.org"), format!("busy-{run}@example.org"));
        for email in [&attacked, &busy] {
            admin.create_user(email).await?;
        }
        let token = Api::connect(server).await?.sign_in(&busy).await?.access;
        Ok([
            Limit {
                name: "sign-ins of one account",
                per_minute: self.sign_ins,
                burst: self.sign_ins,
                request: failing_sign_in_request(&attacked),
                admitted: 401,
            },
            Limit {
                name: "requests of one user",
                per_minute: self.requests,
                // The server's burst is the quota of ten seconds.
                burst: self.requests / 6,
                request: Request::get("/api/v1/users/me").by(&token).bytes(),
                admitted: 200,
            },
        ])
    }
}

impl Limit {
    /// Sends several times the quota as fast as possible.
    async fn send_quotas(&self, addresses: &[SocketAddr]) -> anyhow::Result<Responses> {
        let connections = Connection::open_many(addresses, CONNECTIONS as usize).await?;
        let total = self.per_minute * QUOTAS_SENT;
        let started = Instant::now();
        let mut sending = JoinSet::new();
        for (number, mut connection) in (0..).zip(connections) {
            let requests = total / CONNECTIONS + u32::from(number < total % CONNECTIONS);
            let (request, admitted) = (self.request.clone(), self.admitted);
            sending.spawn(async move {
                let mut responses = Responses::default();
                for _ in 0..requests {
                    responses.count(connection.exchange(&request).await?, admitted)?;
                }
                anyhow::Ok(responses)
            });
        }
        let mut responses = Responses::default();
        for part in sending.join_all().await {
            responses.add(&part?);
        }
        responses.took = started.elapsed();
        Ok(responses)
    }

    fn named(&self, what: &str) -> String {
        format!("{}: {what}", self.name)
    }

    /// Returns how many requests may be admitted in this time: the burst and what is refilled meanwhile.
    fn admitted_max(&self, took: Duration) -> u64 {
        let refilled = f64::from(self.per_minute) * took.as_secs_f64() / SECONDS_PER_MINUTE;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
        let refilled = refilled.floor() as u64;
        u64::from(self.burst) + refilled
    }

    fn verdicts(&self, responses: &Responses) -> [Verdict; 4] {
        let above = |most: u64| responses.admitted.saturating_sub(most);
        let burst = Target::AtLeast(self.burst.into(), Unit::Count);
        [
            Verdict::exactly(
                self.named("admitted above burst and refill"),
                0,
                above(self.admitted_max(responses.took)),
            ),
            Verdict::exactly(
                self.named("admitted above quota and burst"),
                0,
                above(u64::from(self.per_minute + self.burst)),
            ),
            Verdict::guarantee(self.named("admitted of the burst"), burst, units::figure(responses.admitted)),
            Verdict::exactly(
                self.named("refused without Retry-After, RateLimit or RateLimit-Policy"),
                0,
                responses.incomplete,
            ),
        ]
    }

    /// Checks that a request is admitted after `Retry-After`, and not after half of it if that is too short for a refill.
    async fn check_retry_after(
        &self,
        server: SocketAddr,
        refused_at: Instant,
        retry_after_seconds: u64,
    ) -> anyhow::Result<Vec<Verdict>> {
        anyhow::ensure!(retry_after_seconds <= WAIT_SECONDS_MAX, "Retry-After is {retry_after_seconds} s");
        let retry_after = Duration::from_secs(retry_after_seconds);
        let refill_time = Duration::from_secs_f64(SECONDS_PER_MINUTE / f64::from(self.per_minute));
        let mut verdicts = Vec::new();
        if refill_time > REFILL_TIME_MIN {
            sleep((retry_after / 2).saturating_sub(refused_at.elapsed())).await;
            let early = self.is_admitted(server).await?;
            verdicts.push(Verdict::exactly(self.named("admitted after half of Retry-After"), 0, u8::from(early)));
        }
        sleep(retry_after.saturating_sub(refused_at.elapsed())).await;
        let in_time = self.is_admitted(server).await?;
        verdicts.push(Verdict::exactly(self.named("admitted after Retry-After"), 1, u8::from(in_time)));
        if refill_time > REFILL_TIME_MIN {
            let second = self.is_admitted(server).await?;
            verdicts.push(Verdict::exactly(self.named("admitted at once after that one"), 0, u8::from(second)));
        }
        Ok(verdicts)
    }

    /// Sends one request on a new connection, because the server closes idle ones.
    async fn is_admitted(&self, server: SocketAddr) -> anyhow::Result<bool> {
        let mut connection = Connection::open(server).await?;
        let mut responses = Responses::default();
        responses.count(connection.exchange(&self.request).await?, self.admitted)?;
        Ok(responses.admitted == 1)
    }
}

impl Responses {
    fn count(&mut self, response: Response<'_>, admitted: u16) -> anyhow::Result<()> {
        let status = response.status();
        if status == admitted {
            self.admitted += 1;
            return Ok(());
        }
        anyhow::ensure!(status == 429, "the response is {status}: {}", response.text());
        let has_limit_headers = response.header("ratelimit").is_some() && response.header("ratelimit-policy").is_some();
        let retry_after = response.header("retry-after").and_then(|seconds| seconds.parse().ok());
        self.refused += 1;
        self.incomplete += u64::from(retry_after.is_none() || !has_limit_headers);
        self.last_refusal = self.last_refusal.max(retry_after.map(|seconds| (Instant::now(), seconds)));
        Ok(())
    }

    fn add(&mut self, other: &Self) {
        self.admitted += other.admitted;
        self.refused += other.refused;
        self.incomplete += other.incomplete;
        self.last_refusal = self.last_refusal.max(other.last_refusal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_admits_its_burst_and_the_refill() {
        let limit = Limit { name: "x", per_minute: 600, burst: 100, request: Vec::new(), admitted: 200 };
        for (took_ms, at_most) in [(0, 100), (99, 100), (100, 101), (2_050, 120)] {
            assert_eq!(limit.admitted_max(Duration::from_millis(took_ms)), at_most, "{took_ms} ms");
        }
    }
}
