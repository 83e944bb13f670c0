//! Private PKI: models, issuing, verification and the tree of files of a stack.
//!
//! Modules stand in layers; each uses only those above it in this list.

// L0 ground
pub mod clock;
pub mod der;
pub mod error;
pub mod secret;
// L1 model
pub mod model;
pub mod record;
pub mod report;
// L2 material
pub mod cert;
pub mod key;
pub mod pem;
// L3 engines
pub mod chain;
pub mod document;
pub mod encode;
pub mod issue;
pub mod renew;
pub mod template;
// L4 world
pub mod store;
// L5 knowledge
pub mod inventory;
// L6 decisions
pub mod inspect;
pub mod listing;
pub mod outputs;
pub mod plan;
pub mod verify;
// L7 acts
pub mod apply;
pub mod manifest;
pub mod role;
pub mod stack;

pub use error::{Error, ErrorKind, Result};
