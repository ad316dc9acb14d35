"""Pages for managers: how likely each stage makes a deal."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.forms import ModelForm
from core.pages import Column, DetailPage, FormPage, ListPage, Panel
from opportunities.models import StageProbability


class StageForm(ModelForm):
    class Meta:
        model = StageProbability
        fields = ("probability",)
        help_texts = {"probability": _("Deals that enter the stage from now on start with it; the others keep theirs.")}


class StageList(ListPage):
    model = StageProbability
    columns = (Column("stage", link=True, sort=False), Column("probability", kind="percent", label=_("Probability")))
    search_fields = ("stage",)
    default_sort = "position"


class StageDetail(DetailPage):
    model = StageProbability
    panels = (Panel(_("Stage"), ("stage", "probability"), icon="percentage"),)


class StageEdit(FormPage):
    model = StageProbability
    form_class = StageForm

    def success_url(self, saved: Any) -> str:
        return self.url("list")
