//! `GET /actions`: the audit in pages.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use incident_domain::{
    Action, ActionFilter, ActionId, ApiTokenId, Direction, Label, Note, Outcome, OutcomeKind, SessionId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    actor::ActorBody,
    list::{Fields, ListBody, Members, members_of},
    names,
    problem::{Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn, page_request, time, user},
    services::Services,
};

/// One thing that somebody did, or was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Action)]
pub(crate) struct ActionBody {
    id: Uuid,
    /// Of a refused sign-in: whoever they said they are.
    actor: ActorBody,
    /// What it was.
    #[schema(example = "incident.transition")]
    kind: String,
    /// What it was done to.
    #[schema(example = "incident:01980d3e-5f00-7000-8000-000000000001")]
    target: String,
    #[schema(value_type = names::OutcomeName)]
    outcome: &'static str,
    /// Why it was refused: the `code` of the problem that was answered, or of the value that did not fit.
    #[schema(example = "transition_refused")]
    refused_because: Option<String>,
    /// The session that sent it.
    session_id: Option<Uuid>,
    /// The API token that sent it.
    api_token_id: Option<Uuid>,
    /// The address it came from.
    ip: Option<String>,
    /// Finds the request in the server's log.
    request_id: Option<String>,
    at: DateTime<Utc>,
}

impl From<Action> for ActionBody {
    fn from(action: Action) -> Self {
        Self {
            id: action.id.as_uuid(),
            actor: ActorBody::from(&action.actor),
            kind: action.kind,
            target: action.target,
            outcome: action.outcome.kind().as_str(),
            refused_because: match action.outcome {
                Outcome::Done => None,
                Outcome::Refused { because } => Some(because),
            },
            session_id: action.origin.session_id.map(SessionId::as_uuid),
            api_token_id: action.origin.api_token_id.map(ApiTokenId::as_uuid),
            ip: action.origin.ip,
            request_id: action.origin.request_id,
            at: action.at,
        }
    }
}

/// Which actions, and which page of them; conditions are joined by "and".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// The id of the user who did it. Others than administrators see their own only.
    #[param(format = "uuid")]
    actor: Option<String>,
    /// What it was, exactly.
    #[param(example = "auth.sign_in")]
    kind: Option<String>,
    /// What it was done to, exactly.
    #[param(example = "incident:01980d3e-5f00-7000-8000-000000000001")]
    target: Option<String>,
    #[param(value_type = Option<names::OutcomeName>)]
    outcome: Option<String>,
    /// At this time or later (RFC 3339).
    #[param(value_type = Option<DateTime<Utc>>)]
    since: Option<String>,
    /// Before this time (RFC 3339).
    #[param(value_type = Option<DateTime<Utc>>)]
    until: Option<String>,
    /// `at` for the oldest first, `-at` for the newest first, which it is if not given.
    #[param(example = "-at")]
    sort: Option<String>,
    /// The members to show of each action, besides its id.
    #[param(example = "at,kind,target")]
    fields: Option<String>,
    /// The page, from 1; the answer counts all.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    page: Option<String>,
    /// How many to a page, from 1 to 200; 50 if not given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    page_size: Option<String>,
    /// Instead of `page`: the `next_cursor` of the last answer, or empty to start. Counts nothing, and
    /// costs the same at any depth.
    cursor: Option<String>,
}

static MEMBERS: Members = LazyLock::new(members_of::<ActionBody>);

impl ListQuery {
    fn filter(&self, check: &mut Validation) -> ActionFilter {
        let actor = user(check, "?actor", self.actor.as_deref());
        let kind = check.take_some("?kind", self.kind.clone(), Label::parse).map(String::from);
        // It may hold an email address, which is longer than other names.
        let target = check.take_some("?target", self.target.clone(), Note::parse).map(String::from);
        let outcome = check.take_some("?outcome", self.outcome.as_deref(), str::parse::<OutcomeKind>);
        let since = time(check, "?since", self.since.as_deref());
        let until = time(check, "?until", self.until.as_deref());
        ActionFilter { actor, kind, target, outcome, since, until }
    }

    /// Actions are written down as they happen, so that their ids stand for their times.
    fn direction(&self, check: &mut Validation) -> Option<Direction> {
        match self.sort.as_deref() {
            None | Some("-at") => Some(Direction::Descending),
            Some("at") => Some(Direction::Ascending),
            Some(_) => {
                check.refuse("?sort", "unknown_value", "must be at or -at");
                None
            }
        }
    }
}

/// Read the audit, the newest action first if you ask for nothing else: everybody's as an administrator, your own otherwise.
#[utoipa::path(
    get,
    path = "/api/v1/actions",
    tag = "audit",
    operation_id = "list_actions",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of actions; with `fields`, of parts of them.", body = ListBody<ActionBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let filter = query.filter(&mut check);
    let direction = query.direction(&mut check);
    let page = page_request(
        query.page.as_deref(),
        query.page_size.as_deref(),
        query.cursor.as_deref(),
        |text| text.parse::<ActionId>().ok(),
        &mut check,
    );
    let fields = Fields::parse(query.fields.as_deref(), &MEMBERS, &mut check);
    let (direction, asked) = check.finish(|| direction.zip(page))?;
    let page = services.logs.actions(&caller, filter, direction, asked).await?;
    let shown = |action| Fields::of(fields.as_ref(), ActionBody::from(action));
    let body = ListBody::new(page, &asked, |action: &Action| action.id.to_string(), shown);
    Ok(HttpResponse::Ok().json(body))
}
