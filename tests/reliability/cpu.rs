//! Processor time of processes, as the system counts it: in hundredths of a second.

use std::process::Command;
use std::time::Duration;

/// Of these and of what they have started. Those that have ended count where they were waited for.
pub(crate) fn used(processes: &[String]) -> Duration {
    let mut all = processes.to_vec();
    for process in processes {
        let children = Command::new("pgrep").args(["-P", process]).output().expect("pgrep runs").stdout;
        all.extend(String::from_utf8(children).expect("numbers").split_whitespace().map(str::to_owned));
    }
    let ticks = |process: &String| {
        // It may have ended in between.
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let of =
            |place: usize| fields.split_whitespace().nth(place).and_then(|field| field.parse::<u64>().ok());
        // utime and stime, and those of children.
        (11..15).filter_map(of).sum::<u64>()
    };
    Duration::from_millis(10 * all.iter().map(ticks).sum::<u64>())
}
