//! The schema of roles.

use incident_domain::identity::Role;

use crate::enum_schemas::enum_schemas;

enum_schemas! {
    RoleName = Role, "Role", "A user's rights; each role has all rights of the roles before it.";
}
