//! A real PostgreSQL for tests: one throw-away cluster for each test program, reached by a socket
//! in its own folder, and gone with the program. A new database for each caller.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The address of a new, empty database; `None`, and says so, where PostgreSQL is not installed.
pub(crate) fn database() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let Some(cluster) = CLUSTER.get_or_init(Cluster::start) else {
        assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed");
        eprintln!("SKIPPED: PostgreSQL is not installed");
        return None;
    };
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    cluster.run("createdb", &["-U", "postgres", &name]);
    Some(cluster.address(&name))
}

struct Cluster {
    programs: PathBuf,
    folder: TempDir,
}

impl Cluster {
    fn start() -> Option<Self> {
        let programs = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
        let programs = programs.map(|entry| entry.path().join("bin")).max()?;
        let folder = tempfile::Builder::new().prefix("tillbook-pg-").tempdir().unwrap();
        let cluster = Self { programs, folder };
        let data = cluster.data();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(cluster.folder.path()));
        }
        cluster.run("initdb", &["-D", &data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]);
        cluster.serve();
        Some(cluster)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn socket(&self) -> &Path {
        self.folder.path()
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.socket().display())
    }

    /// Starts the server under a thread that lives as long as the program: the server is told to
    /// stop when that thread is gone.
    fn serve(&self) {
        let mut command = self.command("postgres", Some("INT"));
        command
            .args(["-D", &self.data(), "-k", &self.socket().display().to_string()])
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        std::thread::spawn(move || {
            // Until it ends, or this thread does with the program.
            command.spawn().unwrap().wait().ok();
        });
        let begun = Instant::now();
        loop {
            let mut ready = self.command("pg_isready", None);
            ready.arg("-h").arg(self.socket()).stdout(Stdio::null());
            if ready.status().unwrap().success() {
                return;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// One of PostgreSQL's programs; the server refuses to run as root.
    fn command(&self, name: &str, on_parent_death: Option<&str>) -> Command {
        let program = self.programs.join(name);
        let mut command = Command::new("setpriv");
        if is_root() {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        if let Some(signal) = on_parent_death {
            command.args(["--pdeathsig", signal]);
        }
        command.arg(program).current_dir(self.folder.path());
        command
    }

    fn run(&self, name: &str, arguments: &[&str]) {
        let mut command = self.command(name, None);
        command.args(arguments).env("PGHOST", self.socket());
        run(&mut command);
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}
