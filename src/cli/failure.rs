//! Why a command ends without having done what was asked.

/// It could not be done.
const FAILED: u8 = 1;
/// It was asked for in a wrong way.
const WRONG_USE: u8 = 2;

/// Why a command did not do what was asked, in one line for the person who asked.
pub(super) struct Failure {
    pub code: u8,
    pub message: String,
}

impl Failure {
    pub(super) fn failed(message: &impl ToString) -> Self {
        Self { code: FAILED, message: message.to_string() }
    }

    pub(super) fn wrong_use(message: &impl ToString) -> Self {
        Self { code: WRONG_USE, message: message.to_string() }
    }
}
