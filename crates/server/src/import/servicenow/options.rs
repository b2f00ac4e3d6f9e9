//! What a caller says about a file.

use encoding_rs::Encoding;

use super::dates::DateOrder;

/// What the caller knows about a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The order of day and month; without it, the rows must decide.
    pub date_order: Option<DateOrder>,
    /// The encoding of a file without a byte order mark; without it, UTF-8.
    pub encoding: Option<&'static Encoding>,
}
