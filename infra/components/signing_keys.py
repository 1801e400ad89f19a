"""Key pairs with which viewers' cookies are signed: CloudFront trusts all of them, the newest signs."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_tls as tls

from infra.naming import Naming

RSA_BITS = 2048
"""The one size that CloudFront takes. Source: CloudFront developer guide, "Create a key pair for a key group"."""


class SigningKeys(pulumi.ComponentResource):
    """A key group, and a secret with the private key that signs.

    The private keys are in the stack's state, encrypted as every secret there.
    """

    group: aws.cloudfront.KeyGroup
    key_pair_id: pulumi.Output[str]
    """Id of the public key that belongs to the secret."""
    secret: aws.secretsmanager.Secret

    def __init__(
        self,
        name: str,
        naming: Naming,
        keys: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("reelplan:delivery:SigningKeys", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        pairs = [tls.PrivateKey(key, algorithm="RSA", rsa_bits=RSA_BITS, opts=child) for key in keys]
        public = [
            aws.cloudfront.PublicKey(
                key,
                name=naming.physical(key),
                comment="Verifies viewers' cookies",
                encoded_key=pair.public_key_pem,
                opts=child,
            )
            for key, pair in zip(keys, pairs, strict=True)
        ]
        self.group = aws.cloudfront.KeyGroup(
            name,
            name=naming.physical(name),
            comment="Keys whose cookies open the videos",
            items=[key.id for key in public],
            opts=child,
        )
        self.key_pair_id = public[-1].id
        # Named after the key: with the next one the function gets another secret, and no old copy of this one.
        self.secret = aws.secretsmanager.Secret(
            keys[-1],
            description="Signs viewers' cookies for CloudFront",
            tags=naming.tags("delivery"),
            opts=child,
        )
        newest: pulumi.Input[str] = pairs[-1].private_key_pem
        aws.secretsmanager.SecretVersion(
            keys[-1],
            secret_id=self.secret.id,
            secret_string=pulumi.Output.secret(newest),
            opts=child,
        )
        self.register_outputs({"keyGroup": self.group.id})
