//! `/services`: what teams run, and what incidents are about.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use incident_domain::{
    catalog::{
        Link, LinkError, LinkUrl, Links, Service, ServiceFilter, ServiceId, ServiceKey, ServiceKeyError, ServicePatch,
        ServiceSort, Tier,
    },
    kernel::{Description, Label, Version},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    enum_schemas::enum_schemas,
    operation::{Access, Routes, delete, get, patch, post},
    problem::{Invalid, ProblemCode, Validate, Validation},
    request::{
        Body, CommandContext, Id, IfMatch, IfNoneMatch, PageParameters, Parameters, PatchBody, PatchField,
        QueryContext, names,
    },
    response::{Fields, ListBody, Members, PathId, Resource, Response, changed, created, members_of},
    shown::{Shown, body_of},
};

const ONE: &str = "/api/v1/services/{id}";

enum_schemas! {
    TierName = Tier, "Tier", "How important a service is; `tier_1` is the most important.";
}

impl PathId for ServiceId {}

impl Resource for Service {
    type Record = Self;
    type Body = ServiceBody;
    const PATH: &'static str = "/api/v1/services";

    fn record(&self) -> &Self {
        self
    }
}

impl Invalid for ServiceKeyError {
    fn code(&self) -> &'static str {
        "not_a_key"
    }
}

impl Invalid for LinkError {
    fn code(&self) -> &'static str {
        match self {
            Self::Text(error) => error.code(),
            Self::NotAUrl => "not_a_url",
            Self::TooMany => "too_many",
        }
    }
}

/// A link of a service.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Link)]
struct LinkBody {
    #[schema(min_length = 1, max_length = 128, example = "Runbook")]
    title: String,
    /// An HTTP or HTTPS address.
    #[schema(format = "uri", max_length = 2000, example = "https://wiki.example.org/payments")]
    url: String,
}

impl Shown<String> for ServiceKey {
    fn shown(self) -> String {
        self.as_str().to_owned()
    }
}

impl From<&Link> for LinkBody {
    fn from(link: &Link) -> Self {
        Self { title: link.title.to_string(), url: link.url.as_str().to_owned() }
    }
}

body_of! {
    /// A service.
    #[schema(as = Service)]
    pub(crate) struct ServiceBody from service: Service {
        id: Uuid,
        #[schema(example = "payments-api")]
        key: String,
        name: String,
        description: Option<String>,
        tier: Option<TierName>,
        links: Vec<LinkBody> = service.links.iter().map(LinkBody::from).collect(),
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        /// Counts its changes.
        version: u32,
    }
}

/// The service to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateService)]
struct CreateBody {
    /// Unique: lower-case letters, digits, `-`, `_` and `.`; begins and ends with a letter or digit.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$", example = "payments-api")]
    key: String,
    #[schema(min_length = 1, max_length = 128, example = "Payments API")]
    name: String,
    #[schema(min_length = 1, max_length = 20000)]
    description: Option<String>,
    #[schema(value_type = Option<TierName>)]
    tier: Option<String>,
    #[serde(default)]
    #[schema(max_items = 20)]
    links: Vec<LinkBody>,
}

impl Validate for CreateBody {
    type Valid = Service;

    /// The id, the times and the version are those of the command.
    fn validate(self, validation: &mut Validation) -> Option<Service> {
        let key = validation.check("/key", ServiceKey::parse(self.key));
        let name = validation.check("/name", Label::parse(self.name));
        let description = validation.check_optional("/description", self.description, Description::parse);
        let tier = validation.check_optional("/tier", self.tier, |tier| tier.parse::<Tier>());
        let links = links(self.links, validation);
        Some(Service {
            id: ServiceId::new(Uuid::nil()),
            key: key?,
            name: name?,
            description,
            tier,
            links: links?,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: Version::FIRST,
        })
    }
}

fn links(given: Vec<LinkBody>, validation: &mut Validation) -> Option<Links> {
    let mut links = Vec::with_capacity(given.len());
    for (index, LinkBody { title, url }) in given.into_iter().enumerate() {
        let title = validation.check(&format!("/links/{index}/title"), Label::parse(title));
        let url = validation.check(&format!("/links/{index}/url"), LinkUrl::parse(url));
        links.extend(title.zip(url).map(|(title, url)| Link { title, url }));
    }
    validation.check("/links", Links::parse(links))
}

/// The fields of a service to change; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchService, min_properties = 1)]
struct ChangeBody {
    #[schema(value_type = String, min_length = 1, max_length = 64, required = false)]
    key: PatchField<String>,
    #[schema(value_type = String, min_length = 1, max_length = 128, required = false)]
    name: PatchField<String>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20000)]
    description: PatchField<String>,
    #[schema(value_type = Option<TierName>)]
    tier: PatchField<String>,
    /// Replaces all links.
    #[schema(value_type = Vec<LinkBody>, max_items = 20, required = false)]
    links: PatchField<Vec<LinkBody>>,
}

impl Validate for ChangeBody {
    type Valid = ServicePatch;

    fn validate(self, validation: &mut Validation) -> Option<ServicePatch> {
        let given_links = self.links.value(validation, "/links");
        Some(ServicePatch {
            key: self.key.required(validation, "/key", ServiceKey::parse),
            name: self.name.required(validation, "/name", Label::parse),
            description: self.description.nullable(validation, "/description", Description::parse),
            tier: self.tier.nullable(validation, "/tier", |tier| tier.parse::<Tier>()),
            links: given_links.and_then(|given| links(given, validation)),
        })
    }
}

static MEMBERS: Members = LazyLock::new(members_of::<ServiceBody>);

/// Which services, and their order. Several tiers, separated by commas, are joined by "or".
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ServicesQuery {
    /// Tiers.
    #[param(example = "tier_1,tier_2")]
    tier: Option<String>,
    /// `key`, `created_at` or `updated_at`; a leading `-` reverses the order. The default is `key`.
    #[param(example = "-updated_at")]
    sort: Option<String>,
    /// The members to show of each service, besides the id.
    #[param(example = "key,name")]
    fields: Option<String>,
}

pub(super) fn routes() -> Routes {
    Routes::tagged("services")
        .described("What your teams run, and what incidents are about.")
        .examples(include_str!("services.json"))
        .operations(
            [
                get(Service::PATH, Access::VIEWER, list)
                    .documented("list_services", "List services, by default by key.")
                    .returns_page_with_fields::<ServiceBody>(
                        "A page of services; with `fields`, only some members of them.",
                    ),
                post(Service::PATH, Access::MANAGER, create)
                    .documented("create_service", "Create a service.")
                    .creates::<Service>()
                    .problems(&[ProblemCode::ValueTaken]),
                get(ONE, Access::VIEWER, read).documented("get_service", "Read a service.").returns_record::<Service>(),
                patch(ONE, Access::MANAGER, change)
                    .documented("change_service", "Change a service.")
                    .changes::<Service>()
                    .problems(&[ProblemCode::ValueTaken]),
                delete(ONE, Access::MANAGER, remove)
                    .documented("delete_service", "Delete a service.")
                    .returns_nothing("The service is deleted."),
            ],
        )
}

async fn list(
    context: QueryContext,
    Parameters((query, page)): Parameters<(ServicesQuery, PageParameters)>,
) -> Response {
    let mut validation = Validation::default();
    let tiers = names(&mut validation, "?tier", query.tier.as_deref());
    let sorted = page.sorted(query.sort.as_deref(), &mut validation);
    let fields = Fields::parse(query.fields.as_deref(), &MEMBERS, &mut validation);
    let (tiers, (sort, request)): (_, (ServiceSort, _)) = validation.finish(tiers.zip(sorted))?;
    let filter = ServiceFilter { tiers };
    let page = context.state.records.list::<Service>(&context.caller, &filter, sort, request.clone()).await?;
    let cursor_of = |service: &Service| sort.cursor_of(service, service.id.as_uuid()).to_string();
    Ok(ListBody::respond(page, &request, cursor_of, |service| Fields::of(fields.as_ref(), ServiceBody::from(service))))
}

async fn create(command: CommandContext, Body(new): Body<CreateBody>) -> Response {
    let make = |id, now| Service { id, created_at: now, updated_at: now, ..new.clone() };
    command.execute(created, async |state, command| state.records.create(command, make).await).await
}

async fn read(context: QueryContext, Id(service): Id<ServiceId>, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.records.get::<Service>(&context.caller, service).await?))
}

async fn change(
    command: CommandContext,
    Id(service): Id<ServiceId>,
    IfMatch(precondition): IfMatch,
    PatchBody(patch): PatchBody<ChangeBody>,
) -> Response {
    let change = |service: &Service, now| service.patched(&patch, now);
    command
        .execute(changed, async |state, command| state.records.change(command, service, &precondition, change).await)
        .await
}

async fn remove(command: CommandContext, Id(service): Id<ServiceId>, IfMatch(precondition): IfMatch) -> Response {
    command
        .execute_no_content(async |state, command| {
            state.records.delete::<Service>(command, service, &precondition).await
        })
        .await
}
