//! `tillbook-php MODULE.wasm --out FOLDER`: the module as PHP.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use tillbook_php::{Options, Refusal, translate};

/// Translates the finished module into plain PHP that computes exactly the same.
#[derive(Debug, Parser)]
struct Arguments {
    /// The finished module.
    module: PathBuf,
    /// Folder for core.php and the files that it loads.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("tillbook-php: {refusal}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Refusal> {
    let file = |action: &'static str, path: &Path| {
        let path = path.to_path_buf();
        move |source| Refusal::File { action, path, source }
    };
    let wasm = fs::read(&arguments.module).map_err(file("read", &arguments.module))?;
    let package = translate(&wasm, Options::default())?;
    let out = &arguments.out;
    // What an earlier module left behind must not be loaded with this one.
    if out.join("core.php").is_file() {
        fs::remove_dir_all(out).map_err(file("empty", out))?;
    }
    fs::create_dir_all(out).map_err(file("make", out))?;
    let mut bytes = 0;
    for part in &package.files {
        let path = out.join(&part.name);
        bytes += part.text.len();
        fs::write(&path, &part.text).map_err(file("write", &path))?;
    }
    println!(
        "{} functions in {} files, {} KB of PHP; {} functions that only JavaScript calls left out",
        package.functions,
        package.files.len(),
        bytes / 1000,
        package.left_out
    );
    println!("sha-256 {}", package.sha256);
    Ok(())
}
