//! The same questions, asked of each, in the same run.

use bindery::Os;
use bindery_bench::disk::Disk;
use bindery_bench::world::World;
use bindery_peers::{PEERS, Policy};
use criterion::{BenchmarkId, Criterion};
use std::hint::black_box;
use std::time::Duration;

fn main() {
    let millis = |name: &str, usual: u64| {
        Duration::from_millis(std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual))
    };
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(millis("BENCH_WARM_UP_MS", 150))
        .measurement_time(millis("BENCH_MEASURE_MS", 500))
        .configure_from_args();
    // The largest size of `deno_permissions` takes minutes to build: each entry is inserted into a sorted list.
    let cases = [(20, 0), (200, 0), (2_000, 0), (200, 10), (200, 100)];
    for (entries, patterns) in cases {
        let disk = Disk::new(World { patterns, ..World::new(Os::Linux, entries, 3) });
        let policy = Policy::of(disk.world);
        let hit = disk.world.below(0, &disk.world.literal(6).1);
        let miss = "/opt/tools/a/b/c/d/e/f";
        let size = if patterns == 0 { entries.to_string() } else { format!("{entries}+{patterns}") };
        for (name, make) in PEERS {
            // What knows no patterns is not measured as if it did.
            if patterns > 0 && ["deno_permissions", "nono"].contains(&name) {
                continue;
            }
            let mut group = criterion.benchmark_group("peers_build");
            group.bench_function(BenchmarkId::new(name, &size), |bencher| {
                bencher.iter(|| make(black_box(&policy)));
            });
            group.finish();
            let peer = make(&policy);
            for (what, path, write) in [("hit", hit.as_str(), true), ("miss", miss, true)] {
                let mut group = criterion.benchmark_group(format!("peers_{what}"));
                group.bench_function(BenchmarkId::new(name, &size), |bencher| {
                    bencher.iter(|| peer.allows(black_box(path), write));
                });
                group.finish();
            }
        }
    }
    criterion.final_summary();
}
