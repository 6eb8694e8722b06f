//! The conformance runner on systems whose C and C++ libraries are older than those it was built
//! with. It needs five functions that are new, four of them old functions under a new name: a small
//! library has them, and a copy of the program asks for the libraries' versions no more.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// What is newer than Debian 12: glibc 2.36, GCC 12.
const TOO_NEW: [&[u8]; 2] = [b"GLIBC_2.38", b"GLIBCXX_3.4.32"];
const LIBRARY: &str = include_str!("older_system.c");
/// The section that says which versions of which libraries a program needs (ELF gABI, GNU).
const VERSIONS_NEEDED: u32 = 0x6fff_fffe;
/// A version that may be missing.
const WEAK: u8 = 2;

/// Whether a program said that this is why it did not start.
pub(super) fn is_why(said: &str) -> bool {
    TOO_NEW.iter().any(|version| {
        let version = String::from_utf8_lossy(version);
        said.contains(&format!("version `{version}' not found"))
    })
}

/// The program with what it lacks.
pub(super) fn command(
    workspace: &Workspace,
    folder: &Path,
    program: &Path,
) -> Result<Command, Error> {
    let (source, library) = (folder.join("older_system.c"), folder.join("older_system.so"));
    fs::write(&source, LIBRARY).context(source.display())?;
    let mut cc = workspace.command("cc");
    cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source);
    process::show(cc.args(["-Wl,--no-as-needed", "-lstdc++"]))?;

    let mut elf = fs::read(program).context(program.display())?;
    weaken(&mut elf).ok_or_else(|| Error::new("the runner is no ELF program of 64 bits"))?;
    let copy = folder.join("conformance_test_runner");
    fs::write(&copy, elf).context(copy.display())?;
    super::executable(&copy)?;
    let mut command = workspace.command(copy);
    command.env("LD_PRELOAD", library);
    Ok(command)
}

/// Marks the versions that are too new as such that may be missing; `None` for what is no ELF file.
fn weaken(elf: &mut [u8]) -> Option<()> {
    let (start, size, count) = (u64_at(elf, 0x28)?, u16_at(elf, 0x3A)?, u16_at(elf, 0x3C)?);
    let section = |number: usize| start + number * size;
    let needed = (0..count).map(section).find(|at| u32_at(elf, at + 4) == Some(VERSIONS_NEEDED));
    let needed = needed?;
    let names = u64_at(elf, section(usize::try_from(u32_at(elf, needed + 40)?).ok()?) + 24)?;
    let mut library = u64_at(elf, needed + 24)?;
    loop {
        let mut version = library + usize::try_from(u32_at(elf, library + 8)?).ok()?;
        for _ in 0..u16_at(elf, library + 2)? {
            let name = elf.get(names + usize::try_from(u32_at(elf, version + 8)?).ok()?..)?;
            if TOO_NEW
                .iter()
                .any(|new| name.strip_prefix(*new).is_some_and(|n| n.first() == Some(&0)))
            {
                *elf.get_mut(version + 4)? |= WEAK;
            }
            version += usize::try_from(u32_at(elf, version + 12)?).ok()?;
        }
        match u32_at(elf, library + 12)? {
            0 => return Some(()),
            next => library += usize::try_from(next).ok()?,
        }
    }
}

fn u16_at(elf: &[u8], at: usize) -> Option<usize> {
    let bytes = elf.get(at..at + 2)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(bytes)))
}

fn u32_at(elf: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(elf.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(elf: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(elf.get(at..at + 8)?.try_into().ok()?)).ok()
}
