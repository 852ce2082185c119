"""The password of the practice shop is one that its people may have."""

from posxero.services.accounts import passwords
from posxero.supervisor import practice_shop


def test_a_draw_that_holds_a_name_is_passed_over() -> None:
    keys = (f"key {number}" for number in range(10**6))
    key = next(key for key in keys if "shop" in practice_shop._draw(key, 0))
    word = practice_shop.password(key)
    assert word == practice_shop._draw(key, 1)
    for name, email in practice_shop.PEOPLE.values():
        assert passwords.problem(word, email, name, practice_shop.NAME) == ""
