//! Who asks: from which address and network, with which browser. What is kept of it is keyed hashes under the store's
//! secret, so nobody who reads the store learns an address or a token, or makes one up.

/// The address that a request comes from, also behind proxies.
pub mod address;

/// Addresses and names that a site does not want.
pub mod ban;

/// A browser's traits, as a hash (S39).
pub mod fingerprint;

/// A browser that has logged in to an account before (S38).
pub mod device;

/// The secret of a second cookie (S40).
pub mod challenge;
