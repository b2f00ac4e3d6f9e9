//! What the cases play with.

/// x
pub struct Scene;
