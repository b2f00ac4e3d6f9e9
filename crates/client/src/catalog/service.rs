//! Services.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::{
    collection::resource,
    fields::{Direction, fields},
    names::names,
};

names! {
    /// How important a service is; the first is the most important.
    Tier {
        #[serde(rename = "tier_1")]
        #[strum(serialize = "tier_1")]
        One,
        #[serde(rename = "tier_2")]
        #[strum(serialize = "tier_2")]
        Two,
        #[serde(rename = "tier_3")]
        #[strum(serialize = "tier_3")]
        Three,
        #[serde(rename = "tier_4")]
        #[strum(serialize = "tier_4")]
        Four,
    }

    /// The property by which a list of services is sorted.
    ServiceSort { Key, CreatedAt, UpdatedAt }
}

/// A link of a service, such as its runbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub title: String,
    /// An HTTP or HTTPS address.
    pub url: String,
}

/// Something that a team runs and that incidents are about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Service {
    pub id: Uuid,
    /// The unique key: `payments-api`.
    pub key: String,
    pub name: String,
    pub description: Option<String>,
    pub tier: Option<Tier>,
    pub links: Vec<Link>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: u32,
}

fields! {
    /// A service to create; `key` and `name` are required.
    NewService {
        key: &str,
        name: &str,
        description: &str,
        tier: Tier,
        links: &[Link],
    }
}

fields! {
    /// A change of a service. Fields that are not set stay as they are; `None` empties a field.
    ServicePatch {
        key: &str,
        name: &str,
        description: Option<&str>,
        tier: Option<Tier>,
        /// Replaces all links.
        links: &[Link],
    }
}

fields! {
    /// Conditions on services. The default is all services, by key.
    ServiceFilter {
        /// Services of one of these tiers.
        tier: &[Tier],
        /// The number of services fetched at a time, from 1 to 200.
        page_size: u32,
    }
}

impl ServiceFilter {
    /// Sorts the services.
    pub fn sort(self, by: ServiceSort, direction: Direction) -> Self {
        Self(self.0.sort(by.as_str(), direction))
    }
}

resource! {
    /// Services. Managers create, change and delete them.
    services() -> Services of Service at ["services"];
    Create { New = NewService, Created = Service }
    Read {}
    Update { Patch = ServicePatch }
    Delete {}
    Filtered { Filter = ServiceFilter }
}
