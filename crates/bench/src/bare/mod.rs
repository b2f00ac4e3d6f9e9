//! A server that only responds: actix-web routes with JSON bodies, in the process model of the server under test. It is
//! the baseline for what the server under test does with a request.

mod incident;

use std::{
    fs,
    io::{self, Write},
    net::Ipv4Addr,
    num::NonZeroUsize,
    path::PathBuf,
    thread,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{self, Data, Json},
};
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use incident::{Incident, NewIncident};

/// As in the server under test.
const BACKLOG_CONNECTIONS_MAX: u32 = 2048;

#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// An incident in the representation of the server under test
    #[arg(long, value_name = "FILE")]
    incident: PathBuf,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
}

/// A very small body.
#[derive(Clone, Copy, Serialize)]
struct Tiny {
    id: u32,
    name: &'static str,
}

async fn tiny() -> Json<Tiny> {
    Json(Tiny { id: 7, name: "bare" })
}

async fn show(incident: Data<Incident>) -> HttpResponse {
    HttpResponse::Ok().json(incident)
}

async fn open(incident: Data<Incident>, Json(new): Json<NewIncident>) -> HttpResponse {
    HttpResponse::Created().json(incident.with_texts_of(new))
}

/// Serves until it is killed.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let body = fs::read(&options.incident).context("the incident cannot be read")?;
    let incident = Data::new(Incident::parse(&body)?);
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(incident.clone())
            .route("/bare", web::get().to(tiny))
            .route("/incident", web::get().to(show))
            .route("/incidents", web::post().to(open))
    });
    let server = server
        .workers(options.workers.map_or(processors, NonZeroUsize::get))
        .disable_signals()
        .backlog(BACKLOG_CONNECTIONS_MAX)
        .bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.addrs().first().copied().context("the server does not listen")?;
    let mut out = io::stdout();
    writeln!(out, "listening on http://{address}").and_then(|()| out.flush())?;
    server.run().await?;
    Ok(())
}
