//! What can be done to a timeline.

use incident_domain::{IncidentId, TimelineEntry};

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
    WriteNonsense,
    Delete,
    DeleteAndCloseTheGap,
    DeleteTheFirstAndCloseTheGap,
    Swap,
    SwapContents,
    InsertForged,
    InsertForgedAndMakeItFit,
    InsertForgedInTheMiddle,
    InsertBeforeTheFirst,
    Repeat,
    TakeOverEntries,
    Truncate,
    TruncateAndMakeItFit,
    TruncateAndUnseal,
    EraseAll,
    EraseAllAndMakeItFit,
    Unseal,
    EditLength,
    EditLastHash,
    EditSeal,
    TakeOverTheEnd,
    WriteAnImpossibleEnd,
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
        WriteNonsense,
        Delete,
        DeleteAndCloseTheGap,
        DeleteTheFirstAndCloseTheGap,
        Swap,
        SwapContents,
        InsertForged,
        InsertForgedAndMakeItFit,
        InsertForgedInTheMiddle,
        InsertBeforeTheFirst,
        Repeat,
        TakeOverEntries,
        Truncate,
        TruncateAndMakeItFit,
        TruncateAndUnseal,
        EraseAll,
        EraseAllAndMakeItFit,
        Unseal,
        EditLength,
        EditLastHash,
        EditSeal,
        TakeOverTheEnd,
        WriteAnImpossibleEnd,
    ]
};

/// What is to be done, and in whose timelines it has to show: in one of them at least.
pub(crate) struct Deed {
    pub(crate) statements: Vec<String>,
    pub(crate) victims: Vec<IncidentId>,
}

/// The timeline that is tampered with, another one, and a place in the first.
pub(crate) struct Aim<'a> {
    pub(crate) victim: &'a Timeline,
    pub(crate) other: &'a Timeline,
    pub(crate) entry: &'a TimelineEntry,
    pub(crate) dialect: Dialect,
}

impl Tampering {
    /// SQLite puts anything anywhere; PostgreSQL keeps its types and checks.
    pub(crate) fn is_possible(self, dialect: Dialect) -> bool {
        dialect == Dialect::Sqlite || !matches!(self, Self::WriteNonsense | Self::InsertBeforeTheFirst)
    }

    /// Chooses where and how; `None` where it cannot be done.
    pub(crate) fn prepare(self, all: &[Timeline], dialect: Dialect, dice: &mut Dice) -> Option<Deed> {
        if !self.is_possible(dialect) {
            return None;
        }
        let victim = dice.within(0..all.len());
        let other = &all[(victim + dice.within(1..all.len())) % all.len()];
        let victim = &all[victim];
        let entry = &victim.entries[dice.within(0..victim.entries.len())];
        let aim = Aim { victim, other, entry, dialect };
        let statements = self.statements(&aim, dice);
        Some(Deed { statements, victims: vec![victim.incident.id, other.incident.id] })
    }

    fn statements(self, aim: &Aim<'_>, dice: &mut Dice) -> Vec<String> {
        match self {
            Self::EditId => vec![aim.edit_id(dice)],
            Self::EditIncident => vec![aim.edit_incident()],
            Self::EditSequence => vec![aim.edit_sequence(dice)],
            Self::EditKind => vec![aim.edit_kind(dice)],
            Self::EditActorKind => vec![aim.edit_actor_kind(dice)],
            Self::EditActorReference => vec![aim.edit_actor_reference(dice)],
            Self::EditTime => vec![aim.edit_time(dice)],
            Self::EditMessage => vec![aim.edit_message(dice)],
            Self::EditDetails => vec![aim.edit_details(dice)],
            Self::EditHash => vec![aim.edit_hash(dice)],
            Self::WriteNonsense => vec![aim.write_nonsense(dice)],
            Self::Delete => vec![aim.delete()],
            Self::DeleteAndCloseTheGap => aim.delete_and_close_the_gap(aim.entry.sequence, dice),
            Self::DeleteTheFirstAndCloseTheGap => aim.delete_and_close_the_gap(1, dice),
            Self::Swap => aim.swap(dice),
            Self::SwapContents => aim.swap_contents(dice),
            Self::InsertForged => vec![aim.insert_forged(aim.length() + 1, dice).0],
            Self::InsertForgedAndMakeItFit => aim.insert_forged_and_make_it_fit(dice),
            Self::InsertForgedInTheMiddle => aim.insert_forged_in_the_middle(dice),
            Self::InsertBeforeTheFirst => vec![aim.insert_forged(0, dice).0],
            Self::Repeat => vec![aim.repeat(dice)],
            Self::TakeOverEntries => aim.take_over_entries(),
            Self::Truncate => vec![aim.truncate(dice).0],
            Self::TruncateAndMakeItFit => aim.truncate_and_make_it_fit(dice),
            Self::TruncateAndUnseal => aim.truncate_and_unseal(dice),
            Self::EraseAll => vec![aim.erase_all()],
            Self::EraseAllAndMakeItFit => aim.erase_all_and_make_it_fit(dice),
            Self::Unseal => vec![aim.unseal()],
            Self::EditLength => vec![aim.edit_length(dice)],
            Self::EditLastHash => vec![aim.edit_last_hash(dice)],
            Self::EditSeal => vec![aim.edit_seal(dice)],
            Self::TakeOverTheEnd => vec![aim.take_over_the_end()],
            Self::WriteAnImpossibleEnd => vec![aim.write_an_impossible_end(dice)],
        }
    }
}
