//! Cursors of lists: what is read is written as the same cursor.

#![no_main]

use incident_domain::kernel::ListCursor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(cursor) = text.parse::<ListCursor>() {
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
});
