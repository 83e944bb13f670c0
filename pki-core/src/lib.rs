//! Private PKI: models, issuing, verification and the tree of files of a stack.
//!
//! Modules stand in layers; each uses only those above it in this list.
//!
//! Features: `chain` (models, keys, certificates, verification of chains),
//! `issue`, and `stack` (manifests and trees; the default).

// L0 ground
pub mod error;
pub mod clock;
pub mod secret;
mod parallel;
pub mod der;
// L1 model
pub mod model;
pub mod record;
pub mod report;
// L2 material
pub mod pem;
pub mod key;
pub mod cert;
// L3 engines
pub mod chain;
#[cfg(feature = "issue")]
pub mod issue;
pub mod renew;
#[cfg(feature = "stack")]
pub mod encode;
#[cfg(feature = "stack")]
pub mod template;
#[cfg(feature = "stack")]
pub mod document;
// L4 world
#[cfg(feature = "stack")]
pub mod store;
// L5 knowledge
#[cfg(feature = "stack")]
pub mod role;
#[cfg(feature = "stack")]
pub mod stack;
#[cfg(feature = "stack")]
pub mod manifest;
#[cfg(feature = "stack")]
pub mod inventory;
// L6 decisions
pub mod consumer;
#[cfg(feature = "stack")]
pub mod inspect;
#[cfg(feature = "stack")]
pub mod outputs;
#[cfg(feature = "stack")]
pub mod authority;
#[cfg(feature = "stack")]
pub mod lineage;
#[cfg(feature = "stack")]
pub mod reason;
#[cfg(feature = "stack")]
pub mod regression;
#[cfg(feature = "stack")]
pub mod verify;
#[cfg(feature = "stack")]
pub mod plan;
#[cfg(feature = "stack")]
pub mod listing;
// L7 acts
#[cfg(feature = "stack")]
pub mod apply;

pub use error::{Error, ErrorKind, Result};
