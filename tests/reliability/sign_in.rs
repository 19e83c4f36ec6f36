//! Whether the time of a refused sign-in tells if there is such an account.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::Client;
use crate::target::Target;
use crate::{block_on, promise};

const ROUNDS: usize = 300;
/// How far the medians may be apart.
const ALIKE: std::ops::RangeInclusive<f64> = 0.9..=1.1;

pub(crate) fn run() -> bool {
    let target = Target::start(&[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")]);
    target.account("ada", "correct horse battery");
    let requests = ["ada", "eve"].map(|name| {
        let body = format!(r#"{{"name":"{name}","password":"wrong horse battery"}}"#);
        format!(
            "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    });
    let [known, unknown] = block_on(async {
        let mut client = Client::connect(2, target.address).await.expect("a connection");
        let mut times: [Vec<Duration>; 2] = Default::default();
        for round in 0..ROUNDS {
            // Now one first and now the other: which comes first matters more than which it is.
            for place in [round % 2, (round + 1) % 2] {
                let begun = Instant::now();
                let answer = client.ask(&requests[place]).await.expect("an answer");
                times[place].push(begun.elapsed());
                assert_eq!(answer.status, 401);
            }
        }
        times.map(|mut times| {
            times.sort();
            times[ROUNDS / 2]
        })
    });
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    println!("  wrong password {known:?}, unknown name {unknown:?}, ratio {ratio:.3}");
    promise("an unknown name takes as long as a wrong password", ALIKE.contains(&ratio))
}
