//! The kinds of tampering.

use fastrand::Rng;
use incident_domain::incidents::{IncidentId, TimelineEntry};

use crate::{database::Dialect, scene::Timeline};

/// A kind of tampering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tampering {
    EditId,
    EditIncident,
    EditSequence,
    EditKind,
    EditActorKind,
    EditActorReference,
    EditTime,
    EditMessage,
    EditDetails,
    EditHash,
    WriteInvalidValue,
    Delete,
    DeleteAndCloseTheGap,
    DeleteTheFirstAndCloseTheGap,
    Swap,
    SwapContents,
    InsertForged,
    InsertForgedWithMatchingEnd,
    InsertForgedInTheMiddle,
    InsertBeforeTheFirst,
    Repeat,
    MoveEntriesOfAnother,
    Truncate,
    TruncateWithMatchingEnd,
    TruncateAndUnseal,
    EraseAll,
    EraseAllWithMatchingEnd,
    Unseal,
    EditLength,
    EditLastHash,
    EditSeal,
    CopyEnd,
    WriteInvalidEnd,
    EditField,
}

pub(crate) const ALL: &[Tampering] = {
    use Tampering::*;
    &[
        EditId,
        EditIncident,
        EditSequence,
        EditKind,
        EditActorKind,
        EditActorReference,
        EditTime,
        EditMessage,
        EditDetails,
        EditHash,
        WriteInvalidValue,
        Delete,
        DeleteAndCloseTheGap,
        DeleteTheFirstAndCloseTheGap,
        Swap,
        SwapContents,
        InsertForged,
        InsertForgedWithMatchingEnd,
        InsertForgedInTheMiddle,
        InsertBeforeTheFirst,
        Repeat,
        MoveEntriesOfAnother,
        Truncate,
        TruncateWithMatchingEnd,
        TruncateAndUnseal,
        EraseAll,
        EraseAllWithMatchingEnd,
        Unseal,
        EditLength,
        EditLastHash,
        EditSeal,
        CopyEnd,
        WriteInvalidEnd,
        EditField,
    ]
};

/// The statements of a tampering, and the incidents of which at least one must be detected.
pub(crate) struct Change {
    pub(crate) statements: Vec<String>,
    pub(crate) victims: Vec<IncidentId>,
}

/// The timeline to change, another one, and an entry of the first.
pub(crate) struct Target<'a> {
    pub(crate) victim: &'a Timeline,
    pub(crate) other: &'a Timeline,
    pub(crate) entry: &'a TimelineEntry,
    pub(crate) dialect: Dialect,
}

impl Tampering {
    /// Whether the database allows it: SQLite accepts any value, PostgreSQL enforces types and checks.
    pub(crate) fn is_possible(self, dialect: Dialect) -> bool {
        dialect == Dialect::Sqlite || !matches!(self, Self::WriteInvalidValue | Self::InsertBeforeTheFirst)
    }

    /// Chooses a timeline, an entry and values; `None` if the database does not allow it.
    pub(crate) fn prepare(self, all: &[Timeline], dialect: Dialect, rng: &mut Rng) -> Option<Change> {
        if !self.is_possible(dialect) {
            return None;
        }
        let victim = rng.usize(0..all.len());
        let other = &all[(victim + rng.usize(1..all.len())) % all.len()];
        let victim = &all[victim];
        let entry = &victim.entries[rng.usize(0..victim.entries.len())];
        let target = Target { victim, other, entry, dialect };
        let statements = self.statements(&target, rng);
        Some(Change { statements, victims: vec![victim.incident.id, other.incident.id] })
    }

    fn statements(self, target: &Target<'_>, rng: &mut Rng) -> Vec<String> {
        match self {
            Self::EditId => vec![target.edit_id(rng)],
            Self::EditIncident => vec![target.edit_incident()],
            Self::EditSequence => vec![target.edit_sequence(rng)],
            Self::EditKind => vec![target.edit_kind(rng)],
            Self::EditActorKind => vec![target.edit_actor_kind(rng)],
            Self::EditActorReference => vec![target.edit_actor_reference(rng)],
            Self::EditTime => vec![target.edit_time(rng)],
            Self::EditMessage => vec![target.edit_message(rng)],
            Self::EditDetails => vec![target.edit_details(rng)],
            Self::EditHash => vec![target.edit_hash(rng)],
            Self::WriteInvalidValue => vec![target.write_invalid_value(rng)],
            Self::Delete => vec![target.delete()],
            Self::DeleteAndCloseTheGap => target.delete_and_close_the_gap(target.entry.sequence, rng),
            Self::DeleteTheFirstAndCloseTheGap => target.delete_and_close_the_gap(1, rng),
            Self::Swap => target.swap(rng),
            Self::SwapContents => target.swap_contents(rng),
            Self::InsertForged => vec![target.insert_forged(target.length() + 1, rng).0],
            Self::InsertForgedWithMatchingEnd => target.insert_forged_with_matching_end(rng),
            Self::InsertForgedInTheMiddle => target.insert_forged_in_the_middle(rng),
            Self::InsertBeforeTheFirst => vec![target.insert_forged(0, rng).0],
            Self::Repeat => vec![target.repeat(rng)],
            Self::MoveEntriesOfAnother => target.move_entries_of_another(),
            Self::Truncate => vec![target.truncate(rng).0],
            Self::TruncateWithMatchingEnd => target.truncate_with_matching_end(rng),
            Self::TruncateAndUnseal => target.truncate_and_unseal(rng),
            Self::EraseAll => vec![target.erase_all()],
            Self::EraseAllWithMatchingEnd => target.erase_all_with_matching_end(rng),
            Self::Unseal => vec![target.unseal()],
            Self::EditLength => vec![target.edit_length(rng)],
            Self::EditLastHash => vec![target.edit_last_hash(rng)],
            Self::EditSeal => vec![target.edit_seal(rng)],
            Self::CopyEnd => vec![target.copy_end()],
            Self::WriteInvalidEnd => vec![target.write_invalid_end(rng)],
            Self::EditField => vec![target.edit_field(rng)],
        }
    }
}
