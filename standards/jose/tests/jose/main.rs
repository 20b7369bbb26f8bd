//! The crate as its users see it: outside vectors first, then each rule with what it refuses.

#[cfg(test)]
mod jwk;
#[cfg(test)]
mod jws;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod wycheproof;
