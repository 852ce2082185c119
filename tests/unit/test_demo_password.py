"""The password of the demo shop is one that its users may have."""

from posxero.services.accounts import passwords
from posxero.supervisor import demo_data


def test_a_draw_that_holds_a_name_is_passed_over() -> None:
    key = "key 255520"
    assert "shop" in demo_data._derive_password(key, 0)
    word = demo_data.demo_password(key)
    assert word == demo_data._derive_password(key, 1)
    for name, email in demo_data.USERS.values():
        assert passwords.problem(word, email, name, demo_data.SHOP_NAME) == ""
