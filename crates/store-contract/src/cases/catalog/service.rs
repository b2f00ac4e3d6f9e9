//! Services.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    catalog::{Link, LinkUrl, Links, Service, ServiceFilter, ServiceId, ServiceKey, ServiceSortKey, Tier},
    kernel::{Description, Label, Listing, Repository, UniqueKey, Version},
};

use crate::{
    Ports,
    extremes::{before_1970, end_of_time, odd, odd_lines},
    scene::{Scene, timestamp},
    standard::{Findable, ListOf, ListSpecimen, Specimen, World, changeable},
};

/// How many services are listed.
const COUNT: usize = 31;

fn key(text: &str) -> ServiceKey {
    ServiceKey::parse(text).expect("a key")
}

/// Makes a service that has nothing but a key and a name, not stored.
fn service(scene: &Scene) -> Service {
    let (id, created_at) = (scene.uuid(), scene.now());
    Service {
        id: ServiceId::new(id),
        key: key(&format!("service-{id}")),
        name: Label::stored("Payments").expect("a name"),
        description: None,
        tier: None,
        links: Links::default(),
        created_at,
        updated_at: created_at,
        version: Version::FIRST,
    }
}

#[async_trait]
impl Specimen for Service {
    /// With and without what is optional; each tier; the longest key and link.
    fn specimens(scene: &Scene, _world: &World) -> Vec<Self> {
        let url = format!("https://example.org/{}", "ü".repeat(LinkUrl::CHARS_MAX - 20));
        let link = Link {
            title: Label::stored(odd(Label::CHARS_MAX)).expect("a title"),
            url: LinkUrl::parse(url).expect("an address"),
        };
        let full = Self {
            key: key(&format!("{}.{}", scene.uuid(), "k".repeat(ServiceKey::CHARS_MAX - 37))),
            name: Label::stored(odd(Label::CHARS_MAX)).expect("a name"),
            description: Some(Description::stored(odd_lines(Description::CHARS_MAX)).expect("a description")),
            links: Links::parse(vec![link; Links::COUNT_MAX]).expect("links"),
            created_at: before_1970(),
            updated_at: end_of_time(),
            version: Version::new(u32::MAX),
            ..service(scene)
        };
        let of_tiers = Tier::ALL.iter().map(|tier| Self { tier: Some(*tier), ..service(scene) });
        [full].into_iter().chain(of_tiers).collect()
    }

    fn with_value_of(self, unique: UniqueKey, other: &Self) -> Self {
        match unique {
            Self::KEY => Self { key: other.key.clone(), ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        Self::repository(ports).find(self.id).await.expect("services can be read")
    }
}

impl Findable for Service {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.records
    }
}

changeable!(Service);

/// All services.
pub type Services = ListOf<Service>;

#[async_trait]
impl ListSpecimen for Service {
    const SORT_KEYS: &'static [ServiceSortKey] = ServiceSortKey::ALL;

    fn listing(ports: &Ports) -> &dyn Listing<Self> {
        &*ports.records
    }

    /// With keys that a collation orders unlike their code points, and with equal times.
    async fn items(scene: &Arc<Scene>) -> Vec<Self> {
        let of_index = |index: usize| Self {
            id: ServiceId::new(scene.scattered_uuid(index)),
            key: key(&["a", "a-b", "a_b", "ab", "a.b", "9"][index % 6].repeat(index / 6 + 1)),
            tier: Tier::ALL.get(index % 5).copied(),
            updated_at: timestamp(i64::try_from(index % 7).expect("a small number")),
            ..service(scene)
        };
        (0..COUNT).map(of_index).collect()
    }

    fn filters(_scene: &Scene, _services: &[Self]) -> Vec<ServiceFilter> {
        let of = |tiers: &[Tier]| ServiceFilter { tiers: tiers.to_vec() };
        let all = [of(&[]), of(&[Tier::One, Tier::Four]), of(&[Tier::Two; 3])];
        all.into_iter().chain(Tier::ALL.iter().map(|tier| of(&[*tier]))).collect()
    }
}
