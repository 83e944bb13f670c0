//! Certificates of other makers.
