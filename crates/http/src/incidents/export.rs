//! `GET /incidents/export`: a stream of all incidents that fulfil the conditions.

use actix_web::{
    HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web::Bytes,
};
use futures::{StreamExt, TryStreamExt, stream};
use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentSort, IncidentSortKey, SearchScope},
    kernel::{Direction, ListCursor, Page, PageRequest, PageSize},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    body::IncidentBody,
    conditions::{IncidentConditions, words},
    export_table,
};
use crate::{
    operation::{Access, Routes, get},
    problem::{Problem, Validation},
    request::{BYTE_ORDER_MARK, Parameters, QueryContext, flag},
    response::Response,
};

/// The words to search for, and the format of the export.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// Words that the title and description, or one of the comments, must contain; a trailing `*` matches any ending.
    /// All texts are searched.
    #[param(example = "checkout 50*")]
    q: Option<String>,
    /// `json` (an array of incidents, as lists show them) or `csv` (a table with a header line, RFC 4180).
    #[param(example = "csv")]
    format: Option<String>,
    /// Whether the table begins with a byte order mark, without which Excel does not read UTF-8; `false` by default.
    #[param(value_type = Option<bool>)]
    bom: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

pub(super) fn routes() -> Routes {
    Routes::tagged("incidents").operations([get("/api/v1/incidents/export", Access::VIEWER, export)
        .documented("export_incidents", "Export all incidents that fulfil the conditions, the oldest first.")
        .details(
            "The answer is a stream. An error after its start closes the connection. The audit records the export.",
        )
        .returns_array_or_text::<IncidentBody>("text/csv", "The incidents.")])
}

async fn export(
    context: QueryContext,
    Parameters((conditions, query)): Parameters<(IncidentConditions, ExportQuery)>,
) -> Response {
    let mut validation = Validation::default();
    let filter = conditions.filter(&mut validation);
    let text = words(&mut validation, query.q.as_deref());
    let format = match query.format.as_deref() {
        None | Some("json") => Format::Json,
        Some("csv") => Format::Csv,
        Some(_) => {
            validation.reject("?format", "unknown_value", "must be one of json, csv");
            Format::Json
        }
    };
    let has_bom = flag(&mut validation, "?bom", query.bom.as_deref()) == Some(true);
    if has_bom && format == Format::Json {
        validation.reject("?bom", "does_not_fit", "JSON has no byte order mark (RFC 8259, section 8.1)");
    }
    let bom: &[u8] = if has_bom { BYTE_ORDER_MARK } else { b"" };
    let filter = IncidentFilter { text, search_scope: SearchScope::All, ..validation.finish(filter)? };
    context.state.incidents.begin_export(&context.caller).await?;
    let export = Export { context, filter, format };
    // An error before anything is sent is still a problem of its own.
    let first = export.page_after(None).await?;
    let fixed = |bytes| stream::iter([Ok(Bytes::from_static(bytes))]);
    let chunks = fixed(bom).chain(fixed(format.opening())).chain(export.chunks(first)).chain(fixed(format.closing()));
    let chunks = chunks.map_err(|problem| aborted(&problem));
    let file = DispositionParam::Filename(format.file_name().to_owned());
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![file] })
        .streaming(chunks))
}

/// Ends a response that has been sent in part: closing the connection is the only way to report the error.
#[derive(Debug, thiserror::Error)]
#[error("the export was aborted")]
struct Aborted;

fn aborted(problem: &Problem) -> Aborted {
    tracing::error!(%problem, "export aborted");
    Aborted
}

/// The order of an export: incidents that are opened during the export come at its end.
const OLDEST_FIRST: IncidentSort = IncidentSort { key: IncidentSortKey::CreatedAt, direction: Direction::Ascending };

/// How many incidents are in memory at a time.
const INCIDENTS_PER_READ: PageSize = match PageSize::parse(PageSize::MAX) {
    Ok(size) => size,
    Err(_) => PageSize::DEFAULT,
};

struct Export {
    context: QueryContext,
    filter: IncidentFilter,
    format: Format,
}

impl Export {
    async fn page_after(&self, cursor: Option<ListCursor>) -> Result<Page<Incident>, Problem> {
        let page = PageRequest::After { cursor, size: INCIDENTS_PER_READ };
        Ok(self.context.state.incidents.list(&self.context.caller, &self.filter, OLDEST_FIRST, page).await?)
    }

    /// The incidents from a page on.
    fn chunks(self, first: Page<Incident>) -> impl stream::Stream<Item = Result<Bytes, Problem>> {
        let start = (self, Some(first), true);
        stream::try_unfold(start, |(export, page, is_first)| async move {
            let Some(page) = page else { return Ok(None) };
            let last = page.items.last().map(|last| OLDEST_FIRST.cursor_of(last, last.id.as_uuid()));
            let next = match last.filter(|_| page.has_more) {
                // Read before this page is sent, so that the next one is ready when a slow client needs it.
                Some(cursor) => Some(export.page_after(Some(cursor)).await?),
                None => None,
            };
            let bytes = Bytes::from(export.format.write(page.items, is_first));
            Ok(Some((bytes, (export, next, false))))
        })
    }
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

    const fn opening(self) -> &'static [u8] {
        match self {
            Self::Json => b"[",
            Self::Csv => export_table::HEADER,
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
            Self::Csv => export_table::rows(&incidents),
        }
    }
}
