//! Services: managed by managers, read by all.

use incident_domain::{
    catalog::{Service, Tier},
    kernel::{Audience, Role},
};
use serde_json::{Value, json};

use crate::kernel::{Managed, Permission, Published};

impl Managed for Service {
    const READ: Permission = Permission::ReadCatalog;
    const MANAGE: Role = Role::Manager;
    const COMMANDS: [&'static str; 3] = ["service.create", "service.update", "service.delete"];
}

impl Published for Service {
    const COLLECTION: &'static str = "services";
    const AUDIENCE: Audience = Audience::Members;

    fn payload(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "key": self.key.as_str(),
            "name": self.name.as_str(),
            "tier": self.tier.map(Tier::as_str),
            "version": self.version.get(),
        })
    }
}
