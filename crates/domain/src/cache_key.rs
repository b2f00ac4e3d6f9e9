//! What something is remembered by.

/// What something is remembered by: what it is, and which one, as a hash. Caches may be where names have no business
/// to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey {
    kind: &'static str,
    digest: [u8; 32],
}

impl CacheKey {
    /// A thing of this kind, by a hash that no two things share.
    pub const fn new(kind: &'static str, digest: [u8; 32]) -> Self {
        Self { kind, digest }
    }

    /// What kind of thing it is.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Which one of its kind.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}
