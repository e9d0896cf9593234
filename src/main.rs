//! The program: reads the command line, dispatches, and turns what came of it into an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    assent::cli::run()
}
