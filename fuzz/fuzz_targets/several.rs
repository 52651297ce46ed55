#![no_main]
//! Several targets on the same inputs, in one process: `FUZZ_TARGETS=intent,executor`.

use std::sync::LazyLock;

static TARGETS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let list =
        std::env::var("FUZZ_TARGETS").expect("FUZZ_TARGETS names the targets, with commas between them");
    list.split(',').map(str::to_owned).collect()
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGETS.iter().for_each(|target| bindery_fuzz::run(target, data)));
