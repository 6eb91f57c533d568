//! What of the surrounding environment reaches the inner cargo.
//!
//! A build script inherits the flags, profiles and wrappers of the outer build. None of them may
//! change the module, so every `CARGO…` and `RUST…` variable is dropped but the ones that say where
//! tools and packages are.

use std::env;
use std::process::Command;

const KEPT: [&str; 4] = ["CARGO", "CARGO_HOME", "CARGO_MAKEFLAGS", "RUSTC"];
const KEPT_PREFIXES: [&str; 6] =
    ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_", "CARGO_TERM_", "RUSTUP_"];
const DROPPED_PREFIXES: [&str; 5] = ["CARGO", "RUST", "WASM_BINDGEN", "__CARGO", "DEP_"];

/// Takes from `command` every variable that could change the module.
pub(crate) fn clean(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_dropped) {
            command.env_remove(&name);
        }
    }
    // Debug builds of the outer cargo set these for build scripts.
    for name in ["OUT_DIR", "TARGET", "HOST", "PROFILE", "OPT_LEVEL", "DEBUG"] {
        command.env_remove(name);
    }
}

fn is_dropped(name: &str) -> bool {
    let starts = |prefix: &&str| name.starts_with(*prefix);
    !KEPT.contains(&name)
        && !KEPT_PREFIXES.iter().any(&starts)
        && DROPPED_PREFIXES.iter().any(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_profiles_and_wrappers_do_not_reach_the_module() {
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_FEATURE_SCHEMA",
            "CARGO_INCREMENTAL",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTC_WRAPPER",
            "RUSTC_BOOTSTRAP",
        ] {
            assert!(is_dropped(name), "{name}");
        }
    }

    #[test]
    fn tools_and_packages_are_still_found() {
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN", "CARGO_NET_OFFLINE"] {
            assert!(!is_dropped(name), "{name}");
        }
    }
}
