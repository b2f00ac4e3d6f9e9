//! Making a test of each case.

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
