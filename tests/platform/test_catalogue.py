"""manage.py catalogue on a small app: extraction, filling, checking, compiling."""

import gettext
import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from core import catalogues
from core.management.commands.catalogue import Command

MODELS = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
NAME = _("Lead")
LONG = _("Two " "parts: %(what)s")
COUNT = ngettext("%(n)s lead", "%(n)s leads", 3)
MONTH = pgettext("month", "May")
NOT_THIS = "Plain text"
"""
TEMPLATE = """{% extends "base.html" %}
   {# Translators: above the list #}
      {% translate "Hello" %}
 {% blocktranslate with name=user trimmed %}
   Dear {{ name }},
   it's "fine"
 {% endblocktranslate %}
<p title='{{ _("Title") }}'>it's</p>
{% blocktranslate count n=rows %}one row{% plural %}{{ n }} rows{% endblocktranslate %}
"""
WORDS = {
    "Lead": "Contatto",
    "Two parts: %(what)s": "Due parti: %(what)s",
    "%(n)s lead": ["un contatto", "%(n)s contatti"],
    "month\x04May": "Maggio",
    "Hello": "Ciao",
    'Dear %(name)s, it\'s "fine"': "Caro %(name)s, va “bene”",
    "Title": "Titolo",
    "one row": ["una riga", "%(n)s righe"],
}


@pytest.fixture
def project(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two apps, `leads` and `core`, in a folder of their own."""
    files = {
        "leads/models.py": MODELS,
        "leads/migrations/0001_initial.py": "name = _('Not this either')",
        "core/ui.py": "",
        "templates/leads/list.html": TEMPLATE,
        "templates/pages/list.html": '{% translate "Page" %}',
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    settings.BASE_DIR = tmp_path
    configs = [SimpleNamespace(label=label, path=str(tmp_path / label)) for label in ("leads", "core")]
    configs.append(SimpleNamespace(label="admin", path="/usr/lib/site-packages/django/contrib/admin"))
    monkeypatch.setattr(catalogues.apps, "get_app_configs", lambda: configs)
    return tmp_path


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(Command(), *arguments, stdout=out, stderr=out)
    return out.getvalue()


def fill(project: Path, words: dict[str, object]) -> str:
    (project / "words.json").write_text(json.dumps(words))
    return run("--fill", str(project / "words.json"))


def po(project: Path, app: str = "leads") -> Path:
    return project / app / "locale/it/LC_MESSAGES/django.po"


def test_it_extracts_from_python_and_templates_and_lists_what_is_missing(project: Path) -> None:
    out = run("--app", "leads")
    gaps = json.loads(out[: out.rindex("}") + 1])
    assert gaps.keys() == WORDS.keys()
    assert gaps["one row"] == ["", ""]
    assert "Translators: above the list" in po(project).read_text()
    assert not po(project, "core").exists()


def test_templates_of_no_app_belong_to_core(project: Path) -> None:
    run()
    assert 'msgid "Page"' in po(project, "core").read_text()
    assert 'msgid "Page"' not in po(project).read_text()


def test_filled_catalogues_are_complete_and_compiled(project: Path) -> None:
    fill(project, WORDS | {"Page": "Pagina"})
    assert "complete" in run("--check")
    with po(project).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Lead") == "Contatto"
    assert compiled.ngettext("%(n)s lead", "%(n)s leads", 5) == "%(n)s contatti"
    assert compiled.pgettext("month", "May") == "Maggio"


def test_a_second_run_changes_nothing_and_keeps_translations(project: Path) -> None:
    fill(project, WORDS)
    before = po(project).read_bytes()
    run()
    assert po(project).read_bytes() == before
    assert b"Contatto" in before and b"Creation-Date" not in before


def test_a_changed_message_is_not_guessed_from_a_similar_one(project: Path) -> None:
    fill(project, WORDS)
    (project / "leads/models.py").write_text(MODELS.replace('"Lead"', '"Leads"'))
    run()
    text = po(project).read_text()
    assert 'msgid "Leads"\nmsgstr ""' in text
    assert "Contatto" not in text and "fuzzy" not in text


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (("Contatto", ""), "no translation: 'Lead'"),
        (("Due parti: %(what)s", "Due parti: %(cosa)s"), "placeholders differ: 'Two parts: %(what)s'"),
        (("%(n)s contatti", "contatti"), "placeholders differ: '%(n)s lead'"),
        (('msgid "Lead"', 'msgid "Gone"'), "unused: 'Gone'"),
        (('msgid "Lead"', 'msgid "Gone"'), "not in the catalogue: 'Lead'"),
    ],
)
def test_a_check_refuses(project: Path, damage: tuple[str, str], complaint: str) -> None:
    fill(project, WORDS | {"Page": "Pagina"})
    po(project).write_text(po(project).read_text().replace(*damage))
    out = StringIO()
    with pytest.raises(CommandError, match="problems in the catalogues"):
        call_command(Command(), "--check", stdout=out, stderr=out)
    assert complaint in out.getvalue()


def test_two_apps_may_not_translate_one_message_differently(project: Path) -> None:
    (project / "core/ui.py").write_text('from x import _\nA = _("Lead")\n')
    fill(project, WORDS | {"Page": "Pagina"})
    po(project, "core").write_text(po(project, "core").read_text().replace("Contatto", "Lead commerciale"))
    found = [str(problem) for problem in catalogues.problems()]
    assert len(found) == 1
    assert "leads says ('Contatto',), core says ('Lead commerciale',)" in found[0]


def test_words_that_no_source_has_are_named(project: Path) -> None:
    assert 'Not in any source: ["Nonsense"]' in fill(project, {"Nonsense": "Sciocchezza"})


def test_an_unknown_app_is_an_error(project: Path) -> None:
    with pytest.raises(CommandError, match="no app 'ledas'"):
        run("--app", "ledas")


def test_the_real_project_has_an_owner_for_every_template() -> None:
    found = catalogues.owners()
    assert {"core", "leads", "zencrm"} <= {owner.label for owner in found}
    assert all(owner.root.is_dir() for owner in found)
