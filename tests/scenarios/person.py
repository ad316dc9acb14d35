"""Somebody at the keyboard, without a browser: follows links, fills in forms as the page gives them, presses buttons.

Whatever is not on the page cannot be pressed, so a story told this way also tells that the way is there.
"""

import re
from typing import Any

from django.core.files.base import File
from django.http import HttpResponse
from django.test import Client
from lxml import html

#: Who buys in the stories that walk a whole deal, as typed into the form of a lead.
BUYER = {
    "first_name": "Marta",
    "last_name": "Riva",
    "company_name": "Cartiere Adda S.p.A.",
    "vat_number": "00743110157",
    "email": "marta.riva@cartiereadda.example",
    "city": "Lecco",
    "province": "LC",
}


class Person:
    """A user with a session; `page` is what they look at."""

    def __init__(self, user: Any = None, *, language: str = "en") -> None:
        self.client = Client(headers={"accept-language": language})
        self.user = user
        if user is not None:
            self.client.force_login(user, backend="people.backends.RoleBackend")
        self.url = ""
        self.page: Any = None
        self.response: HttpResponse | None = None

    def open(self, url: str, *, status: int = 200) -> "Person":
        return self._take(self.client.get(url, follow=True), url, status)

    def press(self, label: str, *, status: int = 200, **values: Any) -> "Person":
        """Press the button or link with these words; a form it opens is filled in with `values` and sent."""
        button = self._find("button", label)
        if button is not None:
            return self._send(_form_of(button), values, status)
        link = self._find("a", label)
        assert link is not None, f"no “{label}” on {self.url}: {self.buttons()}"
        self.open(link.get("href"))
        return self.send(status=status, **values)

    def send(self, *, status: int = 200, **values: Any) -> "Person":
        """Send the page's own form with these values."""
        forms = [f for f in self.page.xpath("//main//form[@method='post']") if "logout" not in (f.get("action") or "")]
        # Rows that a script adds to a set of forms are not on the page yet; the first row stands for them.
        wanted = [f for f in forms if all(_names(f, name) for name in values if not re.match(r".*__[1-9]\d*__", name))]
        assert wanted, f"no form with {list(values)} on {self.url}; there are {[list(f.fields.keys()) for f in forms]}"
        return self._send(wanted[-1], values, status)

    def sees(self, *texts: str) -> "Person":
        for text in texts:
            assert text in self.text, f"“{text}” is not on {self.url}:\n{self.text[:3000]}"
        return self

    @property
    def text(self) -> str:
        return " ".join(self.page.text_content().split())

    def buttons(self) -> list[str]:
        return [" ".join(node.text_content().split()) for node in self.page.xpath("//main//button | //main//a")]

    def _find(self, tag: str, label: str) -> Any:
        found = [n for n in self.page.xpath(f"//main//{tag}") if " ".join(n.text_content().split()) == label]
        usable = [n for n in found if n.get("aria-disabled") != "true"]
        assert usable or not found, f"“{label}” is there on {self.url}, but disabled: {self.text[:2000]}"
        return usable[0] if usable else None

    def _send(self, form: Any, values: dict[str, Any], status: int) -> "Person":
        data = {n: value for n, value in form.fields.items() if value is not None and "__prefix__" not in n}
        for name, value in values.items():
            data[_real_name(form, name)] = value
        assert not any(isinstance(value, File) for value in data.values())
        url = form.get("action") or self.url
        return self._take(self.client.post(url, data, follow=True), url, status)

    def _take(self, response: Any, url: str, status: int) -> "Person":
        self.url = response.redirect_chain[-1][0] if getattr(response, "redirect_chain", None) else url
        text = response.content.decode()
        assert response.status_code == status, f"{url} answered {response.status_code}: {_plain(text)}"
        self.response, self.page = response, html.fromstring(text)
        return self


def _form_of(button: Any) -> Any:
    return next(node for node in button.iterancestors() if node.tag == "form")


def _names(form: Any, name: str) -> bool:
    return _real_name(form, name) in form.fields


def _real_name(form: Any, name: str) -> str:
    """`lines__0__description` stands for `lines-0-description`."""
    return name.replace("__", "-") if "__" in name else name


def _plain(text: str) -> str:
    try:
        return " ".join(html.fromstring(text).text_content().split())[:1500]
    except Exception:
        return text[:1500]
