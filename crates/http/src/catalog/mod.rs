//! The catalog: what the teams of an organisation run.

use crate::operation::Routes;

pub(crate) fn routes() -> Routes {
    Routes::default()
}
