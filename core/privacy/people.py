"""The person an address names, seen through the user, and what every page about a person shares."""

from typing import Any

from django.apps import apps
from django.http import Http404, HttpResponse
from django.urls import reverse

from core.lifecycle import Reason
from core.pages import HandoverPage
from core.privacy.registry import person_models


def person_of(user: Any, app: str, model: str, pk: int) -> Any:
    """The record an address names, seen through the user; 404 for anything that is no person."""
    try:
        found = apps.get_model(app, model)
    except LookupError as error:
        raise Http404 from error
    if found not in person_models():
        raise Http404
    try:
        return found.objects.visible_to(user).get(pk=pk)
    except (found.DoesNotExist, OverflowError) as error:
        raise Http404 from error


def address(page: str, person: Any, **more: Any) -> str:
    """The address of one of the pages about a person."""
    names = {"app": person._meta.app_label, "model": person._meta.model_name, "subject": person.pk}
    return reverse(f"core:person_{page}", kwargs=names | more)


class PersonAct(HandoverPage):
    """A question about a person, and what is done with its answer."""

    def record(self) -> Any:
        return person_of(self.request.user, self.kwargs["app"], self.kwargs["model"], self.kwargs["subject"])

    def reasons(self, source: Any) -> list[Reason]:
        return []

    def success_url(self, made: Any) -> str:
        return str(self.record().get_absolute_url())

    def ask_for(self, source: Any, form: Any, reasons: list[Reason], *, status: int = 200) -> HttpResponse:
        label = self.label or self.title
        words = {"title": self.title, "label": label, "action": self.request.path, "tone": self.tone}
        return self.ask(source, form, reasons, status=status, **words)

    tone = ""
