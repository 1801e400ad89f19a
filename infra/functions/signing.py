"""CloudFront signed cookies with the standard library alone: Lambda's Python has no library for RSA.

RSASSA-PKCS1-v1_5 over SHA-1, the one signature that CloudFront takes with RSA keys. The private operation is blinded
with a random factor, so that its time says nothing about the key.

Source: CloudFront developer guide, "Set signed cookies using a custom policy"; RFC 8017, sections 8.2.1 and 9.2, A.1.2.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import secrets
from dataclasses import dataclass

SHA1_PREFIX = bytes.fromhex("3021300906052b0e03021a05000414")
"""DER of DigestInfo for SHA-1, up to the digest (RFC 8017, 9.2, note 1)."""
LONG_FORM = 0x80
"""Bit of a DER length that says how many octets the length itself has."""
CLOUDFRONT_ALPHABET = str.maketrans("+=/", "-_~")
"""CloudFront's Base64: without the characters that mean something in a URL."""


@dataclass(frozen=True)
class PrivateKey:
    """An RSA key: modulus, public and private exponent."""

    n: int
    e: int
    d: int

    @property
    def octets(self) -> int:
        """Length of the modulus, and of every signature [byte]."""
        return (self.n.bit_length() + 7) // 8


def read_key(pem: str) -> PrivateKey:
    """The key in a PEM file of the form "RSA PRIVATE KEY" (PKCS #1).

    Raises:
        ValueError: the file is of another form.
    """
    lines = pem.strip().splitlines()
    if lines[0] != "-----BEGIN RSA PRIVATE KEY-----":
        raise ValueError(f"expected an RSA PRIVATE KEY, found {lines[0]}")
    sequence, _ = _element(base64.b64decode("".join(lines[1:-1])), 0)
    numbers = []
    position = 0
    while position < len(sequence):
        content, position = _element(sequence, position)
        numbers.append(int.from_bytes(content, "big"))
    _version, n, e, d, *_ = numbers
    return PrivateKey(n, e, d)


def sign(message: bytes, key: PrivateKey) -> bytes:
    """Signature of a message.

    Raises:
        ArithmeticError: the result does not verify; a wrong one could give the key away.
    """
    info = SHA1_PREFIX + hashlib.sha1(message, usedforsecurity=False).digest()
    padding = b"\xff" * (key.octets - len(info) - 3)
    encoded = int.from_bytes(b"\x00\x01" + padding + b"\x00" + info, "big")
    factor = _coprime(key.n)
    blinded = pow(encoded * pow(factor, key.e, key.n), key.d, key.n)
    signature = blinded * pow(factor, -1, key.n) % key.n
    if pow(signature, key.e, key.n) != encoded:
        raise ArithmeticError("the signature does not verify")
    return signature.to_bytes(key.octets, "big")


def policy(resource: str, expires: int) -> str:
    """Who has this policy, signed, may get what a URL pattern matches until a time.

    >>> policy("https://d1.cloudfront.net/v/7/*", 1793613600)[:60]
    '{"Statement":[{"Resource":"https://d1.cloudfront.net/v/7/*",'
    """
    condition = {"DateLessThan": {"AWS:EpochTime": expires}}
    return json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]}, separators=(",", ":"))


def cookies(resource: str, expires: int, key_pair_id: str, key: PrivateKey) -> dict[str, str]:
    """Names and values of the three cookies."""
    text = policy(resource, expires).encode()
    return {
        "CloudFront-Policy": _encoded(text),
        "CloudFront-Signature": _encoded(sign(text, key)),
        "CloudFront-Key-Pair-Id": key_pair_id,
    }


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode().translate(CLOUDFRONT_ALPHABET)


def _coprime(n: int) -> int:
    while True:
        factor = secrets.randbelow(n - 2) + 2
        if math.gcd(factor, n) == 1:
            return factor


def _element(der: bytes, start: int) -> tuple[bytes, int]:
    """Content of the DER element at a position, and where the next one starts."""
    length, begin = der[start + 1], start + 2
    if length & LONG_FORM:
        size = length - LONG_FORM
        length, begin = int.from_bytes(der[begin : begin + size], "big"), begin + size
    return der[begin : begin + length], begin + length
