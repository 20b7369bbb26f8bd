//! The fingerprint of RSA moduli from the broken generator of CVE-2017-15361 (ROCA).

/// The primes whose residues the generator gave away.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether the modulus is a power of 65537 modulo every one of the primes, as the broken generator's all are.
/// A sound modulus passes for one with probability below 2^-27.
pub(super) fn is_suspect(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| is_power_of_65537(residue(modulus, *prime), *prime))
}

fn residue(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime)
}

fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let generator = 65_537 % prime;
    let mut power = 1;
    loop {
        if power == residue {
            return true;
        }
        power = power * generator % prime;
        if power == 1 {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_the_generator_are_suspect_and_their_neighbours_are_not() {
        // 65537^3, big-endian.
        let cube = (65_537_u128).pow(3).to_be_bytes();
        assert!(is_suspect(&cube));
        assert!(!is_suspect(&((65_537_u128).pow(3) + 2).to_be_bytes()));
        assert!(!is_suspect(&[]));
    }
}
