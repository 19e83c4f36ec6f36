//! The command line.

mod account_command;
mod cli;
mod config_command;
mod container;
mod doctor;
mod film_command;
mod healthcheck;
mod service_manager;
