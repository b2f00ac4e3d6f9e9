//! A saved view, as the API shows it.

use actix_web::http::{StatusCode, header};
use chrono::{DateTime, Utc};
use incident_domain::SavedView;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{answer::Answer, list::conditions_of, names, request::etag};

/// Conditions of a list that you have saved.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedView)]
pub(crate) struct SavedViewBody {
    id: Uuid,
    #[schema(example = "what burns")]
    name: String,
    #[schema(value_type = names::ViewedListName)]
    list: &'static str,
    /// The parameters of the list and their values.
    #[schema(value_type = std::collections::BTreeMap<String, String>, example = json!({"status": "open,investigating"}))]
    filter: Map<String, Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes.
    version: u32,
}

impl From<SavedView> for SavedViewBody {
    fn from(view: SavedView) -> Self {
        Self {
            id: view.id.as_uuid(),
            // What is kept was checked when it was saved; the list says so where it is not.
            filter: conditions_of(&view).unwrap_or_default(),
            name: view.name.into(),
            list: view.list.as_str(),
            created_at: view.created_at,
            updated_at: view.updated_at,
            version: view.version.get(),
        }
    }
}

/// An answer with one view and its entity tag.
pub(super) fn answer(status: StatusCode, view: &SavedView) -> Answer {
    let body = SavedViewBody::from(view.clone());
    Answer::json(status, &body).with_header(&header::ETAG, etag(view.version).to_string())
}
