//! What every answer goes through, whichever its handler.

mod cors;
mod security_headers;
