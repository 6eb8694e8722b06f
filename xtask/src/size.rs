//! `cargo xtask size`: what a user's first release build costs, in seconds and in crates,
//! beside the same program on tonic. Not a benchmark of calls: that is `benches`.
//! Both are fetched first and built from nothing, so that no download is counted.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// tonic's own minimum for the tutorial's job; its build needs `protoc` on the path.
const TONIC: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        r#"[package]
name = "tonic-hello"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
tonic = "0.14"
tonic-prost = "0.14"
prost = "0.14"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[build-dependencies]
tonic-prost-build = "0.14"

[profile.release]
debug = false
"#,
    ),
    (
        "build.rs",
        r#"fn main() -> std::io::Result<()> {
    tonic_prost_build::compile_protos("hello.proto")
}
"#,
    ),
    (
        "src/main.rs",
        r#"mod hello {
    tonic::include_proto!("example");
}
use hello::hello_service_client::HelloServiceClient;
use hello::hello_service_server::{HelloService, HelloServiceServer};
use hello::{HelloRequest, HelloResponse};
use tonic::{Request, Response, Status};

struct Hello;

#[tonic::async_trait]
impl HelloService for Hello {
    async fn send_message(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let message = format!("Hello, {}!", request.into_inner().name);
        Ok(Response::new(HelloResponse { message }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = HelloServiceServer::new(Hello);
    let serving = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(serving.serve("[::]:50051".parse()?));
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let mut client = HelloServiceClient::connect("http://localhost:50051").await?;
    let response = client.send_message(HelloRequest { name: "World".into() }).await?;
    println!("Received: {}", response.into_inner().message);
    Ok(())
}
"#,
    ),
];

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let only_ours = match arguments {
        [] => false,
        [flag] if flag == "--ours" => true,
        _ => return Err(Error::new("takes nothing but --ours")),
    };
    let cache = workspace.cache("size")?;
    let mut rows = vec![("protocall", measure(workspace, workspace.root(), "hello")?)];
    if !only_ours {
        let folder = cache.join("tonic-hello");
        write_tonic(workspace, &folder)?;
        rows.push(("tonic", measure(workspace, &folder, "tonic-hello")?));
    }
    println!("\n| hello on | clean release build | crates, build scripts' included |");
    println!("|---|--:|--:|");
    for (name, Size { seconds, crates }) in rows {
        println!("| {name} | {seconds:.1} s | {crates} |");
    }
    Ok(())
}

struct Size {
    seconds: f64,
    crates: usize,
}

fn measure(workspace: &Workspace, folder: &Path, package: &str) -> Result<Size, Error> {
    let cargo = |arguments: &[&str]| -> Command {
        let mut command = workspace.cargo();
        command.current_dir(folder).args(arguments);
        command
    };
    process::show(&mut cargo(&["fetch"]))?;
    let mut tree = cargo(&["tree", "--package", package, "--edges", "normal,build"]);
    let listed = tree.args(["--prefix", "none"]).output().context("cargo tree")?;
    if !listed.status.success() {
        let said = String::from_utf8_lossy(&listed.stderr);
        return Err(Error::new(format!("cargo tree: {}", said.trim())));
    }
    let target = workspace.cache("size")?.join(format!("target-{package}"));
    if target.exists() {
        std::fs::remove_dir_all(&target).context(target.display())?;
    }
    let mut build = cargo(&["build", "--release", "--offline", "--package", package]);
    let begin = Instant::now();
    process::show(build.env("CARGO_TARGET_DIR", &target))?;
    let seconds = begin.elapsed().as_secs_f64();
    Ok(Size { seconds, crates: count(&String::from_utf8_lossy(&listed.stdout)) })
}

/// Different crates in what `cargo tree --prefix none` prints; repeated ones carry a mark.
fn count(tree: &str) -> usize {
    let lines = tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|l| !l.is_empty());
    lines.collect::<std::collections::BTreeSet<_>>().len()
}

fn write_tonic(workspace: &Workspace, folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder.join("src")).context(folder.display())?;
    for (path, text) in TONIC {
        std::fs::write(folder.join(path), text).context(path)?;
    }
    let proto = workspace.root().join("tests/python/tutorial/hello.proto");
    std::fs::copy(proto, folder.join("hello.proto")).context("hello.proto")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_counted_once() {
        assert_eq!(count("a v1\nb v1 (proc-macro)\nc v2\nc v2 (*)\n\nc v3\n"), 4);
    }
}
