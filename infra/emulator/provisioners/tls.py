"""The TLS provider: key pairs, made on this machine. No API is asked, so nothing here is a call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from infra.emulator.provisioners.spec import Output, ResourceType
from infra.emulator.recording import Registration

PUBLIC_EXPONENT = 65537

EXAMPLE_PUBLIC_KEY = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx5O/Dqd9cdAnDdq62Pp8
hVcQz9Sdb6arJ04m/8zngZiN7yuQvBr6iU+QhTPmjhdlkB3yt7x1tlowIG4NRYqs
8GmzLOM2oJ6CmNIlW3kFhQOPuzKLTe557VIxfj18z+Glj0DRcKIjHJ6Vt9TBDc9m
Z6XfHLPEgiQoTOmYWLbByd1s1a2lM3Y0/dqtuPT5ru0MtJNVE5MiPHPpHyk4REax
As5yFzL3Ef1SiRZwAsVgUfhB9T59dxrM3PD4exVrZrQLdyJf94UOe70Jtu1tYING
ZNfmkF1rYS7gh35Rj46bsv/RKaXCkss1STX6ge+05037M7ZCxXZDcjdqyDLQTZ3g
QwIDAQAB
-----END PUBLIC KEY-----
"""
"""Stands in a plan for every public key. Nobody has its private half."""


def make_key(registration: Registration) -> Mapping[str, str]:
    """A new RSA key pair, as the provider makes it: another one each time.

    Raises:
        KeyError: a key of another algorithm; only RSA is made here.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    bits = int(registration.inputs["rsaBits"])
    key = rsa.generate_private_key(PUBLIC_EXPONENT, bits)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "id": hashlib.sha1(public, usedforsecurity=False).hexdigest(),
        "privateKeyPem": private.decode(),
        "publicKeyPem": public.decode(),
    }


TYPES: Mapping[str, ResourceType] = {
    "tls:index/privateKey:PrivateKey": ResourceType(
        service="",
        calls=(),
        id=Output("{hex}"),
        outputs={
            "publicKeyPem": Output(EXAMPLE_PUBLIC_KEY),
            "privateKeyPem": Output("a private key that is made when the stack is"),
        },
        made_here=make_key,
    ),
}
