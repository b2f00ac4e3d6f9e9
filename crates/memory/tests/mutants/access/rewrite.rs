//! Faults that need to know nothing but the set.

use chrono::TimeDelta;
use incident_domain::{Change, RevocationReason, Role, SessionSelection, Spending};

use super::AccessFault;

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// The changes as a store with this fault understands them.
pub(super) fn rewritten(fault: AccessFault, mut changes: Vec<Change>) -> Vec<Change> {
    let is_revocation =
        |change: &Change| matches!(change, Change::RevokeSessions { .. } | Change::RevokeApiTokens { .. });
    match fault {
        AccessFault::RevokesFirst => changes.sort_by_key(|change| !is_revocation(change)),
        AccessFault::RevokesLast => changes.sort_by_key(is_revocation),
        AccessFault::IgnoresExpectations => changes.retain(|change| !matches!(change, Change::ExpectUser { .. })),
        AccessFault::LosesRefreshTokens => {
            changes
                .retain(|change| !matches!(change, Change::InsertRefreshToken(_) | Change::SpendRefreshToken { .. }));
        }
        AccessFault::LosesApiTokens => changes.retain(|change| !matches!(change, Change::InsertApiToken(_))),
        AccessFault::IgnoresSessionTouches => {
            changes.retain(|change| !matches!(change, Change::TouchSession { .. }));
        }
        AccessFault::IgnoresApiTokenTouches => {
            changes.retain(|change| !matches!(change, Change::TouchApiToken { .. }));
        }
        AccessFault::RevokesNobodyByAll => {
            let is_all =
                |change: &Change| matches!(change, Change::RevokeSessions { selection: SessionSelection::All, .. });
            changes.retain(|change| !is_all(change));
        }
        _ => changes.iter_mut().for_each(|change| rewrite(fault, change)),
    }
    changes
}

fn rewrite(fault: AccessFault, change: &mut Change) {
    match (fault, change) {
        (AccessFault::LosesPredecessors, Change::InsertRefreshToken(token)) => token.predecessor_id = None,
        (AccessFault::KnowsOneSpendingOnly, Change::InsertRefreshToken(token)) => {
            token.spent = token.spent.map(|(_, at)| (Spending::Used, at));
        }
        (AccessFault::KnowsOneSpendingOnly, Change::SpendRefreshToken { spending, .. }) => *spending = Spending::Used,
        (AccessFault::LosesRolesOfApiTokens, Change::InsertApiToken(token)) => token.role = Role::Viewer,
        (AccessFault::LosesLastUses, Change::InsertApiToken(token)) => token.last_used_at = None,
        (AccessFault::LosesLastSeen, Change::InsertSession(session)) => session.last_seen_at = session.created_at,
        (AccessFault::KnowsOneReasonOnly, Change::InsertSession(session)) => {
            if let Some(revocation) = &mut session.revocation {
                revocation.because = RevocationReason::SignedOut;
            }
        }
        (AccessFault::LosesApiTokensOfOrigins, Change::InsertAction(action)) => action.origin.api_token_id = None,
        (AccessFault::RevokesTheKeptSessionToo, Change::RevokeSessions { selection, .. }) => {
            if let SessionSelection::OthersOfUser { user_id, .. } = *selection {
                *selection = SessionSelection::OfUser(user_id);
            }
        }
        (AccessFault::RevokesEverybodysSessions, Change::RevokeSessions { selection, .. }) => {
            if matches!(selection, SessionSelection::OfUser(_)) {
                *selection = SessionSelection::All;
            }
        }
        (AccessFault::PurgesOneMicrosecondMore, Change::PurgeSessions { ended_before, .. }) => {
            *ended_before += MICROSECOND;
        }
        (AccessFault::PurgesOneMicrosecondLess, Change::PurgeSessions { ended_before, .. }) => {
            *ended_before -= MICROSECOND;
        }
        (AccessFault::PurgesWithoutLimit, Change::PurgeSessions { sessions_max, .. }) => *sessions_max = u32::MAX,
        _ => {}
    }
}
