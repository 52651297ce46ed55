//! The command line of bindery: arguments in, library, printing out.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
