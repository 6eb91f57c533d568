//! Lays down the seeds: what the corpus and the recorded orders of the tests send through the
//! door, in the form that `call` reads.

use std::{env, error::Error, fs, path::Path};

/// Larger seeds only make the fuzzer slow.
const SEED_BYTES_MAX: usize = 40 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).to_owned();
    let seeds = folder.join("corpus/call");
    fs::create_dir_all(&seeds)?;
    let cases = folder.join("../../tests/corpus");
    println!("cargo::rerun-if-changed={}", cases.display());
    for case in fs::read_dir(cases)? {
        let case = case?;
        let Ok(operation) = fs::read_to_string(case.path().join("operation")) else { continue };
        let request = fs::read_to_string(case.path().join("request.json"))?;
        let door = match operation.trim() {
            "map" => 'm',
            "propose_settings" => 'p',
            "check_settings" => 'c',
            _ => continue,
        };
        if request.len() <= SEED_BYTES_MAX {
            let name = case.file_name();
            fs::write(seeds.join(name), format!("{door}{request}"))?;
        }
    }
    let data = folder.join("../tests/data");
    println!("cargo::rerun-if-changed={}", data.display());
    let rest = fs::read_to_string(data.join("request.json"))?;
    let between = |start: &str, end: &str| {
        let (_, rest) = rest.split_once(start)?;
        Some(rest.split_once(end)?.0.trim().to_owned())
    };
    let settings = between("\n \"settings\":", ",\n \"chart\":").ok_or("no settings")?;
    fs::write(seeds.join("settings"), format!("s{settings}"))?;
    let chart = between("\n \"chart\":", ",\n \"tax_rates\":").ok_or("no chart")?;
    fs::write(seeds.join("chart"), format!("h{chart}"))?;
    let mut names = fs::read_dir(data)?.collect::<Result<Vec<_>, _>>()?;
    names.retain(|name| name.file_name() != "request.json");
    names.sort_by_key(fs::DirEntry::file_name);
    for (name, shop) in names.iter().zip('0'..='9') {
        let both = fs::read_to_string(name.path())?;
        let (_, order) =
            both.split_once("\"order\":").ok_or("a recorded order without an order")?;
        let order = order.trim().strip_suffix('}').unwrap_or(order).trim();
        fs::write(seeds.join(name.file_name()), format!("{shop}{order}"))?;
    }
    Ok(())
}
