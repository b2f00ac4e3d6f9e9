//! The speed of reads while other clients sign in without a pause.
//!
//! Phases without and with sign-ins alternate in one run, so that other activity of the machine affects both alike. The
//! ratio of their medians is judged.

use std::time::Duration;

use clap::Args;

use super::{Row, SpeedRow};
use crate::{
    client::{Request, sign_in_request},
    load::{Load, Worker, drive},
    phases::medians,
    report::{Cell, Circumstances, Report, Table, cells},
    speed_table::{Figures, Judgement, Line, SpeedTable},
    testbed::{TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// How many sessions the readers use; the server caches many more in the same way.
const SESSIONS: usize = 8;

/// How long reads run before they are measured, while caches fill and connections open.
const WARM_UP: Duration = Duration::from_secs(2);

const THROUGHPUT_RATIO: Target = Target::AtLeast(0.50, Unit::Percent);

const P99_RATIO: Target = Target::AtMost(2.0, Unit::Times);

/// Measures reads while other clients sign in without a pause
#[derive(Clone, Debug, Args)]
pub(crate) struct SignInFlood {
    /// Number of connections that read
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    readers: u16,
    /// Number of connections that sign in
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    signers: u16,
    /// Number of phases without sign-ins, and of those with
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=10))]
    pairs: u8,
    /// Length of a phase
    #[arg(long, value_name = "S", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=30))]
    phase_seconds: u8,
    /// The cost of bcrypt
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u8).range(4..=14))]
    cost: u8,
}

/// The figures of one phase, or the medians of several.
struct Phase {
    reads: Figures,
    sign_ins: Option<SignIns>,
}

#[derive(Clone, Copy)]
struct SignIns {
    /// The median is a lower bound, because the last responses come after the readers have ended.
    figures: Figures,
    refused: u64,
}

/// The phases without and with sign-ins.
struct Phases {
    circumstances: Circumstances,
    without: Vec<Phase>,
    with: Vec<Phase>,
}

impl Row for SignInFlood {
    const NAME: &'static str = "sign-in-flood";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.run_phases(options).await?.into_report())
    }
}

impl SpeedRow for SignInFlood {
    const QUICK: &'static [&'static str] =
        &["--pairs", "1", "--phase-seconds", "1", "--readers", "2", "--signers", "2", "--cost", "4"];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable> {
        Ok(self.run_phases(options).await?.into_speed_table(judgement))
    }
}

impl SignInFlood {
    async fn run_phases(&self, options: &TestBedOptions) -> anyhow::Result<Phases> {
        let testbed = TestBed::create(options, &[("BCRYPT_COST", self.cost.to_string())]).await?;
        let server = testbed.start_server()?;
        let address = server.address();
        let mut admin = testbed.admin(address).await?;
        let incident = admin.open_incident("checkout answers 500").await?;

        let mut reads = Vec::new();
        for token in testbed.admin_sessions(address, SESSIONS).await? {
            reads.push(Request::get("/api/v1/users/me").by(&token).bytes());
            reads.push(Request::get(&format!("/api/v1/incidents/{incident}")).by(&token).bytes());
        }
        let mut sign_ins = Vec::new();
        for signer in 0..self.signers {
            let email = format!("signer-{signer}@example.org");
            admin.create_user(&email).await?;
            sign_ins.push(sign_in_request(&email));
        }
        drop(admin);

        let readers = Worker::many(address, self.readers.into(), reads, &[200]);
        let signers = Worker::many(address, self.signers.into(), sign_ins, &[200, 503]);
        drive(&readers, WARM_UP).await?;
        let window = Duration::from_secs(self.phase_seconds.into());
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..self.pairs {
            without.push(Phase::new(&drive(&readers, window).await?, None, window));
            // The readers end first. The last sign-ins then have the processors to themselves and are not counted.
            let (read, signed_in) = tokio::try_join!(drive(&readers, window), drive(&signers, window))?;
            with.push(Phase::new(&read, Some(&signed_in), window));
        }
        let circumstances = testbed
            .circumstances()
            .with("bcrypt cost of those who sign in", self.cost)
            .with("connections that read", self.readers)
            .with("connections that sign in", self.signers)
            .with("seconds of a phase", self.phase_seconds);
        Ok(Phases { circumstances, without, with })
    }
}

impl Phase {
    fn new(reads: &Load, sign_ins: Option<&Load>, window: Duration) -> Self {
        let sign_ins = sign_ins.map(|load| SignIns { figures: figures(load, window), refused: load.count(503) });
        Self { reads: figures(reads, window), sign_ins }
    }

    fn median_of(phases: &[Self]) -> Self {
        let reads: Vec<Figures> = phases.iter().map(|phase| phase.reads).collect();
        let sign_ins: Vec<SignIns> = phases.iter().filter_map(|phase| phase.sign_ins).collect();
        let figures: Vec<Figures> = sign_ins.iter().map(|sign_ins| sign_ins.figures).collect();
        let refused = sign_ins.iter().map(|sign_ins| sign_ins.refused).sum();
        let sign_ins = (!sign_ins.is_empty()).then(|| SignIns { figures: medians(&figures), refused });
        Self { reads: medians(&reads), sign_ins }
    }

    fn push_to(&self, table: &mut Table, name: String) {
        let cell = |figure: Option<f64>, decimals| Cell::from(figure.map(|figure| Cell::Figure(figure, decimals)));
        let sign_ins = self.sign_ins.map(|sign_ins| sign_ins.figures).unwrap_or_default();
        table.push(cells![
            name,
            cell(self.reads.per_second, 0),
            cell(self.reads.p50_ms, 2),
            cell(self.reads.p99_ms, 2),
            cell(sign_ins.per_second, 1),
            cell(sign_ins.p50_ms, 0),
            self.sign_ins.map(|sign_ins| sign_ins.refused)
        ]);
    }
}

/// Returns the throughput of successful requests and the latencies of all.
fn figures(load: &Load, window: Duration) -> Figures {
    Figures { per_second: Some(units::per_second(load.count(200), window)), ..load.latencies.figures() }
}

impl Phases {
    fn into_report(self) -> Report {
        let mut table = Table::new(&[
            "sign-ins",
            "reads/s",
            "p50 ms",
            "p99 ms",
            "sign-ins/s",
            "sign-in p50 ms",
            "refused with 503",
        ]);
        for (index, (without, with)) in self.without.iter().zip(&self.with).enumerate() {
            without.push_to(&mut table, format!("without, {}", index + 1));
            with.push_to(&mut table, format!("with, {}", index + 1));
        }
        let (without, with) = (Phase::median_of(&self.without), Phase::median_of(&self.with));
        without.push_to(&mut table, "without, median".to_owned());
        with.push_to(&mut table, "with, median".to_owned());

        let ratio = |figure: fn(&Figures) -> Option<f64>| {
            units::ratio(figure(&with.reads).unwrap_or_default(), figure(&without.reads).unwrap_or_default())
        };
        let (throughput, p99) = (ratio(|reads| reads.per_second), ratio(|reads| reads.p99_ms));
        let verdicts = vec![
            Verdict::timing("throughput of reads with sign-ins, of that without", THROUGHPUT_RATIO, throughput),
            Verdict::timing("p99 of reads with sign-ins, of that without", P99_RATIO, p99),
        ];
        Report { circumstances: self.circumstances, table, verdicts }
    }

    fn into_speed_table(self, judgement: Judgement) -> SpeedTable {
        let (without, with) = (Phase::median_of(&self.without).reads, Phase::median_of(&self.with).reads);
        let p99_without = without.p99_ms.unwrap_or_default();
        let p99 = units::ratio(with.p99_ms.unwrap_or_default(), p99_without);
        let lines = vec![
            Line::new("reads while others sign in", with)
                .with_throughput_of("the same without", without.per_second.unwrap_or_default())
                .with_ratio_target(THROUGHPUT_RATIO, judgement),
            Line::new("reads while others sign in: p99", with)
                .with_baseline("the same without, p99 ms", p99_without, p99)
                .with_ratio_target(P99_RATIO, judgement),
            Line::new("(reads without sign-ins)", without),
        ];
        SpeedTable { circumstances: self.circumstances, lines }
    }
}
