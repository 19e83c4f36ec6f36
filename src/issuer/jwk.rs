//! Public keys, as an issuer publishes them (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::ALGORITHMS;

/// Keys of a set; real ones have two or three.
const MOST: usize = 64;
/// Bits of an RSA key. Below, it can be broken; above, a check costs too much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// The keys of an issuer that can be used.
pub(super) struct KeySet(Vec<Key>);

/// A public key and what it is for. Not `Debug`: a key is in no log.
pub(super) struct Key {
    id: Option<String>,
    /// The only algorithms that it may be used with.
    algorithms: Vec<Algorithm>,
    public: DecodingKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// The members that matter. A certificate (`x5c`) or a place to look for one (`x5u`) does not.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// Private.
    d: Option<Value>,
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

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The keys with this id, or all if none is named, that may be used with the algorithm.
    pub(super) fn fitting(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Key> {
        let fits =
            |key: &&Key| (id.is_none() || key.id.as_deref() == id) && key.algorithms.contains(&algorithm);
        self.0.iter().filter(fits).collect()
    }
}

impl Key {
    pub(super) fn public(&self) -> &DecodingKey {
        &self.public
    }
}

fn read(value: Value, allowed: &[Algorithm]) -> Result<Key, &'static str> {
    let jwk: Jwk = serde_json::from_value(value).map_err(|_| "it cannot be read")?;
    if jwk.d.is_some() {
        return Err("it is a private key, which must not be published");
    }
    if jwk.usage.as_ref().is_some_and(|usage| usage != "sig")
        || jwk.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|one| one == "verify"))
    {
        return Err("it is not for signatures");
    }
    let (mut algorithms, public) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => (RSA.to_vec(), rsa(&jwk)?),
        ("EC", Some("P-256")) => (vec![Algorithm::ES256], curve(&jwk, 32)?),
        ("EC", Some("P-384")) => (vec![Algorithm::ES384], curve(&jwk, 48)?),
        ("OKP", Some("Ed25519")) => (vec![Algorithm::EdDSA], edwards(&jwk)?),
        ("oct", _) => return Err("it is a shared secret, which must not be published"),
        _ => return Err("its kind is not known here"),
    };
    if let Some(name) = &jwk.alg {
        let named = ALGORITHMS.iter().find(|(known, _)| known == name).map(|(_, algorithm)| *algorithm);
        algorithms.retain(|algorithm| Some(*algorithm) == named);
    }
    algorithms.retain(|algorithm| allowed.contains(algorithm));
    if algorithms.is_empty() {
        return Err("it is for no algorithm of auth.jwt.algorithms");
    }
    Ok(Key { id: jwk.kid, algorithms, public })
}

const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

fn rsa(jwk: &Jwk) -> Result<DecodingKey, &'static str> {
    let (modulus, exponent) = (bytes(jwk.n.as_ref())?, bytes(jwk.e.as_ref())?);
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

/// An uncompressed point. Whether it is on the curve is asked by every check.
fn curve(jwk: &Jwk, size: usize) -> Result<DecodingKey, &'static str> {
    let (x, y) = (bytes(jwk.x.as_ref())?, bytes(jwk.y.as_ref())?);
    if x.len() != size || y.len() != size {
        return Err("its point has the wrong size");
    }
    Ok(DecodingKey::from_ec_der(&[&[4], x.as_slice(), y.as_slice()].concat()))
}

fn edwards(jwk: &Jwk) -> Result<DecodingKey, &'static str> {
    const SIZE: usize = 32;
    match bytes(jwk.x.as_ref())? {
        point if point.len() == SIZE => Ok(DecodingKey::from_ed_der(&point)),
        _ => Err("its point has the wrong size"),
    }
}

fn bytes(member: Option<&String>) -> Result<Vec<u8>, &'static str> {
    let member = member.ok_or("a member is missing")?;
    URL_SAFE_NO_PAD.decode(member).map_err(|_| "a member is not base64url")
}

/// Some issuers write a leading zero, as ASN.1 does.
fn strip_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
