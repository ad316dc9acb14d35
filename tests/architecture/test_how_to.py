"""The guide for builders keeps its promise: a page with everything costs less than sixty lines of one's own."""

import ast

from django.conf import settings


def test_all_the_code_of_a_new_page_is_short_and_parses():
    guide = (settings.BASE_DIR / "docs" / "how-to-add-a-stage.md").read_text()
    section = guide.partition("\n## All the code of a new page\n")[2]
    code = section.partition("```python\n")[2].partition("```")[0]
    names = {node.name for node in ast.parse(code).body if isinstance(node, ast.ClassDef)}
    assert {"VisitList", "VisitBoard", "VisitDetail", "VisitCreate", "VisitEdit", "VisitAct", "VisitApi"} <= names
    lines = [line for line in code.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) < 60
