//! `tillbook completions`: for bash, zsh, fish, elvish and PowerShell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Exit};

/// Write completions for a shell to standard output
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tillbook completions bash > ~/.local/share/bash-completion/completions/tillbook"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Exit {
    clap_complete::generate(args.shell, &mut Cli::command(), "tillbook", &mut std::io::stdout());
    Exit::Ok
}
