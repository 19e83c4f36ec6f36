//! Public keys, as an issuer publishes them (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse, RSAKeyParameters,
};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Keys of a set; real ones have two or three.
const MOST: usize = 64;
/// Bits of an RSA key. Below, it can be broken; above, a check costs too much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// The keys of an issuer that can be used.
pub(super) struct KeySet(pub(super) Vec<Key>);

/// A public key and what it is for. Not `Debug`: a key is in no log.
pub(super) struct Key {
    id: Option<String>,
    /// The only algorithms that it may be used with.
    algorithms: Vec<Algorithm>,
    pub(super) public: DecodingKey,
}

/// Not the library's `JwkSet`, which one key that cannot be read spoils.
#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl KeySet {
    /// The keys that serve one of the algorithms, and why others do not. One that is of no use here, as a set commonly
    /// has for others, spoils nothing.
    pub(super) fn parse(text: &[u8], allowed: &[Algorithm]) -> Result<(Self, Vec<String>), &'static str> {
        let set: Set = serde_json::from_slice(text).map_err(|_| "not a JSON Web Key Set")?;
        let (mut keys, mut ignored) = (Vec::new(), Vec::new());
        for (place, key) in set.keys.into_iter().enumerate() {
            let read = if place < MOST { read(key, allowed) } else { Err("the set has too many") };
            match read {
                Ok(key) => keys.push(key),
                Err(reason) => ignored.push(format!("key {} of the set is ignored: {reason}", place + 1)),
            }
            if place >= MOST {
                break;
            }
        }
        Ok((Self(keys), ignored))
    }

    /// The keys with this id, or all if none is named, that may be used with the algorithm.
    pub(super) fn fitting(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Key> {
        let is_meant = |key: &&Key| id.is_none() || key.id.as_deref() == id;
        self.0.iter().filter(is_meant).filter(|key| key.algorithms.contains(&algorithm)).collect()
    }
}

fn read(value: Value, allowed: &[Algorithm]) -> Result<Key, &'static str> {
    // The library has no place for it, and would pass over it.
    if !value["d"].is_null() {
        return Err("it is a private key, which must not be published");
    }
    let jwk: Jwk = serde_json::from_value(value).map_err(|_| "it cannot be read")?;
    let meant = &jwk.common;
    if meant.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature)
        || meant.key_operations.as_ref().is_some_and(|list| !list.contains(&KeyOperations::Verify))
    {
        return Err("it is not for signatures");
    }
    let (fit, public) = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) => (AlgorithmFamily::Rsa.algorithms(), rsa(key)?),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => (&[Algorithm::ES256][..], point(&jwk, 1 + 2 * 32)?),
            EllipticCurve::P384 => (&[Algorithm::ES384][..], point(&jwk, 1 + 2 * 48)?),
            _ => return Err("its curve is not known here"),
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (&[Algorithm::EdDSA][..], point(&jwk, 32)?)
        }
        AlgorithmParameters::OctetKey(_) => {
            return Err("it is a shared secret, which must not be published");
        }
        _ => return Err("its kind is not known here, or a member of it is missing"),
    };
    let is_meant_for = |algorithm: &Algorithm| {
        meant.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(*algorithm))
    };
    let algorithms: Vec<Algorithm> =
        fit.iter().copied().filter(is_meant_for).filter(|fit| allowed.contains(fit)).collect();
    if algorithms.is_empty() {
        return Err("it is for no algorithm of auth.jwt.algorithms");
    }
    Ok(Key { id: jwk.common.key_id, algorithms, public })
}

fn rsa(key: &RSAKeyParameters) -> Result<DecodingKey, &'static str> {
    let (modulus, exponent) = (bytes(&key.n)?, bytes(&key.e)?);
    let modulus: &[u8] = strip_zeros(&modulus);
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if bits < *RSA_BITS.start() {
        return Err("RSA keys of fewer than 2048 bits are too weak");
    }
    if bits > *RSA_BITS.end() {
        return Err("RSA keys of more than 8192 bits are too large");
    }
    // With 1 everything would be its own signature, and an even one is no exponent at all.
    let exponent = strip_zeros(&exponent);
    if exponent.last().is_none_or(|byte| byte % 2 == 0) || exponent == [1] {
        return Err("its exponent is wrong");
    }
    Ok(DecodingKey::from_rsa_raw_components(modulus, exponent))
}

/// The library does not ask for the size. Whether the point is on the curve is asked by every check of a signature.
fn point(jwk: &Jwk, size: usize) -> Result<DecodingKey, &'static str> {
    let key = DecodingKey::from_jwk(jwk).map_err(|_| "a member is not base64url")?;
    if key.try_get_as_bytes().is_ok_and(|point| point.len() == size) {
        Ok(key)
    } else {
        Err("its point has the wrong size")
    }
}

fn bytes(member: &str) -> Result<Vec<u8>, &'static str> {
    URL_SAFE_NO_PAD.decode(member).map_err(|_| "a member is not base64url")
}

/// Some issuers write a leading zero, as ASN.1 does.
fn strip_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
