//! `GET /actions`: the audit.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use incident_domain::kernel::{Action, ActionFilter, ActionId, Direction, Label, Note, Outcome, OutcomeKind};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::actor::ActorBody;
use crate::{
    enum_schemas::enum_schemas,
    operation::{Access, Routes, get},
    problem::Validation,
    request::{PageParameters, Parameters, QueryContext, time, user},
    response::{Fields, ListBody, Members, Response, members_of},
    shown::{Shown, body_of},
};

enum_schemas! {
    OutcomeName = OutcomeKind, "Outcome", "How a command ended.";
}

body_of! {
    /// A command that was done or refused.
    #[schema(as = Action)]
    struct ActionBody from action: Action {
        id: Uuid,
        /// For a refused sign-in: the account that was named.
        actor: ActorBody = ActorBody::from(&action.actor),
        /// The command.
        #[schema(example = "incident.transition")]
        kind: String,
        /// The record it was about.
        #[schema(example = "incident:01980d3e-5f00-7000-8000-000000000001")]
        target: String,
        outcome: OutcomeName = action.outcome.kind().into(),
        /// Why it was refused: the `code` of the problem, or of the invalid value.
        #[schema(example = "transition_refused")]
        refused_because: Option<String> = match action.outcome {
            Outcome::Done => None,
            Outcome::Refused { because } => Some(because),
        },
        /// The session that sent it.
        session_id: Option<Uuid> = action.origin.session_id.shown(),
        /// The API token that sent it.
        api_token_id: Option<Uuid> = action.origin.api_token_id.shown(),
        /// The client's address.
        ip: Option<String> = action.origin.ip,
        /// Finds the request in the server's log.
        request_id: Option<String> = action.origin.request_id,
        at: DateTime<Utc>,
    }
}

static MEMBERS: Members = LazyLock::new(members_of::<ActionBody>);

/// Which actions, and their order. Conditions are joined by "and".
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ActionsQuery {
    /// The id of the user who did it. Callers other than administrators see their own actions only.
    #[param(format = "uuid")]
    actor: Option<String>,
    /// The command, exactly.
    #[param(example = "auth.sign_in")]
    kind: Option<String>,
    /// The record it was about, exactly.
    #[param(example = "incident:01980d3e-5f00-7000-8000-000000000001")]
    target: Option<String>,
    #[param(value_type = Option<OutcomeName>)]
    outcome: Option<String>,
    /// At this time or later (RFC 3339).
    #[param(value_type = Option<DateTime<Utc>>)]
    since: Option<String>,
    /// Before this time (RFC 3339).
    #[param(value_type = Option<DateTime<Utc>>)]
    until: Option<String>,
    /// `at` for the oldest first, `-at` for the newest first, which is the default.
    #[param(example = "-at")]
    sort: Option<String>,
    /// The members to show of each action, besides its id.
    #[param(example = "at,kind,target")]
    fields: Option<String>,
}

impl ActionsQuery {
    fn filter(&self, validation: &mut Validation) -> ActionFilter {
        ActionFilter {
            actor: user(validation, "?actor", self.actor.as_deref()),
            kind: validation.check_optional("?kind", self.kind.clone(), Label::parse).map(String::from),
            // It may contain an email address, which is longer than other names.
            target: validation.check_optional("?target", self.target.clone(), Note::parse).map(String::from),
            outcome: validation.check_optional("?outcome", self.outcome.as_deref(), str::parse::<OutcomeKind>),
            since: time(validation, "?since", self.since.as_deref()),
            until: time(validation, "?until", self.until.as_deref()),
        }
    }

    /// The order by id, which is the order of time.
    fn direction(&self, validation: &mut Validation) -> Option<Direction> {
        match self.sort.as_deref() {
            None | Some("-at") => Some(Direction::Descending),
            Some("at") => Some(Direction::Ascending),
            Some(_) => {
                validation.reject("?sort", "unknown_value", "must be at or -at");
                None
            }
        }
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("audit").described("Who did what, and what was refused.").operations([get(
        "/api/v1/actions",
        Access::VIEWER,
        list,
    )
    .documented("list_actions", "Read the audit, by default the newest action first.")
    .details("Administrators see all actions, other callers their own.")
    .returns_page_with_fields::<ActionBody>("A page of actions; with `fields`, only some members of them.")])
}

async fn list(
    context: QueryContext,
    Parameters((query, page)): Parameters<(ActionsQuery, PageParameters)>,
) -> Response {
    let mut validation = Validation::default();
    let filter = query.filter(&mut validation);
    let direction = query.direction(&mut validation);
    let request = page.parse(&mut validation, |text| text.parse::<ActionId>().ok());
    let fields = Fields::parse(query.fields.as_deref(), &MEMBERS, &mut validation);
    let (direction, request) = validation.finish(direction.zip(request))?;
    let page = context.state.logs.actions(&context.caller, filter, direction, request).await?;
    let cursor_of = |action: &Action| action.id.to_string();
    Ok(ListBody::respond(page, &request, cursor_of, |action| Fields::of(fields.as_ref(), ActionBody::from(action))))
}
