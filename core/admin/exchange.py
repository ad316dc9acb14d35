"""Import and export in the admin, with the resources that `import_table` uses."""

from typing import Any

from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, DEFAULT_FORMATS, XLSX
from unfold.contrib.import_export.forms import ExportForm, ImportForm


class ExchangeMixin(ImportExportModelAdmin):
    """Put it before the admin class and set `resource_classes`. Rows and costs in an export are those the user may see."""

    import_form_class = ImportForm
    export_form_class = ExportForm
    skip_admin_log = False
    #: Workbooks are said to be there, not looked for: openpyxl is loaded with the first of them.
    formats = tuple(dict.fromkeys([CSV, XLSX, *DEFAULT_FORMATS]))

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"user": request.user, "by": request.user}

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
