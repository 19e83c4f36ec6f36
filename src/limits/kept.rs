//! Arrival times of a process that stops, in a file for the one that starts next: a restart refills nothing.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::key::Key;
use super::limiter::Limiter;
use super::local::Row;
use super::plan::{Budget, Plan};
use super::window::{Moment, moment};

/// How such a file begins.
const BEGIN: &[u8] = b"filmgate limits 2\n";
/// A checksum of all before it stands at the end.
const CHECKSUM: u64 = blake3::OUT_LEN as u64;

/// Why what was kept cannot be used. Limits start full then.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("it is no plain file")]
    NoFile,
    #[error("it is not what a filmgate of this kind has written, and was set aside as {}", .0.display())]
    SetAside(PathBuf),
}

impl Limiter {
    /// Writes how clients and accounts stand who have something left to remember; how many there are. `wall` is the time by which the
    /// next process will count.
    ///
    /// # Errors
    /// When the file cannot be written; the one before it stays then.
    pub fn keep(&self, file: &Path, wall: Duration) -> io::Result<usize> {
        let beside = named(file, ".new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Addresses of clients are nobody else's business.
        let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
        let kept = written.and_then(|written| self.write(written, moment(wall)));
        match kept {
            Ok(1..) => fs::rename(&beside, file)?,
            Ok(0) => fs::remove_file(&beside)?,
            // What went wrong first is what is told.
            Err(_) => drop(fs::remove_file(&beside)),
        }
        kept
    }

    fn write(&self, file: File, wall: Moment) -> io::Result<usize> {
        let mut output = Summed { output: BufWriter::new(file), sum: blake3::Hasher::new() };
        output.put(BEGIN)?;
        let (plans, signed_in) = self.of_signed_in();
        // Not those of keys that nobody has any more.
        let mut named = HashSet::new();
        signed_in.try_for_each(|_, row| {
            named.extend(row.last().copied());
            Ok::<_, io::Error>(())
        })?;
        let plans = plans.iter().map(Arc::as_ref).filter(|plan| named.contains(&plan.number));
        let plans: Vec<&Plan> = [&self.plan].into_iter().chain(plans).collect();
        output.put(&u32::try_from(plans.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        for plan in &plans {
            output.put_text(&plan.label)?;
            for window in &plan.windows {
                output.put_text(&window.policy)?;
            }
            output.put_text("")?;
        }
        let kinds: HashMap<Moment, (u32, &Plan)> =
            plans.iter().zip(0..).map(|(plan, place)| (plan.number, (place, *plan))).collect();
        let (now, mut count) = (self.now(), 0);
        let mut put = |key: Key, number: Moment, row: &[Moment]| {
            let Some((place, plan)) = kinds.get(&number) else { return Ok(()) };
            let arrivals = &row[..plan.windows.len()];
            if arrivals.iter().all(|arrival| *arrival <= now) {
                return Ok(());
            }
            count += 1;
            output.put(&place.to_be_bytes())?;
            output.put(&key.bits().to_be_bytes())?;
            arrivals.iter().try_for_each(|arrival| {
                let used = arrival.saturating_sub(now);
                output.put(&(if used > 0 { wall + used } else { 0 }).to_be_bytes())
            })
        };
        self.store.try_for_each(|key, row| put(key, 0, row))?;
        signed_in.try_for_each(|key, row| put(key, row.last().copied().unwrap_or_default(), row))?;
        let Summed { mut output, sum } = output;
        output.write_all(sum.finalize().as_bytes())?;
        output.into_inner()?.sync_all()?;
        Ok(count)
    }

    /// Takes over what was kept, and removes the file; how many clients were in it. A window whose policy is another one
    /// now starts full.
    ///
    /// # Errors
    /// With what has become of the file.
    pub fn take_back(&self, file: &Path) -> Result<usize, NotKept> {
        match fs::symlink_metadata(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.into()),
            Ok(about) if !about.is_file() => return Err(NotKept::NoFile),
            Ok(_) => {}
        }
        let Some(count) = self.read(file)? else {
            // The next stop writes a file of this name.
            let aside = (1..1_000).map(|number| named(file, &format!(".broken-{number}")));
            let aside = aside.into_iter().find(|name| !name.exists());
            let aside = aside.unwrap_or_else(|| named(file, ".broken"));
            fs::rename(file, &aside)?;
            return Err(NotKept::SetAside(aside));
        };
        fs::remove_file(file)?;
        Ok(count)
    }

    /// Nothing is taken over from a file that is not whole.
    fn read(&self, file: &Path) -> io::Result<Option<usize>> {
        let mut file = File::open(file)?;
        let Some(length) = file.metadata()?.len().checked_sub(CHECKSUM) else {
            return Ok(None);
        };
        let mut begin = Vec::new();
        (&file).take(BEGIN.len() as u64).read_to_end(&mut begin)?;
        if begin != BEGIN {
            return Ok(None);
        }
        file.rewind()?;
        let mut sum = blake3::Hasher::new();
        io::copy(&mut (&file).take(length), &mut sum)?;
        let mut checksum = [0; blake3::OUT_LEN];
        file.read_exact(&mut checksum)?;
        if sum.finalize() != checksum {
            return Ok(None);
        }
        file.rewind()?;
        let mut input = BufReader::new(file).take(length);
        input.read_exact(&mut begin)?;
        let mut kinds = Vec::new();
        for _ in 0..u32::from_be_bytes(bytes(&mut input)?) {
            let kind = self.kind(&text(&mut input)?);
            let windows = kind.as_ref().map_or(&[][..], |kind| &self.plan_of(kind).windows);
            // Where a window of the file stands among ours.
            let mut places = Vec::new();
            loop {
                let policy = text(&mut input)?;
                if policy.is_empty() {
                    break;
                }
                places.push(windows.iter().position(|window| *window.policy == *policy));
            }
            kinds.push((kind, places));
        }
        let (now, mut count) = (self.now(), 0);
        while input.limit() > 0 {
            let place = u32::from_be_bytes(bytes(&mut input)?);
            let key = Key::of_bits(u128::from_be_bytes(bytes(&mut input)?));
            let Some((kind, places)) = kinds.get(place as usize) else { return Ok(None) };
            let arrivals = places.iter().map(|_| bytes(&mut input).map(Moment::from_be_bytes));
            let arrivals: Vec<Moment> = arrivals.collect::<io::Result<_>>()?;
            let Some(budget) = kind.clone().map(|kind| Budget { key, ..kind }) else { continue };
            let plan = self.plan_of(&budget);
            let mut row = Row::from_elem(0, plan.windows.len());
            for (place, arrival) in places.iter().zip(arrivals) {
                if let Some(place) = *place {
                    // After a clock that was ahead, nobody waits longer than for a window.
                    row[place] = arrival.min(now + plan.windows[place].rate.whole);
                }
            }
            if row.iter().any(|arrival| *arrival > now) {
                count += 1;
                self.update(&budget, &mut None, now, |arrivals| {
                    arrivals[..row.len()].copy_from_slice(&row);
                    ((), true)
                });
            }
        }
        Ok(Some(count))
    }
}

fn bytes<const COUNT: usize>(input: &mut impl Read) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(input: &mut impl Read) -> io::Result<String> {
    let mut text = vec![0; usize::from(u16::from_be_bytes(bytes(input)?))];
    input.read_exact(&mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

fn named(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

/// What is written, and a checksum of it.
struct Summed {
    output: BufWriter<File>,
    sum: blake3::Hasher,
}

impl Summed {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        self.output.write_all(bytes)
    }

    /// Labels and policies are short: what keys have of their own is bounded.
    fn put_text(&mut self, text: &str) -> io::Result<()> {
        self.put(&u16::try_from(text.len()).map_err(io::Error::other)?.to_be_bytes())?;
        self.put(text.as_bytes())
    }
}
