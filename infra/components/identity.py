"""Who users are: a Cognito user pool that asks for the age, and the client that the apps sign in with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.components.handler_function import FunctionArgs, HandlerFunction
from infra.naming import Naming

PASSWORD_LENGTH = 12
PASSWORD_HISTORY = 5
TEMPORARY_PASSWORD_DAYS = 1
SESSION_MINUTES = 60
SIGNED_IN_DAYS = 30

READABLE = ("birthdate", "custom:age_verified", "custom:region", "email", "email_verified", "preferred_username")
WRITABLE = ("birthdate", "email", "preferred_username")
"""What the apps may set. Whether an age was verified, and which region's law applies, only the back end says."""


@dataclass(frozen=True)
class IdentityArgs:
    """One user pool."""

    region: pulumi.Input[str]
    tier: str
    """LITE, ESSENTIALS or PLUS: the price of a monthly active user depends on it."""
    mfa: str
    """OFF, OPTIONAL or ON: second factor by authenticator app."""
    minimum_age: int
    callback_urls: Sequence[str]
    """Where the web app comes back to after signing in."""
    log_retention_days: int
    protect: bool


class AgeGate(HandlerFunction):
    """The function that refuses sign-ups below the minimum age.

    A refusal is an error of the function, as Cognito wants it: an alarm on errors would tell of every child.
    """

    def __init__(
        self, name: str, naming: Naming, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:identity:AgeGate", name, naming, args, opts)
        self.register_outputs({"function": self.function.arn})

    def guard(self, pool: aws.cognito.UserPool) -> None:
        """Lets the pool, and no other, ask the gate."""
        self._may_be_called_by("cognito-idp.amazonaws.com", pool.arn)


class Identity(pulumi.ComponentResource):
    """User pool, age gate and the client of the apps."""

    pool: aws.cognito.UserPool
    client: aws.cognito.UserPoolClient
    issuer: pulumi.Output[str]
    """What a token of the pool says about who made it."""

    def __init__(
        self, name: str, naming: Naming, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:identity:Identity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        gate = AgeGate(
            "age-gate",
            naming,
            FunctionArgs(
                description="Refuses sign-ups of who is too young",
                modules=("age_gate",),
                environment={"MINIMUM_AGE": str(args.minimum_age)},
                statements=[],
                log_retention_days=args.log_retention_days,
            ),
            child,
        )
        self.pool = aws.cognito.UserPool(
            "users",
            name=naming.physical("users"),
            user_pool_tier=args.tier,
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"case_sensitive": False},
            mfa_configuration=args.mfa,
            # Cognito refuses a kind of second factor for a pool that has none.
            software_token_mfa_configuration=None if args.mfa == "OFF" else {"enabled": True},
            password_policy=password_policy(args.tier),
            account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
            user_attribute_update_settings={"attributes_require_verification_before_updates": ["email"]},
            schemas=schema(),
            lambda_config={"pre_sign_up": gate.function.arn},
            user_pool_add_ons={"advanced_security_mode": "ENFORCED"} if args.tier == "PLUS" else None,
            deletion_protection="ACTIVE" if args.protect else "INACTIVE",
            tags=naming.tags("identity"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        gate.guard(self.pool)
        self.client = aws.cognito.UserPoolClient(
            "apps",
            name=naming.physical("apps"),
            user_pool_id=self.pool.id,
            # Phones and browsers cannot keep a secret.
            generate_secret=False,
            explicit_auth_flows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=["openid", "email", "profile"],
            supported_identity_providers=["COGNITO"],
            callback_urls=list(args.callback_urls),
            logout_urls=list(args.callback_urls),
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            read_attributes=list(READABLE),
            write_attributes=list(WRITABLE),
            access_token_validity=SESSION_MINUTES,
            id_token_validity=SESSION_MINUTES,
            refresh_token_validity=SIGNED_IN_DAYS,
            token_validity_units={"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"},
            opts=child,
        )
        self.issuer = pulumi.Output.concat("https://cognito-idp.", args.region, ".amazonaws.com/", self.pool.id)
        self.register_outputs({"pool": self.pool.id, "client": self.client.id})


def password_policy(tier: str) -> aws.cognito.UserPoolPasswordPolicyArgsDict:
    """Long before complicated; a history of passwords is not part of the lowest tier."""
    policy: aws.cognito.UserPoolPasswordPolicyArgsDict = {
        "minimum_length": PASSWORD_LENGTH,
        "require_lowercase": True,
        "require_uppercase": True,
        "require_numbers": True,
        "require_symbols": True,
        "temporary_password_validity_days": TEMPORARY_PASSWORD_DAYS,
    }
    if tier != "LITE":
        policy["password_history_size"] = PASSWORD_HISTORY
    return policy


def schema() -> list[aws.cognito.UserPoolSchemaArgsDict]:
    """Attributes of a user beyond Cognito's own: a pool's schema cannot be changed or cut later, only added to."""
    return [
        {
            "name": "birthdate",
            "attribute_data_type": "String",
            "required": True,
            "mutable": True,
            "string_attribute_constraints": {"min_length": "10", "max_length": "10"},
        },
        {"name": "age_verified", "attribute_data_type": "Boolean", "mutable": True},
        {
            "name": "region",
            "attribute_data_type": "String",
            "mutable": True,
            "string_attribute_constraints": {"min_length": "2", "max_length": "16"},
        },
    ]
