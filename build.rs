//! Fixture files become tests at compile time (rstest's `#[files]`), and cargo does not know that a new
//! file means new tests (la10736/rstest#220). These lines tell it.
fn main() {
    println!("cargo::rerun-if-changed=fixtures");
}
