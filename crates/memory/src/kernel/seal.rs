//! A seal without encryption.

use incident_domain::kernel::{ReplySeal, RequestFingerprint, SecretGeneratorError};
use sha2::{Digest as _, Sha256};

/// The length of the checksum before the reply.
const CHECKSUM_BYTES: usize = 32;

/// A [`ReplySeal`] without encryption and without a key: a sealed reply is a checksum followed by the reply.
///
/// Use cases can rely on it: fingerprints are equal for equal parts and differ for others, and a reply is opened only
/// for its own request and only unchanged. A server cannot: every reader of the store can read and forge replies. It is
/// for tests only.
///
/// ```
/// use incident_domain::{kernel::{ReplySeal}};
/// use incident_memory::PlainSeal;
///
/// let request = PlainSeal.fingerprint(&[b"POST".to_vec(), b"/incidents".to_vec()]);
/// let sealed = PlainSeal.seal(&request, b"201 Created").unwrap();
/// assert_eq!(PlainSeal.open(&request, &sealed), Some(b"201 Created".to_vec()));
/// assert!(sealed.ends_with(b"201 Created"), "it is not encrypted");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainSeal;

impl ReplySeal for PlainSeal {
    fn fingerprint(&self, parts: &[Vec<u8>]) -> RequestFingerprint {
        let mut hash = Sha256::new();
        for part in parts {
            // The lengths separate the parts.
            hash.update(part.len().to_string());
            hash.update(":");
            hash.update(part);
        }
        RequestFingerprint::new(hash.finalize().into())
    }

    fn seal(&self, request: &RequestFingerprint, reply: &[u8]) -> Result<Vec<u8>, SecretGeneratorError> {
        Ok([checksum(request, reply).as_slice(), reply].concat())
    }

    fn open(&self, request: &RequestFingerprint, sealed: &[u8]) -> Option<Vec<u8>> {
        let (found, reply) = sealed.split_at_checked(CHECKSUM_BYTES)?;
        (found == checksum(request, reply)).then(|| reply.to_vec())
    }
}

fn checksum(request: &RequestFingerprint, reply: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Sha256::new().chain_update(request.as_bytes()).chain_update(reply).finalize().into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn fingerprint(parts: &[&str]) -> RequestFingerprint {
        PlainSeal.fingerprint(&parts.iter().map(|part| part.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn fingerprints_are_equal_for_equal_parts_only_however_they_are_split() {
        let requests: &[&[&str]] = &[
            &[],
            &[""],
            &["", ""],
            &["ab"],
            &["a", "b"],
            &["b", "a"],
            &["ab", ""],
            &["", "ab"],
            &["1:a"],
            &["1:a1:b"],
            &["a1:b"],
            &["POST", "/incidents", "{}"],
            &["POST", "/incidents{}"],
        ];
        let different: HashSet<_> = requests.iter().map(|parts| fingerprint(parts)).collect();
        assert_eq!(different.len(), requests.len());
        assert_eq!(fingerprint(&["a", "b"]), fingerprint(&["a", "b"]));
    }

    #[test]
    fn a_reply_is_opened_for_its_own_request_only() {
        let (request, other) = (fingerprint(&["a"]), fingerprint(&["b"]));
        for reply in [Vec::new(), b"201 Created".to_vec(), vec![0xFF; 100_000]] {
            let sealed = PlainSeal.seal(&request, &reply).unwrap();
            assert_eq!(PlainSeal.open(&request, &sealed), Some(reply));
            assert_eq!(PlainSeal.open(&other, &sealed), None);
        }
    }

    #[test]
    fn a_changed_truncated_or_lengthened_reply_is_not_opened() {
        let request = fingerprint(&["a"]);
        let sealed = PlainSeal.seal(&request, b"201 Created").unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(PlainSeal.open(&request, &changed), None, "byte {index} changed");
            assert_eq!(PlainSeal.open(&request, &sealed[..index]), None, "truncated to {index} bytes");
        }
        assert_eq!(PlainSeal.open(&request, &[sealed.as_slice(), &[0]].concat()), None);
    }
}
