//! The program: reads the command line, dispatches, and turns the outcome into an exit status.

use std::process::ExitCode;

/// With thousands of connections it holds a seventh less memory than the system's allocator (docs/performance.md), since it
/// leaves alone what a buffer does not use.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    assent::cli::run()
}
