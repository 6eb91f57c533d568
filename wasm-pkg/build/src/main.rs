//! `cargo run -p tillbook-module -- [--out DIR]`: builds the module and its npm package.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use tillbook_module::{BROTLI_BYTES_MAX, Package, assemble, check_budget};

const USAGE: &str = "usage: tillbook-module [--out DIR]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let out_dir = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => None,
        ["--out", folder] => Some(PathBuf::from(folder)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let package = assemble(out_dir).inspect(report);
    match package.and_then(|package| check_budget(package.size)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn report(package: &Package) {
    let Package { built, size, folder } = package;
    println!("package  {}", folder.display());
    println!("sha-256  {}", built.sha256);
    println!("raw      {:>7} bytes", size.raw);
    println!("gzip -9  {:>7} bytes", size.gzip);
    println!("brotli   {:>7} bytes of {BROTLI_BYTES_MAX} allowed", size.brotli);
}
