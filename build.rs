//! Tells Cargo to build again when a migration is added: the macro that embeds them only notices changes to its own file.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
