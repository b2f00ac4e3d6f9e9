//! The identifiers of incidents and timeline entries.

use crate::kernel::id::identifier;

identifier!(
    /// Identifies an [`Incident`](crate::incidents::Incident).
    IncidentId, "incident"
);
identifier!(
    /// Identifies a [`TimelineEntry`](crate::incidents::TimelineEntry).
    EntryId, "timeline_entry"
);
