//! `/users/me/views`: conditions of a list that a user has saved.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use incident_application::work::NewSavedView;
use incident_domain::{
    kernel::{Label, ViewFilter},
    work::{SavedView, SavedViewId, ViewedList},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    incident_list::IncidentListQuery,
    task_lists::TaskListQuery,
    view_conditions::{checked_conditions, conditions_of},
};
use crate::{
    enum_schemas::enum_schemas,
    operation::{Access, Routes, delete, get, patch, post},
    problem::{ProblemCode, Validate, Validation},
    request::{Body, CommandContext, Id, IfMatch, IfNoneMatch, PatchBody, PatchField, QueryContext},
    response::{PathId, Resource, Response, changed, created},
    shown::body_of,
};

const ONE: &str = "/api/v1/users/me/views/{id}";

enum_schemas! {
    ViewedListName = ViewedList, "ViewedList", "The list that a view belongs to.";
}

impl PathId for SavedViewId {}

impl Resource for SavedView {
    type Record = Self;
    type Body = SavedViewBody;
    const PATH: &'static str = "/api/v1/users/me/views";

    fn record(&self) -> &Self {
        self
    }
}

body_of! {
    /// Saved conditions of a list.
    #[schema(as = SavedView)]
    pub(crate) struct SavedViewBody from view: SavedView {
        id: Uuid,
        #[schema(example = "Open incidents")]
        name: String = view.name.to_string(),
        list: ViewedListName,
        /// The parameters of the list and their values.
        // The stored filter was checked before; the list reports one that is unreadable.
        #[schema(value_type = BTreeMap<String, String>, example = json!({"status": "open,investigating"}))]
        filter: Map<String, Value> = conditions_of(&view).unwrap_or_default(),
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        /// Counts its changes.
        version: u32,
    }
}

/// All views of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedViews)]
struct SavedViewsBody {
    items: Vec<SavedViewBody>,
}

/// The view to save.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateSavedView)]
struct CreateBody {
    /// Unique among your own views.
    #[schema(min_length = 1, max_length = 128, example = "Open incidents")]
    name: String,
    list: ViewedListName,
    /// The parameters of the list and their values as text: all but `page`, `page_size`, `cursor` and `view`.
    #[schema(value_type = BTreeMap<String, String>, example = json!({"status": "open,investigating", "sort": "priority"}))]
    filter: Map<String, Value>,
}

impl Validate for CreateBody {
    type Valid = NewSavedView;

    fn validate(self, validation: &mut Validation) -> Option<NewSavedView> {
        let name = validation.check("/name", Label::parse(self.name));
        let list = validation.check("/list", self.list.parse::<ViewedList>());
        let filter = list.and_then(|list| filter(list, &self.filter, validation));
        Some(NewSavedView { name: name?, list: list?, filter: filter? })
    }
}

/// The fields of a view to change; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchSavedView, min_properties = 1)]
struct ChangeBody {
    #[schema(value_type = String, min_length = 1, max_length = 128, required = false)]
    name: PatchField<String>,
    /// Replaces all conditions.
    #[schema(value_type = BTreeMap<String, String>, required = false)]
    filter: PatchField<Map<String, Value>>,
}

impl Validate for ChangeBody {
    /// The conditions are checked later, when the list of the view is known.
    type Valid = (Option<Label>, Option<Map<String, Value>>);

    fn validate(self, validation: &mut Validation) -> Option<Self::Valid> {
        let name = self.name.required(validation, "/name", Label::parse);
        Some((name, self.filter.value(validation, "/filter")))
    }
}

/// Checks conditions with the parser of the list.
fn filter(list: ViewedList, conditions: &Map<String, Value>, validation: &mut Validation) -> Option<ViewFilter> {
    match list {
        ViewedList::Incidents => checked_conditions::<IncidentListQuery>(conditions, validation),
        ViewedList::Tasks => checked_conditions::<TaskListQuery>(conditions, validation),
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("views")
        .described("Your saved views: conditions of a list under a name.")
        .examples(include_str!("saved_views.json"))
        .operations([
            get(SavedView::PATH, Access::VIEWER, list)
                .documented("list_views", "List all your views, the oldest first.")
                .returns::<SavedViewsBody>("All your views, at most 100."),
            post(SavedView::PATH, Access::VIEWER, create)
                .documented("create_view", "Save conditions of a list under a name.")
                .details("The list takes the view's id as `view`.")
                .creates::<SavedView>()
                .problems(&[ProblemCode::ViewNameTaken, ProblemCode::TooManyViews]),
            get(ONE, Access::VIEWER, read)
                .documented("get_view", "Read one of your views.")
                .returns_record::<SavedView>(),
            patch(ONE, Access::VIEWER, change)
                .documented("change_view", "Change the name or the conditions of one of your views.")
                .details("Its list cannot be changed.")
                .changes::<SavedView>()
                .problems(&[ProblemCode::ViewNameTaken]),
            delete(ONE, Access::VIEWER, remove)
                .documented("delete_view", "Delete one of your views.")
                .returns_nothing("The view is deleted."),
        ])
}

async fn list(context: QueryContext) -> Response {
    let views = context.state.saved_views.list(&context.caller).await?;
    let items = views.into_iter().map(SavedViewBody::from).collect();
    Ok(HttpResponse::Ok().json(SavedViewsBody { items }))
}

async fn create(command: CommandContext, Body(new): Body<CreateBody>) -> Response {
    command.execute(created, async |state, command| state.saved_views.save(command, new).await).await
}

async fn read(context: QueryContext, Id(view): Id<SavedViewId>, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.saved_views.get(&context.caller, view).await?))
}

async fn change(
    command: CommandContext,
    Id(view): Id<SavedViewId>,
    IfMatch(precondition): IfMatch,
    PatchBody((name, conditions)): PatchBody<ChangeBody>,
) -> Response {
    let filter = match conditions {
        Some(conditions) => {
            let list = command.state.saved_views.get(&command.caller, view).await?.list;
            let mut validation = Validation::default();
            let filter = filter(list, &conditions, &mut validation);
            Some(validation.finish(filter)?)
        }
        None => None,
    };
    command
        .execute(changed, async |state, command| {
            state.saved_views.change(command, view, name, filter, &precondition).await
        })
        .await
}

async fn remove(command: CommandContext, Id(view): Id<SavedViewId>, IfMatch(precondition): IfMatch) -> Response {
    command
        .execute_no_content(async |state, command| state.saved_views.delete(command, view, &precondition).await)
        .await
}
