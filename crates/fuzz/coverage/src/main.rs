//! libFuzzer over one target, which HOLDFAST_FUZZ_TARGET names: `make fuzz TARGET=store SECONDS=60`.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(|input: &[u8]| {
    let run = TARGET.get_or_init(|| {
        let name = std::env::var("HOLDFAST_FUZZ_TARGET").unwrap_or_default();
        holdfast_fuzz::target(&name).unwrap_or_else(|| panic!("no target is called '{name}'"))
    });
    run(input);
});
