//! People who vote without end, and remember what was acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::task::JoinSet;

/// Films 1 to this number are voted for.
pub(crate) const FILMS: u64 = 5;
const VOTERS: u64 = 16;

#[derive(Default)]
struct Tally {
    acknowledged: AtomicU64,
    sent: AtomicU64,
    enough: AtomicBool,
}

/// Voters at work.
pub(crate) struct Voters {
    tally: Arc<Tally>,
    tasks: JoinSet<()>,
}

/// What voters have seen.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Votes {
    /// Answered with 200.
    pub acknowledged: u64,
    /// Answered or not.
    pub sent: u64,
}

impl Voters {
    /// They go on after a refusal if they are patient, and go home otherwise.
    pub(crate) fn start(url: &str, patient: bool) -> Self {
        let tally = Arc::<Tally>::default();
        let mut tasks = JoinSet::new();
        for voter in 0..VOTERS {
            let (url, tally) = (format!("{url}/v1/films/{}/like", voter % FILMS + 1), Arc::clone(&tally));
            tasks.spawn(async move {
                let client = reqwest::Client::new();
                while !tally.enough.load(Ordering::SeqCst) {
                    tally.sent.fetch_add(1, Ordering::SeqCst);
                    match client.post(&url).send().await {
                        Ok(answer) if answer.status() == 200 => {
                            tally.acknowledged.fetch_add(1, Ordering::SeqCst);
                        }
                        _ if !patient => return,
                        _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                    }
                }
            });
        }
        Self { tally, tasks }
    }

    /// What they have seen so far.
    pub(crate) fn votes(&self) -> Votes {
        Votes {
            acknowledged: self.tally.acknowledged.load(Ordering::SeqCst),
            sent: self.tally.sent.load(Ordering::SeqCst),
        }
    }

    /// Waits for the answers that are under way.
    pub(crate) async fn stop(mut self) -> Votes {
        self.tally.enough.store(true, Ordering::SeqCst);
        while self.tasks.join_next().await.is_some() {}
        self.votes()
    }
}

impl std::ops::AddAssign for Votes {
    fn add_assign(&mut self, more: Self) {
        self.acknowledged += more.acknowledged;
        self.sent += more.sent;
    }
}
