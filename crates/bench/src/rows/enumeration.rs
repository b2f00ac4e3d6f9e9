//! Whether response times or responses reveal which accounts exist.
//!
//! Failing sign-ins follow one another on one connection, each kind of account once in every set and in random order, so
//! that other activity of the machine affects all kinds alike. Two of the accounts are of the same kind: the difference
//! between them is noise.

use std::{collections::BTreeSet, time::Instant};

use clap::Args;
use serde_json::Value;

use super::Row;
use crate::{
    client::{Connection, Response, failing_sign_in_request},
    load::Latencies,
    report::{Cell, Report, Table, cells},
    testbed::{TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

const DIFFERENCE: Target = Target::AtMost(0.02, Unit::Percent);

/// How many sets are sent before measuring.
const WARM_UP_SETS: u16 = 5;

/// By how much the cost of a stale hash is lower: a quarter of the work.
const STALE_BY: u8 = 2;

/// Checks that neither response times nor responses reveal which accounts exist
#[derive(Clone, Debug, Args)]
pub(crate) struct Enumeration {
    /// Number of failing sign-ins to each account
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=5000))]
    sets: u16,
    /// The cost of bcrypt; its time doubles with every step
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(6..=12))]
    cost: u8,
    /// Gives existing accounts hashes of a lower cost, as after the server's cost was raised
    #[arg(long)]
    stale_hashes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Account {
    Known,
    /// The same kind again, to measure the noise.
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

    /// All addresses have the same length, so that the requests make no difference.
    const fn email(self) -> &'static str {
        match self {
            Self::Known => "aaaaaa@example.org",
            Self::Control => "cccccc@example.org",
            Self::Unknown => "uuuuuu@example.org",
            Self::Inactive => "iiiiii@example.org",
        }
    }
}

/// The responses to sign-ins to one account.
struct SignIns {
    account: Account,
    request: Vec<u8>,
    latencies: Latencies,
    responses: BTreeSet<String>,
}

impl Row for Enumeration {
    const NAME: &'static str = "enumeration";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let hash_cost = if self.stale_hashes { self.cost - STALE_BY } else { self.cost };
        let mut testbed = TestBed::create(options, &[("BCRYPT_COST", hash_cost.to_string())]).await?;
        create_accounts(&testbed).await?;
        testbed.change_settings(&[("BCRYPT_COST", self.cost.to_string())]);
        let server = testbed.start_server()?;

        let mut connection = Connection::open(server.address()).await?;
        let mut accounts = Account::ALL.map(SignIns::new);
        for set in 0..WARM_UP_SETS + self.sets {
            fastrand::shuffle(&mut accounts);
            for account in &mut accounts {
                account.sign_in(&mut connection, set >= WARM_UP_SETS).await?;
            }
        }
        accounts.sort_by_key(|sign_ins| sign_ins.account);
        let (table, verdicts) = (table(&accounts), verdicts(&accounts));
        Ok(Report { circumstances: testbed.circumstances().with("cost of the hashes", hash_cost), table, verdicts })
    }
}

/// Creates the accounts that exist, on a server that is stopped afterwards.
async fn create_accounts(testbed: &TestBed) -> anyhow::Result<()> {
    let server = testbed.start_server()?;
    let mut admin = testbed.admin(server.address()).await?;
    for account in [Account::Known, Account::Control] {
        admin.create_user(account.email()).await?;
    }
    let inactive = admin.create_user(Account::Inactive.email()).await?;
    admin.deactivate_user(&inactive).await
}

impl SignIns {
    fn new(account: Account) -> Self {
        let request = failing_sign_in_request(account.email());
        Self { account, request, latencies: Latencies::default(), responses: BTreeSet::new() }
    }

    async fn sign_in(&mut self, connection: &mut Connection, is_measured: bool) -> anyhow::Result<()> {
        let sent = Instant::now();
        let response = connection.exchange(&self.request).await?;
        let latency = sent.elapsed();
        anyhow::ensure!(response.status() == 401, "the response is {}: {}", response.status(), response.text());
        self.responses.insert(without_request_id(response)?);
        if is_measured {
            self.latencies.record(latency);
        }
        Ok(())
    }
}

/// Returns everything of a response that could distinguish accounts.
fn without_request_id(response: Response<'_>) -> anyhow::Result<String> {
    let mut body = response.json()?;
    if let Some(request_id) = body.get_mut("request_id") {
        *request_id = Value::Null;
    }
    let varies = |name: &str| name.eq_ignore_ascii_case("date") || name.eq_ignore_ascii_case("x-request-id");
    // The server writes headers in no particular order.
    let headers: BTreeSet<_> = response.headers().filter(|(name, _)| !varies(name)).collect();
    Ok(format!("{} {headers:?} {body}", response.status()))
}

/// Returns by what part the largest figure exceeds the smallest.
fn difference(figures: &[f64]) -> f64 {
    let smallest = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = figures.iter().copied().fold(0.0, f64::max);
    units::ratio(largest - smallest, smallest)
}

fn table(accounts: &[SignIns; 4]) -> Table {
    let mut table = Table::new(&["account", "sign-ins", "p50 ms", "p10 ms", "p99 ms", "distinct responses"]);
    for sign_ins in accounts {
        table.push(cells![
            sign_ins.account.name(),
            sign_ins.latencies.count(),
            Cell::Figure(sign_ins.latencies.p50_ms(), 3),
            Cell::Figure(sign_ins.latencies.percentile_ms(0.10), 3),
            Cell::Figure(sign_ins.latencies.p99_ms(), 3),
            sign_ins.responses.len() as u64
        ]);
    }
    table
}

fn verdicts(accounts: &[SignIns; 4]) -> Vec<Verdict> {
    let [known, control, unknown, inactive] = accounts.each_ref().map(|sign_ins| sign_ins.latencies.p50_ms());
    let responses: BTreeSet<&String> = accounts.iter().flat_map(|sign_ins| &sign_ins.responses).collect();
    vec![
        Verdict::exactly("distinct responses apart from request id and date, all accounts", 1, responses.len()),
        Verdict::timing(
            "largest difference between medians of known, unknown and inactive",
            DIFFERENCE,
            difference(&[known, unknown, inactive]),
        ),
        Verdict::timing("the same between two known accounts: noise", DIFFERENCE, difference(&[known, control])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_relative_to_the_smallest() {
        assert!((difference(&[102.0, 100.0, 101.0]) - 0.02).abs() < 1e-9);
        assert!(difference(&[5.0, 5.0]).abs() < 1e-9);
    }

    #[test]
    fn requests_for_all_accounts_have_the_same_length() {
        let lengths: BTreeSet<usize> = Account::ALL.map(|account| SignIns::new(account).request.len()).into();
        assert_eq!(lengths.len(), 1);
    }
}
