//! Pages of lists.

use thiserror::Error;

/// The size of a page, in items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u32);

/// A page size outside the allowed range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must be between 1 and {}", PageSize::MAX)]
pub struct PageSizeError;

impl PageSize {
    /// The largest size.
    pub const MAX: u32 = 200;
    /// The size when a client names none.
    pub const DEFAULT: Self = Self(50);

    /// Parses a size between 1 and [`MAX`](Self::MAX).
    pub const fn parse(size: u32) -> Result<Self, PageSizeError> {
        if size == 0 || size > Self::MAX {
            return Err(PageSizeError);
        }
        Ok(Self(size))
    }

    /// Returns the number of items.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The page of a list to return. A cursor `C` identifies the last item of the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageRequest<C> {
    /// The page with this number, from 1; all items of the list are counted.
    Numbered {
        /// The number of the page.
        page: u32,
        /// The size.
        size: PageSize,
    },
    /// The items after a cursor, or the first ones; nothing is counted, so that every page costs the same.
    After {
        /// The cursor of the last item of the page before.
        cursor: Option<C>,
        /// The size.
        size: PageSize,
    },
}

impl<C> PageRequest<C> {
    /// Returns the size.
    pub const fn size(&self) -> PageSize {
        match self {
            Self::Numbered { size, .. } | Self::After { size, .. } => *size,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The number of items of the whole list; for numbered pages only.
    pub total: Option<u64>,
    /// True if the list has items after these.
    pub has_more: bool,
}
