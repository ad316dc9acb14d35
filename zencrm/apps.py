"""The composition root tells the rooms below what they may not import: hand-overs, thread stages, gates, reactions."""

from django.apps import AppConfig


class ZencrmConfig(AppConfig):
    name = "zencrm"

    def ready(self) -> None:
        from activities import notifications
        from core import outbox, webhooks
        from zencrm import checks, wiring  # noqa: F401 - the checks register themselves
        from zencrm.notices import NOTICES
        from zencrm.reactions import REACTIONS

        outbox.install_reactions(REACTIONS)
        outbox.follow(webhooks.wants, webhooks.tell)
        notifications.install(NOTICES)
        wiring.install()
