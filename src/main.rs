//! placeholder until the command line is merged
fn main() {}
