//! Makes a test of each case.

/// Makes one test of every case, each on a harness of its own from the async function `$factory`. The tests of a record
/// are in a module named like it. `ignore = "why"` marks all of them as ignored, for adapters that need a server.
#[macro_export]
macro_rules! store_contract {
    ($($factory:ident)::+) => {
        $crate::for_every_module!($crate::test_module, [$($factory)::+]);
    };
    ($($factory:ident)::+, ignore = $why:literal) => {
        $crate::for_every_module!($crate::test_module, [$($factory)::+, $why]);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! test_module {
    (@group [$context:tt $module:ident] $file:ident { $($case:ident),+ $(,)? }) => {
        $crate::test_module!(@tests $context $module { $($case),+ });
    };
    ($context:tt $folder:ident::$file:ident: $kind:ident $(as $module:ident)? [$($group:ident)+] $own:tt) => {
        $crate::test_module!(@named $context ($($module)? $file) [$($group)+] $own);
    };
    ($context:tt $folder:ident::$file:ident $own:tt) => {
        $crate::test_module!(@named $context ($file) [] $own);
    };
    (@named $context:tt ($module:ident $($_file:ident)?) [$($group:ident)*] $own:tt) => {
        mod $module {
            $($crate::for_group!($group, $crate::test_module, [$context $module]);)*
            $crate::test_module!(@tests $context $module $own);
        }
    };
    (@tests $context:tt $module:ident { $($case:ident),* $(,)? }) => {
        $($crate::test_module!(@test $context $module $case);)*
    };
    (@test [$($factory:ident)::+ $(, $why:literal)?] $module:ident $case:ident) => {
        #[test]
        $(#[ignore = $why])?
        fn $case() {
            let case = $crate::case_named(concat!(stringify!($module), "::", stringify!($case)));
            $crate::prove(&case, super::$($factory)::+);
        }
    };
}
