//! What reads are worth while others sign in without a pause.
//!
//! Phases without sign-ins and with them follow one another in one run, so that whatever else the machine does
//! meets both; what is judged is the ratio of their medians.

use std::time::Duration;

use clap::Args;

use crate::{
    client::{get, sign_in_request},
    load::{Lane, Load, drive, median},
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    score::{Figures, Judgement, Line, Score, Target, Unit},
    stage::{Stage, StageOptions},
};

/// Sessions among which the readers are divided: a server has many more, and remembers each alike.
const SESSIONS: usize = 8;

/// What is not measured at first: caches fill, connections open.
const WARM_UP: Duration = Duration::from_secs(2);

/// The least part of the throughput that must remain.
const THROUGHPUT_RATIO_MIN: f64 = 0.50;

/// The most that the slow reads may get slower.
const P99_RATIO_MAX: f64 = 2.0;

/// Measures reads while other clients sign in without a pause
#[derive(Clone, Debug, Args)]
pub(crate) struct SignInFlood {
    /// How many connections read
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    readers: u16,
    /// How many connections sign in
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    signers: u16,
    /// How many phases without and as many with sign-ins
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=10))]
    pairs: u8,
    /// How long a phase lasts
    #[arg(long, value_name = "S", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=30))]
    phase_seconds: u8,
    /// The cost of bcrypt
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u8).range(4..=14))]
    cost: u8,
}

/// What one phase was like.
struct Phase {
    reads_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    sign_ins: Option<SignIns>,
}

struct SignIns {
    per_second: f64,
    /// How long who signs in waits, at least: the last answers come once nobody reads any more.
    p50_ms: f64,
    refused: u64,
}

/// The phases without sign-ins and with them.
struct Phases {
    circumstances: Vec<(&'static str, String)>,
    without: Vec<Phase>,
    with: Vec<Phase>,
}

impl Row for SignInFlood {
    const NAME: &'static str = "sign-in-flood";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(drive_phases(stage, self).await?.into_report())
    }
}

/// The same as lines of the table of speed.
pub(crate) async fn measure(
    stage: &StageOptions,
    options: &SignInFlood,
    judgement: Judgement,
) -> anyhow::Result<Score> {
    Ok(drive_phases(stage, options).await?.into_score(judgement))
}

async fn drive_phases(stage: &StageOptions, options: &SignInFlood) -> anyhow::Result<Phases> {
    let stage = Stage::set_up(stage, &[("BCRYPT_COST", options.cost.to_string())]).await?;
    let server = stage.start_server()?;
    let mut admin = stage.admin(&server).await?;
    let incident = admin.open_incident("checkout answers 500").await?;

    let mut reads = Vec::new();
    for _ in 0..SESSIONS {
        let token = stage.admin_session(&server).await?;
        reads.push(get("/api/v1/users/me", Some(&token)));
        reads.push(get(&format!("/api/v1/incidents/{incident}"), Some(&token)));
    }
    let mut sign_ins = Vec::new();
    for signer in 0..options.signers {
        let email = format!("signer-{signer}@example.org");
        admin.create_user(&email).await?;
        sign_ins.push(sign_in_request(&email));
    }
    drop(admin);

    let readers = Lane::many(server.address(), options.readers.into(), reads, &[200]);
    let signers = Lane::many(server.address(), options.signers.into(), sign_ins, &[200, 503]);
    drive(&readers, WARM_UP).await?;
    let window = Duration::from_secs(options.phase_seconds.into());
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..options.pairs {
        without.push(Phase::new(drive(&readers, window).await?, None, window));
        // The readers end first; then the last sign-ins have the processors for themselves, and are not counted.
        let (read, signed_in) = tokio::try_join!(drive(&readers, window), drive(&signers, window))?;
        with.push(Phase::new(read, Some(signed_in), window));
    }
    let mut circumstances = stage.circumstances();
    circumstances.push(("bcrypt cost of those who sign in", options.cost.to_string()));
    circumstances.push(("connections that read", options.readers.to_string()));
    circumstances.push(("connections that sign in", options.signers.to_string()));
    circumstances.push(("seconds of a phase", options.phase_seconds.to_string()));
    Ok(Phases { circumstances, without, with })
}

impl Phase {
    fn new(reads: Load, sign_ins: Option<Load>, window: Duration) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "no phase has so many requests")]
        let per_second = |count: u64| count as f64 / window.as_secs_f64();
        Self {
            reads_per_second: per_second(reads.count(200)),
            p50_ms: reads.latencies.percentile_ms(0.50),
            p99_ms: reads.latencies.percentile_ms(0.99),
            sign_ins: sign_ins.map(|load| SignIns {
                per_second: per_second(load.count(200)),
                p50_ms: load.latencies.percentile_ms(0.50),
                refused: load.count(503),
            }),
        }
    }

    fn median_of(phases: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| median(phases.iter().map(figure));
        let sign_ins: Vec<&SignIns> = phases.iter().filter_map(|phase| phase.sign_ins.as_ref()).collect();
        Self {
            reads_per_second: middle(|phase| phase.reads_per_second),
            p50_ms: middle(|phase| phase.p50_ms),
            p99_ms: middle(|phase| phase.p99_ms),
            sign_ins: (!sign_ins.is_empty()).then(|| SignIns {
                per_second: median(sign_ins.iter().map(|sign_ins| sign_ins.per_second)),
                p50_ms: median(sign_ins.iter().map(|sign_ins| sign_ins.p50_ms)),
                refused: sign_ins.iter().map(|sign_ins| sign_ins.refused).sum(),
            }),
        }
    }

    fn figures(&self) -> Figures {
        Figures {
            per_second: Some(self.reads_per_second),
            p50_ms: Some(self.p50_ms),
            p99_ms: Some(self.p99_ms),
            ..Figures::default()
        }
    }

    fn push_to(&self, table: &mut Table, name: String) {
        let sign_ins = self.sign_ins.as_ref();
        table.push([
            Cell::Text(name),
            Cell::Figure(self.reads_per_second, 0),
            Cell::Figure(self.p50_ms, 2),
            Cell::Figure(self.p99_ms, 2),
            sign_ins.map_or(Cell::Nothing, |sign_ins| Cell::Figure(sign_ins.per_second, 1)),
            sign_ins.map_or(Cell::Nothing, |sign_ins| Cell::Figure(sign_ins.p50_ms, 0)),
            sign_ins.map_or(Cell::Nothing, |sign_ins| Cell::Count(sign_ins.refused)),
        ]);
    }
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

        let throughput = with.reads_per_second / without.reads_per_second;
        let p99 = with.p99_ms / without.p99_ms;
        let verdicts = vec![
            Verdict::timing(
                "throughput of reads with sign-ins, of that without",
                format!("≥ {THROUGHPUT_RATIO_MIN:.2}"),
                format!("{throughput:.3}"),
                throughput >= THROUGHPUT_RATIO_MIN,
            ),
            Verdict::timing(
                "p99 of reads with sign-ins, of that without",
                format!("≤ {P99_RATIO_MAX:.1}"),
                format!("{p99:.2}"),
                p99 <= P99_RATIO_MAX,
            ),
        ];
        Report { command: "sign-in-flood", circumstances: self.circumstances, table, verdicts }
    }

    fn into_score(self, judgement: Judgement) -> Score {
        let (without, with) = (Phase::median_of(&self.without), Phase::median_of(&self.with));
        let p99 = with.p99_ms / without.p99_ms.max(f64::EPSILON);
        let lines = vec![
            Line::new("reads while others sign in", with.figures())
                .next_to_throughput("the same without", without.reads_per_second)
                .with_ratio_held_to(Target::AtLeast(THROUGHPUT_RATIO_MIN, Unit::Percent), judgement),
            Line::new("reads while others sign in: p99", with.figures())
                .next_to("the same without, p99 ms", without.p99_ms, p99)
                .with_ratio_held_to(Target::AtMost(P99_RATIO_MAX, Unit::Times), judgement),
            Line::new("(reads while nobody signs in)", without.figures()),
        ];
        Score { circumstances: self.circumstances, lines }
    }
}
