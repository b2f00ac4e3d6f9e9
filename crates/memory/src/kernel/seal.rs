//! A seal that seals nothing.

use incident_domain::kernel::{ReplySeal, RequestFingerprint, SecretGeneratorError};
use sha2::{Digest as _, Sha256};

/// How many bytes stand before the reply.
const CHECKSUM_BYTES: usize = 32;

/// A [`ReplySeal`] that hides nothing: what it seals is the reply itself behind a checksum, and there is no key.
///
/// It keeps what a use case relies on: fingerprints are equal for equal parts and differ for others, and a reply is
/// opened for its own request only, and only as it was sealed. It does not keep what a server relies on: whoever
/// reads the store reads the replies, can guess the requests and can forge both. It is for tests only.
///
/// ```
/// use incident_domain::{kernel::{ReplySeal}};
/// use incident_memory::PlainSeal;
///
/// let request = PlainSeal.fingerprint(&[b"POST".to_vec(), b"/incidents".to_vec()]);
/// let sealed = PlainSeal.seal(&request, b"201 Created").unwrap();
/// assert_eq!(PlainSeal.open(&request, &sealed), Some(b"201 Created".to_vec()));
/// assert!(sealed.ends_with(b"201 Created"), "it hides nothing");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainSeal;

impl ReplySeal for PlainSeal {
    fn fingerprint(&self, parts: &[Vec<u8>]) -> RequestFingerprint {
        let mut hash = Sha256::new();
        for part in parts {
            // The lengths tell where one part ends and the next begins.
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
    fn fingerprints_are_equal_for_equal_parts_and_differ_for_others_whichever_way_they_are_split() {
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
    fn a_reply_is_opened_for_its_own_request_only_and_as_it_was_sealed() {
        let (request, other) = (fingerprint(&["a"]), fingerprint(&["b"]));
        for reply in [Vec::new(), b"201 Created".to_vec(), vec![0xFF; 100_000]] {
            let sealed = PlainSeal.seal(&request, &reply).unwrap();
            assert_eq!(PlainSeal.open(&request, &sealed), Some(reply));
            assert_eq!(PlainSeal.open(&other, &sealed), None);
        }
    }

    #[test]
    fn what_was_changed_anywhere_or_cut_or_lengthened_is_not_opened() {
        let request = fingerprint(&["a"]);
        let sealed = PlainSeal.seal(&request, b"201 Created").unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(PlainSeal.open(&request, &changed), None, "byte {place} changed");
            assert_eq!(PlainSeal.open(&request, &sealed[..place]), None, "cut to {place} bytes");
        }
        assert_eq!(PlainSeal.open(&request, &[sealed.as_slice(), &[0]].concat()), None);
    }
}
