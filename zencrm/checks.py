"""System checks: of every start, and those of `manage.py check --deploy`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateSyntaxError, engines

from core import icons

TEMPLATES = "templates"


@register()
def icons_are_there(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Pages without a single icon still open: nobody would notice before those who work with them."""
    if icons.FOLDER.is_dir():
        return []
    hint = "`make setup` gets them; in a container they are copied from the first stage (Dockerfile)."
    return [Error(f"There are no icons in {icons.FOLDER}.", hint=hint, id="zencrm.E002")]


@register(TEMPLATES, deploy=True)
def every_template_compiles(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A typo in a template that no test opens is found here, not by a customer."""
    found: list[CheckMessage] = []
    for name in template_names():
        try:
            engines["django"].get_template(name)
        except TemplateSyntaxError as error:
            found.append(Error(str(error), obj=name, id="zencrm.E001"))
    return found


def template_names() -> Iterator[str]:
    """All templates of the project's own folders: the common ones, and those inside an app."""
    dirs: Any = settings.TEMPLATES[0]["DIRS"]
    folders = [Path(folder) for folder in dirs]
    folders += [Path(config.path) / "templates" for config in apps.get_app_configs()]
    for folder in folders:
        if folder.is_relative_to(settings.BASE_DIR) and "site-packages" not in folder.parts:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    yield path.relative_to(folder).as_posix()
