"""Xero's filter language, as Practice Xero reads it."""

import pytest

from posxero.practice.filter_tokens import InvalidQuery
from posxero.practice.filters import MAX_DEPTH, MAX_TERMS, Comparison, Group, Value, parse

NAME = Comparison("Name", "=", Value("String", "x"))
CODE = Comparison("Code", "=", Value("String", "y"))
KIND = Comparison("Type", "=", Value("String", "z"))


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ('Name=="a ""b"" c"', Value("String", 'a "b" c')),
        ('Name=="AND (OR)"', Value("String", "AND (OR)")),
        ("Name = NULL", Value("null", None)),
        ("Name==True", Value("Boolean", value=True)),
        ("Name==-1.50", Value("Number", -1.5)),
        ('Name==GUID("0A0B0C0D00004000800000000000000F")', Value("Guid", "0a0b0c0d-0000-4000-8000-00000000000f")),
        ("Name==DateTime(1970, 01, 02)", Value("DateTime", 86_400_000)),
        ("Name==datetime(1970,1,1,0,0,1)", Value("DateTime", 1000)),
    ],
)
def test_literals(where: str, value: Value) -> None:
    assert parse(where) == Comparison("Name", "=", value)


@pytest.mark.parametrize("operator", ["==", "=", "!=", "<", "<=", ">", ">="])
def test_operators(operator: str) -> None:
    sql = {"==": "=", "!=": "<>"}.get(operator, operator)
    assert parse(f"Rate {operator} 5") == Comparison("Rate", sql, Value("Number", 5))


@pytest.mark.parametrize(
    ("where", "tree"),
    [
        ('Name=="x"&&Code=="y"', Group("AND", (NAME, CODE))),
        ('Name=="x" and Code=="y" OR Type=="z"', Group("OR", (Group("AND", (NAME, CODE)), KIND))),
        ('Name=="x" || Code=="y" AND Type=="z"', Group("OR", (NAME, Group("AND", (CODE, KIND))))),
        ('(Name=="x" or Code=="y") AND Type=="z"', Group("AND", (Group("OR", (NAME, CODE)), KIND))),
        ('((Name=="x"))', NAME),
    ],
)
def test_and_binds_closer_than_or(where: str, tree: Comparison | Group) -> None:
    assert parse(where) == tree


@pytest.mark.parametrize("method", ["Contains", "StartsWith", "EndsWith"])
def test_methods_of_text(method: str) -> None:
    expected = Comparison("Name", method, Value("String", "x"))
    assert parse(f'Name.{method}("x")') == expected
    assert parse(f'Name.ToLower().{method.lower()}( "x" )') == expected


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ('Name=="Smith', "Unterminated string literal"),
        ("Name==", "Expression expected"),
        ("Name", "Expression expected"),
        ('Name=="a" Code=="b"', "Syntax error 'Code'"),
        ('(Name=="a"', "or operator expected"),
        ('Name=="a")', "Syntax error"),
        ('Name=="a" AND', "Expression expected"),
        ('AND Name=="a"', "Syntax error"),
        ("Name.Contains(1)", "'String' expected"),
        ('Name.Trim("a")', "Syntax error"),
        (r'Name=="a\"b"', "Unterminated"),
        ("Name==DateTime(2026,13,1)", "DateTime"),
        ("Name==DateTime(2026)", "DateTime"),
        ("Name==DateTime(2026,1,1.5)", "Syntax error"),
        ('Name==Guid("0A-b")', "0A-b is not a valid Guid"),
        ("Name ? 1", "Syntax error '?'"),
        ("1 OR 1=1", "Syntax error '1'"),
        ("", "Expression expected"),
    ],
)
def test_what_cannot_be_parsed(where: str, complaint: str) -> None:
    with pytest.raises(InvalidQuery, match=complaint.replace("?", r"\?")):
        parse(where)


def test_what_is_too_long_or_too_deep_to_be_meant() -> None:
    parse("(" * MAX_DEPTH + 'Name=="x"' + ")" * MAX_DEPTH)
    with pytest.raises(InvalidQuery, match="deeply"):
        parse("(" * 5000 + 'Name=="x"' + ")" * 5000)
    parse(" OR ".join(['Name=="x"'] * MAX_TERMS))
    with pytest.raises(InvalidQuery, match="too many"):
        parse(" OR ".join(['Name=="x"'] * (MAX_TERMS + 1)))
