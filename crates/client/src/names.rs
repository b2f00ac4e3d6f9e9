//! The closed sets of names that the API speaks in.

/// Declares closed sets of names, each open at its end: a newer server may know more.
macro_rules! names {
    ($($(#[$doc:meta])* $set:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[non_exhaustive]
            pub enum $set {
                $($(#[$variant_doc])* $variant,)+
                /// A name that this release of the client does not know.
                Unknown,
            }

            impl $set {
                /// All that this release of the client knows.
                pub const ALL: &[Self] = &[$(Self::$variant),+];

                /// What has this name.
                pub fn named(name: &str) -> Self {
                    match name {
                        $($name => Self::$variant,)+
                        _ => Self::Unknown,
                    }
                }

                /// The name as the API writes it.
                pub const fn as_str(self) -> &'static str {
                    match self {
                        $(Self::$variant => $name,)+
                        Self::Unknown => "unknown",
                    }
                }
            }

            impl std::fmt::Display for $set {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str(self.as_str())
                }
            }

            impl serde::Serialize for $set {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(self.as_str())
                }
            }

            impl<'de> serde::Deserialize<'de> for $set {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let name = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                    Ok(Self::named(&name))
                }
            }
        )+
    };
}

pub(crate) use names;

names! {
    /// Where an incident stands.
    Status {
        /// Nobody has looked at it yet.
        Open = "open",
        /// Somebody works on it.
        Investigating = "investigating",
        /// It waits for something.
        OnHold = "on_hold",
        /// It no longer hurts, its cause is still there.
        Mitigated = "mitigated",
        /// It is over.
        Resolved = "resolved",
        /// It is over, and everybody agrees.
        Closed = "closed",
        /// It was none.
        Cancelled = "cancelled",
    }

    /// What an incident on hold waits for.
    HoldReason {
        /// A user's answer.
        AwaitingUser = "awaiting_user",
        /// A vendor.
        AwaitingVendor = "awaiting_vendor",
        /// The cause, which others look for.
        AwaitingProblem = "awaiting_problem",
        /// That it shows again.
        AwaitingEvidence = "awaiting_evidence",
        /// A change.
        AwaitingChange = "awaiting_change",
    }

    /// The order in which incidents are worked on.
    Priority {
        /// Now.
        Critical = "critical",
        /// Next.
        High = "high",
        /// In turn.
        Medium = "medium",
        /// When there is time.
        Low = "low",
    }

    /// How much is affected.
    Impact {
        /// Everybody, or what everybody needs.
        High = "high",
        /// Many.
        Medium = "medium",
        /// A few.
        Low = "low",
    }

    /// How soon it hurts.
    Urgency {
        /// It hurts already.
        High = "high",
        /// Soon.
        Medium = "medium",
        /// Some time.
        Low = "low",
    }

    /// How an incident was resolved or cancelled.
    ResolutionCode {
        /// Its cause is gone.
        Fixed = "fixed",
        /// There is a way around it.
        Workaround = "workaround",
        /// It did not show again.
        NotReproducible = "not_reproducible",
        /// It went away by itself.
        SelfRecovered = "self_recovered",
        /// In another way.
        Other = "other",
        /// Cancelled: it repeats another.
        Duplicate = "duplicate",
        /// Cancelled: nothing was wrong.
        FalseAlarm = "false_alarm",
        /// Cancelled: it is for others.
        OutOfScope = "out_of_scope",
    }

    /// What a user may do; each role may do all that the ones before it may.
    Role {
        /// Reads.
        Viewer = "viewer",
        /// Works on incidents.
        Responder = "responder",
        /// Assigns others, closes, reopens, deletes.
        Manager = "manager",
        /// Manages users.
        Admin = "admin",
    }

    /// The kind of a timeline entry.
    EntryKind {
        /// It began.
        Opened = "opened",
        /// A step of the state machine.
        StatusChanged = "status_changed",
        /// Somebody got it, or lost it.
        Assigned = "assigned",
        /// Another field changed.
        FieldChanged = "field_changed",
        /// Somebody said something.
        Commented = "commented",
        /// It came from another system.
        Imported = "imported",
        /// A task for it was made.
        TaskAdded = "task_added",
        /// A task for it was changed.
        TaskChanged = "task_changed",
        /// A task for it was removed.
        TaskRemoved = "task_removed",
    }

    /// Where a task stands.
    TaskStatus {
        /// Nobody has begun.
        Todo = "todo",
        /// Somebody does it.
        InProgress = "in_progress",
        /// It is done.
        Done = "done",
        /// It need not be done.
        Cancelled = "cancelled",
    }

    /// By what a list of incidents is sorted.
    IncidentSort {
        /// When they were stored.
        CreatedAt = "created_at",
        /// When they were reported.
        OpenedAt = "opened_at",
        /// When they were changed last.
        UpdatedAt = "updated_at",
        /// How soon they are worked on; critical is the smallest.
        Priority = "priority",
    }

    /// By what a list of tasks is sorted.
    TaskSort {
        /// When they were made.
        CreatedAt = "created_at",
        /// When they were changed last.
        UpdatedAt = "updated_at",
        /// When they are due; those that never are come last either way.
        DueAt = "due_at",
        /// How soon they are done; critical is the smallest.
        Priority = "priority",
    }

    /// By what a list of users is sorted.
    UserSort {
        /// When their accounts were made.
        CreatedAt = "created_at",
        /// When they were changed last.
        UpdatedAt = "updated_at",
        /// Their email address.
        Email = "email",
    }

    /// What a saved view is a view of.
    ViewedList {
        /// Incidents.
        Incidents = "incidents",
        /// Tasks.
        Tasks = "tasks",
    }

    /// Where words were found.
    FoundIn {
        /// In the title.
        Title = "title",
        /// In the description, or in title and description together.
        Description = "description",
        /// In a comment.
        Comment = "comment",
    }

    /// What became of one of many.
    ItemOutcome {
        /// It is as it was to become.
        Changed = "changed",
        /// It was so before.
        Unchanged = "unchanged",
        /// It was refused.
        Refused = "refused",
    }

    /// A stretch of the calendar.
    Span {
        /// From midnight to midnight.
        Day = "day",
        /// From Monday to Sunday.
        Week = "week",
        /// A month.
        Month = "month",
    }

    /// What an export is written as.
    ExportFormat {
        /// A line for each, for spreadsheets.
        Csv = "csv",
        /// An array, for programs.
        Json = "json",
    }

    /// How a command ended.
    Outcome {
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
    }

    /// Whether a timeline is what it was.
    Verdict {
        /// Every entry is as it was written, and none is missing.
        Whole = "whole",
        /// Somebody has changed, moved, added or removed entries.
        Tampered = "tampered",
        /// Every entry fits, but nobody knows whether the last ones are missing.
        Unsealed = "unsealed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_a_new_one_breaks_nothing() {
        for status in Status::ALL {
            let json = serde_json::to_string(status).unwrap();
            assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), *status);
        }
        assert_eq!(serde_json::from_str::<Status>("\"haunted\"").unwrap(), Status::Unknown);
    }
}
