//! The schemas of names of incidents.

use incident_application::incidents::Span;
use incident_domain::incidents::{EntryKind, FoundIn, HoldReason, Impact, Priority, ResolutionCode, Status, Urgency};

use crate::enum_schemas::enum_schemas;

enum_schemas! {
    StatusName = Status, "Status", "The status of an incident.";
    HoldReasonName = HoldReason, "HoldReason", "What an incident on hold waits for.";
    PriorityName = Priority, "Priority", "The order in which incidents are worked on.";
    ImpactName = Impact, "Impact", "How much is affected.";
    UrgencyName = Urgency, "Urgency", "How soon it must be resolved.";
    ResolutionCodeName = ResolutionCode, "ResolutionCode", "How an incident was resolved or cancelled.";
    EntryKindName = EntryKind, "EntryKind", "The kind of a timeline entry.";
    FoundInName = FoundIn, "FoundIn", "Where words were found.";
    SpanName = Span, "Span", "A period of the calendar; weeks begin on Monday.";
}
