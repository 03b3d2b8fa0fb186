#![doc = include_str!("../README.md")]

mod api;
mod app;
mod clock;
mod config;
mod control;
mod credentials;
mod net;
mod oidc;
mod running;
mod seed;
mod traffic;
mod workspace;

pub use config::{
    AccountMembers, Cloud, Config, DefaultLifetime, GroupHome, HostProfile, Knobs, LostPermission, NoSelector, Tier,
    UnsetConf, ZeroLifetime,
};
pub use control::change::{Change, ChangeError, ChangeOutcome, NewToken};
pub use credentials::{CONFIDENTIAL_CLIENT_ID, CONSOLE_CLIENT_ID, ClientCredentials, Credentials, Person};
pub use running::{Announcement, Running, start};
pub use traffic::fault::{Effect, Fault, FaultBody, FaultShare, RetryAfter, Times};
pub use traffic::request_log::{AuthKind, LogEntry};
pub use workspace::tokens::Autoscope;
