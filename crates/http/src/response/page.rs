//! Pages of lists.

use actix_web::HttpResponse;
use incident_domain::kernel::{Page, PageRequest};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::openapi::{Components, content};

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

/// Documents a page whose items are shown whole.
pub(crate) fn page_content<T: ToSchema>(components: &mut Components) -> Value {
    let item = components.add::<T>();
    paged::<T>(components, &item)
}

/// Documents a page that shows the members which `fields` names.
pub(crate) fn page_with_fields_content<T: ToSchema>(components: &mut Components) -> Value {
    let item = json!({ "anyOf": [components.add::<T>(), components.add::<ItemFields>()] });
    paged::<T>(components, &item)
}

/// Documents a page whose items have this schema, with examples of both of its forms.
fn paged<T: ToSchema>(components: &mut Components, item: &Value) -> Value {
    let mut schema = json!(ListBody::<String>::schema());
    for form in schema["oneOf"].as_array_mut().into_iter().flatten() {
        form["properties"]["items"]["items"] = item.clone();
    }
    let page = components.add_schema(format!("ListBody_{}", T::name()), schema);
    let items: Vec<Value> = components.examples::<T>().into_iter().map(|(_, item)| item).collect();
    let total = items.len();
    let examples = [
        ("page", json!({ "items": items, "total": total, "page": 1, "page_size": 50, "total_pages": 1 })),
        ("cursor", json!({ "items": items, "next_cursor": null })),
    ];
    content(&page, examples.into_iter().map(|(form, example)| (form.to_owned(), example)).collect())
}

/// The members of an item that `fields` names, and its id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct ItemFields {
    id: Uuid,
}
