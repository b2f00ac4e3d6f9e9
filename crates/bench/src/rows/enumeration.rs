//! Whether time or answer tell which accounts exist.
//!
//! Sign-ins that fail follow one another on one connection, each kind of account once in every set and in a random
//! order, so that whatever else the machine does meets all kinds alike. Two of the accounts are of the same kind:
//! the difference between these is what noise alone makes.

use std::{collections::BTreeSet, time::Instant};

use clap::Args;
use serde_json::Value;

use crate::{
    client::{Answer, Connection, sign_in_request_with},
    load::{Latencies, median},
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Stage, StageOptions},
};

/// The most that medians may differ.
const DIFFERENCE_PERCENT_MAX: f64 = 2.0;

/// What is not measured at first.
const WARM_UP_SETS: u16 = 5;

/// How much less the cost of a stale hash is: a quarter of the work.
const STALE_BY: u8 = 2;

/// Nobody's password.
const WRONG_PASSWORD: &str = "not-the-password-of-anybody-71";

/// Checks that neither response times nor responses reveal which accounts exist
#[derive(Clone, Debug, Args)]
pub(crate) struct Enumeration {
    /// How often somebody tries to sign in to each account
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=5000))]
    sets: u16,
    /// The cost of bcrypt; the work of it, and so the time, doubles with every step
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(6..=12))]
    cost: u8,
    /// The accounts that exist have hashes of a lower cost than the server's, as after it was raised
    #[arg(long)]
    stale_hashes: bool,
}

/// Which account somebody tries to sign in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Account {
    Known,
    /// The same kind again, to see what noise makes.
    Control,
    Unknown,
    Inactive,
}

impl Account {
    const ALL: [Self; 4] = [Self::Known, Self::Control, Self::Unknown, Self::Inactive];

    const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Control => "known, control",
            Self::Unknown => "unknown",
            Self::Inactive => "inactive",
        }
    }

    /// As long as all others: what is sent is not to make a difference.
    const fn email(self) -> &'static str {
        match self {
            Self::Known => "aaaaaa@example.org",
            Self::Control => "cccccc@example.org",
            Self::Unknown => "uuuuuu@example.org",
            Self::Inactive => "iiiiii@example.org",
        }
    }
}

/// What was seen of one account.
struct Seen {
    account: Account,
    request: Vec<u8>,
    latencies: Latencies,
    answers: BTreeSet<String>,
}

impl Row for Enumeration {
    const NAME: &'static str = "enumeration";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let hashed_at = if self.stale_hashes { self.cost - STALE_BY } else { self.cost };
        let mut stage = Stage::set_up(stage, &[("BCRYPT_COST", hashed_at.to_string())]).await?;
        make_accounts(&stage).await?;
        stage.change_settings(&[("BCRYPT_COST", self.cost.to_string())]);
        let server = stage.start_server()?;

        let mut connection = Connection::open(server.address()).await?;
        let mut seen = Account::ALL.map(Seen::new);
        for set in 0..WARM_UP_SETS + self.sets {
            fastrand::shuffle(&mut seen);
            for of_account in &mut seen {
                of_account.try_to_sign_in(&mut connection, set >= WARM_UP_SETS).await?;
            }
        }
        drop(server);
        seen.sort_by_key(|seen| seen.account as u8);
        let mut report = report(&stage, &mut seen);
        report.circumstances.push(("cost of the hashes", hashed_at.to_string()));
        Ok(report)
    }
}

/// Makes every account that exists, on a server of its own.
async fn make_accounts(stage: &Stage) -> anyhow::Result<()> {
    let server = stage.start_server()?;
    let mut admin = stage.admin(&server).await?;
    for account in [Account::Known, Account::Control] {
        admin.create_user(account.email()).await?;
    }
    let inactive = admin.create_user(Account::Inactive.email()).await?;
    admin.deactivate_user(&inactive).await
}

impl Seen {
    fn new(account: Account) -> Self {
        let request = sign_in_request_with(account.email(), WRONG_PASSWORD);
        Self { account, request, latencies: Latencies::default(), answers: BTreeSet::new() }
    }

    async fn try_to_sign_in(&mut self, connection: &mut Connection, is_measured: bool) -> anyhow::Result<()> {
        let sent = Instant::now();
        let answer = connection.exchange(&self.request).await?;
        let latency = sent.elapsed();
        anyhow::ensure!(answer.status() == 401, "the answer is {}: {}", answer.status(), answer.text());
        self.answers.insert(without_request_id(answer)?);
        if is_measured {
            self.latencies.record(latency);
        }
        Ok(())
    }
}

/// Everything of an answer that could tell accounts apart.
fn without_request_id(answer: Answer<'_>) -> anyhow::Result<String> {
    let mut body = answer.json()?;
    if let Some(request_id) = body.get_mut("request_id") {
        *request_id = Value::Null;
    }
    let varies = |name: &str| name.eq_ignore_ascii_case("date") || name.eq_ignore_ascii_case("x-request-id");
    // The server writes headers in no particular order.
    let headers: BTreeSet<_> = answer.headers().filter(|(name, _)| !varies(name)).collect();
    Ok(format!("{} {headers:?} {body}", answer.status()))
}

/// By how much the largest figure is above the smallest.
fn difference_percent(figures: &[f64]) -> f64 {
    let smallest = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = figures.iter().copied().fold(0.0, f64::max);
    100.0 * (largest - smallest) / smallest
}

fn report(stage: &Stage, seen: &mut [Seen]) -> Report {
    let mut table = Table::new(&["account", "sign-ins", "p50 ms", "p10 ms", "p99 ms", "distinct answers"]);
    for seen in &mut *seen {
        table.push([
            Cell::text(seen.account.name()),
            Cell::Count(seen.latencies.count()),
            Cell::Figure(seen.latencies.percentile_ms(0.50), 3),
            Cell::Figure(seen.latencies.percentile_ms(0.10), 3),
            Cell::Figure(seen.latencies.percentile_ms(0.99), 3),
            Cell::Count(seen.answers.len() as u64),
        ]);
    }
    let mut median_of = |wanted: Account| {
        let found = seen.iter_mut().filter(|seen| seen.account == wanted);
        median(found.map(|seen| seen.latencies.percentile_ms(0.50)))
    };
    let [known, control, unknown, inactive] = Account::ALL.map(&mut median_of);
    let difference = difference_percent(&[known, unknown, inactive]);
    let noise = difference_percent(&[known, control]);
    let answers: BTreeSet<&String> = seen.iter().flat_map(|seen| &seen.answers).collect();
    let verdicts = vec![
        Verdict::count("answers that differ in more than request id and date, all accounts", 1, answers.len() as u64),
        Verdict::timing(
            "largest difference between medians of known, unknown and inactive",
            format!("≤ {DIFFERENCE_PERCENT_MAX:.1} %"),
            format!("{difference:.2} %"),
            difference <= DIFFERENCE_PERCENT_MAX,
        ),
        Verdict::timing(
            "the same between two known accounts: noise",
            format!("≤ {DIFFERENCE_PERCENT_MAX:.1} %"),
            format!("{noise:.2} %"),
            noise <= DIFFERENCE_PERCENT_MAX,
        ),
    ];
    Report { command: "enumeration", circumstances: stage.circumstances(), table, verdicts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_relative_to_the_smallest() {
        assert!((difference_percent(&[102.0, 100.0, 101.0]) - 2.0).abs() < 1e-9);
        assert!(difference_percent(&[5.0, 5.0]).abs() < 1e-9);
    }

    #[test]
    fn requests_for_all_accounts_are_equally_long() {
        let lengths: BTreeSet<usize> = Account::ALL.map(|account| Seen::new(account).request.len()).into();
        assert_eq!(lengths.len(), 1);
    }
}
