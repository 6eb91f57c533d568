//! `tillbook-compile MODULE.wasm --out FILE.cwasm`: the module as machine code, for `libtillbook`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap::Parser;
use sha2::{Digest, Sha256};
use tillbook_ffi::engine;
use wasmtime::Engine;

/// Compiles the module ahead, for any machine of this kind.
#[derive(Debug, Parser)]
struct Arguments {
    /// The finished module.
    module: PathBuf,
    /// Where the machine code goes; the module's SHA-256 is written beside it.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let wasm = fs::read(&arguments.module)?;
    let engine = Engine::new(&engine::config()?)?;
    let code = engine.precompile_module(&wasm)?;
    if let Some(folder) = arguments.out.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&arguments.out, &code)?;
    let sha256 = hex::encode(Sha256::digest(&wasm));
    fs::write(arguments.out.with_extension("sha256"), &sha256)?;
    println!("{} KB of machine code for {}", code.len() / 1000, std::env::consts::ARCH);
    println!("sha-256 {sha256}");
    Ok(())
}
