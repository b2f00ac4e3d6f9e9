//! The schemas of closed sets of names, read off the domain's own lists.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::problem::ProblemCode;

macro_rules! name_schemas {
    ($($schema:ident = $set:ty, $name:literal, $description:literal;)+) => {
        $(
            #[doc = $description]
            pub(crate) struct $schema;

            impl PartialSchema for $schema {
                fn schema() -> RefOr<Schema> {
                    let names = <$set>::ALL.iter().map(|value| value.as_str());
                    let object = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
                    object.description(Some($description)).build().into()
                }
            }

            impl ToSchema for $schema {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed($name)
                }
            }
        )+
    };
}

name_schemas! {
    StatusName = incident_domain::Status, "Status", "Where an incident stands.";
    HoldReasonName = incident_domain::HoldReason, "HoldReason", "What an incident on hold waits for.";
    PriorityName = incident_domain::Priority, "Priority", "The order in which incidents are worked on.";
    ImpactName = incident_domain::Impact, "Impact", "How much is affected.";
    UrgencyName = incident_domain::Urgency, "Urgency", "How soon it hurts.";
    ResolutionCodeName = incident_domain::ResolutionCode, "ResolutionCode", "How an incident was resolved or cancelled.";
    EntryKindName = incident_domain::EntryKind, "EntryKind", "The kind of a timeline entry.";
    RoleName = incident_domain::Role, "Role", "What a user may do; each role may do all that the ones before it may.";
    ProblemCodeName = ProblemCode, "ProblemCode", "The kind of a problem, for programs; stable.";
}
