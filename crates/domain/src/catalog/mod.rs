//! The catalog: what the teams of an organisation run, and whom it belongs to.
