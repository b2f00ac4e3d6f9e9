//! `/categories`: the categories of tasks.

use chrono::{DateTime, Utc};
use incident_application::work::NamedCategory;
use incident_domain::{
    kernel::{ListCursor, SortPosition},
    work::{Category, CategoryId, CategoryName},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    operation::{Access, Routes, delete, get, patch, post},
    problem::{ProblemCode, Validate, Validation},
    request::{
        Body, CommandContext, Id, IfMatch, IfNoneMatch, PageParameters, Parameters, PatchBody, PatchField, QueryContext,
    },
    response::{CommandResponse, ListBody, PathId, Resource, Response, changed, created, existing},
    shown::body_of,
};

const ONE: &str = "/api/v1/categories/{id}";

impl PathId for CategoryId {}

impl Resource for Category {
    type Record = Self;
    type Body = CategoryBody;
    const PATH: &'static str = "/api/v1/categories";

    fn record(&self) -> &Self {
        self
    }
}

body_of! {
    /// A category of tasks.
    #[schema(as = Category)]
    pub(crate) struct CategoryBody from category: Category {
        id: Uuid,
        /// Unique; upper and lower case are the same.
        #[schema(example = "Communication")]
        name: String,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        /// Counts its changes.
        version: u32,
    }
}

/// The category to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateCategory)]
struct CreateBody {
    /// Upper and lower case are the same.
    #[schema(min_length = 1, max_length = 128, example = "Communication")]
    name: String,
}

impl Validate for CreateBody {
    type Valid = CategoryName;

    fn validate(self, validation: &mut Validation) -> Option<CategoryName> {
        validation.check("/name", CategoryName::parse(self.name))
    }
}

/// The fields of a category to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchCategory, min_properties = 1)]
struct ChangeBody {
    #[schema(value_type = String, min_length = 1, max_length = 128, required = false)]
    name: PatchField<String>,
}

impl Validate for ChangeBody {
    type Valid = CategoryName;

    fn validate(self, validation: &mut Validation) -> Option<CategoryName> {
        self.name.required(validation, "/name", CategoryName::parse)
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("categories")
        .described("The categories of tasks.")
        .examples(include_str!("categories.json"))
        .operations([
            get(Category::PATH, Access::VIEWER, list)
                .documented("list_categories", "List all categories by name.")
                .returns_page::<CategoryBody>("A page of categories."),
            post(Category::PATH, Access::RESPONDER, create)
                .documented("create_category", "Create a category, or return the one with this name.")
                .creates::<Category>()
                .returns_existing::<Category>(),
            get(ONE, Access::VIEWER, read).documented("get_category", "Read a category.").returns_record::<Category>(),
            patch(ONE, Access::MANAGER, change)
                .documented("change_category", "Rename a category. Its tasks keep it under the new name.")
                .changes::<Category>()
                .problems(&[ProblemCode::CategoryNameTaken]),
            delete(ONE, Access::MANAGER, remove)
                .documented("delete_category", "Delete a category without tasks.")
                .returns_nothing("The category is deleted.")
                .problems(&[ProblemCode::CategoryInUse]),
        ])
}

async fn list(context: QueryContext, Parameters((page,)): Parameters<(PageParameters,)>) -> Response {
    let mut validation = Validation::default();
    let is_name = |cursor: &ListCursor| matches!(cursor.position, SortPosition::Text(_));
    let request = page.parse(&mut validation, |text| text.parse().ok().filter(is_name));
    let request = validation.finish(request)?;
    let page = context.state.categories.list(&context.caller, request.clone()).await?;
    let cursor_of = |category: &Category| {
        let position = SortPosition::Text(category.name.key().to_owned());
        ListCursor { position, id: category.id.as_uuid() }.to_string()
    };
    Ok(ListBody::respond(page, &request, cursor_of, CategoryBody::from))
}

async fn create(command: CommandContext, Body(name): Body<CreateBody>) -> Response {
    command.execute(created_or_existing, async |state, command| state.categories.name(command, name).await).await
}

fn created_or_existing(NamedCategory { category, is_new }: &NamedCategory) -> CommandResponse {
    if *is_new { created(category) } else { existing(category) }
}

async fn read(context: QueryContext, Id(category): Id<CategoryId>, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.categories.get(&context.caller, category).await?))
}

async fn change(
    command: CommandContext,
    Id(category): Id<CategoryId>,
    IfMatch(precondition): IfMatch,
    PatchBody(name): PatchBody<ChangeBody>,
) -> Response {
    command
        .execute(changed, async |state, command| state.categories.rename(command, category, name, &precondition).await)
        .await
}

async fn remove(command: CommandContext, Id(category): Id<CategoryId>, IfMatch(precondition): IfMatch) -> Response {
    command
        .execute_no_content(async |state, command| state.categories.delete(command, category, &precondition).await)
        .await
}
