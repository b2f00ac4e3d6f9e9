//! A category, as the API shows it.

use actix_web::http::{StatusCode, header};
use chrono::{DateTime, Utc};
use incident_domain::Category;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{answer::Answer, request::etag};

/// A kind of work that tasks are of.
#[derive(Serialize, ToSchema)]
#[schema(as = Category)]
pub(crate) struct CategoryBody {
    id: Uuid,
    /// Unique; upper and lower case are the same.
    #[schema(example = "Communication")]
    name: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes.
    version: u32,
}

impl From<Category> for CategoryBody {
    fn from(category: Category) -> Self {
        Self {
            id: category.id.as_uuid(),
            name: category.name.to_string(),
            created_at: category.created_at,
            updated_at: category.updated_at,
            version: category.version.get(),
        }
    }
}

/// An answer with one category and its entity tag.
pub(super) fn answer(status: StatusCode, category: &Category) -> Answer {
    let body = CategoryBody::from(category.clone());
    Answer::json(status, &body).with_header(&header::ETAG, etag(category.version).to_string())
}
