//! The program: parses the command line, runs the command, and turns the outcome into an exit status.

use std::process::ExitCode;

/// With thousands of connections, jemalloc uses a seventh less memory than the system allocator (docs/performance.md), because
/// it doesn't touch the unused part of a buffer.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    assent::cli::run()
}
