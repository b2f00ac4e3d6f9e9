//! `/users` and `/users/me`: user accounts.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use incident_application::identity::{NewUser, UserChange};
use incident_domain::{
    identity::{Email, Password, User, UserFilter, UserSort},
    kernel::{Label, PersonName, Role, UserId},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::role_name::RoleName;
use crate::{
    operation::{Access, Routes, delete, get, patch, post},
    problem::{ProblemCode, Validate, Validation},
    request::{
        Body, CommandContext, Id, IfMatch, IfNoneMatch, PageParameters, Parameters, PatchBody, PatchField,
        QueryContext, SecretText, flag, names,
    },
    response::{Fields, ListBody, Members, PathId, Resource, Response, changed, created, members_of},
    shown::body_of,
};

impl PathId for UserId {}

impl Resource for User {
    type Record = Self;
    type Body = UserBody;
    const PATH: &'static str = "/api/v1/users";

    fn record(&self) -> &Self {
        self
    }
}

body_of! {
    /// A user, without secrets.
    #[schema(as = User)]
    pub(crate) struct UserBody from user: User {
        id: Uuid,
        #[schema(format = "email", max_length = 254)]
        email: String,
        #[schema(min_length = 1, max_length = 128)]
        name: String,
        role: RoleName,
        /// An inactive user has no rights.
        is_active: bool,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        /// Counts its changes.
        version: u32,
    }
}

/// The user to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateUser)]
struct CreateBody {
    /// Unique; upper and lower case are the same.
    #[schema(format = "email", max_length = 254, example = "grace@example.org")]
    email: String,
    #[schema(min_length = 1, max_length = 128, example = "Grace Hopper")]
    name: String,
    role: RoleName,
    /// 12 to 72 bytes of UTF-8 that are not easy to guess.
    #[schema(value_type = String, format = "password", min_length = 3, max_length = 72)]
    password: SecretText,
}

impl Validate for CreateBody {
    type Valid = NewUser;

    fn validate(self, validation: &mut Validation) -> Option<NewUser> {
        let email = validation.check("/email", Email::parse(self.email));
        let name = validation.check("/name", PersonName::parse(self.name));
        let role = validation.check("/role", self.role.parse::<Role>());
        let password = validation.check("/password", Password::parse(self.password.into_exposed()));
        Some(NewUser { email: email?, name: name?, role: role?, password: password? })
    }
}

/// The fields of a user to change; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchUser, min_properties = 1)]
struct ChangeBody {
    #[schema(value_type = String, format = "email", max_length = 254, required = false)]
    email: PatchField<String>,
    #[schema(value_type = String, min_length = 1, max_length = 128, required = false)]
    name: PatchField<String>,
    #[schema(value_type = RoleName, required = false)]
    role: PatchField<String>,
    /// Making a user inactive ends all their sessions and revokes their API tokens.
    #[schema(value_type = bool, required = false)]
    is_active: PatchField<bool>,
    /// 12 to 72 bytes of UTF-8 that are not easy to guess. All sessions of the user end.
    #[schema(value_type = String, format = "password", min_length = 3, max_length = 72, required = false)]
    password: PatchField<SecretText>,
}

impl Validate for ChangeBody {
    type Valid = UserChange;

    fn validate(self, validation: &mut Validation) -> Option<UserChange> {
        Some(UserChange {
            email: self.email.required(validation, "/email", Email::parse),
            name: self.name.required(validation, "/name", PersonName::parse),
            role: self.role.required(validation, "/role", |name| name.parse::<Role>()),
            is_active: self.is_active.value(validation, "/is_active"),
            password: self.password.required(validation, "/password", |text| Password::parse(text.into_exposed())),
        })
    }
}

/// The fields of your own account to change. Your password has `/auth/password`; administrators change the rest.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchMe, min_properties = 1)]
struct ChangeOwnBody {
    #[schema(value_type = String, min_length = 1, max_length = 128, required = false)]
    name: PatchField<String>,
}

impl Validate for ChangeOwnBody {
    type Valid = PersonName;

    fn validate(self, validation: &mut Validation) -> Option<PersonName> {
        self.name.required(validation, "/name", PersonName::parse)
    }
}

static MEMBERS: Members = LazyLock::new(members_of::<UserBody>);

/// Which users, and their order. Conditions are joined by "and"; several roles, separated by commas, by "or".
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UsersQuery {
    /// Roles.
    #[param(example = "responder,manager")]
    role: Option<String>,
    #[param(value_type = Option<bool>)]
    is_active: Option<String>,
    /// A part of the email address; upper and lower case are the same.
    #[param(example = "@example.org")]
    q: Option<String>,
    /// `created_at`, `updated_at` or `email`; a leading `-` reverses the order. The default is `-created_at`.
    #[param(example = "email")]
    sort: Option<String>,
    /// The members to show of each user, besides the id.
    #[param(example = "name,email")]
    fields: Option<String>,
}

pub(super) fn routes() -> Routes {
    Routes::tagged("users")
        .described("Your own account, and the management of all accounts.")
        .examples(include_str!("users.json"))
        .operations([
            get("/api/v1/users/me", Access::VIEWER, get_own)
                .documented("get_me", "Read your own account.")
                .returns_record::<User>(),
            patch("/api/v1/users/me", Access::Session, change_own)
                .documented("patch_me", "Change your own name.")
                .changes::<User>()
                .problems(&[ProblemCode::NotFound]),
            get("/api/v1/users", Access::ADMIN, list)
                .documented("list_users", "List users, by default the newest first.")
                .returns_page_with_fields::<UserBody>("A page of users; with `fields`, only some members of them."),
            post("/api/v1/users", Access::ADMIN, create)
                .documented("create_user", "Create a user.")
                .creates::<User>()
                .problems(&[ProblemCode::EmailTaken]),
            get("/api/v1/users/{id}", Access::ADMIN, read)
                .documented("get_user", "Read a user.")
                .returns_record::<User>(),
            patch("/api/v1/users/{id}", Access::AdminExceptOwn, change)
                .documented("patch_user", "Change a user.")
                .details("Another administrator must change your own role, activity and password.")
                .changes::<User>()
                .problems(&[ProblemCode::EmailTaken]),
            delete("/api/v1/users/{id}", Access::AdminExceptOwn, remove)
                .documented("delete_user", "Delete a user that no incident or task refers to.")
                .details("Sessions and API tokens of the user are deleted too. Other users can be made inactive.")
                .returns_nothing("The user is deleted.")
                .problems(&[ProblemCode::UserInUse]),
        ])
}

async fn get_own(context: QueryContext, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.auth.me(&context.caller).await?))
}

async fn change_own(
    command: CommandContext,
    IfMatch(precondition): IfMatch,
    PatchBody(name): PatchBody<ChangeOwnBody>,
) -> Response {
    command
        .execute(changed, async |state, command| state.accounts.rename_self(command, name, &precondition).await)
        .await
}

async fn list(context: QueryContext, Parameters((query, page)): Parameters<(UsersQuery, PageParameters)>) -> Response {
    let mut validation = Validation::default();
    let roles = names(&mut validation, "?role", query.role.as_deref());
    let is_active = flag(&mut validation, "?is_active", query.is_active.as_deref());
    let email_contains = validation.check_optional("?q", query.q, Label::parse).map(String::from);
    let sorted = page.sorted(query.sort.as_deref(), &mut validation);
    let fields = Fields::parse(query.fields.as_deref(), &MEMBERS, &mut validation);
    let (roles, (sort, request)): (_, (UserSort, _)) = validation.finish(roles.zip(sorted))?;
    let filter = UserFilter { roles, is_active, email_contains };
    let page = context.state.accounts.list(&context.caller, &filter, sort, request.clone()).await?;
    let cursor_of = |user: &User| sort.cursor_of(user, user.id.as_uuid()).to_string();
    Ok(ListBody::respond(page, &request, cursor_of, |user| Fields::of(fields.as_ref(), UserBody::from(user))))
}

async fn create(command: CommandContext, Body(new): Body<CreateBody>) -> Response {
    command.execute(created, async |state, command| state.accounts.create(command, new).await).await
}

async fn read(context: QueryContext, Id(user): Id<UserId>, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.accounts.get(&context.caller, user).await?))
}

async fn change(
    command: CommandContext,
    Id(user): Id<UserId>,
    IfMatch(precondition): IfMatch,
    PatchBody(change): PatchBody<ChangeBody>,
) -> Response {
    command
        .execute(changed, async |state, command| state.accounts.update(command, user, change, &precondition).await)
        .await
}

async fn remove(command: CommandContext, Id(user): Id<UserId>, IfMatch(precondition): IfMatch) -> Response {
    command.execute_no_content(async |state, command| state.accounts.delete(command, user, &precondition).await).await
}
