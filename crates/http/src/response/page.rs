//! Pages of lists.

use actix_web::HttpResponse;
use incident_domain::kernel::{Page, PageRequest};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{AnyOfBuilder, ArrayItems},
    },
};
use uuid::Uuid;

use crate::openapi::{BodySchema, Schemas};

/// A page of a list: numbered and counted, or after a cursor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ListBody<T> {
    /// The answer to `page`.
    Numbered {
        /// The items of this page.
        items: Vec<T>,
        /// How many items the whole list has.
        total: u64,
        /// The number of this page, from 1.
        page: u32,
        /// The maximum number of items of a page.
        page_size: u32,
        /// How many pages there are.
        total_pages: u64,
    },
    /// The answer to `cursor`.
    AfterCursor {
        /// The next items.
        items: Vec<T>,
        /// The cursor for the items after these; `null` if there are none.
        #[schema(required = true)]
        next_cursor: Option<String>,
    },
}

impl<T: Serialize> ListBody<T> {
    /// Responds with the requested page. `cursor_of` returns the cursor that points at an item.
    pub(crate) fn respond<S, C>(
        page: Page<S>,
        request: &PageRequest<C>,
        cursor_of: impl Fn(&S) -> String,
        show: impl Fn(S) -> T,
    ) -> HttpResponse {
        let next_cursor = page.items.last().filter(|_| page.has_more).map(cursor_of);
        let items = page.items.into_iter().map(show).collect();
        HttpResponse::Ok().json(match request {
            PageRequest::Numbered { page: number, size } => {
                let total = page.total.unwrap_or_default();
                let total_pages = total.div_ceil(u64::from(size.get()));
                Self::Numbered { items, total, page: *number, page_size: size.get(), total_pages }
            }
            PageRequest::After { .. } => Self::AfterCursor { items, next_cursor },
        })
    }
}

/// The schema of pages whose items are shown whole.
pub(crate) fn page_schema<T: ToSchema>() -> BodySchema {
    BodySchema { name: page_name::<T>().into(), add: add_page::<T> }
}

/// The schema of pages that show the members which `fields` names.
pub(crate) fn page_with_fields_schema<T: ToSchema>() -> BodySchema {
    BodySchema { name: page_name::<T>().into(), add: add_page_with_fields::<T> }
}

fn page_name<T: ToSchema>() -> String {
    format!("ListBody_{}", T::name())
}

fn add_page<T: ToSchema>(schemas: &mut Schemas) {
    schemas.add::<T>();
    schemas.0.insert(page_name::<T>(), page_of(Ref::from_schema_name(&*T::name()).into()));
}

fn add_page_with_fields<T: ToSchema>(schemas: &mut Schemas) {
    schemas.add::<T>();
    schemas.add::<ItemFields>();
    let [whole, members] = [T::name(), ItemFields::name()].map(|name| Ref::from_schema_name(&*name));
    let item = Schema::from(AnyOfBuilder::new().item(whole).item(members).build());
    schemas.0.insert(page_name::<T>(), page_of(item.into()));
}

/// The schema of a page whose items have this schema.
#[expect(clippy::needless_pass_by_value, reason = "callers make the schema for this")]
fn page_of(item: RefOr<Schema>) -> RefOr<Schema> {
    let mut page = ListBody::<String>::schema();
    if let RefOr::T(Schema::OneOf(variants)) = &mut page {
        for variant in &mut variants.items {
            if let RefOr::T(Schema::Object(object)) = variant
                && let Some(RefOr::T(Schema::Array(items))) = object.properties.get_mut("items")
            {
                items.items = ArrayItems::RefOrSchema(Box::new(item.clone()));
            }
        }
    }
    page
}

/// The members of an item that `fields` names, and its id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct ItemFields {
    id: Uuid,
}
