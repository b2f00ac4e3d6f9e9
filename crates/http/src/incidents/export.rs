//! `GET /incidents/export`: all incidents that fulfil the conditions, as a stream of any length.

use actix_web::{
    HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web::{Bytes, Data},
};
use futures::{StreamExt, TryStreamExt, stream};
use incident_application::Caller;
use incident_domain::{
    Direction, Incident, IncidentFilter, IncidentSort, IncidentSortKey, ListCursor, Page, PageRequest, PageSize,
    SearchScope,
};

use super::{
    body::IncidentBody,
    conditions::{incident_query, words},
    table,
};
use crate::{
    problem::{Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn},
    services::Services,
};

incident_query!(
    /// Which incidents, and in which form.
    ExportQuery {
        /// Words that the title and description, or one of the comments, must have; a `*` stands for any end.
        /// All texts are looked at, however many have them.
        #[param(example = "checkout 50*")]
        q,
        /// `json` (an array of incidents, as lists show them) or `csv` (a table with a header line, RFC 4180).
        #[param(example = "csv")]
        format,
    }
);

/// How an export is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

impl Format {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    const fn file_name(self) -> &'static str {
        match self {
            Self::Json => "incidents.json",
            Self::Csv => "incidents.csv",
        }
    }
}

/// Export all incidents that fulfil the conditions, the oldest first. The answer is a stream, as long as it takes; what
/// goes wrong on the way breaks it off.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/export",
    tag = "incidents",
    operation_id = "export_incidents",
    security(("bearer" = [])),
    params(ExportQuery),
    responses(
        (status = 200, description = "The incidents.", content(
            (Vec<IncidentBody> = "application/json"),
            (String = "text/csv"),
        )),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let filter = query.filter(&mut check);
    let text = words(&mut check, query.q.as_deref());
    let format = match query.format.as_deref() {
        None | Some("json") => Format::Json,
        Some("csv") => Format::Csv,
        Some(_) => {
            check.refuse("?format", "unknown_value", "must be one of json, csv");
            Format::Json
        }
    };
    let filter = check.finish(|| filter)?;
    let export =
        Export { services, caller, filter: IncidentFilter { text, search_scope: SearchScope::All, ..filter }, format };
    // What goes wrong before anything is sent is still a problem of its own.
    let first = export.page_after(None).await?;
    let opening = Ok(Bytes::from_static(format.opening()));
    let parts = stream::once(async { opening }).chain(export.parts(first)).map_err(|problem| broken_off(&problem));
    let file = DispositionParam::Filename(format.file_name().to_owned());
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![file] })
        .streaming(parts))
}

/// What ends an answer of which a part was sent: nobody can be told more than that it is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
struct BrokenOff;

fn broken_off(problem: &Problem) -> BrokenOff {
    tracing::error!(%problem, "an export broke off");
    BrokenOff
}

/// The order of an export: what is opened while it goes on comes at its end.
const OLDEST_FIRST: IncidentSort = IncidentSort { key: IncidentSortKey::CreatedAt, direction: Direction::Ascending };

/// How many incidents are in memory at a time.
const INCIDENTS_PER_READ: PageSize = match PageSize::parse(PageSize::MAX) {
    Ok(size) => size,
    Err(_) => PageSize::DEFAULT,
};

struct Export {
    services: Data<Services>,
    caller: Caller,
    filter: IncidentFilter,
    format: Format,
}

/// What of an export has yet to be sent.
enum Rest {
    /// A page, which is the first or not.
    Page {
        page: Page<Incident>,
        is_first: bool,
    },
    /// What stands after the last one.
    Closing,
    Nothing,
}

impl Export {
    async fn page_after(&self, cursor: Option<ListCursor>) -> Result<Page<Incident>, Problem> {
        let page = PageRequest::After { cursor, size: INCIDENTS_PER_READ };
        Ok(self.services.incidents.list(&self.caller, &self.filter, OLDEST_FIRST, page).await?)
    }

    /// The incidents from a page on, and the end of the export.
    fn parts(self, first: Page<Incident>) -> impl stream::Stream<Item = Result<Bytes, Problem>> {
        let rest = Rest::Page { page: first, is_first: true };
        stream::try_unfold((self, rest), |(export, rest)| async move {
            Ok(match rest {
                Rest::Page { page, is_first } => {
                    let (bytes, rest) = export.send(page, is_first).await?;
                    Some((bytes, (export, rest)))
                }
                Rest::Closing => Some((Bytes::from_static(export.format.closing()), (export, Rest::Nothing))),
                Rest::Nothing => None,
            })
        })
    }

    async fn send(&self, page: Page<Incident>, is_first: bool) -> Result<(Bytes, Rest), Problem> {
        let last = page.items.last().map(|last| OLDEST_FIRST.cursor_of(last, last.id.as_uuid()));
        let rest = match last.filter(|_| page.has_more) {
            // Read before this page is sent, so that a slow client finds the next one ready.
            Some(cursor) => Rest::Page { page: self.page_after(Some(cursor)).await?, is_first: false },
            None => Rest::Closing,
        };
        Ok((Bytes::from(self.format.write(page.items, is_first)), rest))
    }
}

impl Format {
    const fn opening(self) -> &'static [u8] {
        match self {
            Self::Json => b"[",
            Self::Csv => table::HEADER,
        }
    }

    const fn closing(self) -> &'static [u8] {
        match self {
            Self::Json => b"]\n",
            Self::Csv => b"",
        }
    }

    fn write(self, incidents: Vec<Incident>, is_first: bool) -> Vec<u8> {
        match self {
            Self::Json => {
                let mut text = Vec::new();
                for (index, incident) in incidents.into_iter().enumerate() {
                    text.extend_from_slice(if index == 0 && is_first { b"\n" } else { b",\n" });
                    text.extend(serde_json::to_vec(&IncidentBody::from(incident)).unwrap_or_default());
                }
                text
            }
            Self::Csv => table::rows(&incidents),
        }
    }
}
