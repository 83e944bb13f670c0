//! Distinguished names (RFC 5280 4.1.2.4): the octets as they came, and what they say.
