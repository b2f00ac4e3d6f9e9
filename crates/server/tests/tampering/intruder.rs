//! The kinds of tampering.

use incident_domain::incidents::{IncidentId, TimelineEntry};

use crate::{database::Dialect, dice::Dice, scene::Timeline};

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
    pub(crate) fn prepare(self, all: &[Timeline], dialect: Dialect, dice: &mut Dice) -> Option<Change> {
        if !self.is_possible(dialect) {
            return None;
        }
        let victim = dice.within(0..all.len());
        let other = &all[(victim + dice.within(1..all.len())) % all.len()];
        let victim = &all[victim];
        let entry = &victim.entries[dice.within(0..victim.entries.len())];
        let target = Target { victim, other, entry, dialect };
        let statements = self.statements(&target, dice);
        Some(Change { statements, victims: vec![victim.incident.id, other.incident.id] })
    }

    fn statements(self, target: &Target<'_>, dice: &mut Dice) -> Vec<String> {
        match self {
            Self::EditId => vec![target.edit_id(dice)],
            Self::EditIncident => vec![target.edit_incident()],
            Self::EditSequence => vec![target.edit_sequence(dice)],
            Self::EditKind => vec![target.edit_kind(dice)],
            Self::EditActorKind => vec![target.edit_actor_kind(dice)],
            Self::EditActorReference => vec![target.edit_actor_reference(dice)],
            Self::EditTime => vec![target.edit_time(dice)],
            Self::EditMessage => vec![target.edit_message(dice)],
            Self::EditDetails => vec![target.edit_details(dice)],
            Self::EditHash => vec![target.edit_hash(dice)],
            Self::WriteInvalidValue => vec![target.write_invalid_value(dice)],
            Self::Delete => vec![target.delete()],
            Self::DeleteAndCloseTheGap => target.delete_and_close_the_gap(target.entry.sequence, dice),
            Self::DeleteTheFirstAndCloseTheGap => target.delete_and_close_the_gap(1, dice),
            Self::Swap => target.swap(dice),
            Self::SwapContents => target.swap_contents(dice),
            Self::InsertForged => vec![target.insert_forged(target.length() + 1, dice).0],
            Self::InsertForgedWithMatchingEnd => target.insert_forged_with_matching_end(dice),
            Self::InsertForgedInTheMiddle => target.insert_forged_in_the_middle(dice),
            Self::InsertBeforeTheFirst => vec![target.insert_forged(0, dice).0],
            Self::Repeat => vec![target.repeat(dice)],
            Self::MoveEntriesOfAnother => target.move_entries_of_another(),
            Self::Truncate => vec![target.truncate(dice).0],
            Self::TruncateWithMatchingEnd => target.truncate_with_matching_end(dice),
            Self::TruncateAndUnseal => target.truncate_and_unseal(dice),
            Self::EraseAll => vec![target.erase_all()],
            Self::EraseAllWithMatchingEnd => target.erase_all_with_matching_end(dice),
            Self::Unseal => vec![target.unseal()],
            Self::EditLength => vec![target.edit_length(dice)],
            Self::EditLastHash => vec![target.edit_last_hash(dice)],
            Self::EditSeal => vec![target.edit_seal(dice)],
            Self::CopyEnd => vec![target.copy_end()],
            Self::WriteInvalidEnd => vec![target.write_invalid_end(dice)],
        }
    }
}
