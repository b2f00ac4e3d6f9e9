//! Walking along the incidents in constant memory.

use std::vec;

use futures::{Stream, stream};
use incident_domain::{
    incidents::{IncidentFilter, IncidentId, IncidentRepository, IncidentSort},
    kernel::{PageRequest, PageSize, StoreError},
};
use tokio_util::sync::CancellationToken;

use super::{TimelineError, outcome::Halt};
use crate::incidents::IncidentRef;

/// How many entries are read at a time, so that a timeline of any length needs constant memory.
pub(super) const ENTRIES_PER_READ: u32 = 500;

/// How many timelines are read at the same time.
pub(super) const TIMELINES_IN_FLIGHT_MAX: usize = 8;

/// How many ids are read at a time.
const IDS_PER_READ: PageSize = size(PageSize::MAX);

/// The size of a page that is read only for its total count.
const ONE: PageSize = size(1);

/// Whose timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichTimelines {
    /// Those of all incidents.
    All,
    /// That of one.
    Of(IncidentRef),
}

/// A walk along the incidents, the newest first. Those that are opened meanwhile are left out.
pub(super) struct Walk {
    page: vec::IntoIter<IncidentId>,
    /// The last incident of the page; `None` if no other page follows.
    cursor: Option<IncidentId>,
    /// How many incidents there are at the start.
    pub(super) total: u64,
}

impl Walk {
    /// Starts a walk.
    pub(super) async fn begin(
        incidents: &dyn IncidentRepository,
        which: WhichTimelines,
    ) -> Result<Self, TimelineError> {
        match which {
            WhichTimelines::All => {
                let total = count(incidents).await?;
                let ids = incidents.ids(None, IDS_PER_READ).await?;
                Ok(Self { cursor: ids.last().copied(), page: ids.into_iter(), total })
            }
            WhichTimelines::Of(incident) => {
                let id = find(incidents, incident).await?.ok_or(TimelineError::NotFound)?;
                Ok(Self { cursor: None, page: vec![id].into_iter(), total: 1 })
            }
        }
    }

    /// Returns the incidents, until `stop` is cancelled.
    pub(super) fn incidents<'a>(
        self,
        incidents: &'a dyn IncidentRepository,
        stop: &'a CancellationToken,
    ) -> impl Stream<Item = Result<IncidentId, Halt>> + 'a {
        stream::try_unfold(self, move |mut walk| async move {
            let Some(id) = walk.next(incidents).await? else { return Ok(None) };
            if stop.is_cancelled() { Err(Halt::Stopped) } else { Ok(Some((id, walk))) }
        })
    }

    async fn next(&mut self, incidents: &dyn IncidentRepository) -> Result<Option<IncidentId>, StoreError> {
        if self.page.len() == 0 && self.cursor.is_some() {
            let ids = incidents.ids(self.cursor, IDS_PER_READ).await?;
            self.cursor = ids.last().copied();
            self.page = ids.into_iter();
        }
        Ok(self.page.next())
    }
}

/// Returns the id of an incident, even if the incident exists and cannot be read.
async fn find(incidents: &dyn IncidentRepository, incident: IncidentRef) -> Result<Option<IncidentId>, StoreError> {
    let (found, id) = match incident {
        IncidentRef::Id(id) => (incidents.find(id).await, Some(id)),
        IncidentRef::Number(number) => (incidents.find_by_number(number).await, None),
    };
    match found {
        Err(error) if error.is_unreadable() && id.is_some() => Ok(id),
        found => Ok(found?.map(|incident| incident.id)),
    }
}

/// Counts the incidents; returns 0 if the newest cannot be read.
async fn count(incidents: &dyn IncidentRepository) -> Result<u64, StoreError> {
    let page = PageRequest::Numbered { page: 1, size: ONE };
    match incidents.list(&IncidentFilter::default(), IncidentSort::default(), page).await {
        Err(error) if error.is_unreadable() => Ok(0),
        page => Ok(page?.total.unwrap_or_default()),
    }
}

const fn size(size: u32) -> PageSize {
    match PageSize::parse(size) {
        Ok(size) => size,
        Err(_) => PageSize::DEFAULT,
    }
}
