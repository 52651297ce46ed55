//! Binding and deciding against the reference model of the tests, on inputs that both understand.

use super::check;
use super::input::{self, Input};
use crate::compare;
use crate::model::bind::bind;
use bindery::{Binder, Executor};

pub(crate) fn decide(data: &[u8]) {
    let world = input::world(&mut Input(data));
    let theirs = Executor::from_json(world.facts.to_string().as_bytes())
        .and_then(|executor| Binder::new(&executor).bind_json(world.intent.to_string().as_bytes()));
    let ours = bind(&world.intent, &world.facts);
    let (pair, mut faults) = compare::about_a_bind(ours.as_ref(), &theirs);
    if let Some((model, policy)) = pair {
        for path in &world.asked {
            faults.extend(compare::about_a_path(model, policy, path, world.has_mounts()));
            check::answers(policy, path.as_bytes());
        }
    }
    assert!(faults.is_empty(), "\n{}\n{}\n{}", world.facts, world.intent, faults.join("\n"));
}
