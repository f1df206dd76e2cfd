"""Who is calling. A short-lived signed token travels with every call, and each service verifies it for itself.

Tokens are JWTs signed with Ed25519 (EdDSA). Each issuer has a key of its own and services hold public keys alone, so
that a service taken over cannot speak for a person: only the gateway may sign for people, others for themselves.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yinling_common.errors import Forbidden, Unauthenticated

GATEWAY = "gateway"
"""The one issuer that may sign for people."""

NOTICE_DELIVERER = "gateway.notices"
"""Subject under which the gateway takes notices from matching. No account has it: theirs are UUIDs."""

_ALGORITHM = "EdDSA"
_LEEWAY = 10
"""Seconds that clocks of two machines may differ."""


class Role(StrEnum):
    """What somebody may do."""

    HR = "hr"
    RETIREE = "retiree"
    COORDINATOR = "coordinator"
    ADMIN = "admin"
    SERVICE = "service"


@dataclass(frozen=True)
class Identity:
    """Who is calling.

    Attributes:
        subject: Account id, or name of the service.
        role: What they may do.
        organisation: The organisation they belong to; empty for services and administrators of all.
        profile_id: A retiree's own profile.
        issuer: Who signed.
    """

    subject: str
    role: Role
    organisation: str = ""
    profile_id: str = ""
    issuer: str = ""


_current: ContextVar[Identity | None] = ContextVar("identity", default=None)


def current() -> Identity:
    """The caller of the RPC being served. Raises Unauthenticated where there is none."""
    identity = _current.get()
    if identity is None:
        raise Unauthenticated
    return identity


def require(*roles: Role) -> Identity:
    """The caller, if they have one of the roles; raises Forbidden otherwise."""
    identity = current()
    if identity.role not in roles:
        needs = " or ".join(roles)
        raise Forbidden(f"this needs the role {needs}", metadata={"role": identity.role, "needs": needs})
    return identity


@contextmanager
def as_identity(identity: Identity) -> Iterator[None]:
    """Do something as somebody."""
    token = _current.set(identity)
    try:
        yield
    finally:
        # A stream that is dropped half way is closed by the garbage collector, in another context: nothing to restore.
        with suppress(ValueError):
            _current.reset(token)


class Signer:
    """Signs tokens for an issuer."""

    def __init__(self, issuer: str, private_key_pem: bytes, ttl: float = 60.0) -> None:
        self.issuer = issuer
        self._key = serialization.load_pem_private_key(private_key_pem, password=None)
        self._ttl = ttl

    def token(self, identity: Identity, audience: str) -> str:
        """A token for one service, the audience ("talent" or "matching")."""
        now = time()
        claims = {
            "iss": self.issuer,
            "sub": identity.subject,
            "aud": audience,
            "iat": int(now),
            "exp": int(now + self._ttl),
            "role": identity.role.value,
            "org": identity.organisation,
            "profile": identity.profile_id,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)  # type: ignore[arg-type] # an Ed25519 key


class Verifier:
    """Verifies tokens for one audience by the public keys of the issuers it trusts."""

    def __init__(self, audience: str, trusted: Mapping[str, bytes]) -> None:
        self._audience = audience
        self._keys = {issuer: serialization.load_pem_public_key(pem) for issuer, pem in trusted.items()}

    def verify(self, token: str) -> Identity:
        """The identity in a token. Raises Unauthenticated, without saying which check failed."""
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss", "")
            claims = jwt.decode(
                token,
                self._keys[issuer],  # type: ignore[arg-type] # an Ed25519 key
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
            role = Role(claims["role"])
            identity = Identity(claims["sub"], role, claims["org"], claims["profile"], issuer)
        except (jwt.PyJWTError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Unauthenticated("the identity token cannot be verified") from error
        if (issuer == GATEWAY) == (role == Role.SERVICE):
            raise Unauthenticated("the identity token cannot be verified")
        return identity


def generate_keys(directory: Path, issuer: str) -> tuple[Path, Path]:
    """Make `issuer.key` and `issuer.pub` (PEM) unless both are there; returns the paths (private, public)."""
    private, public = directory / f"{issuer}.key", directory / f"{issuer}.pub"
    if private.exists() and public.exists():
        return private, public
    directory.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public
