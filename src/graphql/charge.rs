//! The moment between validation and execution, when the price is drawn.

use std::sync::{Arc, Mutex, PoisonError};

use crate::admission::{Charges, admit_all};
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::limits::Limiter;
use crate::service::FilmService;
use crate::service::caller::Caller;

use crate::graphql::price::{Cost, ResponseKey};

/// Who pays, and to whom.
#[derive(Clone)]
pub(super) struct Admitting {
    pub context: Arc<Context>,
    pub caller: Caller,
    pub service: Arc<FilmService>,
    pub limiter: Arc<Limiter>,
}

/// What is to be drawn before an operation runs, and what came of it.
pub(super) struct Admission {
    pub mode: Mode,
    pub admitting: Admitting,
    pub charges: Charges,
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
    Drawn,
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

impl Admission {
    pub(super) fn new(mode: Mode, admitting: Admitting, cost: Cost) -> Self {
        Self {
            mode,
            admitting,
            charges: cost.charges,
            response_keys: cost.response_keys,
            outcome: Mutex::default(),
        }
    }

    /// Called once the document is valid. Whether it may run.
    pub(super) async fn admit(&self) -> bool {
        let result = match self.mode {
            Mode::Charge => self.admitting.admit(&self.charges).await,
            Mode::ValidateOnly | Mode::Drawn => Ok(()),
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

impl Admitting {
    /// Asks the policy for all, then draws the whole price.
    pub(super) async fn admit(&self, charges: &Charges) -> Result<(), Problem> {
        let Self { context, caller, service, limiter } = self;
        admit_all(context, caller, limiter, service.accounts(), charges).await
    }
}
