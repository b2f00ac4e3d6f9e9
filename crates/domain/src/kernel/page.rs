//! Lists in pages.

use thiserror::Error;

/// How many items a page may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u32);

/// A size outside the allowed range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must be between 1 and {}", PageSize::MAX)]
pub struct PageSizeError;

impl PageSize {
    /// The most items of one page.
    pub const MAX: u32 = 200;
    /// What a client gets that does not say.
    pub const DEFAULT: Self = Self(50);

    /// Takes a size between 1 and [`MAX`](Self::MAX).
    pub const fn parse(size: u32) -> Result<Self, PageSizeError> {
        if size == 0 || size > Self::MAX {
            return Err(PageSizeError);
        }
        Ok(Self(size))
    }

    /// The bare number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Which page of a list is wanted. `C` is what a cursor points at: the last item seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageRequest<C> {
    /// The page with this number, from 1; the answer counts all items.
    Numbered {
        /// Which page.
        page: u32,
        /// Its size.
        size: PageSize,
    },
    /// The items after a cursor, or the first ones; nothing is counted, so that it costs the same at
    /// any depth.
    After {
        /// The last item seen.
        cursor: Option<C>,
        /// How many.
        size: PageSize,
    },
}

impl<C> PageRequest<C> {
    /// The wanted size.
    pub const fn size(&self) -> PageSize {
        match self {
            Self::Numbered { size, .. } | Self::After { size, .. } => *size,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// How many items the whole list has; counted for numbered pages only.
    pub total: Option<u64>,
    /// Whether there are items after these.
    pub has_more: bool,
}
