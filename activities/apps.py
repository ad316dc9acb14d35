from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "activities"
    verbose_name = _("Activities")

    def ready(self) -> None:
        """Every record's page gets the composer and the next activities, its timeline the notes, files and what was done."""
        from activities import records
        from core import history
        from core.pages import register_extra

        history.register_source(records.timeline_entries)
        history.register("activity.scheduled", _("scheduled the activity"))
        history.register("activity.completed", _("completed the activity"))
        history.register("activity.reopened", _("reopened the activity"))
        history.register("email.sent", _("sent an e-mail"))
        history.register("email.received", _("wrote an e-mail"))
        history.register("email.undelivered", _("could not deliver your e-mail"))
        history.register("email.attached", _("put the e-mail on a record"))
        history.register("note.mentioned", _("mentions you in a note"))
        register_extra(records.page_extra)
