"""Signatures of the standard library's arithmetic, judged by another implementation."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from infra.functions import signing

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()


def test_a_key_is_read_with_the_numbers_that_it_has() -> None:
    numbers = KEY.private_numbers()
    read = signing.read_key(PEM)
    assert (read.n, read.e, read.d) == (numbers.public_numbers.n, 65537, numbers.d)
    assert read.octets == 256


def test_a_key_of_another_form_is_refused() -> None:
    pkcs8 = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with pytest.raises(ValueError, match="expected an RSA PRIVATE KEY, found -----BEGIN PRIVATE KEY-----"):
        signing.read_key(pkcs8)


@given(st.binary(max_size=300))
def test_signatures_are_those_of_the_library(message: bytes) -> None:
    made = signing.sign(message, signing.read_key(PEM))
    # PKCS #1 v1.5 has no random part: the same signature to the bit, although ours is blinded.
    assert made == KEY.sign(message, padding.PKCS1v15(), hashes.SHA1())


def test_a_signature_is_for_one_message_only() -> None:
    made = signing.sign(b"a", signing.read_key(PEM))
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(made, b"b", padding.PKCS1v15(), hashes.SHA1())


def test_a_result_that_does_not_verify_is_not_given_away() -> None:
    right = signing.read_key(PEM)
    with pytest.raises(ArithmeticError):
        signing.sign(b"a", signing.PrivateKey(right.n, right.e, right.d + 2))


def test_cookies_hold_the_policy_in_cloudfronts_alphabet() -> None:
    made = signing.cookies("https://d1.cloudfront.net/v/7/*", 1793613600, "K1", signing.read_key(PEM))
    assert set("".join(made.values())) & set("+=/") == set()
    text = base64.b64decode(made["CloudFront-Policy"].translate(str.maketrans("-_~", "+=/")))
    (statement,) = json.loads(text)["Statement"]
    assert statement == {
        "Resource": "https://d1.cloudfront.net/v/7/*",
        "Condition": {"DateLessThan": {"AWS:EpochTime": 1793613600}},
    }
    assert b" " not in text
    assert made["CloudFront-Key-Pair-Id"] == "K1"
