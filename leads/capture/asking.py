"""What was answered to a lead form of a social network: asked at its interface with our token, and at no other address.

Meta: https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
LinkedIn: https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync
"""

import json
from typing import Any
from urllib.parse import quote

from django.conf import settings

from leads.capture import receiving
from leads.models import Capture

#: Seconds that an interface may take.
PATIENCE = 15
#: Their names of what everybody asks, and ours.
_META = {
    "first_name": "first_name", "last_name": "last_name", "full_name": "full_name", "email": "email", "work_email": "email",
    "phone_number": "phone", "work_phone_number": "phone", "company_name": "company_name", "job_title": "job_title",
    "city": "city", "province": "province", "state": "province", "website": "website",
}  # fmt: skip
_LINKEDIN = {
    "FIRST_NAME": "first_name", "LAST_NAME": "last_name", "EMAIL": "email", "WORK_EMAIL": "email",
    "PHONE_NUMBER": "phone", "WORK_PHONE_NUMBER": "phone", "COMPANY_NAME": "company_name", "JOB_TITLE": "job_title",
    "CITY": "city", "STATE": "province", "COMPANY_WEBSITE": "website",
}  # fmt: skip


class NoAnswer(Exception):
    """The network does not tell what was answered, or nobody has given us a token to ask."""


def answers(capture: Capture) -> dict[str, str]:
    """The answers of a notification, by our names where there are any. Raises `NoAnswer`."""
    wanted = capture.payload.get("fetch") or {}
    ask, token = {
        "facebook": (_ask_meta, settings.META_PAGE_TOKEN),
        "linkedin": (_ask_linkedin, settings.LINKEDIN_TOKEN),
    }.get(wanted.get("from", ""), (None, ""))
    if ask is None or not token:
        raise NoAnswer("no token to ask what was answered")
    import httpx  # only the worker asks: the pages do without

    try:
        found: dict[str, str] = ask(str(wanted["id"]), token)
    except (httpx.HTTPError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    return _named(found)


def _get(url: str, token: str, **headers: str) -> Any:
    import httpx

    response = httpx.get(url, headers={"Authorization": f"Bearer {token}", **headers}, timeout=PATIENCE)
    response.raise_for_status()
    return response.json()


def _ask_meta(lead: str, token: str) -> dict[str, str]:
    told = _get(f"{settings.META_URL}/{quote(lead)}?fields=field_data,form_id,campaign_name", token)
    found = {one["name"]: ", ".join(map(str, one.get("values", ()))) for one in told["field_data"]}
    return {_META.get(name.lower(), name): value for name, value in found.items()}


def _ask_linkedin(answer: str, token: str) -> dict[str, str]:
    told = _get(
        f"{settings.LINKEDIN_URL}/leadFormResponses/{quote(answer)}?fields=formResponse,form:(name,id,content,hiddenFields)",
        token,
        **{"LinkedIn-Version": settings.LINKEDIN_VERSION, "X-Restli-Protocol-Version": "2.0.0"},
    )
    questions = {one["questionId"]: one for one in told["form"]["content"]["questions"]}
    found = {}
    for given in told["formResponse"]["answers"]:
        question = questions.get(given["questionId"], {})
        name = _LINKEDIN.get(question.get("predefinedField", ""), question.get("name") or str(given["questionId"]))
        text = given.get("answerDetails", {}).get("textQuestionAnswer", {}).get("answer")
        found[name] = text if text is not None else json.dumps(given.get("answerDetails", {}))
    return found


def _named(found: dict[str, str]) -> dict[str, str]:
    """A whole name in two, where they ask for it in one."""
    whole = found.pop("full_name", "").strip()
    if whole and not found.get("last_name"):
        first, _space, last = whole.rpartition(" ")
        found |= {"first_name": first, "last_name": last}
    return {name: str(value)[: receiving.LONGEST] for name, value in found.items()}
