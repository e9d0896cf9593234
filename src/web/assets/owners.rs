//! The owner's static files, read from their folder.
//!
//! Owns which files in the folder are served, and under which names. Must not know URLs or types. A link to a file is followed if
//! it ends inside the folder, because folders that are mounted into containers consist of such links.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::finding::Finding;

/// The largest file that is served, in bytes. All files are kept in memory.
const LARGEST: u64 = 5 * 1024 * 1024;

/// Reads every file in the folder and its subfolders by name, such as `fonts/body.woff2`, and returns what is wrong with the
/// others. Names that begin with a dot are skipped.
pub(super) fn read(folder: &Path) -> (BTreeMap<String, Vec<u8>>, Vec<Finding>) {
    let mut files = BTreeMap::new();
    let mut findings = Vec::new();
    // The folder may be missing, and may itself be a link.
    let Ok(root) = folder.canonicalize() else { return (files, findings) };
    let mut waiting = vec![(folder.to_path_buf(), String::new())];
    while let Some((place, prefix)) = waiting.pop() {
        let mut refuse = |path: &Path, why: &str| {
            findings.push(Finding::error("STATIC", path.display().to_string(), format!("the file is not served: {why}")));
        };
        let entries = match std::fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(error) => {
                refuse(&place, &format!("the folder cannot be read ({error})"));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else {
                refuse(&path, "its name is not UTF-8; give it another");
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{name}");
            // Links to folders aren't followed, or they could go in circles.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push((path, format!("{name}/")));
                continue;
            }
            match contents(&path, &root) {
                Ok(Some(bytes)) => drop(files.insert(name, bytes)),
                Ok(None) => {}
                Err(why) => refuse(&path, &why),
            }
        }
    }
    (files, findings)
}

/// Returns the content of a file; `None` if it isn't a regular file.
fn contents(path: &Path, root: &Path) -> Result<Option<Vec<u8>>, String> {
    let unreadable = |error: std::io::Error| format!("it cannot be read ({error})");
    let real = path.canonicalize().map_err(unreadable)?;
    if !real.starts_with(root) {
        return Err("it is a link that leads out of the folder; put the file itself there".to_owned());
    }
    // Opening a pipe would block until it has a writer.
    if !real.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let file = File::open(&real).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB; make it smaller", LARGEST / 1024 / 1024));
    }
    Ok(Some(bytes))
}
