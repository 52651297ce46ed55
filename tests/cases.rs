//! Every case of `fixtures/cases` as a test of its own, with what must hold for all of them: the same call gives
//! the same bytes, the order of entries and roots changes nothing, and a printed policy reads back to itself.

#[path = "support/case.rs"]
mod case;
#[path = "support/digest.rs"]
mod digest;
#[path = "support/document.rs"]
mod document;
#[path = "support/plan.rs"]
mod plan;
#[path = "support/said.rs"]
mod said;
mod support;

#[cfg(test)]
mod cases {
    use crate::case::{Case, Expect, ExpectedError, Query, Target};
    use crate::digest::digest;
    use crate::document::apply;
    use crate::support::{Outcome, fail, parse};
    use bindery::{Access, Binder, BoundPolicy, Executor, FsView, Intent, RecordedFs, Recorder, Refusals};
    use serde_json::{Value, json};
    use std::fmt::Write as _;
    use std::path::PathBuf;

    #[rstest::rstest]
    fn case_holds(#[files("fixtures/cases/**/*.json")] path: PathBuf) -> Outcome {
        let case = Case::load(&path)?;
        let mut found = String::new();
        for (number, target) in case.targets.iter().enumerate() {
            let mut faults = Vec::new();
            run(&case, target, &mut faults)?;
            for fault in faults {
                let _ = writeln!(found, "{} on target {number}: {fault}", case.name);
            }
        }
        if found.is_empty() { Ok(()) } else { fail(found) }
    }

    /// The document that `bind` prints, whatever it says.
    fn bind(intent: &[u8], executor: &[u8], view: Option<&dyn FsView>) -> Result<String, Refusals> {
        let executor = Executor::from_json(executor)?;
        let binder = Binder::new(&executor);
        let binder = view.map_or(binder, |view| binder.observe(view));
        let binding = binder.bind_json(intent)?;
        assert_eq!(binding.policy().is_some(), binding.outcome() == "restricted", "{}", binding.outcome());
        Ok(binding.to_json())
    }

    /// What was asked is a recording that binds to the same bytes, also after it was written down.
    fn check_recording(
        case: &Case,
        target: &Target,
        view: &RecordedFs,
        first: &Result<String, Refusals>,
        faults: &mut Vec<String>,
    ) {
        let recorder = Recorder::new(view);
        let _ = bind(&case.intent, &target.executor, Some(&recorder));
        let written = recorder.finish().to_json();
        let Ok(again) = RecordedFs::from_json(written.as_bytes()) else {
            return faults.push("the recording of the recording does not read".to_owned());
        };
        match (first, bind(&case.intent, &target.executor, Some(&again))) {
            (Ok(one), Ok(two)) if *one == two => {}
            (Err(one), Err(two)) if *one == two => {}
            _ => faults.push("what was recorded binds to something else".to_owned()),
        }
    }

    fn view_of(target: &Target) -> Option<&dyn FsView> {
        target.recording.as_ref().map(|view| view as &dyn FsView)
    }

    fn run(case: &Case, target: &Target, faults: &mut Vec<String>) -> Outcome {
        let view = target.recording.as_ref();
        let first = bind(&case.intent, &target.executor, view.map(|view| view as &dyn FsView));
        let again = bind(&case.intent, &target.executor, view.map(|view| view as &dyn FsView));
        if let Some(view) = view {
            check_recording(case, target, view, &first, faults);
        }
        match (&first, &again) {
            (Ok(one), Ok(two)) if one == two => {}
            (Err(one), Err(two)) if one == two => {}
            _ => faults.push("binding twice gives two results".to_owned()),
        }
        let printed = match first {
            Err(refusals) => {
                check_printed_refusals(&refusals, faults)?;
                check_refusals(&target.expect, &refusals, faults);
                check_order_of_refusals(case, target, &refusals, faults);
                return Ok(());
            }
            Ok(printed) => printed,
        };
        let document: Value = parse(printed.as_bytes(), "the binding")?;
        let outcome = document["outcome"].as_str().unwrap_or_default();
        if outcome != target.expect.outcome {
            faults.push(format!("the outcome is {outcome}, not {}", target.expect.outcome));
            return Ok(());
        }
        if outcome != "restricted" {
            check_word("network", target.expect.network.as_deref(), &document["network"], faults);
            check_no_policy(&printed, outcome, faults);
            if !target.queries.is_empty() || !target.tampered.is_empty() {
                faults.push("only a restricted binding has a policy to ask".to_owned());
            }
            return Ok(());
        }
        check_policy(&target.expect, &document["policy"], faults);
        check_every_entry(case, &document["policy"], faults);
        let policy = match BoundPolicy::from_json(printed.as_bytes()) {
            Ok(policy) => policy,
            Err(refusals) => return fail(format!("the printed policy does not read back:\n{refusals}")),
        };
        faults.extend(crate::said::faults(&policy, &document["policy"]));
        check_verify(&policy, target, faults);
        for query in &target.queries {
            check_query(&policy, query, target, faults)?;
        }
        // Taking each step out in turn is cubic; plans at a limit are long and alike.
        if policy.plan().len() <= 100 {
            faults.extend(crate::plan::faults(&policy)?);
        }
        check_bare_policy(&document["policy"], &policy, target, faults)?;
        check_order(case, target, &document["policy"], &policy, faults)?;
        check_written_intent(case, target, &document["policy"], faults)?;
        for tampered in &target.tampered {
            let mut changed = document["policy"].clone();
            apply(&mut changed, &tampered.edits, "policy")?;
            if tampered.redigest {
                changed["digest"] = json!(digest(&changed));
            }
            match BoundPolicy::from_json(changed.to_string().as_bytes()) {
                Ok(_) if tampered.errors.is_empty() => {}
                Ok(_) => faults.push("a changed policy was read".to_owned()),
                Err(refusals) => compare_errors(&tampered.errors, &refusals, faults),
            }
        }
        Ok(())
    }

    /// Nothing has changed right after binding; later, what the case says.
    fn check_verify(policy: &BoundPolicy, target: &Target, faults: &mut Vec<String>) {
        let changes = |view: &dyn FsView| -> Vec<String> {
            let found = policy.verify(view).err();
            let changes = found.iter().flat_map(|changes| changes.iter());
            changes.map(|change| format!("{} {}", change.kind(), change.place())).collect()
        };
        if let Some(view) = view_of(target) {
            let found = changes(view);
            if !found.is_empty() {
                faults.push(format!("right after binding it has changed: {found:?}"));
            }
        }
        for later in &target.verify {
            let found = changes(&later.recording);
            if found != later.changes {
                faults.push(format!("what changed is {found:#?}, not {:#?}", later.changes));
            }
        }
    }

    /// A binding without a policy is refused as one, in a single error that names the outcome.
    fn check_no_policy(printed: &str, outcome: &str, faults: &mut Vec<String>) {
        let refusals = BoundPolicy::from_json(printed.as_bytes()).err();
        let said: Vec<_> =
            refusals.iter().flatten().map(|refusal| (refusal.code(), refusal.value())).collect();
        if said != [(bindery::Code::MissingField, outcome)] {
            faults.push(format!("a binding that holds no policy is read as one: {said:?}"));
        }
    }

    #[test]
    fn a_document_that_is_no_policy_lacks_each_word_that_says_so() {
        let pointers = |text: &str| -> Vec<(bindery::Code, String)> {
            let refusals = BoundPolicy::from_json(text.as_bytes()).err();
            refusals.iter().flatten().map(|refusal| (refusal.code(), refusal.value().to_owned())).collect()
        };
        let missing = |name: &str| (bindery::Code::MissingField, name.to_owned());
        assert_eq!(pointers("{}"), ["mode", "schema", "semantics"].map(missing));
        assert_eq!(pointers(r#"{"rules": []}"#), ["mode", "schema", "semantics"].map(missing));
        assert_eq!(
            pointers(r#"{"outcome": "x", "rules": []}"#),
            ["mode", "schema", "semantics"].map(missing)
        );
    }

    /// What the program prints of refusals is each of them, and the document that the first is about.
    fn check_printed_refusals(refusals: &Refusals, faults: &mut Vec<String>) -> Outcome {
        let printed: Value = parse(refusals.to_json().as_bytes(), "the refusals")?;
        let first = refusals.iter().next().map(|refusal| refusal.input().as_str());
        let all = json!({"outcome": "refused", "input": first, "errors": refusals.as_slice()});
        if printed != all {
            faults.push(format!("the refusals are printed as {printed}, not {all}"));
        }
        Ok(())
    }

    fn check_refusals(expect: &Expect, refusals: &Refusals, faults: &mut Vec<String>) {
        if expect.outcome != "refused" {
            faults.push(format!("expected {}, refused:\n{refusals}", expect.outcome));
            return;
        }
        compare_errors(expect.errors.as_deref().unwrap_or_default(), refusals, faults);
    }

    /// The exact list, in order. A rule or input that the case does not name is not compared; `intent` is meant.
    fn compare_errors(expected: &[ExpectedError], refusals: &Refusals, faults: &mut Vec<String>) {
        let describe = |code: &str, pointer: &str, input: &str| format!("{code} at {input}:{pointer}");
        let wanted: Vec<String> = expected
            .iter()
            .map(|error| describe(&error.code, &error.pointer, error.input.as_deref().unwrap_or("intent")))
            .collect();
        let found: Vec<String> = refusals
            .iter()
            .map(|refusal| {
                describe(
                    refusal.code().as_str(),
                    refusal.pointer(),
                    json!(refusal)["input"].as_str().unwrap_or_default(),
                )
            })
            .collect();
        if wanted != found {
            let only = |these: &[String], those: &[String]| {
                let lines: Vec<&str> =
                    these.iter().filter(|line| !those.contains(line)).map(String::as_str).collect();
                lines.join("\n    ")
            };
            faults.push(format!(
                "errors differ, or their order does\n  expected:\n    {}\n  found:\n    {}",
                only(&wanted, &found),
                only(&found, &wanted)
            ));
        }
        for (error, refusal) in expected.iter().zip(refusals.iter()) {
            if error.rule.as_deref().is_some_and(|rule| rule != refusal.rule().id()) {
                faults.push(format!("{} names the rule {}", refusal.code(), refusal.rule()));
            }
        }
        for refusal in refusals {
            if refusal.message().is_empty() || refusal.help().is_empty() || refusal.value().len() > 300 {
                faults.push(format!("{} has no message, no help, or a value without end", refusal.code()));
            }
        }
    }

    fn check_word(what: &str, expected: Option<&str>, found: &Value, faults: &mut Vec<String>) {
        if expected.is_some_and(|expected| Some(expected) != found.as_str()) {
            faults.push(format!("{what} is {found}, not {expected:?}"));
        }
    }

    /// The path of a place: a string, or an object where one place has two names.
    fn place(value: &Value) -> &str {
        value.as_str().or_else(|| value["path"].as_str()).unwrap_or("?")
    }

    fn places(value: &Value) -> Vec<String> {
        value.as_array().into_iter().flatten().map(|value| place(value).to_owned()).collect()
    }

    fn check_list(what: &str, expected: Option<&Vec<String>>, found: &Value, faults: &mut Vec<String>) {
        let found = places(found);
        if expected.is_some_and(|expected| *expected != found) {
            faults.push(format!("{what} is {found:?}, not {expected:?}"));
        }
    }

    fn check_policy(expect: &Expect, policy: &Value, faults: &mut Vec<String>) {
        check_word("network", expect.network.as_deref(), &policy["network"], faults);
        for (flag, value) in expect.flags.iter().flatten() {
            if policy["flags"][flag] != json!(value) {
                faults.push(format!("the flag {flag} is {}, not {value}", policy["flags"][flag]));
            }
        }
        check_list("readable_roots", expect.readable_roots.as_ref(), &policy["readable_roots"], faults);
        check_list("denied", expect.denied.as_ref(), &policy["denied"], faults);
        if let Some(expected) = &expect.writable_roots {
            let found = policy["writable_roots"].as_array().map(Vec::as_slice).unwrap_or_default();
            let roots: Vec<&str> = found.iter().map(|root| place(&root["path"])).collect();
            let wanted: Vec<&str> = expected.iter().map(place).collect();
            if roots != wanted {
                faults.push(format!("writable_roots are {roots:?}, not {wanted:?}"));
            }
            for (wanted, root) in expected.iter().zip(found) {
                for list in ["read_only", "denied", "protected_names"] {
                    if wanted.get(list).is_some_and(|wanted| places(wanted) != places(&root[list])) {
                        faults.push(format!(
                            "{list} of {} is {}, not {}",
                            root["path"], root[list], wanted[list]
                        ));
                    }
                }
            }
        }
        if let Some(expected) = &expect.deny_patterns {
            let found = policy["deny_patterns"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !alike(expected, found, "base") {
                faults.push(format!("deny_patterns are {found:?}, not {expected:?}"));
            }
        }
        if let Some(expected) = &expect.rules {
            let found = policy["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !alike(expected, found, "path") {
                faults.push(format!("rules are {found:?}, not {expected:?}"));
            }
        }
        if let Some(expected) = &expect.plan {
            let steps = policy["plan"].as_array().map(Vec::as_slice).unwrap_or_default();
            let found: Vec<String> = steps.iter().map(step).collect();
            if found != *expected {
                faults.push(format!("the plan is {found:#?}, not {expected:#?}"));
            }
        }
        for (pointer, value) in expect.policy.iter().flatten() {
            if policy.pointer(pointer) != Some(value) {
                faults.push(format!("{pointer} is {:?}, not {value}", policy.pointer(pointer)));
            }
        }
        if let Some(expected) = &expect.audit {
            let found = policy["audit"].as_array().map(Vec::as_slice).unwrap_or_default();
            if expected.len() != found.len() {
                faults.push(format!("the audit has {} records, not {}", found.len(), expected.len()));
            }
            for (n, (wanted, record)) in expected.iter().zip(found).enumerate() {
                for (field, value) in wanted.iter().filter(|(field, value)| record[field] != **value) {
                    faults.push(format!("{field} of audit record {n} is {}, not {value}", record[field]));
                }
            }
        }
        for pointer in expect.noted.iter().flatten() {
            let notes = policy["notes"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !notes.iter().any(|note| note["pointer"] == json!(pointer)) {
                faults.push(format!("nothing is noted at {pointer:?}, only {notes:?}"));
            }
        }
        if let Some(expected) = &expect.risks {
            let risks = policy["residual_risks"].as_array().map(Vec::as_slice).unwrap_or_default();
            let said: Vec<String> = risks
                .iter()
                .map(|risk| {
                    let places = places(&risk["places"]).join(" ");
                    format!("{} {places}", risk["code"].as_str().unwrap_or("?")).trim_end().to_owned()
                })
                .collect();
            if said != *expected {
                faults.push(format!("residual_risks are {said:?}, not {expected:?}"));
            }
        }
        for [rule, before, after] in expect.steps.iter().flatten() {
            let records = policy["audit"].as_array().map(Vec::as_slice).unwrap_or_default();
            let steps = records.iter().filter_map(|record| record["steps"].as_array()).flatten();
            let wanted = json!({"rule": rule, "before": before, "after": after});
            if !steps.clone().any(|step| *step == wanted) {
                let found: Vec<String> = steps.map(ToString::to_string).collect();
                faults.push(format!("the audit has no step {wanted}, only {found:#?}"));
            }
        }
        if let Some(expected) = &expect.inert {
            let records = policy["audit"].as_array().map(Vec::as_slice).unwrap_or_default();
            let found: Vec<(&str, &str)> = records
                .iter()
                .filter(|record| record["outcome"] == "inert")
                .map(|record| {
                    (record["entry"].as_str().unwrap_or("?"), record["reason"].as_str().unwrap_or("?"))
                })
                .collect();
            let wanted: Vec<(&str, &str)> =
                expected.iter().map(|inert| (inert.pointer.as_str(), inert.reason.as_str())).collect();
            if found != wanted {
                faults.push(format!("inert are {found:?}, not {wanted:?}"));
            }
        }
    }

    /// As many, in order, and each with the fields that are named; one of them is a place.
    fn alike(expected: &[std::collections::BTreeMap<String, Value>], found: &[Value], named: &str) -> bool {
        let fits = |wanted: &std::collections::BTreeMap<String, Value>, item: &Value| {
            wanted.iter().all(|(key, value)| {
                match key.as_str() {
                    key if key == named => place(&item[key]) == place(value),
                    // The other names of a place that has several.
                    "resolved" | "links" => item[named][key] == *value,
                    key => item[key] == *value,
                }
            })
        };
        expected.len() == found.len() && expected.iter().zip(found).all(|(wanted, item)| fits(wanted, item))
    }

    /// A step of the plan as text: `read_write /w`, `deny_pattern /w **/.env`.
    fn step(step: &Value) -> String {
        let mut text = format!("{} {}", step["op"].as_str().unwrap_or("?"), place(&step["path"]));
        if let Some(tail) = step["tail"].as_str() {
            let _ = write!(text, " {tail}");
        }
        text
    }

    /// Every entry ends as bound or inert, and the audit has it, in its own words (G-2).
    fn check_every_entry(case: &Case, policy: &Value, faults: &mut Vec<String>) {
        let Ok(intent) = serde_json::from_slice::<Value>(&case.intent) else { return };
        let Some((pointer, entries)) = entries(&intent) else { return };
        let records = policy["audit"].as_array().map(Vec::as_slice).unwrap_or_default();
        let audited: std::collections::BTreeSet<&str> =
            records.iter().filter_map(|record| record["entry"].as_str()).collect();
        let missing = (0..entries.len())
            .map(|n| format!("{pointer}/{n}"))
            .find(|entry| !audited.contains(entry.as_str()));
        if let Some(missing) = missing {
            faults.push(format!("the audit does not say what became of {missing}"));
        }
        let Ok(read) = Intent::from_json(&case.intent) else { return };
        for (n, entry) in read.entries().iter().enumerate() {
            let (at, said) = (format!("{pointer}/{n}"), entry.said());
            let other = |record: &&Value| record["entry"] == at.as_str() && record["said"] != said.as_str();
            if let Some(record) = records.iter().find(other) {
                faults.push(format!("the audit says that {at} said {}", record["said"]));
            }
        }
    }

    /// Where the entries of an intent are, in each of its three shapes.
    fn entries(intent: &Value) -> Option<(String, &Vec<Value>)> {
        ["/params/sandbox", "/sandbox", ""].iter().find_map(|prefix| {
            let pointer = format!("{prefix}/permissions/file_system/entries");
            Some((pointer.clone(), intent.pointer(&pointer)?.as_array()?))
        })
    }

    fn access(word: &str) -> Outcome<Access> {
        match word {
            "read" => Ok(Access::Read),
            "write" => Ok(Access::Write),
            "read_tree" => Ok(Access::ReadTree),
            "write_tree" => Ok(Access::WriteTree),
            other => fail(format!("`{other}` is no access")),
        }
    }

    fn decide(policy: &BoundPolicy, query: &Query, target: &Target) -> Outcome<Value> {
        let bytes = query.bytes()?;
        let access = access(&query.access)?;
        let decision = match (query.observe, view_of(target)) {
            (false, _) => policy.decide(&bytes, access),
            (true, Some(view)) => policy.decide_observed(&bytes, access, view),
            (true, None) => return fail("a query observes, and the case has no recording"),
        };
        parse(decision.to_json().as_bytes(), "the decision")
    }

    /// A decision repeats its question, is the answer to the question as JSON, and is known again by its policy;
    /// another answer is not.
    fn check_words_of_a_decision(
        policy: &BoundPolicy,
        query: &Query,
        target: &Target,
        found: &Value,
        faults: &mut Vec<String>,
    ) -> Outcome {
        let bytes = query.bytes()?;
        let asked = if let Ok(text) = std::str::from_utf8(&bytes) {
            json!({"path": text, "access": query.access})
        } else {
            let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            json!({"path_hex": hex, "access": query.access})
        };
        let mut fields = asked.as_object().into_iter().flatten();
        if policy.decide(&bytes, access(&query.access)?).path() != bytes
            || !fields.all(|(name, value)| found[name] == *value)
        {
            faults.push(format!("a decision about {asked} repeats another question: {found}"));
        }
        let asked_text = asked.to_string();
        let said = match (query.observe, view_of(target)) {
            (true, Some(view)) => policy.decide_json_observed(asked_text.as_bytes(), view),
            (true, None) | (false, _) => policy.decide_json(asked_text.as_bytes()),
        };
        let said = said.map(|decision| decision.to_json());
        let said: Option<Value> = said.ok().and_then(|text| serde_json::from_str(&text).ok());
        if said.as_ref() != Some(found) {
            faults.push(format!("the question {asked} as JSON is answered {said:?}"));
        }
        if query.observe {
            // What a look at the file system said is not what the policy alone says.
            return Ok(());
        }
        if policy.check_decision(found.to_string().as_bytes()).is_err() {
            faults.push(format!("a decision is not known again: {found}"));
        }
        let mut other = found.clone();
        other["decision"] = json!(if found["decision"] == "allow" { "deny" } else { "allow" });
        if policy.check_decision(other.to_string().as_bytes()).is_ok() {
            faults.push(format!("another answer is taken for the policy's: {other}"));
        }
        Ok(())
    }

    fn check_query(
        policy: &BoundPolicy,
        query: &Query,
        target: &Target,
        faults: &mut Vec<String>,
    ) -> Outcome {
        let found = decide(policy, query, target)?;
        check_words_of_a_decision(policy, query, target, &found, faults)?;
        let mut wrong = found["decision"] != json!(query.decision);
        if let Some(reason) = &query.reason {
            let named = [
                ("rule", &reason.rule),
                ("entry", &reason.entry),
                ("place", &reason.place),
                ("via", &reason.via),
                ("root", &reason.root),
                ("alias", &reason.alias),
                ("pattern", &reason.pattern),
                ("query", &reason.query),
            ];
            wrong |= named.iter().any(|(key, value)| match value {
                Some(value) if *key == "place" => place(&found["reason"][key]) != value,
                Some(value) => found["reason"][key] != json!(value),
                None => false,
            });
        }
        if let Some(under) = &query.under {
            wrong |= *under != places(&found["under"]);
        }
        if let Some(overruled) = &query.overruled {
            let losers = found["overruled"].as_array().map(Vec::as_slice).unwrap_or_default();
            wrong |=
                !overruled.iter().map(String::as_str).eq(losers.iter().map(|lost| place(&lost["place"])));
        }
        if wrong {
            let path = query.path.as_deref().or(query.path_hex.as_deref()).unwrap_or_default();
            let reason = query.reason.as_ref().map_or(json!(null), |reason| {
            json!({"rule": reason.rule, "entry": reason.entry, "place": reason.place, "via": reason.via})
        });
            faults.push(format!(
                "{} {path:?}\n  expected: {} {reason} under {:?} over {:?}\n  found: {found}",
                query.access, query.decision, query.under, query.overruled
            ));
        }
        Ok(())
    }

    /// A policy without the parts that speak of positions.
    fn meaning(policy: &Value) -> Value {
        let mut policy = policy.clone();
        if let Some(fields) = policy.as_object_mut() {
            fields.remove("audit");
            fields.remove("notes");
        }
        policy
    }

    /// The bare policy reads back to the same digest and answers the same.
    fn check_bare_policy(
        document: &Value,
        policy: &BoundPolicy,
        target: &Target,
        faults: &mut Vec<String>,
    ) -> Outcome {
        let Ok(bare) = BoundPolicy::from_json(document.to_string().as_bytes()) else {
            return fail("the bare policy does not read back");
        };
        if bare.is_same(policy) || !bare.is_same(&bare.clone()) {
            faults
                .push("a policy is the same as one that was read apart, or not as its own clone".to_owned());
        }
        for query in &target.queries {
            if decide(policy, query, target)? != decide(&bare, query, target)? {
                faults.push(format!("{:?} is answered otherwise after reading back", query.path));
            }
        }
        Ok(())
    }

    fn reversed(document: &[u8], lists: &[&str]) -> Option<Vec<u8>> {
        let mut document: Value = serde_json::from_slice(document).ok()?;
        let mut changed = false;
        for list in lists {
            for prefix in ["/params/sandbox", "/sandbox", ""] {
                if let Some(list) =
                    document.pointer_mut(&format!("{prefix}{list}")).and_then(Value::as_array_mut)
                {
                    list.reverse();
                    changed |= list.len() > 1;
                }
            }
        }
        changed.then(|| document.to_string().into_bytes())
    }

    const INTENT_LISTS: [&str; 4] = [
        "/permissions/file_system/entries",
        "/workspaceRoots",
        "/policyContext/workspaceRoots",
        "/temporaryDirectories",
    ];
    const EXECUTOR_LISTS: [&str; 6] = [
        "/workspace_roots",
        "/temp_dirs",
        "/platform_defaults",
        "/volumes",
        "/aliases",
        "/protected_names/names",
    ];

    /// Reordering entries, roots or facts changes neither the policy nor a decision (G-5).
    fn check_order(
        case: &Case,
        target: &Target,
        policy: &Value,
        before: &BoundPolicy,
        faults: &mut Vec<String>,
    ) -> Outcome {
        let intent = reversed(&case.intent, &INTENT_LISTS);
        let executor = reversed(&target.executor, &EXECUTOR_LISTS);
        if intent.is_none() && executor.is_none() {
            return Ok(());
        }
        let printed = match bind(
            intent.as_deref().unwrap_or(&case.intent),
            executor.as_deref().unwrap_or(&target.executor),
            view_of(target),
        ) {
            Ok(printed) => printed,
            Err(refusals) => {
                faults.push(format!("refused once its lists are reversed:\n{refusals}"));
                return Ok(());
            }
        };
        let document: Value = parse(printed.as_bytes(), "the reversed binding")?;
        let (one, two) = (meaning(policy), meaning(&document["policy"]));
        if one != two {
            faults
                .push(format!("the order of lists changes the policy: {}", first_difference(&one, &two, "")));
        }
        let Ok(after) = BoundPolicy::from_json(printed.as_bytes()) else {
            return fail("the reversed policy does not read back");
        };
        for query in &target.queries {
            let (mut one, mut two) = (decide(before, query, target)?, decide(&after, query, target)?);
            for decision in [&mut one, &mut two] {
                decision["reason"]["entry"] = Value::Null;
                decision["reason"]["message"] = Value::Null;
                decision["overruled"] = Value::Null;
            }
            if one != two {
                faults.push(format!("the order of lists changes an answer:\n  {one}\n  {two}"));
            }
        }
        Ok(())
    }

    /// A refused intent is refused in any order, for the same reasons.
    fn check_order_of_refusals(case: &Case, target: &Target, refusals: &Refusals, faults: &mut Vec<String>) {
        let Some(intent) = reversed(&case.intent, &INTENT_LISTS) else { return };
        let codes = |refusals: &Refusals| {
            let mut codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code().as_str()).collect();
            codes.sort_unstable();
            codes.join(" ")
        };
        match bind(&intent, &target.executor, view_of(target)) {
            Ok(_) => faults.push("bound once its lists are reversed".to_owned()),
            Err(other) if codes(&other) != codes(refusals) => {
                faults.push(format!("the order of lists changes what is refused:\n{refusals}\n{other}"));
            }
            Err(_) => {}
        }
    }

    /// An intent that is read, written and read again means the same.
    fn check_written_intent(
        case: &Case,
        target: &Target,
        policy: &Value,
        faults: &mut Vec<String>,
    ) -> Outcome {
        let Ok(intent) = Intent::from_json(&case.intent) else {
            return fail("an intent that binds does not read alone");
        };
        let written = intent.to_json();
        match bind(written.as_bytes(), &target.executor, view_of(target)) {
            Err(refusals) => faults.push(format!("the written intent is refused:\n{refusals}\n{written}")),
            Ok(printed) => {
                let document: Value = parse(printed.as_bytes(), "the binding of the written intent")?;
                let (one, two) = (meaning(policy), meaning(&document["policy"]));
                if one != two {
                    faults.push(format!(
                        "writing the intent changes its meaning: {}",
                        first_difference(&one, &two, "")
                    ));
                }
            }
        }
        Ok(())
    }

    fn first_difference(one: &Value, two: &Value, at: &str) -> String {
        match (one, two) {
            (Value::Object(a), Value::Object(b)) => {
                let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
                keys.sort();
                for key in keys {
                    let (left, right) = (&one[key], &two[key]);
                    if left != right {
                        return first_difference(left, right, &format!("{at}/{key}"));
                    }
                }
                String::new()
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let differing = a.iter().zip(b).enumerate().find(|(_, (left, right))| left != right);
                differing.map_or_else(String::new, |(n, (left, right))| {
                    first_difference(left, right, &format!("{at}/{n}"))
                })
            }
            _ => format!("{at}: {one} and {two}"),
        }
    }
}
