//! The catalog: what the teams of an organisation run.

mod services;

use crate::operation::Routes;

pub(crate) fn routes() -> Routes {
    services::routes()
}
