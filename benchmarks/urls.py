from django.urls import include, path

from benchmarks import bare

urlpatterns = [
    path("bare/plain/", bare.plain),
    path("bare/list/", bare.lead_list),
    path("bare/record/<int:pk>/", bare.lead_record),
    path("bare/board/", bare.lead_board),
    path("bare/search/", bare.search),
    path("", include("zencrm.urls")),
]

handler400 = "zencrm.errors.bad_request"
handler403 = "zencrm.errors.forbidden"
handler404 = "zencrm.errors.not_found"
handler500 = "zencrm.errors.server_error"
