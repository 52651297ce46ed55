//! Writes the tables and plots of docs/performance.md from what a run left behind.
//!
//! `report RESULTS DOCS`: RESULTS holds `criterion/`, `instructions.json`, `facts.json` and `answers.json`. In
//! `DOCS/performance.md` whatever stands between `<!-- run: NAME -->` and `<!-- end -->` is replaced.

use bindery_bench::plot::{Line, exponent, plot, time};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

type Outcome<T = ()> = Result<T, String>;

/// Medians in nanoseconds, by group, case and size.
type Times = BTreeMap<(String, String, String), f64>;

struct Results {
    times: Times,
    instructions: BTreeMap<String, u64>,
    facts: Value,
    answers: Value,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [results, docs] = arguments.as_slice() else {
        eprintln!("report RESULTS DOCS");
        return ExitCode::FAILURE;
    };
    match report(Path::new(results), Path::new(docs)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn json(path: &Path) -> Outcome<Value> {
    let text = std::fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    serde_json::from_str(&text).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// Every `new/` below criterion's folder.
fn medians(folder: &Path, out: &mut Times) -> Outcome {
    let name = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    for entry in std::fs::read_dir(folder).map_err(|fault| format!("{}: {fault}", folder.display()))? {
        let path = entry.map_err(|fault| fault.to_string())?.path();
        if path.ends_with("new") {
            let (id, found) = (json(&path.join("benchmark.json"))?, json(&path.join("estimates.json"))?);
            let median = found["median"]["point_estimate"].as_f64().ok_or("a result without a median")?;
            out.insert((name(&id, "group_id"), name(&id, "function_id"), name(&id, "value_str")), median);
        } else if path.is_dir() {
            medians(&path, out)?;
        }
    }
    Ok(())
}

fn report(folder: &Path, docs: &Path) -> Outcome {
    let mut times = Times::new();
    medians(&folder.join("criterion"), &mut times)?;
    let counts = json(&folder.join("instructions.json"))?;
    let instructions = counts.as_object().ok_or("instructions.json is no object")?.iter();
    let results = Results {
        times,
        instructions: instructions.filter_map(|(id, count)| Some((id.clone(), count.as_u64()?))).collect(),
        facts: json(&folder.join("facts.json"))?,
        answers: json(&folder.join("answers.json"))?,
    };
    let path = docs.join("performance.md");
    let mut text = std::fs::read_to_string(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    for (name, table) in [
        ("machine", results.machine()),
        ("targets", results.targets()),
        ("binding", results.binding()),
        ("deciding", results.deciding()),
        ("patterns", results.patterns()),
        ("documents", results.documents()),
        ("growth", results.growth()),
        ("memory", results.memory()),
        ("asked", results.asked()),
        ("peers", results.peers()),
        ("answers", results.answers_table()),
        ("plans", results.plans()),
    ] {
        text = replaced(&text, name, &table)?;
    }
    std::fs::write(&path, text).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let plots = docs.join("performance");
    std::fs::create_dir_all(&plots).map_err(|fault| fault.to_string())?;
    for (name, svg) in results.plots() {
        std::fs::write(plots.join(name), svg).map_err(|fault| format!("{name}: {fault}"))?;
    }
    println!("{}", results.targets());
    Ok(())
}

fn replaced(text: &str, name: &str, table: &str) -> Outcome<String> {
    let mark = format!("<!-- run: {name} -->\n");
    let missing = || format!("performance.md has no place for {name}");
    let (before, rest) = text.split_once(&mark).ok_or_else(missing)?;
    let (_, after) = rest.split_once("<!-- end -->").ok_or_else(missing)?;
    Ok(format!("{before}{mark}{}\n<!-- end -->{after}", table.trim_end()))
}

fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out
}

fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

const NONE: &str = "–";

impl Results {
    fn time(&self, group: &str, case: &str, size: &str) -> Option<f64> {
        self.times.get(&(group.to_owned(), case.to_owned(), size.to_owned())).copied()
    }

    fn shown(&self, group: &str, case: &str, size: &str) -> String {
        self.time(group, case, size).map_or_else(|| NONE.to_owned(), time)
    }

    fn counted(&self, group: &str, case: &str, size: &str) -> String {
        self.instructions
            .get(&format!("{group}/{case}/{size}"))
            .map_or_else(|| NONE.to_owned(), |n| count(*n))
    }

    /// The sizes of a case, smallest first, with their times.
    fn points(&self, group: &str, case: &str) -> Vec<(f64, f64)> {
        let found = self.times.iter().filter(|((g, c, _), _)| g == group && c == case);
        let mut points: Vec<(f64, f64)> =
            found.filter_map(|((_, _, size), time)| Some((size.parse().ok()?, *time))).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    }

    fn cases(&self, group: &str) -> Vec<(String, String)> {
        let found = self.times.keys().filter(|(g, _, _)| g == group);
        found.map(|(_, case, size)| (case.clone(), size.clone())).collect()
    }

    fn machine(&self) -> String {
        let machine = &self.facts["machine"];
        let said = |name: &str| machine[name].to_string().trim_matches('"').to_owned();
        format!(
            "{}, {} cores, {}; {}; {}; load when the run ended {}.",
            said("cpu"),
            said("cores"),
            said("system"),
            said("rustc"),
            said("valgrind"),
            said("load")
        )
    }

    fn targets(&self) -> String {
        let limits = [
            ("lexical bind, 20 entries × 3 roots", "bind_lexical", "linux_3_roots", "20", 60e3),
            ("lexical bind, 2,000 entries × 3 roots", "bind_lexical", "linux_3_roots", "2000", 6e6),
            ("observed bind, 20 entries × 3 roots", "bind_observed", "linux_3_roots", "20", 250e3),
            ("observed bind, 2,000 entries in one tree", "bind_observed", "linux_1_roots", "2000", 20e6),
            ("decide, 8 components", "decide", "linux_hit", "200", 150.0),
            ("decide, 100 patterns", "decide_patterns", "linux_hit", "100", 400.0),
            (
                "verify, 50 places",
                "verify",
                "linux_50_rules",
                &self.size_of("verify", "linux_50_rules"),
                200e3,
            ),
            (
                "read back a policy of 50 rules",
                "read_policy",
                "linux_50_rules",
                &self.size_of("read_policy", "linux_50_rules"),
                150e3,
            ),
        ];
        let verdict = |met: bool| if met { "met" } else { "**missed**" }.to_owned();
        let mut rows = Vec::new();
        for (what, group, case, size, limit) in limits {
            let measured = self.time(group, case, size);
            rows.push(vec![
                what.to_owned(),
                format!("≤ {}", time(limit)),
                measured.map_or_else(|| NONE.to_owned(), time),
                measured.map_or_else(|| "not measured".to_owned(), |measured| verdict(measured <= limit)),
            ]);
        }
        let growth = exponent(&self.grown("bind_lexical", "linux_3_roots"));
        rows.push(vec![
            "growth of a lexical bind, 200 to 20,000".into(),
            "exponent ≤ 1.1".into(),
            format!("{growth:.2}"),
            verdict(growth <= 1.1),
        ]);
        let flat: Vec<f64> = self.points("decide_flat", "linux_hit").iter().map(|(_, time)| *time).collect();
        let spread =
            flat.iter().copied().fold(0.0, f64::max) / flat.iter().copied().fold(f64::INFINITY, f64::min);
        rows.push(vec![
            "decide, slowest of 20 to 20,000 entries to fastest".into(),
            "≤ 1.5 ×".into(),
            format!("{spread:.2} ×"),
            verdict(spread <= 1.5),
        ]);
        let hits = self.facts["allocations"].as_array().into_iter().flatten();
        let hits = hits.filter(|row| {
            ["hit", "read", "deep", "hit, 100 patterns"]
                .contains(&row["question"].as_str().unwrap_or_default())
        });
        let most = hits.filter_map(|row| row["allocations"].as_u64()).max().unwrap_or(u64::MAX);
        rows.push(vec![
            "allocations of an allowed decision, ASCII".into(),
            "0".into(),
            most.to_string(),
            verdict(most == 0),
        ]);
        let asked = self.facts["asked"].as_array().into_iter().flatten();
        let most = asked.filter_map(|row| row["most_for_one"].as_u64()).max().unwrap_or(u64::MAX);
        rows.push(vec![
            "metadata questions for one component, observed bind".into(),
            "≤ 1".into(),
            most.to_string(),
            verdict(most <= 1),
        ]);
        if let Some(row) = self.facts["memory"].get(0) {
            let bytes = row["bytes"]
                .as_u64()
                .unwrap_or_default()
                .saturating_sub(row["audit"].as_u64().unwrap_or_default());
            rows.push(vec![
                "memory of a policy of 50 rules without its audit".into(),
                "≤ 32,768 bytes".into(),
                format!("{} bytes", count(bytes)),
                verdict(bytes <= 32_768),
            ]);
        }
        table(&["target", "limit", "measured", ""], rows)
    }

    fn size_of(&self, group: &str, case: &str) -> String {
        self.cases(group)
            .into_iter()
            .find(|(found, _)| found == case)
            .map_or_else(String::new, |(_, size)| size)
    }

    fn binding(&self) -> String {
        let mut rows = Vec::new();
        for (group, what) in [
            ("bind_lexical", "lexical"),
            ("bind_observed", "observed"),
            ("bind_symbolic", "lexical, every entry × every root"),
        ] {
            let mut cases: Vec<String> = self.cases(group).into_iter().map(|(case, _)| case).collect();
            cases.dedup();
            for case in cases {
                let mut row = vec![format!("{what}, {}", case.replace('_', " "))];
                row.extend(["20", "200", "2000", "20000"].map(|size| self.shown(group, &case, size)));
                rows.push(row);
            }
        }
        let mut row = vec!["instructions: lexical, linux 3 roots".to_owned()];
        row.extend(
            ["20", "200", "2000", "20000"].map(|size| self.counted("bind_lexical", "linux_3_roots", size)),
        );
        rows.push(row);
        table(&["bind", "20 entries", "200", "2,000", "20,000"], rows)
    }

    fn deciding(&self) -> String {
        let allocated = |os: &str, question: &str| {
            let rows = self.facts["allocations"].as_array().into_iter().flatten();
            let found = rows.into_iter().find(|row| row["os"] == os && row["question"] == question);
            found.map_or_else(|| NONE.to_owned(), |row| row["allocations"].to_string())
        };
        let mut rows = Vec::new();
        for (case, size) in self.cases("decide") {
            let (os, question) = case.split_once('_').unwrap_or((&case, ""));
            rows.push(vec![
                os.to_owned(),
                question.replace('_', " "),
                self.shown("decide", &case, &size),
                self.counted("decide", &case, &size),
                allocated(os, question),
            ]);
        }
        for (group, name) in [("explain", "in words"), ("decision_to_json", "as JSON")] {
            for (case, size) in self.cases(group) {
                let (os, question) = case.split_once('_').unwrap_or((&case, ""));
                rows.push(vec![
                    os.to_owned(),
                    format!("{question}, {name}"),
                    self.shown(group, &case, &size),
                    self.counted(group, &case, &size),
                    NONE.to_owned(),
                ]);
            }
        }
        let mut out = table(&["system", "question", "time", "instructions", "allocations"], rows);
        out.push('\n');
        let mut rows = Vec::new();
        for case in ["linux_hit", "linux_miss"] {
            let mut row = vec![case.replace('_', " ")];
            row.extend(["20", "200", "2000", "20000"].map(|size| {
                format!(
                    "{} ({})",
                    self.shown("decide_flat", case, size),
                    self.counted("decide_flat", case, size)
                )
            }));
            rows.push(row);
        }
        out.push_str(&table(&["time (instructions)", "20 entries", "200", "2,000", "20,000"], rows));
        out
    }

    fn patterns(&self) -> String {
        let mut rows = Vec::new();
        for case in ["linux_hit", "linux_near", "linux_match"] {
            let mut row = vec![case.replace('_', " ")];
            row.extend(["0", "10", "100", "1000"].map(|size| {
                format!(
                    "{} ({})",
                    self.shown("decide_patterns", case, size),
                    self.counted("decide_patterns", case, size)
                )
            }));
            rows.push(row);
        }
        let mut row = vec!["bind, 20 entries and as many".to_owned(), NONE.to_owned()];
        row.extend(["10", "100", "1000"].map(|size| self.shown("bind_patterns", "linux_1_root", size)));
        rows.push(row);
        table(&["time (instructions)", "no pattern", "10", "100", "1,000"], rows)
    }

    fn documents(&self) -> String {
        let mut rows = Vec::new();
        for (group, name) in [
            ("read_intent", "read a request"),
            ("write_intent", "write a request"),
            ("write_policy", "write a policy"),
            ("read_policy", "read a policy back"),
            ("verify", "verify"),
        ] {
            let mut row = vec![name.to_owned()];
            row.extend(["20", "200", "2000", "20000"].map(|size| self.shown(group, "linux_3_roots", size)));
            rows.push(row);
        }
        table(&["3 roots, Linux", "20 entries", "200", "2,000", "20,000"], rows)
    }

    /// From 200 entries on.
    fn grown(&self, group: &str, case: &str) -> Vec<(f64, f64)> {
        self.points(group, case).into_iter().filter(|(size, _)| *size >= 200.0).collect()
    }

    fn growth(&self) -> String {
        let mut rows = Vec::new();
        for (group, case) in [
            ("bind_lexical", "linux_1_roots"),
            ("bind_lexical", "linux_3_roots"),
            ("bind_lexical", "linux_20_roots"),
            ("bind_lexical", "macos_3_roots"),
            ("bind_lexical", "windows_3_roots"),
            ("bind_observed", "linux_3_roots"),
            ("decide_flat", "linux_hit"),
            ("decide_flat", "linux_miss"),
            ("read_intent", "linux_3_roots"),
            ("read_policy", "linux_3_roots"),
            ("write_policy", "linux_3_roots"),
        ] {
            let points = self.grown(group, case);
            if points.len() >= 2 {
                rows.push(vec![
                    format!("{group}, {}", case.replace('_', " ")),
                    format!("{:.2}", exponent(&points)),
                ]);
            }
        }
        table(&["task", "exponent, 200 to 20,000 entries"], rows)
    }

    fn memory(&self) -> String {
        let rows = self.facts["memory"].as_array().into_iter().flatten().map(|row| {
            let number = |name: &str| row[name].as_u64().unwrap_or_default();
            vec![
                count(number("entries")),
                count(number("rules")),
                count(number("bytes").saturating_sub(number("audit"))),
                count(number("audit")),
            ]
        });
        table(&["entries", "rules", "bytes without audit", "bytes of the audit"], rows)
    }

    fn asked(&self) -> String {
        let rows = self.facts["asked"].as_array().into_iter().flatten().map(|row| {
            let number = |name: &str| count(row[name].as_u64().unwrap_or_default());
            ["entries", "roots", "rules", "components", "looks", "most_for_one", "others"]
                .map(number)
                .to_vec()
        });
        table(
            &[
                "entries",
                "roots",
                "rules",
                "distinct components",
                "metadata questions",
                "most for one",
                "other questions",
            ],
            rows,
        )
    }

    fn peer_names(&self) -> Vec<String> {
        let names = self.answers["peers"].as_array().into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn peers(&self) -> String {
        let sizes = ["20", "200", "2000", "200+10", "200+100"];
        let mut rows = Vec::new();
        for (group, what) in
            [("peers_build", "build"), ("peers_hit", "decide, hit"), ("peers_miss", "decide, miss")]
        {
            for name in self.peer_names() {
                let mut row = vec![what.to_owned(), name.clone()];
                row.extend(sizes.map(|size| {
                    match (self.time(group, &name, size), self.time(group, "bindery", size)) {
                        (Some(own), Some(ours)) if name != "bindery" => {
                            format!("{} ({:.1} ×)", time(own), own / ours)
                        }
                        (Some(own), _) => time(own),
                        (None, _) => NONE.to_owned(),
                    }
                }));
                rows.push(row);
            }
        }
        table(&["", "who", "20 entries", "200", "2,000", "200 and 10 patterns", "200 and 100 patterns"], rows)
    }

    fn answers_table(&self) -> String {
        let names = self.peer_names();
        let mut differ: BTreeMap<&str, usize> = BTreeMap::new();
        let mut rows = Vec::new();
        let questions: Vec<&Value> = self.answers["questions"].as_array().into_iter().flatten().collect();
        for question in &questions {
            let said = |name: &str| question["answers"][name].as_str().unwrap_or(NONE);
            let ours = said("bindery");
            let mut row = vec![
                question["about"].as_str().unwrap_or_default().to_owned(),
                format!(
                    "{} `{}`",
                    question["access"].as_str().unwrap_or_default(),
                    question["path"].as_str().unwrap_or_default()
                ),
            ];
            for name in &names {
                let differs = said(name) != ours;
                *differ.entry(name).or_default() += usize::from(differs);
                row.push(if differs { format!("**{}**", said(name)) } else { said(name).to_owned() });
            }
            rows.push(row);
        }
        let mut last = vec!["questions answered otherwise".to_owned(), format!("of {}", questions.len())];
        last.extend(
            names.iter().map(|name| differ.get(name.as_str()).copied().unwrap_or_default().to_string()),
        );
        rows.push(last);
        let mut head = vec!["about", "question"];
        head.extend(names.iter().map(String::as_str));
        table(&head, rows)
    }

    fn plans(&self) -> String {
        let rows = self.facts["plans"].as_array().into_iter().flatten().map(|row| {
            let number = |name: &str| count(row[name].as_u64().unwrap_or_default());
            let mut out = vec![row["policy"].as_str().unwrap_or_default().to_owned()];
            out.extend(["entries", "rules", "naive", "steps", "patterns"].map(number));
            out
        });
        table(
            &[
                "policy",
                "entries",
                "rules",
                "steps of a naive plan",
                "steps of `plan()`",
                "of these patterns",
            ],
            rows,
        )
    }

    fn plots(&self) -> Vec<(&'static str, String)> {
        let line = |name: &str, group: &str, case: &str| Line {
            name: name.to_owned(),
            points: self.points(group, case),
        };
        let peers = |group: &str| -> Vec<Line> {
            self.peer_names().iter().map(|name| line(name, group, name)).collect()
        };
        vec![
            (
                "bind.svg",
                plot(
                    "Binding, 3 roots",
                    "entries",
                    &[
                        line("Linux", "bind_lexical", "linux_3_roots"),
                        line("macOS", "bind_lexical", "macos_3_roots"),
                        line("Windows", "bind_lexical", "windows_3_roots"),
                        line("Linux, observed", "bind_observed", "linux_3_roots"),
                    ],
                ),
            ),
            (
                "decide.svg",
                plot(
                    "One decision, 3 roots, 8 components",
                    "entries",
                    &[
                        line("allowed", "decide_flat", "linux_hit"),
                        line("denied", "decide_flat", "linux_miss"),
                    ],
                ),
            ),
            (
                "documents.svg",
                plot(
                    "Documents, 3 roots",
                    "entries",
                    &[
                        line("read a request", "read_intent", "linux_3_roots"),
                        line("write a request", "write_intent", "linux_3_roots"),
                        line("write a policy", "write_policy", "linux_3_roots"),
                        line("read a policy", "read_policy", "linux_3_roots"),
                    ],
                ),
            ),
            (
                "peers-build.svg",
                plot("From the list to an answerer, 3 roots", "entries", &peers("peers_build")),
            ),
            ("peers-decide.svg", plot("One decision that allows, 3 roots", "entries", &peers("peers_hit"))),
        ]
    }
}
