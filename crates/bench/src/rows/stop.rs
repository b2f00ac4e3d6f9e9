//! Servers that are stopped under load: they finish the requests that have begun, refuse new connections, and end by
//! themselves in time with exit code 0.
//!
//! A request has begun when the server has sent `100 Continue`. These are sign-ins, because they take long; half of them
//! send the body only after the signal. Every command with an effect had begun as well: a client that repeats a command
//! without a response must never find that it was done. Requests that had not begun are refused by closing their
//! connection, and are safe to repeat.

use std::{
    io::{self, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use tokio::time::{sleep, timeout};

use super::Row;
use crate::{
    campaign::{BrokenConnection, Campaign, CampaignOptions},
    client::{Api, Connection, sign_in_request_in_parts},
    load::{Latencies, RESPONSE_TIME_MAX},
    report::{Cell, Report, Table},
    testbed::{TestBed, TestBedOptions},
    verdict::Verdict,
};

/// The setting of the servers: how long requests may take to finish.
const STOP_TIMEOUT_SECONDS: u64 = 10;

/// Time for the rest of the shutdown, such as closing the database.
const END_GRACE: Duration = Duration::from_secs(2);

/// How soon after the signal new connections must be refused.
const REFUSED_TIME_MAX: Duration = Duration::from_secs(2);

/// How many sign-ins have begun when a server is stopped.
const SIGN_INS: usize = 4;

/// How long the server may take to begin a request.
const BEGIN_TIME_MAX: Duration = Duration::from_secs(10);

/// High enough that sign-ins are still in progress at the signal.
const BCRYPT_COST: &str = "10";

const EMAIL: &str = "slow@example.org";

/// A server runs for one to two times as long before it is stopped.
const RUN_MS: u64 = 150;

/// Stops servers under load: requests that have begun finish, new connections are refused
#[derive(Clone, Debug, Args)]
pub(crate) struct Stop {
    /// Number of servers, one after the other
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    rounds: u16,
    #[command(flatten)]
    campaign: CampaignOptions,
}

/// Counts of all stops.
#[derive(Default)]
struct Stops {
    exit_code_0: u16,
    in_time: u16,
    refused_in_time: u16,
    requests: u64,
    answered_after: u64,
    sign_ins: u64,
    sign_ins_answered: u64,
    closed_unanswered: u64,
    took: Latencies,
    refused_after: Latencies,
}

impl Row for Stop {
    const NAME: &'static str = "stop";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let settings = [
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "1440".to_owned()),
            ("STOP_TIMEOUT_SECONDS", STOP_TIMEOUT_SECONDS.to_string()),
            ("BCRYPT_COST", BCRYPT_COST.to_owned()),
        ];
        let testbed = TestBed::create(options, &settings).await?;
        let mut server = testbed.start_server()?;
        let mut campaign = Campaign::start(&testbed, server.address(), self.campaign).await?;
        Api::resume(server.address(), campaign.admin_token()).await?.create_user(EMAIL).await?;
        let mut rng = campaign.rng();
        let mut stops = Stops::default();

        for _ in 0..self.rounds {
            let address = server.address();
            campaign.resume([address]);
            sleep(Duration::from_millis(rng.u64(RUN_MS..=2 * RUN_MS))).await;
            let sign_ins = begin_sign_ins(address).await?;
            let (broken_before, answered_before) = campaign.counters(|it| (it.broken.len(), it.acknowledged));
            stops.requests += campaign.counters(|counters| counters.in_flight as u64);
            let signalled = Instant::now();
            server.terminate()?;
            let limit = Duration::from_secs(STOP_TIMEOUT_SECONDS) + END_GRACE;
            let (ended, refused, answered) =
                tokio::join!(server.wait(limit), wait_until_refused(address), finish_sign_ins(sign_ins));
            stops.took.record(signalled.elapsed());
            let refused = refused.saturating_duration_since(signalled);
            stops.refused_after.record(refused);
            stops.refused_in_time += u16::from(refused <= REFUSED_TIME_MAX);
            if let Some(status) = ended? {
                stops.in_time += 1;
                stops.exit_code_0 += u16::from(status.success());
            }
            campaign.suspend();
            stops.sign_ins += SIGN_INS as u64;
            stops.sign_ins_answered += answered;
            stops.answered_after += campaign.counters(|counters| counters.acknowledged) - answered_before;
            let was_sent = |broken: &&BrokenConnection| broken.was_sent;
            stops.closed_unanswered +=
                campaign.counters(|it| it.broken[broken_before..].iter().filter(was_sent).count() as u64);

            server = testbed.restart_server()?;
            campaign.check_changed(server.address()).await?;
        }
        campaign.finish_on(server.address()).await?;
        let circumstances = campaign.add_to(testbed.circumstances()).with("STOP_TIMEOUT_SECONDS", STOP_TIMEOUT_SECONDS);
        let (table, verdicts) = (self.table(&stops, &campaign), self.verdicts(&stops, &campaign));
        Ok(Report { circumstances, table, verdicts })
    }
}

impl Stop {
    fn table(&self, stops: &Stops, campaign: &Campaign) -> Table {
        let mut table = Table::new(&["what", "figure"]);
        table.extend([
            ("stops", self.rounds.into()),
            ("requests in flight at the signal", stops.requests),
            ("commands answered after that", stops.answered_after),
            ("sign-ins begun at the signal", stops.sign_ins),
            ("of them answered", stops.sign_ins_answered),
            ("requests without a response", stops.closed_unanswered),
        ]);
        for (what, latencies) in
            [("until the process had ended", &stops.took), ("until new connections were refused", &stops.refused_after)]
        {
            table.extend([
                (format!("{what}: median ms"), Cell::Figure(latencies.p50_ms(), 0)),
                (format!("{what}: most ms"), Cell::Figure(latencies.max_ms(), 0)),
            ]);
        }
        table.extend(campaign.counts());
        table
    }

    fn verdicts(&self, stops: &Stops, campaign: &Campaign) -> Vec<Verdict> {
        let replayed = campaign.counters(|counters| counters.replayed);
        let mut verdicts = vec![
            Verdict::exactly(format!("servers that ended within {STOP_TIMEOUT_SECONDS} s"), self.rounds, stops.in_time),
            Verdict::exactly("servers that ended with exit code 0", self.rounds, stops.exit_code_0),
            Verdict::exactly("servers that soon refused new connections", self.rounds, stops.refused_in_time),
            Verdict::exactly("begun requests that were answered", stops.sign_ins, stops.sign_ins_answered),
            Verdict::exactly("commands that were done and not answered", 0, replayed),
        ];
        verdicts.extend(campaign.verdicts());
        verdicts
    }
}

/// Sends sign-ins that the server begins; returns the connections, and the bodies that half of them have yet to send.
async fn begin_sign_ins(address: SocketAddr) -> anyhow::Result<Vec<(Connection, Vec<u8>)>> {
    let mut sign_ins = Vec::with_capacity(SIGN_INS);
    for number in 0..SIGN_INS {
        let (head, mut body) = sign_in_request_in_parts(EMAIL);
        let mut connection = Connection::open(address).await?;
        connection.send(&head).await?;
        let begun = timeout(BEGIN_TIME_MAX, connection.wait_for_continue()).await;
        begun.context("a request was not begun in time")??;
        if number % 2 == 0 {
            connection.send(&std::mem::take(&mut body)).await?;
        }
        sign_ins.push((connection, body));
    }
    Ok(sign_ins)
}

/// Sends the rest of each sign-in and returns how many have the response 200. Says what became of the others.
async fn finish_sign_ins(sign_ins: Vec<(Connection, Vec<u8>)>) -> u64 {
    let mut answered = 0;
    for (mut connection, rest) in sign_ins {
        let exchange = async {
            connection.send(&rest).await?;
            let response = connection.response().await?;
            anyhow::ensure!(response.status() == 200, "{}: {}", response.status(), response.body().escape_ascii());
            anyhow::Ok(())
        };
        let outcome = timeout(RESPONSE_TIME_MAX, exchange).await;
        match outcome.context("no response in time").and_then(|finished| finished) {
            Ok(()) => answered += 1,
            Err(error) => {
                let _ = writeln!(io::stderr(), "a sign-in that had begun was not answered: {error:#}");
            }
        }
    }
    answered
}

/// Returns the moment since which new connections are refused.
async fn wait_until_refused(address: SocketAddr) -> Instant {
    loop {
        let tried = Instant::now();
        if Connection::open(address).await.is_err() {
            return tried;
        }
        sleep(Duration::from_millis(1)).await;
    }
}
