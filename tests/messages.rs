//! What each error code and each kind of answer says, word for word, beside an input that causes it.
//!
//! `fixtures/messages/CODE.json` has an input and every error that it gives in full; `fixtures/messages/answers/` has
//! questions and what `explain` says of each. A code or a kind of answer without a file fails, and so does a file that
//! says something else. Every kind of answer that any case gets, and every word for why a question is not judged, counts. `BINDERY_BLESS=1 cargo test --test messages` writes what is said now.

#[path = "support/digest.rs"]
mod digest;
#[path = "support/document.rs"]
mod document;
mod support;

#[cfg(test)]
mod messages {
    use crate::digest::digest;
    use crate::document::{Edit, apply, executor, file};
    use crate::support::{Failure, Outcome, fail, fixtures, parse};
    use bindery::{
        Access, Answer, Binder, BoundPolicy, Code, Convention, ExecRequest, Executor, FsView, LocalWrapper,
        RecordedFs, Refusals, Via,
    };
    use serde::Deserialize;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Codes without a message file, with the reason.
    const WITHOUT: [(&str, &str); 1] = [("unverified_git_pointer", "an inert reason; no refusal carries it")];

    /// An input, in one of the ways of a case, and what is said about it.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Message {
        schema: String,
        code: Option<String>,
        about: Option<String>,
        intent: Option<Value>,
        intent_text: Option<String>,
        intent_hex: Option<String>,
        intent_pieces: Option<Vec<(String, usize)>>,
        #[serde(default)]
        edits: Vec<Edit>,
        executor: Option<Value>,
        executor_file: Option<String>,
        executor_with: Option<Value>,
        executor_text: Option<String>,
        recording: Option<Value>,
        recording_file: Option<String>,
        recording_text: Option<String>,
        request: Option<Request>,
        /// Give the changed policy a digest that fits it.
        #[serde(default)]
        redigest: bool,
        errors: Option<Value>,
        questions: Option<Vec<Question>>,
    }

    /// What an orchestrator wants to send (I-8).
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Request {
        argv: Vec<String>,
        cwd: String,
        requested: Option<bool>,
        wrapper: Option<Vec<String>>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Question {
        path: Option<String>,
        /// For a path that is not UTF-8, two digits a byte.
        path_hex: Option<String>,
        /// The path is this text so often, and stands as `…` in what is said.
        times: Option<usize>,
        access: String,
        /// The recording, below `fixtures/`, at which the question is asked with a look.
        observe: Option<String>,
        says: Vec<String>,
    }

    #[expect(clippy::disallowed_methods, reason = "a test may be told to rewrite what it compares with")]
    fn bless() -> bool {
        std::env::var_os("BINDERY_BLESS").is_some_and(|value| value == "1")
    }

    fn load(path: &Path) -> Outcome<(Value, Message)> {
        let bytes = std::fs::read(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        let shown = path.display().to_string();
        let message: Message = parse(&bytes, &shown)?;
        if message.schema != "bindery.message/1" {
            return fail(format!("{shown}: the schema is {}", message.schema));
        }
        Ok((parse(&bytes, &shown)?, message))
    }

    /// Compares, or writes the file with what is found in place of what it says.
    fn settle(path: &Path, mut document: Value, field: &str, found: Value) -> Outcome {
        if document[field] == found {
            return Ok(());
        }
        if !bless() {
            return fail(format!("{} says\n{:#}\nand it is\n{found:#}", path.display(), document[field]));
        }
        document[field] = found;
        let text = format!("{document:#}\n");
        std::fs::write(path, text).map_err(|error| Failure(error.to_string()))
    }

    fn unhex(hex: &str) -> Vec<u8> {
        let digits: Vec<char> = hex.chars().collect();
        let pairs = digits.chunks(2).map(|pair| pair.iter().collect::<String>());
        pairs.filter_map(|pair| u8::from_str_radix(&pair, 16).ok()).collect()
    }

    impl Question {
        fn bytes(&self) -> Outcome<Vec<u8>> {
            match (&self.path, &self.path_hex) {
                (Some(path), None) => Ok(path.repeat(self.times.unwrap_or(1)).into()),
                (None, Some(hex)) if self.times.is_none() => Ok(unhex(hex)),
                _ => fail("a question names its path in exactly one way"),
            }
        }

        /// Of which kinds the answer is, and what is said of it line by line.
        fn answer(&self, policy: &BoundPolicy) -> Outcome<(Vec<String>, Vec<String>)> {
            let (path, access) = (self.bytes()?, access(&self.access)?);
            let view = match &self.observe {
                Some(name) => Some(
                    RecordedFs::from_json(&file(name)?).map_err(|refusals| Failure(refusals.to_string()))?,
                ),
                None => None,
            };
            let decision = match &view {
                Some(view) => policy.decide_observed(&path, access, view),
                None => policy.decide(&path, access),
            };
            let mut said = decision.explain();
            if self.times.is_some() {
                said = said.replace(&*String::from_utf8_lossy(&path), "…");
            }
            let (answer, rule) = (decision.answer().as_str(), decision.rule().id());
            let mut kinds = vec![
                format!("{answer} by {rule}, {}", decision.via().as_str()),
                format!("{answer} of {}", access.as_str()),
            ];
            kinds.extend(decision.query_fault().map(|fault| format!("not judged: {fault}")));
            Ok((kinds, said.lines().map(str::to_owned).collect()))
        }
    }

    impl Message {
        fn intent(&self) -> Outcome<Vec<u8>> {
            match (&self.intent, &self.intent_text, &self.intent_hex, &self.intent_pieces) {
                (Some(intent), None, None, None) => {
                    let mut intent = intent.clone();
                    apply(&mut intent, &self.edits, "intent")?;
                    Ok(intent.to_string().into_bytes())
                }
                (None, Some(text), None, None) => Ok(text.clone().into_bytes()),
                (None, None, Some(hex), None) => Ok(unhex(hex)),
                (None, None, None, Some(pieces)) => {
                    Ok(pieces.iter().map(|(text, times)| text.repeat(*times)).collect::<String>().into())
                }
                _ => fail("a message gives an intent in exactly one way"),
            }
        }

        fn recorded(&self) -> Outcome<Result<Option<RecordedFs>, Refusals>> {
            let bytes = match (&self.recording, &self.recording_file, &self.recording_text) {
                (None, None, None) => return Ok(Ok(None)),
                (Some(recording), None, None) => recording.to_string().into_bytes(),
                (None, Some(name), None) => file(name)?,
                (None, None, Some(text)) => text.clone().into_bytes(),
                _ => return fail("a message gives a recording in at most one way"),
            };
            Ok(RecordedFs::from_json(&bytes).map(Some))
        }

        fn facts(&self) -> Outcome<Vec<u8>> {
            executor(
                self.executor.clone(),
                self.executor_file.as_deref(),
                self.executor_with.clone(),
                self.executor_text.clone(),
                &self.edits,
            )
        }

        fn bind(&self) -> Outcome<Result<String, Refusals>> {
            let (intent, facts) = (self.intent()?, self.facts()?);
            let recorded = match self.recorded()? {
                Ok(recorded) => recorded,
                Err(refusals) => return Ok(Err(refusals)),
            };
            let bound = Executor::from_json(&facts).and_then(|executor| {
                let binder = Binder::new(&executor);
                let binder = match &recorded {
                    Some(view) => binder.observe(view as &dyn FsView),
                    None => binder,
                };
                binder.bind_json(&intent).map(|binding| binding.to_json())
            });
            Ok(bound)
        }

        /// What the input gives: binding, reading back a policy that the edits changed, or sending.
        fn refused(&self) -> Outcome<Refusals> {
            if let Some(request) = &self.request {
                let sent = request.build().to_params();
                return sent.err().ok_or_else(|| Failure("the request is sent".to_owned()));
            }
            let printed = match self.bind()? {
                Err(refusals) => return Ok(refusals),
                Ok(printed) => printed,
            };
            let document: Value = parse(printed.as_bytes(), "the binding")?;
            let mut policy = document["policy"].clone();
            apply(&mut policy, &self.edits, "policy")?;
            if self.redigest {
                policy["digest"] = digest(&policy).into();
            }
            match BoundPolicy::from_json(policy.to_string().as_bytes()) {
                Err(refusals) => Ok(refusals),
                Ok(_) => fail("nothing is refused"),
            }
        }
    }

    impl Request {
        fn build(&self) -> ExecRequest {
            let mut request = ExecRequest::new(Convention::Posix, "p", self.argv.clone(), &self.cwd);
            if let Some(argv) = &self.wrapper {
                request = request.local_wrapper(LocalWrapper::new("bwrap", argv.clone()));
            }
            if let Some(requested) = self.requested {
                request = request.sandbox_requested(requested);
            }
            request
        }
    }

    #[rstest::rstest]
    fn a_code_says_what_its_file_says(#[files("fixtures/messages/*.json")] path: PathBuf) -> Outcome {
        let (document, message) = load(&path)?;
        let code = message.code.clone().unwrap_or_default();
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(&code) || message.errors.is_none() {
            return fail(format!("{}: the file is named like its code and lists errors", path.display()));
        }
        let refusals = message.refused()?;
        if !refusals.iter().any(|refusal| refusal.code().as_str() == code) {
            return fail(format!("{code} is not among\n{refusals}"));
        }
        for refusal in &refusals {
            let (said, help) = (refusal.message(), refusal.help());
            if said.is_empty() || said.ends_with('.') || said.contains('\n') || !help.ends_with('.') {
                return fail(format!("`{said}` is not one clause, or `{help}` is no sentence"));
            }
        }
        let found: Value = parse(
            serde_json::to_string(&refusals).map_err(|error| Failure(error.to_string()))?.as_bytes(),
            "the errors",
        )?;
        settle(&path, document, "errors", found)
    }

    #[test]
    fn every_code_has_a_message() -> Outcome {
        let folder = format!("{}/messages", fixtures().display());
        let exists = |code: &str| std::fs::read(format!("{folder}/{code}.json")).is_ok();
        let mut faults = Vec::new();
        for code in Code::ALL.iter().map(|code| code.as_str()) {
            let listed = WITHOUT.iter().any(|(without, _)| *without == code);
            if exists(code) == listed {
                faults.push(format!(
                    "{code} has {} file and is {}listed",
                    if listed { "a" } else { "no" },
                    if listed { "" } else { "not " }
                ));
            }
        }
        if faults.is_empty() { Ok(()) } else { fail(faults.join("\n")) }
    }

    fn access(word: &str) -> Outcome<Access> {
        Access::from_word(word).ok_or_else(|| Failure(format!("`{word}` is no access")))
    }

    /// All that an explanation can be made of: what decided, in which way, with which answer; what was asked for, with
    /// which answer; and why a question is not judged, by the words of docs/reference.md.
    fn kinds_of_answers() -> Vec<String> {
        let [allow, deny, partial] = [Answer::Allow, Answer::Deny, Answer::Partial].map(Answer::as_str);
        let mut all = Vec::new();
        for via in [Via::Exact, Via::Wide, Via::Alias].map(Via::as_str) {
            all.extend(
                [("D-2", allow), ("D-2", deny), ("D-7", partial)]
                    .map(|(rule, answer)| format!("{answer} by {rule}, {via}")),
            );
        }
        for (rule, via) in [("D-3", Via::Pattern), ("D-4", Via::Protected)] {
            all.push(format!("{deny} by {rule}, {}", via.as_str()));
        }
        all.extend(["D-5", "D-6", "O-2"].map(|rule| format!("{deny} by {rule}, {}", Via::None.as_str())));
        for access in Access::ALL {
            all.extend([allow, deny].map(|answer| format!("{answer} of {}", access.as_str())));
        }
        all.extend(
            [Access::ReadTree, Access::WriteTree].map(|access| format!("{partial} of {}", access.as_str())),
        );
        let page = include_str!("../docs/reference.md");
        let faults =
            page.split("\n## ").find(|section| section.starts_with("Query faults\n")).unwrap_or_default();
        let words = faults.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        all.extend(words.map(|word| format!("not judged: {word}")));
        all
    }

    #[test]
    fn kinds_of_answers_have_the_faults_of_the_reference() {
        let all = kinds_of_answers();
        assert!(all.contains(&"not judged: unseen_loop".to_owned()), "{all:?}");
    }

    /// Every way of deciding, with every answer that it can give, is explained somewhere.
    #[test]
    fn answers_are_explained_as_their_files_say() -> Outcome {
        let folder = format!("{}/messages/answers", fixtures().display());
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
            .map_err(|error| Failure(format!("{folder}: {error}")))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .collect();
        paths.sort();
        let mut said = BTreeSet::new();
        for path in paths {
            let (document, message) = load(&path)?;
            if message.about.as_deref().is_none_or(|about| !about.ends_with('.')) {
                return fail(format!("{}: says in no sentence what it is about", path.display()));
            }
            let printed = message.bind()?.map_err(|refusals| Failure(refusals.to_string()))?;
            let policy = BoundPolicy::from_json(printed.as_bytes())
                .map_err(|refusals| Failure(refusals.to_string()))?;
            let mut found = document["questions"].clone();
            for (n, question) in message.questions.iter().flatten().enumerate() {
                let (kinds, lines) = question.answer(&policy)?;
                said.extend(kinds);
                if question.says != lines {
                    found[n]["says"] = lines.into();
                }
            }
            settle(&path, document, "questions", found)?;
        }
        let missing: Vec<String> = kinds_of_answers()
            .into_iter()
            .filter(|kind| !said.contains(kind))
            .map(|kind| format!("no answer is explained that is {kind}"))
            .collect();
        if missing.is_empty() { Ok(()) } else { fail(missing.join("\n")) }
    }
}
