//! The cases, one file for each subject. A case is an async function whose name is the sentence it
//! proves; it panics when the sentence is not true of the adapter.

pub mod health;

/// The list of all cases, by file, handed to a macro that makes something of each.
#[doc(hidden)]
#[macro_export]
macro_rules! for_every_case {
    ($make:path, $context:tt) => {
        $make! { $context
            health {
                a_store_that_can_serve_says_so,
            }
        }
    };
}

/// Makes one test of every case, each on a harness of its own from the async function `$factory`.
/// `ignore = "why"` marks them all as ignored, for adapters that need a server.
#[macro_export]
macro_rules! store_contract {
    ($factory:path) => {
        $crate::for_every_case!($crate::one_test_each, [$factory]);
    };
    ($factory:path, ignore = $why:literal) => {
        $crate::for_every_case!($crate::one_test_each, [$factory, $why]);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! one_test_each {
    (@file $context:tt $file:ident $($case:ident)+) => {
        $($crate::one_test_each!(@case $context $file $case);)+
    };
    (@case [$factory:path $(, $why:literal)?] $file:ident $case:ident) => {
        #[test]
        $(#[ignore = $why])?
        fn $case() {
            $crate::prove(&$crate::case!($file, $case), $factory);
        }
    };
    ($context:tt $($file:ident { $($case:ident),+ $(,)? })+) => {
        $($crate::one_test_each!(@file $context $file $($case)+);)+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! case {
    ($file:ident, $case:ident) => {
        $crate::Case { name: stringify!($case), run: |harness| Box::pin($crate::cases::$file::$case(harness)) }
    };
}

macro_rules! list {
    ([] $($file:ident { $($case:ident),+ $(,)? })+) => {
        /// Every case, for programs that want to run them in their own way.
        pub const CASES: &[Case] = &[$($(crate::case!($file, $case)),+),+];
    };
}

use crate::Case;

for_every_case!(list, []);
