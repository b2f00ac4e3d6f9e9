//! Servers that are asked to stop under load: what they have begun they finish, new connections they refuse, and they
//! end by themselves, well, in time.
//!
//! A request has begun when the server has said `100 Continue` to it, which these are sent for: sign-ins, since they
//! take long, half of them with a body that comes only after the signal. And whatever changed something had begun: no
//! client may find, when it sends a request again that got no answer, that it was done. Requests that the server had
//! not begun are turned away without an answer, by the closing of their connection; to send them again is safe.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use tokio::time::{sleep, timeout};

use crate::{
    campaign::{ANSWER_TIME_MAX, Broken, Sight, Team, TeamOptions},
    client::{Api, Connection, sign_in_request_in_parts},
    load::Latencies,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Stage, StageOptions},
};

/// What the servers get: how long requests may take to finish.
const STOP_TIMEOUT_SECONDS: u64 = 10;

/// What else there is to be done at the end, such as closing the database.
const END_GRACE: Duration = Duration::from_secs(2);

/// How soon after the signal new connections must be refused.
const REFUSED_TIME_MAX: Duration = Duration::from_secs(2);

/// How many sign-ins have begun when a server is asked to stop.
const BEGUN: usize = 4;

/// How long the server may take to begin a request.
const BEGIN_TIME_MAX: Duration = Duration::from_secs(10);

/// So much work that sign-ins are still under way then.
const BCRYPT_COST: &str = "10";

const EMAIL: &str = "slow@example.org";

/// For how long a server works before it is asked, and at most as much more.
const WORKS_MS: u64 = 150;

/// Stops servers under load: requests in progress finish, new connections are refused
#[derive(Clone, Debug, Args)]
pub(crate) struct Stop {
    /// How many servers are stopped, one after the other
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    rounds: u16,
    #[command(flatten)]
    team: TeamOptions,
}

/// What was seen of all stops.
#[derive(Default)]
struct Stops {
    ended_well: u64,
    in_time: u64,
    refused_in_time: u64,
    requests: u64,
    answered_after: u64,
    begun: u64,
    begun_answered: u64,
    turned_away: u64,
    took: Latencies,
    refused_after: Latencies,
}

impl Row for Stop {
    const NAME: &'static str = "stop";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let seed = self.team.seed();
        let settings = [
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "1440".to_owned()),
            ("STOP_TIMEOUT_SECONDS", STOP_TIMEOUT_SECONDS.to_string()),
            ("BCRYPT_COST", BCRYPT_COST.to_owned()),
        ];
        let stage = Stage::set_up(stage, &settings).await?;
        let mut server = stage.start_server()?;
        let mut team = Team::assemble(&stage, &server, self.team.clients, seed).await?;
        Api::resume(server.address(), &team.admin_token).await?.create_user(EMAIL).await?;
        let mut sight = Sight::open(server.address(), &team.admin_token).await?;
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut stops = Stops::default();

        for _ in 0..self.rounds {
            team.line.up([server.address()]);
            sleep(Duration::from_millis(rng.u64(WORKS_MS..=2 * WORKS_MS))).await;
            let begun = begin(server.address()).await?;
            let (broken_before, answered_before) = team.tally(|tally| (tally.broken.len(), tally.acknowledged));
            stops.requests += team.tally(|tally| tally.under_way as u64);
            let asked = Instant::now();
            server.ask_to_stop()?;
            let limit = Duration::from_secs(STOP_TIMEOUT_SECONDS) + END_GRACE;
            let address = server.address();
            let (ended, refused, answered) = tokio::join!(server.ended(limit), refused(address), finish(begun));
            stops.took.record(asked.elapsed());
            let refused = refused.saturating_duration_since(asked);
            stops.refused_after.record(refused);
            stops.refused_in_time += u64::from(refused <= REFUSED_TIME_MAX);
            if let Some(status) = ended? {
                stops.in_time += 1;
                stops.ended_well += u64::from(status.success());
            }
            team.line.down();
            stops.begun += BEGUN as u64;
            stops.begun_answered += answered;
            stops.answered_after += team.tally(|tally| tally.acknowledged) - answered_before;
            let is_turned_away = |broken: &&Broken| broken.was_sent;
            stops.turned_away +=
                team.tally(|tally| tally.broken[broken_before..].iter().filter(is_turned_away).count() as u64);

            server = stage.restart_server()?;
            sight.move_to(server.address(), &team.admin_token).await?;
            team.check_touched(&mut sight).await?;
        }
        team.line.up([server.address()]);
        team.finish().await?;
        sight.move_to(server.address(), &team.admin_token).await?;
        team.check_all(&mut sight).await?;
        Ok(report(&stage, self, seed, stops, &team))
    }
}

/// Sends sign-ins that the server begins; the bodies of half of them are still to be sent.
async fn begin(address: SocketAddr) -> anyhow::Result<Vec<(Connection, Vec<u8>)>> {
    let mut begun = Vec::with_capacity(BEGUN);
    for number in 0..BEGUN {
        let (head, mut body) = sign_in_request_in_parts(EMAIL);
        let mut connection = Connection::open(address).await?;
        connection.send(&head).await?;
        let beginning = timeout(BEGIN_TIME_MAX, connection.wait_for_continue()).await;
        beginning.context("a request was not begun in time")??;
        if number % 2 == 0 {
            connection.send(&std::mem::take(&mut body)).await?;
        }
        begun.push((connection, body));
    }
    Ok(begun)
}

/// Sends what is missing, and answers how many of the requests are answered as they should be.
async fn finish(begun: Vec<(Connection, Vec<u8>)>) -> u64 {
    let mut answered = 0;
    for (mut connection, rest) in begun {
        let exchange = async {
            connection.send(&rest).await?;
            anyhow::Ok(connection.answer().await?.status())
        };
        let status = timeout(ANSWER_TIME_MAX, exchange).await;
        answered += u64::from(matches!(status, Ok(Ok(200))));
    }
    answered
}

/// Since when new connections are refused.
async fn refused(address: SocketAddr) -> Instant {
    loop {
        let asked = Instant::now();
        if Connection::open(address).await.is_err() {
            return asked;
        }
        sleep(Duration::from_millis(1)).await;
    }
}

fn report(stage: &Stage, options: &Stop, seed: u64, mut stops: Stops, team: &Team) -> Report {
    let mut table = Table::new(&["what", "figure"]);
    for (what, count) in [
        ("stops", options.rounds.into()),
        ("requests under way when asked to stop", stops.requests),
        ("commands answered after that", stops.answered_after),
        ("sign-ins begun when asked to stop", stops.begun),
        ("of them answered", stops.begun_answered),
        ("requests turned away", stops.turned_away),
    ] {
        table.push([Cell::text(what), Cell::Count(count)]);
    }
    for (what, latencies) in [
        ("until the process had ended", &mut stops.took),
        ("until new connections were refused", &mut stops.refused_after),
    ] {
        table.push([Cell::text(format!("{what}: median ms")), Cell::Figure(latencies.percentile_ms(0.5), 0)]);
        table.push([Cell::text(format!("{what}: most ms")), Cell::Figure(latencies.percentile_ms(1.0), 0)]);
    }
    for (what, count) in team.counts() {
        table.push([Cell::text(what), Cell::Count(count)]);
    }
    let rounds = options.rounds.into();
    let mut verdicts = vec![
        Verdict::count(format!("servers that ended within {STOP_TIMEOUT_SECONDS} s"), rounds, stops.in_time),
        Verdict::count("servers that ended with exit code 0", rounds, stops.ended_well),
        Verdict::count("servers that soon refused new connections", rounds, stops.refused_in_time),
        Verdict::count("begun requests that were answered", stops.begun, stops.begun_answered),
        Verdict::count("commands that were done and not answered", 0, team.tally(|tally| tally.replayed)),
    ];
    verdicts.extend(team.verdicts());
    let mut circumstances = stage.circumstances();
    circumstances.push(("seed", seed.to_string()));
    circumstances.push(("clients", options.team.clients.to_string()));
    circumstances.push(("STOP_TIMEOUT_SECONDS", STOP_TIMEOUT_SECONDS.to_string()));
    Report { command: "stop", circumstances, table, verdicts }
}
