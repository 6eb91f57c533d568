//! The door on a command line: `door OPERATION < request.json`.
use std::io::Read as _;

fn main() {
    let operation = std::env::args().nth(1).unwrap_or_default();
    let mut request = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut request) {
        eprintln!("the request cannot be read: {error}");
        std::process::exit(2);
    }
    println!("{}", tillbook_core::call(&operation, &request));
}
