//! The schemas of closed sets of names, read off the domain's own lists.

/// Declares the schema of each closed set.
macro_rules! name_schemas {
    ($($schema:ident = $set:ty, $name:literal, $description:literal;)+) => {
        $(
            #[doc = $description]
            pub(crate) struct $schema;

            impl utoipa::PartialSchema for $schema {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    let names = <$set>::ALL.iter().map(|value| value.as_str());
                    let object = utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::Type::String)
                        .enum_values(Some(names));
                    object.description(Some($description)).build().into()
                }
            }

            impl utoipa::ToSchema for $schema {
                fn name() -> std::borrow::Cow<'static, str> {
                    std::borrow::Cow::Borrowed($name)
                }
            }
        )+
    };
}

pub(crate) use name_schemas;

name_schemas! {
    StatusName = incident_domain::Status, "Status", "Where an incident stands.";
    TaskStatusName = incident_domain::TaskStatus, "TaskStatus", "Where a task stands.";
    ViewedListName = incident_domain::ViewedList, "ViewedList", "Which list a view is of.";
    HoldReasonName = incident_domain::HoldReason, "HoldReason", "What an incident on hold waits for.";
    PriorityName = incident_domain::Priority, "Priority", "The order in which incidents are worked on.";
    ImpactName = incident_domain::Impact, "Impact", "How much is affected.";
    UrgencyName = incident_domain::Urgency, "Urgency", "How soon it hurts.";
    ResolutionCodeName = incident_domain::ResolutionCode, "ResolutionCode", "How an incident was resolved or cancelled.";
    EntryKindName = incident_domain::EntryKind, "EntryKind", "The kind of a timeline entry.";
    FoundInName = incident_domain::FoundIn, "FoundIn", "Where words were found.";
    SpanName = incident_application::Span, "Span", "A stretch of the calendar; weeks begin on Monday.";
    OutcomeName = incident_domain::OutcomeKind, "Outcome", "How a command ended.";
    RoleName = incident_domain::Role, "Role", "What a user may do; each role may do all that the ones before it may.";
}
