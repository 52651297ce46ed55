//! Time, by criterion. `cargo bench -p bindery-bench --bench time`, or all of it with `scripts/bench`.

use bindery_bench::task::tasks;
use criterion::{BenchmarkId, Criterion};
use std::time::Duration;

fn main() {
    let millis = |name: &str, usual: u64| {
        Duration::from_millis(std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual))
    };
    let mut criterion = Criterion::default()
        .sample_size(15)
        .warm_up_time(millis("BENCH_WARM_UP_MS", 150))
        .measurement_time(millis("BENCH_MEASURE_MS", 500))
        .configure_from_args();
    for task in tasks() {
        let mut group = criterion.benchmark_group(task.group);
        // Prepared only if it is measured, which a filter may say.
        group.bench_function(BenchmarkId::new(&task.case, &task.size), |bencher| {
            let mut run = task.prepare();
            bencher.iter(&mut run);
        });
        group.finish();
    }
    criterion.final_summary();
}
