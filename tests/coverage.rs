//! The cases leave nothing out: every rule, code, word, symbol and failure class occurs in one, as something that
//! gives and as something that takes, but for the gaps that are listed here. A gap that is closed must be taken off
//! its list, so the lists can only shrink.

mod support;

#[cfg(test)]
mod coverage {
    use crate::support::{Failure, Outcome, fail, fixtures, parse, read};
    use bindery::{Code, Inert, Rule};
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    /// Rules that no case covers, with the reason.
    const RULES_WITHOUT_A_CASE: [(&str, &str); 1] =
        [("I-8", "the sending side writes requests; tests/exec_request.rs covers it")];

    /// Rules that no case shows as giving or as taking, with the reason.
    const RULES_OF_ONE_SIDE: [(&str, &str); 0] = [];

    /// Codes that no case expects, with the reason.
    const CODES_WITHOUT_A_CASE: [(&str, &str); 5] = [
        ("unverified_git_pointer", "an inert reason; no refusal carries it"),
        (
            "recording_malformed",
            "whoever runs a case reads its recording; the tests of the observation room read broken ones",
        ),
        ("request_contradicts", "the sending side"),
        ("argv_empty", "the sending side"),
        ("request_path", "the sending side"),
    ];

    /// Codes that no case comes close to without getting them, with the reason.
    const CODES_WITHOUT_A_NEAR_MISS: [(&str, &str); 5] = [
        ("recording_malformed", "no case expects it; tests/limits.rs reads recordings at their limits"),
        ("too_many_entries", "32,768 entries are much for a runner of cases; tests/limits.rs binds them"),
        ("request_contradicts", "the sending side"),
        ("argv_empty", "the sending side"),
        ("request_path", "the sending side"),
    ];

    /// Ways in which a question is answered: rule, way, answer. Each occurs on every system.
    const ANSWERS: [(&str, &str, &str); 9] = [
        ("D-2", "exact", "allow"),
        ("D-2", "exact", "deny"),
        ("D-2", "wide", "deny"),
        ("D-2", "alias", "allow"),
        ("D-2", "alias", "deny"),
        ("D-3", "pattern", "deny"),
        ("D-4", "protected", "deny"),
        ("D-5", "none", "deny"),
        ("D-6", "none", "deny"),
    ];

    const SYSTEMS: [&str; 3] = ["linux", "macos", "windows"];

    /// One executor that a case is bound on.
    struct Target {
        os: String,
        facts: Value,
        expect: Value,
        queries: Vec<Value>,
        tampered: Vec<Value>,
    }

    struct Case {
        name: String,
        covers: Vec<String>,
        classes: Vec<String>,
        spares: Vec<String>,
        /// The entries of the intent, where it is written as JSON.
        entries: Vec<Value>,
        targets: Vec<Target>,
    }

    /// Every `.json` below a folder of `fixtures/`, sorted.
    fn files(folder: &str) -> Outcome<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut open = vec![PathBuf::from(format!("{}/{folder}", fixtures().display()))];
        while let Some(dir) = open.pop() {
            let entries =
                std::fs::read_dir(&dir).map_err(|error| Failure(format!("{}: {error}", dir.display())))?;
            for entry in entries {
                let path = entry.map_err(|error| Failure(error.to_string()))?.path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|extension| extension == "json") {
                    found.push(path);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn list(value: &Value) -> &[Value] {
        value.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn texts(value: &Value) -> Vec<String> {
        list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn document(name: &str) -> Outcome<Value> {
        parse(&read(Path::new(&format!("{}/{name}", fixtures().display())))?, name)
    }

    fn target(value: &Value) -> Outcome<Target> {
        let mut facts = match (value["executor_file"].as_str(), value["executor_reported"].as_str()) {
            (Some(name), _) => document(name)?,
            (None, Some(name)) => {
                let reported = read(Path::new(&format!("{}/{name}", fixtures().display())))?;
                let executor = bindery::Executor::from_codex_environment_info("reported", &reported)
                    .map_err(|refusals| Failure(format!("{name}: {refusals}")))?;
                parse(executor.to_json().as_bytes(), name)?
            }
            (None, None) => value["executor"].clone(),
        };
        for (name, fact) in value["executor_with"].as_object().into_iter().flatten() {
            facts[name.as_str()] = fact.clone();
        }
        Ok(Target {
            os: facts["os"].as_str().unwrap_or_default().to_owned(),
            facts,
            expect: value["expect"].clone(),
            queries: list(&value["queries"]).to_vec(),
            tampered: list(&value["tampered"]).to_vec(),
        })
    }

    fn cases() -> Outcome<Vec<Case>> {
        let mut cases = Vec::new();
        for path in files("cases")? {
            let case: Value = parse(&read(&path)?, &path.display().to_string())?;
            let intent = case["intent_file"].as_str().map_or(Ok(case["intent"].clone()), document)?;
            let entries = ["/params/sandbox", "/sandbox", ""].iter().find_map(|prefix| {
                intent.pointer(&format!("{prefix}/permissions/file_system/entries"))?.as_array().cloned()
            });
            let single = std::slice::from_ref(&case);
            cases.push(Case {
                name: case["name"].as_str().unwrap_or_default().to_owned(),
                covers: texts(&case["covers"]),
                classes: texts(&case["classes"]),
                spares: texts(&case["spares"]),
                entries: entries.unwrap_or_default(),
                targets: case["targets"]
                    .as_array()
                    .map_or(single, Vec::as_slice)
                    .iter()
                    .map(target)
                    .collect::<Outcome<_>>()?,
            });
        }
        Ok(cases)
    }

    impl Target {
        fn outcome(&self) -> &str {
            self.expect["outcome"].as_str().unwrap_or_default()
        }

        fn codes(&self) -> BTreeSet<String> {
            let errors = list(&self.expect["errors"]);
            let tampered = self.tampered.iter().flat_map(|tampered| list(&tampered["errors"]));
            errors
                .iter()
                .chain(tampered)
                .filter_map(|error| error["code"].as_str().map(str::to_owned))
                .collect()
        }

        /// Something is bound, and if anything is asked, something is allowed.
        fn gives(&self) -> bool {
            let allowed = |query: &Value| query["decision"] != "deny";
            self.outcome() != "refused" && (self.queries.is_empty() || self.queries.iter().any(allowed))
        }

        /// Something is refused, denied, inert or not read back.
        fn takes(&self) -> bool {
            self.outcome() == "refused"
                || !list(&self.expect["inert"]).is_empty()
                || !self.tampered.is_empty()
                || self.queries.iter().any(|query| query["decision"] != "allow")
        }
    }

    /// Everything is said or listed as a gap, and nothing is both.
    fn compare<'a>(
        what: &str,
        all: impl Iterator<Item = &'a str>,
        said: &BTreeSet<String>,
        gaps: &[(&str, &str)],
    ) -> Outcome {
        let mut faults = Vec::new();
        let all: BTreeSet<&str> = all.collect();
        for id in &all {
            let gap = gaps.iter().any(|(listed, _)| listed == id);
            match (said.contains(*id), gap) {
                (false, false) => faults.push(format!("{what} {id} occurs in no case")),
                (true, true) => faults.push(format!(
                    "{what} {id} occurs in a case and is listed as a gap; take it off the list"
                )),
                (true, false) | (false, true) => {}
            }
        }
        faults.extend(
            gaps.iter()
                .filter(|(id, _)| !all.contains(id))
                .map(|(id, _)| format!("{what} {id} does not exist")),
        );
        none(&faults)
    }

    fn none(faults: &[String]) -> Outcome {
        if faults.is_empty() { Ok(()) } else { fail(faults.join("\n")) }
    }

    #[test]
    fn every_rule_has_a_case() -> Outcome {
        let mut said = BTreeSet::new();
        for case in cases()? {
            said.extend(case.covers);
            let queries = case.targets.into_iter().flat_map(|target| target.queries);
            said.extend(queries.filter_map(|query| query["reason"]["rule"].as_str().map(str::to_owned)));
        }
        compare("rule", Rule::ALL.iter().map(|rule| rule.id()), &said, &RULES_WITHOUT_A_CASE)
    }

    /// What a rule lets through is as much its meaning as what it stops.
    #[test]
    fn every_rule_has_a_case_that_gives_and_one_that_takes() -> Outcome {
        let cases = cases()?;
        let sides = |side: &dyn Fn(&Target) -> bool| -> BTreeSet<String> {
            let on_it = cases.iter().filter(|case| case.targets.iter().any(side));
            on_it.flat_map(|case| case.covers.clone()).collect()
        };
        let mut gaps = RULES_WITHOUT_A_CASE.to_vec();
        gaps.extend(RULES_OF_ONE_SIDE);
        let rules = || Rule::ALL.iter().map(|rule| rule.id());
        compare("as what gives, rule", rules(), &sides(&Target::gives), &gaps)?;
        compare("as what takes, rule", rules(), &sides(&Target::takes), &gaps)
    }

    #[test]
    fn every_code_has_a_case() -> Outcome {
        let said = cases()?.iter().flat_map(|case| &case.targets).flat_map(Target::codes).collect();
        compare("code", Code::ALL.iter().map(|code| code.as_str()), &said, &CODES_WITHOUT_A_CASE)
    }

    /// A refusal that also hits what is next to its input would pass every case that expects it.
    #[test]
    fn every_code_has_a_near_miss() -> Outcome {
        let mut said = BTreeSet::new();
        for case in cases()? {
            for code in case.spares {
                if Code::from_word(&code).is_none() {
                    return fail(format!("{} spares `{code}`, which is no code", case.name));
                }
                let bound = |target: &&Target| target.outcome() != "refused";
                if case.targets.iter().filter(bound).all(|target| target.codes().contains(&code)) {
                    return fail(format!("{} spares `{code}` on no target that binds", case.name));
                }
                said.insert(code);
            }
        }
        let codes = Code::ALL.iter().map(|code| code.as_str());
        compare("as a near miss, code", codes, &said, &CODES_WITHOUT_A_NEAR_MISS)
    }

    #[test]
    fn every_outcome_has_a_case_on_every_system() -> Outcome {
        let outcomes = ["restricted", "unrestricted", "external", "disabled", "unsandboxed", "refused"];
        let mut faults = Vec::new();
        let cases = cases()?;
        for os in SYSTEMS {
            for outcome in outcomes {
                let mut targets = cases.iter().flat_map(|case| &case.targets);
                if !targets.any(|target| target.os == os && target.outcome() == outcome) {
                    faults.push(format!("the outcome {outcome} has no case on {os}"));
                }
            }
        }
        none(&faults)
    }

    #[test]
    fn every_way_of_deciding_has_a_case_on_every_system() -> Outcome {
        let mut said = BTreeSet::new();
        let mut trees = BTreeSet::new();
        for target in cases()?.iter().flat_map(|case| &case.targets) {
            for query in &target.queries {
                let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let (reason, decision) = (&query["reason"], word(&query["decision"]));
                said.insert((
                    target.os.clone(),
                    word(&reason["rule"]),
                    word(&reason["via"]),
                    decision.clone(),
                ));
                trees.insert((target.os.clone(), word(&query["access"]), decision));
            }
        }
        let mut faults = Vec::new();
        for os in SYSTEMS {
            for (rule, via, decision) in ANSWERS {
                let answer = (os.to_owned(), rule.to_owned(), via.to_owned(), decision.to_owned());
                if !said.contains(&answer) {
                    faults.push(format!("nothing is answered {decision} by {rule} via {via} on {os}"));
                }
            }
            for (access, decisions) in [
                ("read", &["allow", "deny"][..]),
                ("write", &["allow", "deny"]),
                ("read_tree", &["allow", "deny", "partial"]),
                ("write_tree", &["allow", "deny", "partial"]),
            ] {
                for decision in decisions {
                    if !trees.contains(&(os.to_owned(), access.to_owned(), (*decision).to_owned())) {
                        faults.push(format!("no question of {access} is answered {decision} on {os}"));
                    }
                }
            }
        }
        none(&faults)
    }

    /// Words of results that are compared in some case.
    #[test]
    fn every_word_of_a_result_has_a_case() -> Outcome {
        let (mut inert, mut faults, mut steps, mut hazards, mut risks, mut authorities) = <(
            BTreeSet<String>,
            BTreeSet<String>,
            BTreeSet<String>,
            BTreeSet<String>,
            BTreeSet<String>,
            BTreeSet<String>,
        )>::default(
        );
        for target in cases()?.iter().flat_map(|case| &case.targets) {
            let word = |value: &Value| value.as_str().map(str::to_owned);
            inert.extend(list(&target.expect["inert"]).iter().filter_map(|item| word(&item["reason"])));
            faults.extend(target.queries.iter().filter_map(|query| word(&query["reason"]["query"])));
            hazards.extend(list(&target.expect["audit"]).iter().filter_map(|record| word(&record["hazard"])));
            steps.extend(
                texts(&target.expect["plan"])
                    .iter()
                    .filter_map(|step| step.split(' ').next().map(str::to_owned)),
            );
            let policy = target.expect["policy"].as_object();
            risks.extend(
                policy
                    .into_iter()
                    .flatten()
                    .filter(|(at, _)| at.starts_with("/residual_risks"))
                    .filter_map(|(_, value)| word(value)),
            );
            risks.extend(
                texts(&target.expect["risks"])
                    .iter()
                    .filter_map(|risk| risk.split(' ').next().map(str::to_owned)),
            );
            authorities.extend(word(&target.facts["root_authority"]));
        }
        compare("the reason", Inert::ALL.iter().map(|reason| reason.as_str()), &inert, &[])?;
        let without = [
            ("too_long", "96 KiB of a path are no text to read; tests/limits.rs asks about them"),
            ("unseen_other_os", "a case looks at the file system that it was bound with"),
        ];
        compare("the fault", QUERY_FAULTS.into_iter(), &faults, &without)?;
        compare("the operation", PLAN_OPS.into_iter(), &steps, &[])?;
        compare("the hazard", HAZARDS.into_iter(), &hazards, &[])?;
        compare("the risk", bindery::RISKS.iter().map(|(code, _)| *code), &risks, &[])?;
        compare(
            "the authority",
            ["offered", "adopt_requested", "executor_only"].into_iter(),
            &authorities,
            &[],
        )
    }

    const QUERY_FAULTS: [&str; 18] = [
        "empty",
        "too_long",
        "foreign",
        "relative",
        "drive_relative",
        "root_relative",
        "dotted",
        "nul",
        "namespace",
        "loopback",
        "admin_share",
        "unc_malformed",
        "not_a_file_name",
        "mirror",
        "unseen_name",
        "unseen_other_os",
        "unseen_unreadable",
        "unseen_loop",
    ];
    const PLAN_OPS: [&str; 7] = [
        "read_only",
        "read_write",
        "mask",
        "protect",
        "protect_each_drive",
        "protect_any_depth",
        "deny_pattern",
    ];
    const HAZARDS: [&str; 5] = [
        "root_is_file_system_root",
        "root_is_drive_root",
        "root_is_home",
        "root_is_home_ancestor",
        "root_is_system_directory",
    ];

    /// A symbol as a case writes it: as one string, or as a kind.
    fn symbol(path: &Value) -> Option<String> {
        let kind = || match path["value"]["kind"].as_str()? {
            "root" => Some(":root"),
            "minimal" => Some(":minimal"),
            "project_roots" | "current_working_directory" => Some(":workspace_roots"),
            "tmpdir" => Some(":tmpdir"),
            "slash_tmp" => Some(":slash_tmp"),
            _ => Some("unknown"),
        };
        match path.as_str() {
            Some(text) if text.starts_with(':') => text.split('/').next().map(str::to_owned),
            Some(_) => None,
            None => kind().map(str::to_owned),
        }
    }

    /// Each symbol is granted and denied on each system, and each that depends on a fact also without it.
    #[test]
    fn every_symbol_has_cases_on_every_system() -> Outcome {
        let symbols = [
            ":root",
            ":minimal",
            ":workspace_roots",
            ":cwd",
            ":home",
            ":tmpdir",
            ":slash_tmp",
            ":toolchains",
        ];
        let (mut bound, mut refused, mut inert) =
            <(BTreeSet<String>, BTreeSet<String>, BTreeSet<String>)>::default();
        for case in cases()? {
            for target in &case.targets {
                for (n, entry) in case.entries.iter().enumerate() {
                    let Some(symbol) = symbol(&entry["path"]) else { continue };
                    let at = |pointer: &Value| {
                        let pointer = pointer.as_str().unwrap_or_default();
                        format!("{pointer}/").contains(&format!("/entries/{n}/"))
                    };
                    let access = if entry["access"] == "deny" { "denied" } else { "granted" };
                    let said = format!("{symbol} {access} on {}", target.os);
                    if list(&target.expect["errors"]).iter().any(|error| at(&error["pointer"])) {
                        refused.insert(said);
                    } else if list(&target.expect["inert"]).iter().any(|record| at(&record["pointer"])) {
                        inert.insert(said);
                    } else if target.outcome() == "restricted" {
                        bound.insert(said);
                    }
                }
            }
        }
        let all = |symbols: &[&str], accesses: &[&str]| -> Vec<String> {
            let mut all = Vec::new();
            for os in SYSTEMS {
                for symbol in symbols {
                    all.extend(accesses.iter().map(|access| format!("{symbol} {access} on {os}")));
                }
            }
            all
        };
        let both = ["granted", "denied"];
        let compare = |what: &str, all: Vec<String>, said: &BTreeSet<String>| {
            compare(what, all.iter().map(String::as_str), said, &[])
        };
        let everywhere = all(&symbols, &both);
        let places = everywhere
            .into_iter()
            .filter(|said| !said.starts_with(":slash_tmp") || !said.ends_with("windows"));
        compare("bound,", places.collect(), &bound)?;
        compare("refused,", all(&[":workspace_roots", ":cwd", ":home"], &both), &refused)?;
        compare("refused,", all(&[":tmpdir", ":nobody"], &["denied"]), &refused)?;
        compare("inert,", all(&[":workspace_roots", ":tmpdir", ":none"], &both), &inert)?;
        compare("inert,", all(&[":nobody"], &both), &inert)?;
        let windows = both.map(|access| format!(":slash_tmp {access} on windows"));
        compare("inert,", windows.to_vec(), &inert)
    }

    /// A name alone must say which file is meant, as the tables do.
    #[test]
    fn names_of_cases_are_unique() -> Outcome {
        let mut names = BTreeSet::new();
        let twice: Vec<String> =
            cases()?.into_iter().map(|case| case.name).filter(|name| !names.insert(name.clone())).collect();
        none(&twice)
    }

    #[test]
    fn covers_name_what_exists() -> Outcome {
        let number = |id: &str, prefix: &str, last: u32| {
            id.strip_prefix(prefix)
                .and_then(|number| number.parse().ok())
                .is_some_and(|number: u32| (1..=last).contains(&number))
        };
        let known = |id: &str| {
            Rule::from_id(id).is_some()
                || number(id, "G-", 8)
                || number(id, "up-", 126)
                || id.starts_with("outcome-")
                || id == "differs"
        };
        let mut faults = Vec::new();
        for case in cases()? {
            let unknown = case.covers.iter().filter(|id| !known(id));
            faults.extend(unknown.map(|id| format!("{} covers `{id}`, which is nothing", case.name)));
        }
        none(&faults)
    }

    /// Rows of a table in a document of `fixtures/`, as trimmed cells; those whose first cell `is_row` takes.
    fn rows(text: &str, is_row: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
        text.lines()
            .filter(|line| line.starts_with("| "))
            .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
            .filter(|row: &Vec<String>| row.first().is_some_and(|first| is_row(first)))
            .collect()
    }

    fn text(name: &str) -> Outcome<String> {
        let bytes = read(Path::new(&format!("{}/{name}", fixtures().display())))?;
        String::from_utf8(bytes)
            .map(|text| text.replace("\r\n", "\n"))
            .map_err(|error| Failure(error.to_string()))
    }

    #[expect(clippy::disallowed_methods, reason = "a test may be told to rewrite what it compares with")]
    fn bless() -> bool {
        std::env::var_os("BINDERY_BLESS").is_some_and(|value| value == "1")
    }

    /// The classes of failures and scenarios that `fixtures/failure-classes.md` must have, in order.
    fn classes() -> Vec<String> {
        let groups = [
            ("A", 9),
            ("B", 10),
            ("C", 14),
            ("D", 4),
            ("E", 4),
            ("F", 10),
            ("G", 9),
            ("H", 8),
            ("I", 5),
            ("J", 3),
            ("X", 29),
        ];
        groups.iter().flat_map(|(group, last)| (1..=*last).map(move |n| format!("{group}{n}"))).collect()
    }

    /// `fixtures/failure-classes.md`: a row for each class, in order. One that is covered names exactly the cases
    /// that name it, and they are bound on every system that the row speaks of; the others say why not.
    /// `BINDERY_BLESS=1` writes the names.
    #[test]
    fn every_failure_class_is_accounted_for() -> Outcome {
        const TABLE: &str = "failure-classes.md";
        let mut found: BTreeMap<String, (Vec<String>, BTreeSet<String>)> = BTreeMap::new();
        for case in cases()? {
            for class in &case.classes {
                let (names, systems) = found.entry(class.clone()).or_default();
                names.push(case.name.clone());
                systems.extend(case.targets.iter().map(|target| target.os.clone()));
            }
        }
        let text = text(TABLE)?;
        let is_class = |first: &str| {
            first.len() > 1
                && first.starts_with(|c: char| c.is_ascii_uppercase())
                && first.chars().skip(1).all(|c| c.is_ascii_digit())
        };
        let rows = rows(&text, is_class);
        let listed: Vec<&str> = rows.iter().filter_map(|row| row.first().map(String::as_str)).collect();
        let mut faults = Vec::new();
        if listed != classes() {
            faults.push(format!("the classes are {listed:?}"));
        }
        let mut blessed = text.clone();
        for row in &rows {
            let [class, _, systems, state, last] = row.as_slice() else {
                faults.push(format!("{row:?} has not five columns"));
                continue;
            };
            match (state.as_str(), found.remove(class)) {
                ("covered", Some((mut names, bound))) => {
                    names.sort();
                    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                    let names = names.join(", ");
                    if *last != names {
                        faults.push(format!("{class} is in {names}, the table says {last}"));
                        let before = format!("| {systems} | covered | {last} |");
                        let after = format!("| {systems} | covered | {names} |");
                        let lines = blessed.lines().map(|line| {
                            let same = line.starts_with(&format!("| {class} |"));
                            if same { line.replace(&before, &after) } else { line.to_owned() }
                        });
                        blessed = lines.collect::<Vec<_>>().join("\n") + "\n";
                    }
                    for os in systems.split_whitespace().filter(|os| !bound.contains(*os)) {
                        faults.push(format!("{class} has no case on {os}"));
                    }
                    if systems.split_whitespace().any(|os| !SYSTEMS.contains(&os)) || systems.is_empty() {
                        faults.push(format!("{class} speaks of `{systems}`"));
                    }
                }
                ("covered", None) => faults.push(format!("{class} is called covered and no case names it")),
                ("needs observation" | "out of scope", Some((names, _))) => {
                    faults.push(format!("{class} is called {state}, and {names:?} name it"));
                }
                ("needs observation" | "out of scope", None) if last.len() > 20 => {}
                (_, _) => faults.push(format!("{class} is called `{state}` without a reason")),
            }
        }
        faults.extend(found.keys().map(|class| format!("a case names the class {class}, which has no row")));
        if bless() && blessed != text {
            let path = format!("{}/{TABLE}", fixtures().display());
            std::fs::write(path, blessed).map_err(|error| Failure(error.to_string()))?;
        }
        none(&faults)
    }

    /// The table in `fixtures/upstream.md`: one row a number, in order; what it calls taken is a file that names the
    /// number, and what it calls not taken is named by none.
    #[test]
    fn every_upstream_case_is_accounted_for() -> Outcome {
        let mut upstream: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        let mut differing = BTreeSet::new();
        for case in cases()? {
            for number in case.covers.iter().filter_map(|id| id.strip_prefix("up-")?.parse().ok()) {
                upstream.entry(number).or_default().push(case.name.clone());
                if case.covers.iter().any(|id| id == "differs") {
                    differing.insert(number);
                }
            }
        }
        let text = text("upstream.md")?;
        let rows = rows(&text, |first| first.starts_with(|c: char| c.is_ascii_digit()));
        let mut faults = Vec::new();
        for (row, number) in rows.iter().zip(1_u32..) {
            let [first, state, files, ..] = row.as_slice() else {
                faults.push(format!("row {number} has too few columns"));
                continue;
            };
            if first.parse() != Ok(number) {
                faults.push(format!("row {number} is numbered {first}"));
            }
            let named: Vec<&str> =
                files.split_whitespace().map(|name| name.trim_matches(['`', ','])).collect();
            let found = upstream.get(&number).cloned().unwrap_or_default();
            let expected = match (found.is_empty(), differing.contains(&number)) {
                (true, _) => "not taken",
                (false, true) => "differs",
                (false, false) => "taken",
            };
            if *state != expected {
                faults.push(format!("{number} is called {state} and is {expected}"));
            }
            if !found.is_empty() && named != found {
                faults.push(format!("{number} is in {found:?}, the table says {named:?}"));
            }
        }
        if rows.len() != 126 {
            faults.push(format!("the table has {} rows", rows.len()));
        }
        none(&faults)
    }
}
