//! Private PKI: models, issuing, verification and the tree of files of a stack.
//!
//! Modules stand in layers; each uses only those above it in this list.

// L0 ground
pub mod error;
pub mod clock;
pub mod secret;
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
pub mod issue;
pub mod renew;
pub mod encode;
pub mod template;
pub mod document;
// L4 world
pub mod store;
// L5 knowledge
pub mod role;
pub mod stack;
pub mod manifest;
pub mod inventory;
// L6 decisions
pub mod inspect;
pub mod outputs;
pub mod verify;
pub mod plan;
pub mod listing;
// L7 acts
pub mod apply;

pub use error::{Error, ErrorKind, Result};
