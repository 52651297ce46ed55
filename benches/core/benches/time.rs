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
    // A brief run leaves the largest out: criterion takes ten samples of anything.
    let largest =
        std::env::var("BENCH_LARGEST").ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
    for task in tasks() {
        let size: usize = task.size.parse().unwrap_or_default();
        if size > largest {
            continue;
        }
        let mut group = criterion.benchmark_group(task.group);
        if size >= 2_000 {
            group.sample_size(10);
        }
        // Prepared only if it is measured, which a filter may say, and once: criterion comes here for every sample.
        let mut run = None;
        group.bench_function(BenchmarkId::new(&task.case, &task.size), |bencher| {
            bencher.iter(run.get_or_insert_with(|| task.prepare()));
        });
        group.finish();
    }
    criterion.final_summary();
}
