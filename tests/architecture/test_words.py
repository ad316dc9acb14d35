"""Words that people read are found by the catalogues, whatever Python looks for them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from core import catalogues


def inside_of_f_strings(tree: ast.AST) -> Iterator[int]:
    """The lines on which a text is translated within an f-string."""
    for text in ast.walk(tree):
        for call in ast.walk(text) if isinstance(text, ast.JoinedStr) else ():
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                if name in catalogues.KEYWORDS:
                    yield call.lineno


@pytest.mark.parametrize("owner", catalogues.owners(), ids=lambda owner: owner.label)
def test_none_stands_within_an_f_string(owner: catalogues.Owner) -> None:
    """To Python 3.11 an f-string is one token, and the words in it are in no catalogue."""
    files = [path for place in owner.python for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))]
    read = [(path, ast.parse(path.read_text())) for path in files]
    found = [f"{shown(path)}:{line}" for path, tree in read for line in inside_of_f_strings(tree)]
    assert found == []


def test_one_would_be_seen() -> None:
    assert list(inside_of_f_strings(ast.parse("x = 1\ny = f\"{_('Lead')} {x}\""))) == [2]


def shown(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))
