//! The moment between validation and execution, when the price is drawn.

use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::Limiter;
use crate::middleware::{Call, Problem, login};
use crate::service::Hall;
use crate::service::accounts::key_owner;
use crate::service::caller::Caller;
use crate::service::policy::authorize;

use super::error;
use super::price::{Bill, Due, ResponseKey};

/// Who pays, and to whom.
#[derive(Clone)]
pub(super) struct Payer {
    pub call: Arc<Call>,
    pub caller: Caller,
    pub hall: Arc<Hall>,
    pub limiter: Arc<Limiter>,
}

/// What is to be drawn before an operation runs, and what came of it.
pub(super) struct Toll {
    pub mode: Mode,
    pub payer: Payer,
    pub due: Due,
    pub response_keys: Vec<ResponseKey>,
    outcome: Mutex<Outcome>,
}

/// What happens once the document has been validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The price is drawn and the operation runs.
    Charge,
    /// Nothing: it was only to be validated. The requests of a batch are, before their sum is drawn.
    ValidateOnly,
    /// The operation runs; the batch has paid for it.
    Paid,
}

/// How far a document came.
#[derive(Debug, Clone, Default)]
pub(super) enum Outcome {
    /// It did not validate.
    #[default]
    Invalid,
    /// It validated, but was not admitted.
    Refused(Box<Problem>),
    /// It ran, or would have run.
    Admitted,
}

impl Toll {
    pub(super) fn new(mode: Mode, payer: Payer, bill: Bill) -> Self {
        Self { mode, payer, due: bill.due, response_keys: bill.response_keys, outcome: Mutex::default() }
    }

    /// Called once the document is valid. Whether it may run.
    pub(super) async fn pay(&self) -> bool {
        let result = match self.mode {
            Mode::Charge => self.payer.admit(&self.due).await,
            Mode::ValidateOnly | Mode::Paid => Ok(()),
        };
        let runs = result.is_ok() && self.mode != Mode::ValidateOnly;
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = match result {
            Ok(()) => Outcome::Admitted,
            Err(problem) => Outcome::Refused(Box::new(problem)),
        };
        runs
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Payer {
    /// Asks the policy table for every action, then draws the price: a refusal costs nothing.
    pub(super) async fn admit(&self, due: &Due) -> Result<(), Problem> {
        let refused = |refusal| error::problem(&refusal);
        for action in &due.actions {
            authorize(&self.caller, *action).map_err(refused)?;
        }
        for owner in &due.key_owners {
            key_owner(&self.caller, *owner).map_err(refused)?;
        }
        let Some(name) = &due.attempted else { return self.call.charge(&self.limiter, due.price) };
        login::charge(&self.call, &self.caller, &self.limiter, self.hall.accounts(), due.price, name).await
    }
}
