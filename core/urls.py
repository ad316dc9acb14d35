from django.urls import path
from django.utils.translation import gettext_lazy as _

from core import deliveries, views, webhook_pages
from core.api import pages as api_pages
from core.fields import pages as fields
from core.imports import pages as imports
from core.imports import word_pages
from core.merging import pages as merging
from core.merging import pair_pages
from core.models import Consent, CustomField, DataAccess, Delivery, Erasure, ImportRun, Purpose, Tag, Webhook
from core.pages import pages, saving
from core.privacy import consent_pages, person_pages, retention_pages, watching_pages

app_name = "core"
#: A person, as the addresses of privacy name them.
PERSON = "privacy/<slug:app>/<slug:model>/<int:subject>/"

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("pick/<slug:app>/<slug:model>/", views.pick, name="pick"),
    path("keyboard/", views.keyboard, name="keyboard"),
    path("preferences/", views.set_preferences, name="preferences"),
    path("styleguide/", views.style_guide, name="styleguide"),
    path("profile/tokens/", api_pages.Tokens.as_view(), name="apitoken_list"),
    path("profile/tokens/<int:pk>/revoke/", api_pages.RevokeToken.as_view(), name="apitoken_revoke"),
    path("deliveries/<int:pk>/files/<int:file>/", deliveries.DeliveryFile.as_view(), name="delivery_file"),
    path(
        "views/<slug:app>/<slug:model>/new/", saving.ViewPage.as_view(title=_("Save as view")), name="savedview_create"
    ),
    path("views/<int:pk>/edit/", saving.ViewPage.as_view(title=_("Change the view")), name="savedview_edit"),
    path("views/<int:pk>/keep/", saving.UpdateView.as_view(), name="savedview_keep"),
    path("views/<int:pk>/move/", saving.MoveView.as_view(), name="savedview_move"),
    path("views/<int:pk>/delete/", saving.DeleteView.as_view(), name="savedview_delete"),
    path("duplicates/", pair_pages.Duplicates.as_view(), name="duplicates"),
    path("duplicates/<int:pk>/dismiss/", pair_pages.DismissPair.as_view(), name="duplicates_dismiss"),
    path("merge/<slug:app>/<slug:model>/<int:pk>/", merging.ChooseTwin.as_view(), name="merge_choose"),
    path("merge/<slug:app>/<slug:model>/<int:pk>/<int:other>/", merging.MergePage.as_view(), name="merge"),
    path("merges/<int:pk>/", merging.MergeDetail.as_view(), name="merge_detail"),
    path("merges/<int:pk>/undo/", merging.UndoMerge.as_view(), name="merge_undo"),
    path("webhooks/<int:pk>/test/", webhook_pages.SendTest.as_view(), name="webhook_test"),
    path("webhooks/<int:pk>/secret/", webhook_pages.RenewSecret.as_view(), name="webhook_secret"),
    path("settings/tags/<int:pk>/delete/", fields.TagDelete.as_view(), name="tag_delete"),
    path("tags/<slug:app>/<slug:model>/<int:pk>/", fields.RecordTags.as_view(), name="record_tags"),
    *pages(
        CustomField,
        prefix="settings/fields",
        list=fields.FieldList,
        detail=fields.FieldDetail,
        create=fields.FieldCreate,
        edit=fields.FieldEdit,
    ),
    *pages(
        Tag,
        prefix="settings/tags",
        list=fields.TagList,
        detail=fields.TagDetail,
        create=fields.TagCreate,
        edit=fields.TagEdit,
    ),
    *pages(
        Webhook,
        prefix="webhooks",
        list=webhook_pages.WebhookList,
        detail=webhook_pages.WebhookDetail,
        create=webhook_pages.WebhookCreate,
        edit=webhook_pages.WebhookEdit,
    ),
    *pages(
        Delivery,
        prefix="deliveries",
        list=deliveries.DeliveryList,
        detail=deliveries.DeliveryDetail,
        act=deliveries.DeliveryAct,
    ),
    path("imports/<int:pk>/map/", imports.ImportMap.as_view(), name="importrun_map"),
    path("imports/<int:pk>/words/", word_pages.ImportWords.as_view(), name="importrun_words"),
    path("imports/<int:pk>/progress/", imports.ImportProgress.as_view(), name="importrun_progress"),
    path("imports/<int:pk>/original/", imports.ImportFile.as_view(), name="importrun_file"),
    path("imports/<int:pk>/errors/", imports.ImportErrors.as_view(), name="importrun_errors"),
    *pages(
        ImportRun,
        prefix="imports",
        list=imports.ImportList,
        create=imports.ImportUpload,
        detail=imports.ImportDetail,
        act=imports.ImportAct,
    ),
    *pages(
        Purpose,
        prefix="privacy/purposes",
        list=consent_pages.PurposeList,
        detail=consent_pages.PurposeDetail,
        create=consent_pages.PurposeCreate,
        edit=consent_pages.PurposeEdit,
    ),
    *pages(Consent, prefix="privacy/consents", list=consent_pages.ConsentList, detail=consent_pages.ConsentDetail),
    path("privacy/consents/<int:pk>/files/<int:file>/", consent_pages.ConsentFile.as_view(), name="consent_file"),
    *pages(Erasure, prefix="privacy/erasures", list=person_pages.ErasureList, detail=person_pages.ErasureDetail),
    *pages(DataAccess, prefix="privacy/access", list=watching_pages.DataAccessList),
    path("privacy/retention/", retention_pages.RetentionRules.as_view(), name="retention"),
    path("privacy/retention/<slug:kind>/", retention_pages.RetentionEdit.as_view(), name="retention_edit"),
    path("privacy/retention/<slug:kind>/now/", retention_pages.RetentionNow.as_view(), name="retention_now"),
    path(f"{PERSON}export/", person_pages.ExportPerson.as_view(), name="person_data"),
    path(f"{PERSON}erase/", person_pages.ErasePerson.as_view(), name="person_erase"),
    path(f"{PERSON}consent/", consent_pages.GiveConsent.as_view(), name="person_consent"),
    path(f"{PERSON}withdraw/<slug:code>/", consent_pages.WithdrawConsent.as_view(), name="person_withdraw"),
]
