//! Memory and Redis decide alike, and as the definition of a window has it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use filmgate::clock::Clock;
use filmgate::limits::{
    Bucket, ClientKey, Drawing, Draws, Limiter, Moment, Policies, Price, Refusal, SharedStore, Storage, Tier,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::support::{Redis, limits};

/// Goes on by microseconds, and only when it is told.
struct Steps(AtomicU64);

impl Clock for Steps {
    fn now(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A window by its definition: whenever one looks back, no more has passed since then than the burst and what came back
/// meanwhile. All that has passed is on a list; times are fractions of which the denominator is how many microseconds one
/// call takes to come back.
struct Window {
    bucket: Bucket,
    name: String,
    burst: u64,
    /// Whole microseconds, rounded up.
    step: u64,
    passed: Vec<(Moment, u64)>,
}

impl Window {
    /// `before`: how their names begin.
    fn all(before: &str, policies: &Policies) -> Vec<Self> {
        let of = |bucket: Bucket| {
            policies.of(bucket).iter().map(move |policy| Self {
                bucket,
                name: format!("{before}{}-{}", bucket.name(), policy.short_window()),
                burst: policy.amount.get().into(),
                step: (policy.window().as_secs() * 1_000_000).div_ceil(policy.amount.get().into()),
                passed: Vec::new(),
            })
        };
        Bucket::ALL.into_iter().flat_map(of).collect()
    }

    /// Microseconds until so many would pass; `None` when they never do.
    fn wait(&self, now: Moment, amount: u64) -> Option<u64> {
        let (mut sum, mut wait) = (amount, 0);
        for (time, passed) in self.passed.iter().rev() {
            sum += passed;
            // sum <= burst + (now + wait - time) / step
            let needed = sum.saturating_sub(self.burst) * self.step;
            wait = wait.max(needed.saturating_sub(now - time));
        }
        (amount <= self.burst).then_some(wait)
    }

    /// How many would pass, and the microseconds until one more does, if anything is used up.
    fn left(&self, now: Moment) -> (u64, Option<u64>) {
        let remaining =
            (1..=self.burst).take_while(|amount| self.wait(now, *amount) == Some(0)).count() as u64;
        let mut sum = 0;
        let is_used = self.passed.iter().rev().any(|(time, passed)| {
            sum += passed;
            sum * self.step > now - time
        });
        (remaining, is_used.then(|| self.wait(now, remaining + 1)).flatten())
    }
}

/// What was decided, in words.
fn told(decided: Result<(), Refusal>) -> String {
    match decided {
        Ok(()) => "passes".to_owned(),
        Err(Refusal::OverQuota { retry_after, violated, .. }) => format!("{violated:?} in {retry_after} s"),
        Err(Refusal::AboveBurst { window, price, burst, .. }) => {
            format!("{price} is above {burst} of {window}")
        }
        Err(Refusal::AboveShare { .. }) => panic!("Redis was lost"),
    }
}

fn expected(windows: &[Window], price: &Price, now: Moment) -> String {
    let amount = |window: &Window| u64::from(price.from(window.bucket));
    let drawn = || windows.iter().filter(|window| amount(window) > 0);
    if let Some(window) =
        drawn().filter(|window| amount(window) > window.burst).min_by_key(|window| window.burst)
    {
        return format!("{} is above {} of {}", amount(window), window.burst, window.name);
    }
    let waits = || drawn().filter_map(|window| Some((window, window.wait(now, amount(window))?)));
    let violated: Vec<&str> =
        waits().filter(|(_, wait)| *wait > 0).map(|(window, _)| &*window.name).collect();
    match waits().map(|(_, wait)| wait).max() {
        Some(wait @ 1..) => format!("{violated:?} in {} s", wait.div_ceil(1_000_000)),
        _ => "passes".to_owned(),
    }
}

#[derive(Debug, Clone, Copy)]
struct Step {
    pause: u64,
    client: u8,
    is_real: bool,
    price: Price,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![
        3 => Just(0_u64),
        2 => 1..5_u64,
        3 => 100_000..1_500_000_u64,
        1 => 10_000_000..2_000_000_000_u64,
    ];
    let amounts =
        prop::array::uniform5(prop_oneof![4 => Just(0_u32), 4 => Just(1), 2 => 2..4_u32, 1 => 4..12_u32]);
    let step =
        (pause, 0..3_u8, prop::bool::weighted(0.8), amounts).prop_map(|(pause, client, is_real, amounts)| {
            let mut price = Price::default();
            for (bucket, amount) in Bucket::ALL.into_iter().zip(amounts) {
                price.add(bucket, amount);
            }
            Step { pause, client, is_real, price }
        });
    prop::collection::vec(step, 1..40)
}

/// Buckets with one window and with several, with steps that divide and that do not, and such without a policy.
fn some_policies() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("film=1/second, 50/hour, 200/day; browse=10/second; flood=100/second"),
        Just("film=3/second, 5/minute; add_film=7/second, 7/hour; login=5/minute; flood=9/second"),
        Just(
            "film=10/7 seconds; add_film=2/month, 1/3 seconds; browse=300/second; flood=3/second, 11/minute"
        ),
        Just("film=5/hour; browse=4/2 seconds, 9/11 minutes; login=3/year"),
    ]
}

async fn play(redis: &Redis, database: u64, policies: &str, steps: &[Step]) -> Result<(), TestCaseError> {
    let policies = limits(policies).policies();
    let clock = Arc::new(Steps(AtomicU64::new(1_795_392_000_123_457)));
    // The third client has signed in, and has a budget of other policies, without `flood`.
    let of_voters =
        Policies { flood: Vec::new(), ..limits("film=2/second, 7/hour; browse=5/minute").policies() };
    let limiter = || {
        let limiter = Limiter::new(true, &policies, 100, Arc::clone(&clock) as Arc<dyn Clock>);
        limiter.with_tiers([(Tier::Voter, of_voters.clone())])
    };
    let Ok(Storage::Redis(client)) = Storage::read(&redis.url(database)) else { panic!("a Redis") };
    redis.say(database, &["FLUSHDB"]).await;
    let patience = Duration::from_secs(20);
    let shared = SharedStore::open(*client, patience, Some(Arc::clone(&clock) as Arc<dyn Clock>)).await;
    let (memory, together) = (limiter(), limiter().together(shared));
    let mut models: Vec<Vec<Window>> = (0..3).map(|_| Window::all("", &policies)).collect();
    models[2] = Window::all("voter-", &of_voters);
    for step in steps {
        let now = clock.0.fetch_add(step.pause, Ordering::SeqCst) + step.pause;
        let client = ClientKey::from(IpAddr::from(Ipv4Addr::new(192, 0, 2, step.client)));
        let drawing = if step.is_real { Drawing::Real } else { Drawing::Dry };
        let model = &mut models[usize::from(step.client)];
        let wanted = expected(model, &step.price, now);
        if wanted == "passes" && step.is_real {
            for window in model.iter_mut() {
                window.passed.push((now, step.price.from(window.bucket).into()));
            }
        }
        let lefts: Vec<_> = model.iter().map(|window| window.left(now)).collect();
        let mut fields = Vec::new();
        for limiter in [&memory, &together] {
            let signed_in = || limiter.budget(Some(Tier::Voter), || Some("account 1".to_owned()), None);
            let budget = if step.client == 2 { signed_in() } else { None };
            let budget = budget.unwrap_or_else(|| client.into());
            let mut draws = Draws::of(budget.clone());
            let known = limiter.ask(&budget, &Price::default(), &step.price, drawing, now).await;
            let decided = limiter.decide(&mut draws, &step.price, now, drawing, known.as_deref());
            prop_assert_eq!(told(decided), &*wanted, "{:?}", step);
            fields.push((limiter.fields(&draws, None), draws.charged));
            let standings = limiter.look(budget, now).await;
            prop_assert_eq!(standings.len(), model.len());
            for ((standing, window), (remaining, wait)) in standings.iter().zip(&*model).zip(&lefts) {
                let told = (&*standing.name, u64::from(standing.remaining), standing.reset);
                prop_assert_eq!(told, (&*window.name, *remaining, wait.map(|wait| wait.div_ceil(1_000_000))));
            }
        }
        prop_assert_eq!(&fields[0], &fields[1]);
    }
    Ok(())
}

/// The request itself is one of `flood`, as other servers do not know: what can never pass with it is drawn nowhere.
#[tokio::test]
async fn what_can_never_pass_with_the_request_itself_is_not_drawn() {
    let Some(redis) = Redis::shared() else { return };
    let database = Redis::database();
    let clock: Arc<dyn Clock> = Arc::new(Steps(AtomicU64::new(1_795_392_000_123_457)));
    let Ok(Storage::Redis(client)) = Storage::read(&redis.url(database)) else { panic!("a Redis") };
    redis.say(database, &["FLUSHDB"]).await;
    let shared = SharedStore::open(*client, Duration::from_secs(20), Some(Arc::clone(&clock))).await;
    let policies = limits("film=9/day; flood=3/second").policies();
    let limiter = Limiter::new(true, &policies, 100, clock).together(shared);
    let client = ClientKey::from(IpAddr::from(Ipv4Addr::new(192, 0, 2, 1)));
    let (mut draws, now) = (Draws::of(client), limiter.now());
    draws.charged = Price::of(Bucket::Flood, 1);
    let mut price = Price::of(Bucket::Flood, 3);
    price += Price::of(Bucket::Film, 1);
    let told = limiter.ask(&client.into(), &draws.charged, &price, Drawing::Real, now).await;
    let decided = limiter.decide(&mut draws, &price, now, Drawing::Real, told.as_deref());
    assert!(matches!(decided, Err(Refusal::AboveBurst { .. })), "{decided:?}");
    let left = limiter.look(client, now).await;
    assert_eq!(left.iter().map(|standing| standing.remaining).collect::<Vec<_>>(), [9, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn memory_redis_and_a_list_of_what_has_passed_decide_alike(policies in some_policies(), steps in steps()) {
        static DATABASE: OnceLock<u64> = OnceLock::new();
        let Some(redis) = Redis::shared() else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(redis, *DATABASE.get_or_init(Redis::database), policies, &steps))?;
    }
}
