"""What nobody foresaw is told to an error tracker that understands Sentry's protocol, where the house has one: `SENTRY_DSN`."""

from typing import Any

from zencrm.logs import current_request_id


def report_to(dsn: str) -> None:
    """Tell the tracker of every unforeseen error of pages and jobs.

    It gets the kind of error, where in the code, which page, and the request's id, by which the log has the rest. What people
    typed, who they are and what the database holds stays in the house: no messages (the database's quote values), no
    addresses (those of public pages are keys), bodies, headers or values of variables.
    """
    import sentry_sdk  # 10 MB that a house without a tracker does without
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=dsn,
        before_send=_without_people,
        include_local_variables=False,
        integrations=[LoggingIntegration(level=None, event_level=None)],
        max_breadcrumbs=0,
        max_request_body_size="never",
        send_default_pii=False,
        traces_sample_rate=None,
    )


def _without_people(event: Any, _hint: Any) -> Any:
    for name in ("request", "user", "extra"):  # extra: the arguments of a job
        event.pop(name, None)
    for error in event.get("exception", {}).get("values", ()):
        error.pop("value", None)
    if request_id := current_request_id():
        event.setdefault("tags", {})["request_id"] = request_id
    return event
