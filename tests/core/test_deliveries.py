"""The page of what leaves the house: who sees what, downloads, sending again."""

import pytest

from core import access, outbox
from core.models import Delivery, Event
from tests.factories import InvoiceFactory, LeadFactory, QuoteFactory, SalesOrderFactory, _force

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(cast):
    """A file about an order of sales, and a mail about a quote of sales2."""
    order = SalesOrderFactory(owner=cast.sales)
    quote = QuoteFactory(owner=cast.sales2)
    xml = ("OV <1>.xml", "text/html", b"<script>alert(1)</script>")
    file = outbox.send(channel="ubl", key="erp-ubl-1", subject=order, payload={"net": "10.00"}, files=[xml])
    mail = outbox.send_mail(key="quote-1-sent", subject=quote, to=["a@b.it"], title="Offer", text="Secret <b>price</b>")
    return file, mail


def test_one_sees_deliveries_about_what_one_may_see(cast, posted):
    file, mail = posted
    seen = {name: set(Delivery.objects.visible_to(getattr(cast, name))) for name in ("sales", "sales2", "manager")}
    assert seen == {"sales": {file}, "sales2": {mail}, "manager": {file, mail}}
    assert set(Delivery.objects.visible_to(cast.accountant)) == {file}  # orders, but no quotes
    assert not Delivery.objects.visible_to(cast.hr).exists()
    assert Delivery.objects.visible_to(access.JOB).count() == 2


def test_each_kind_of_subject_counts(cast):
    for subject in (LeadFactory(owner=cast.sales), InvoiceFactory(owner=cast.sales)):
        outbox.send(channel="ubl", key=f"k-{subject.pk}-{type(subject).__name__}", subject=subject, payload={})
    assert Delivery.objects.visible_to(cast.sales).count() == 2


def test_the_list_has_tabs_and_links_to_its_subject(cast, client_of, posted):
    file, mail = posted
    page = client_of(cast.sales).get("/deliveries/").content.decode()
    assert file.key in page
    assert mail.key not in page
    assert file.subject.get_absolute_url() in page
    _force(mail, "failed", {})
    failed = client_of(cast.manager).get("/deliveries/", {"state": "failed"}).content.decode()
    assert mail.key in failed
    assert file.key not in failed


def test_the_list_asks_no_more_for_more_rows(cast, client_of, django_assert_max_num_queries):
    order = SalesOrderFactory(owner=cast.sales)
    for n in range(12):
        outbox.send(channel="ubl", key=f"k-{n}", subject=order, payload={})
    client = client_of(cast.sales)
    client.get("/deliveries/")
    with django_assert_max_num_queries(10):
        client.get("/deliveries/")


def test_a_mail_is_shown_as_text(cast, client_of, posted):
    mail = posted[1]
    page = client_of(cast.sales2).get(mail.get_absolute_url()).content.decode()
    assert "Secret &lt;b&gt;price&lt;/b&gt;" in page
    assert client_of(cast.sales).get(mail.get_absolute_url()).status_code == 404
    assert client_of(cast.hr).get(mail.get_absolute_url()).status_code == 403


def test_files_are_downloads_for_those_who_may_see_the_delivery(cast, client_of, posted):
    file = posted[0]
    url = f"{file.get_absolute_url()}files/{file.files.get().pk}/"
    answer = client_of(cast.sales).get(url)
    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert client_of(cast.sales2).get(url).status_code == 404
    foreign = f"{posted[1].get_absolute_url()}files/{file.files.get().pk}/"
    assert client_of(cast.sales2).get(foreign).status_code == 404


def test_sending_again_asks_for_the_right_and_leaves_a_trace(cast, client_of, posted):
    file = posted[0]
    _force(file, "failed", {"attempts": 7})
    assert client_of(cast.sales).post(file.act_url("resend")).status_code == 403
    assert client_of(cast.manager).post(file.act_url("resend")).status_code == 302
    file.refresh_from_db()
    assert (file.state, file.attempts) == ("pending", 0)
    assert Event.objects.about(file).first().name == "delivery.resent"
    page = client_of(cast.manager).get(file.get_absolute_url()).content.decode()
    assert "asked to send it again" in page


def test_what_was_delivered_is_not_sent_again(cast, client_of, posted):
    file = posted[0]
    _force(file, "delivered", {})
    assert client_of(cast.manager).post(file.act_url("resend")).status_code == 409


def test_many_are_sent_again_from_the_list(cast, client_of, posted):
    for delivery in posted:
        _force(delivery, "failed", {})
    data = {"verb": "resend", "ids": [delivery.pk for delivery in posted]}
    client_of(cast.manager).post("/deliveries/", data)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}
