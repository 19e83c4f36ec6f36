//! What the machine did meanwhile, and for whom.

use std::collections::HashMap;
use std::fs::read_to_string;

use tokio::time::Instant;

/// In which the kernel counts processor time, on every Linux.
pub(crate) const TICK_US: f64 = 10_000.0;
/// The parent of the kernel's own threads, which write what we commit.
const KERNEL: u32 = 2;

/// Ticks since the start of the machine.
pub(crate) struct Moment {
    at: Instant,
    busy: u64,
    stolen: u64,
    ours: u64,
}

impl Moment {
    pub(crate) fn now() -> Self {
        let stat = read_to_string("/proc/stat").expect("Linux");
        let all = stat.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = all.split_whitespace().skip(1).filter_map(|text| text.parse().ok()).collect();
        let [user, nice, system, _idle, _wait, interrupts, soft, stolen, ..] = ticks[..] else {
            panic!("/proc/stat is not as expected")
        };
        Self { at: Instant::now(), busy: user + nice + system + interrupts + soft, stolen, ours: ours() }
    }

    /// The share of all cores that others had since then, those of other guests of the host included, in percent.
    pub(crate) fn others_since(&self, then: &Self) -> f64 {
        let others = (self.busy - then.busy).saturating_sub(self.ours.saturating_sub(then.ours));
        let lost = others + (self.stolen - then.stolen);
        let whole = (self.at - then.at).as_secs_f64() * 1e6 / TICK_US * cores();
        ticks(lost) / whole * 100.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "ticks since the start of a machine are far below 2^52")]
pub(crate) fn ticks(count: u64) -> f64 {
    count as f64
}

pub(crate) fn cores() -> f64 {
    let stat = read_to_string("/proc/stat").expect("Linux");
    let count = stat.lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu ")).count();
    u32::try_from(count).map_or(1.0, f64::from)
}

/// The processor time of a process, in ticks.
pub(crate) fn ticks_of(process: u32) -> u64 {
    stat(process).expect("a process").1
}

/// The largest part of memory that a process ever held, in KiB.
pub(crate) fn peak_memory(process: u32) -> u64 {
    status(process, "VmHWM:")
}

fn status(process: u32, name: &str) -> u64 {
    let status = read_to_string(format!("/proc/{process}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The part of memory that a process holds, in KiB.
pub(crate) fn memory(process: u32) -> u64 {
    status(process, "VmRSS:")
}

/// Whether what is synced in a temporary folder gets onto a disk.
pub(crate) fn has_disk() -> bool {
    let mounts = read_to_string("/proc/mounts").unwrap_or_default();
    let folder = std::env::temp_dir();
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let on = mounted.filter(|(at, _)| folder.starts_with(at)).max_by_key(|(at, _)| at.len());
    on.is_none_or(|(_, system)| system != "tmpfs")
}

/// Parent and ticks.
fn stat(process: u32) -> Option<(u32, u64)> {
    let text = read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it may have spaces and brackets.
    let (_, rest) = text.rsplit_once(')')?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let number = |place: usize| words.get(place).and_then(|word| word.parse::<u64>().ok());
    Some((u32::try_from(number(1)?).ok()?, number(11)? + number(12)?))
}

/// Ticks of this process, of all that descend from it, and of the kernel's threads.
fn ours() -> u64 {
    let numbers = std::fs::read_dir("/proc").expect("Linux").flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let all: HashMap<u32, (u32, u64)> =
        numbers.filter_map(|process| Some((process, stat(process)?))).collect();
    let own = std::process::id();
    let is_ours = |mut process: u32| {
        while let Some((parent, _)) = all.get(&process) {
            if process == own || *parent == KERNEL {
                return true;
            }
            process = *parent;
        }
        false
    };
    all.iter().filter(|(process, _)| is_ours(**process)).map(|(_, (_, ticks))| ticks).sum()
}
