"""Sealed tokens: opened with any of our keys, for the grant they were sealed for, and never shown."""

from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from posxero.xero.errors import VaultError, WrongBusiness
from posxero.xero.vault import Tokens, Vault

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
GRANT, SHOP = uuid4(), uuid4()
TOKENS = Tokens(access="access-é", refresh="refresh")


def test_tokens_come_back() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(GRANT, TOKENS, business_id=SHOP)
    assert vault.open(GRANT, sealed).tokens == TOKENS
    assert b"access" not in sealed


def test_a_new_key_in_front_still_opens_the_old() -> None:
    sealed = Vault([OLD]).seal(GRANT, TOKENS, business_id=SHOP)
    assert Vault([NEW, OLD]).open(GRANT, sealed).tokens == TOKENS


def test_the_newest_key_seals() -> None:
    sealed = Vault([NEW, OLD]).seal(GRANT, TOKENS, business_id=SHOP)
    assert Vault([NEW]).open(GRANT, sealed).tokens == TOKENS


def test_without_its_key_nothing_opens() -> None:
    with pytest.raises(VaultError):
        Vault([NEW]).open(GRANT, Vault([OLD]).seal(GRANT, TOKENS, business_id=SHOP))


def test_tokens_of_another_grant_are_refused() -> None:
    vault = Vault([NEW])
    with pytest.raises(VaultError):
        vault.open(uuid4(), vault.seal(GRANT, TOKENS, business_id=SHOP))


def test_tokens_of_another_business_are_refused() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(GRANT, TOKENS, business_id=SHOP)
    assert vault.open(GRANT, sealed, business_id=SHOP).business_id == SHOP
    assert vault.open(GRANT, sealed).business_id == SHOP
    with pytest.raises(WrongBusiness):
        vault.open(GRANT, sealed, business_id=uuid4())


def test_tokens_that_name_no_business_were_sealed_before_and_open() -> None:
    before = f'{{"grant": "{GRANT}", "access": "a", "refresh": "r"}}'.encode()
    opened = Vault([NEW]).open(GRANT, Fernet(NEW).encrypt(before), business_id=SHOP)
    assert (opened.tokens, opened.business_id) == (Tokens("a", "r"), None)


@pytest.mark.parametrize("blob", [b"", b"nonsense", b"gAAAAA"])
def test_damage_is_refused(blob: bytes) -> None:
    with pytest.raises(VaultError):
        Vault([NEW]).open(GRANT, blob)


def test_a_text_is_not_taken_for_tokens() -> None:
    vault = Vault([NEW])
    assert vault.open_text(vault.seal_text("verifier")) == "verifier"
    with pytest.raises(VaultError):
        vault.open(GRANT, vault.seal_text("verifier"))


def test_tokens_do_not_show() -> None:
    assert "refresh" not in repr(TOKENS)
    assert "access-" not in f"{TOKENS}"


def test_a_vault_needs_keys() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Vault([])
