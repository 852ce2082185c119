"""Encrypt tokens: the database never holds one that can be read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from posxero.xero.errors import VaultError, WrongBusiness


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one consent. Neither shows in a log or a traceback."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedTokens:
    """Tokens, and the business whose consent issued them; None where they were sealed before that was stored."""

    tokens: Tokens
    business_id: UUID | None


class _SealedTokens(msgspec.Struct, frozen=True):
    grant: str
    access: str
    refresh: str
    business: UUID | None = None


class Vault:
    """Seals with the newest key and opens with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Set the Fernet keys, newest first.

        Raises:
            ValueError: There is none, or one is not a key.
        """
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, grant_id: UUID, tokens: Tokens, *, business_id: UUID | None) -> bytes:
        """Encrypt the tokens of a grant, with the grant and the business inside, so that a copied blob is refused."""
        sealed = _SealedTokens(str(grant_id), tokens.access, tokens.refresh, business_id)
        return self._fernet.encrypt(msgspec.json.encode(sealed))

    def open(self, grant_id: UUID, blob: bytes, *, business_id: UUID | None = None) -> OpenedTokens:
        """Decrypt what `seal` returned for this grant.

        Args:
            grant_id: Whose row the blob is from.
            blob: The encrypted tokens.
            business_id: Whose call the tokens are for; None for the upkeep of the grant itself.

        Raises:
            VaultError: No key opens it, or it was sealed for another grant.
            WrongBusiness: The consent was given for another business.
        """
        try:
            sealed = msgspec.json.decode(self._fernet.decrypt(blob), type=_SealedTokens)
        except (InvalidToken, msgspec.DecodeError) as error:
            raise VaultError("no key opens these tokens") from error
        if sealed.grant != str(grant_id):
            raise VaultError("these tokens were sealed for another grant")
        if business_id is not None and sealed.business not in {None, business_id}:
            raise WrongBusiness("these tokens were sealed for another business")
        return OpenedTokens(Tokens(access=sealed.access, refresh=sealed.refresh), sealed.business)

    def seal_text(self, text: str) -> bytes:
        """Encrypt a short secret that belongs to no grant, like the PKCE verifier."""
        return self._fernet.encrypt(text.encode())

    def open_text(self, blob: bytes) -> str:
        """Decrypt what `seal_text` returned.

        Raises:
            VaultError: No key opens it.
        """
        try:
            return self._fernet.decrypt(blob).decode()
        except InvalidToken as error:
            raise VaultError("no key opens this text") from error
