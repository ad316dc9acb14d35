"""Pages of segments, sequences and mailings, walked as marketing, as sales, and as somebody who may not."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from core import outbox
from leads.models import Enrolment, Mailing, Segment, Send, Sequence, SequenceStep
from leads.nurture import audience, mailings, sequences
from tests.factories import (
    ContactFactory,
    EnrolmentFactory,
    LeadFactory,
    MailingFactory,
    MailTemplateFactory,
    SegmentFactory,
    SequenceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketing(cast, client_of):
    return client_of(cast.marketing)


def counted(client, record):
    """The part that the page fetches by itself."""
    return client.get(record.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "audience"}).text


def test_a_segment_from_the_fields_of_the_filter(cast, marketing, reader, newsletter):
    LeadFactory(source="Fiera")
    reader.source = "Fiera dell'acqua"
    reader.save()
    LeadFactory(source="Sito")
    page = marketing.get("/segments/new/")
    assert 'name="source"' in page.text and 'name="score_min"' in page.text
    facts = {"name": "Fiera", "kind": "lead", "_filters": "", "source": "fiera", "state": ["new", "working"]}
    answer = marketing.post("/segments/new/", facts)
    assert answer.status_code == 302, answer.text
    segment = Segment.objects.get()
    assert (segment.query, segment.owner) == ("state=new&state=working&source=fiera", cast.marketing)
    assert audience.rows_of(segment, cast.marketing).count() == 2
    shown = marketing.get(segment.get_absolute_url()).text
    assert "fiera" in shown and "/leads/?state=new" in shown and "Newsletter" not in shown
    assert "Newsletter" in counted(marketing, segment) and "<html" not in counted(marketing, segment)
    edit = marketing.get(segment.edit_url).text
    assert 'value="fiera"' in edit
    assert marketing.post(segment.edit_url, facts | {"source": "", "state": []}).status_code == 302
    segment.refresh_from_db()
    assert segment.query == ""


def test_a_list_that_is_filtered_becomes_a_segment(marketing):
    page = marketing.get("/segments/new/?kind=contact&job_title=Direttore&q=rossi").text
    assert 'name="job_title"' in page and 'value="Direttore"' in page and "q=rossi" in page
    wrong = {"name": "X", "kind": "lead", "_filters": "", "score_min": "abc"}
    assert marketing.post("/segments/new/", wrong).status_code == 422
    assert marketing.post("/segments/new/", {"name": "X", "kind": "nobody"}).status_code == 422


def test_a_sequence_from_the_first_step_to_the_last(cast, marketing, reader, newsletter):
    facts = {
        "name": "Benvenuto", "kind": "lead", "purpose": newsletter.pk, "from_hour": 0, "to_hour": 24, "stop_on_reply": "on",
    }  # fmt: skip
    assert marketing.post("/sequences/new/", facts).status_code == 302
    sequence = Sequence.objects.get()
    assert marketing.post(sequence.act_url("start")).status_code == 409  # it has no mail yet
    new = reverse("leads:sequence_step_new", args=[sequence.pk])
    template = MailTemplateFactory()
    step = {"position": 1, "days": 0, "hours": 0, "action": "mail", "template": template.pk}
    assert marketing.post(new, step).status_code == 302
    assert marketing.post(new, step).status_code == 422  # the place is taken
    assert marketing.post(new, step | {"position": 2, "template": ""}).status_code == 422
    ask = {"position": 2, "days": 3, "hours": 0, "action": "ask", "question": "clicked", "yes": 0, "no": ""}
    assert marketing.post(new, ask).status_code == 302
    assert marketing.post(sequence.act_url("start")).status_code == 302
    change = reverse("leads:sequence_step_edit", args=[sequence.pk, SequenceStep.objects.first().pk])
    assert marketing.get(change).status_code == 409  # people are on their way
    assert (
        marketing.post(reverse("leads:enrolment_from_lead", args=[reader.pk]), {"sequence": sequence.pk}).status_code
        == 302
    )
    sequences.take_due()
    page = marketing.get(sequence.get_absolute_url()).text
    for words in (str(template), "Have they clicked", "Came in", "People"):
        assert words in page, words
    enrolment = Enrolment.objects.get()
    assert "Giulia@Cliente.example".lower() in marketing.get(enrolment.get_absolute_url()).text
    assert "sent the mail “" in marketing.get(reader.get_absolute_url()).text
    assert marketing.post(enrolment.act_url("stop")).status_code == 302
    sequence.pause(by=cast.marketing)
    assert marketing.get(change).status_code == 200
    remove = reverse("leads:sequence_step_remove", args=[sequence.pk, SequenceStep.objects.last().pk])
    assert marketing.post(remove).status_code == 302 and sequence.steps.count() == 1


def test_a_segment_is_put_into_a_sequence(cast, marketing, reader):
    LeadFactory()
    sequence, segment = SequenceFactory(state="active", owner=cast.marketing), SegmentFactory()
    url = reverse("leads:sequence_enrol", args=[sequence.pk])
    assert url in marketing.get(sequence.get_absolute_url()).text
    page = marketing.post(url, {"segment": segment.pk}, follow=True).text
    assert "1 person came in." in page
    assert marketing.post(url, {"segment": SegmentFactory(kind="contact").pk}).status_code == 422


def test_who_has_not_agreed_is_not_put_in_and_the_page_says_why(cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    sequence = SequenceFactory(state="active")
    client = client_of(cast.sales)
    url = reverse("leads:enrolment_from_lead", args=[lead.pk])
    assert url in client.get(lead.get_absolute_url()).text
    answer = client.post(url, {"sequence": sequence.pk})
    assert answer.status_code == 409 and "no valid consent" in answer.text
    contact = ContactFactory()
    other = reverse("leads:enrolment_from_contact", args=[contact.pk])
    assert client.post(other, {"sequence": SequenceFactory(state="active", kind="contact").pk}).status_code == 409


def test_a_mailing_from_the_draft_to_its_figures(cast, marketing, reader, newsletter, smtp, long_ago):
    LeadFactory()
    facts = {
        "name": "Invito",
        "segment": SegmentFactory().pk,
        "template": MailTemplateFactory().pk,
        "purpose": newsletter.pk,
    }
    assert marketing.post("/mailings/new/", facts).status_code == 302
    mailing = Mailing.objects.get()
    page, count = marketing.get(mailing.get_absolute_url()).text, counted(marketing, mailing)
    assert "1</strong> person of 2" in count and "There is no valid consent to the purpose: 1" in count
    assert "1</strong> person of 2" in marketing.get(f"{mailing.get_absolute_url()}?panel=audience").text
    assert "1</strong> person of 2" not in page and "Giulia Verdi" in page  # the preview
    assert "Dear Giulia Verdi" in marketing.get(f"{mailing.get_absolute_url()}?language=en").text
    send = reverse("leads:mailing_send", args=[mailing.pk])
    assert "1</strong> person gets this mail" in marketing.get(send).text
    assert marketing.post(reverse("leads:mailing_trial", args=[mailing.pk])).status_code == 302
    assert marketing.post(send).status_code == 302
    mailings.send_waiting()
    outbox.deliver_due()
    assert len(smtp.messages) == 2
    page = marketing.get(mailing.get_absolute_url()).text
    assert "Arrived" in page and "giulia@cliente.example" in page and "left out" in page.lower()
    mailing.refresh_from_db()
    assert mailing.state == "sent" and marketing.get(mailing.edit_url).status_code == 409
    assert marketing.post(send).status_code == 409 and Send.objects.count() == 1


def test_a_mailing_that_is_cancelled_writes_to_nobody_further(cast, marketing, reader):
    mailing = MailingFactory(owner=cast.marketing)
    mailings.start(mailing=mailing, by=cast.marketing)
    assert marketing.post(mailing.act_url("cancel")).status_code == 302
    mailings.send_waiting()
    assert not Send.objects.exists()


def test_who_may_enter(cast, client_of, reader):
    mailing, sequence, segment = MailingFactory(owner=cast.marketing), SequenceFactory(), SegmentFactory()
    for record in (mailing, segment):
        assert client_of(cast.sales).get(record.get_absolute_url()).status_code == 403
        part = client_of(cast.sales).get(record.get_absolute_url(), headers={"HX-Target": "audience"})
        assert part.status_code == 403
        assert client_of(cast.manager).get(record.get_absolute_url()).status_code == 200
    assert client_of(cast.sales).get(sequence.get_absolute_url()).status_code == 200
    assert client_of(cast.sales).get(sequence.edit_url).status_code == 403
    assert client_of(cast.sales).post(sequence.act_url("start")).status_code == 403
    assert client_of(cast.accountant).get(sequence.get_absolute_url()).status_code == 403
    for name in ("mailing_send", "mailing_trial"):
        assert client_of(cast.sales).post(reverse(f"leads:{name}", args=[mailing.pk])).status_code == 403
    mine = EnrolmentFactory(subject=reader, owner=cast.sales, sequence__state="active")
    assert client_of(cast.sales).get(mine.get_absolute_url()).status_code == 200
    assert client_of(cast.sales2).get(mine.get_absolute_url()).status_code == 404
    assert client_of(cast.sales2).post(reverse("leads:enrolment_from_lead", args=[reader.pk])).status_code in (200, 422)
    hidden = LeadFactory(owner=cast.sales)
    assert client_of(cast.sales2).post(reverse("leads:enrolment_from_lead", args=[hidden.pk])).status_code == 404


def test_the_list_as_it_is_filtered_becomes_a_segment_that_fills_by_itself(cast, client_of):
    """With its search, its groups and "mine": the last by name, as a colleague has other leads of their own."""
    manager = client_of(cast.manager)
    mine = LeadFactory(owner=cast.manager, source="Fiera", city="Parma")
    other = LeadFactory(owner=cast.manager, source="Sito", city="Lodi")
    LeadFactory(owner=cast.sales, source="Fiera")
    LeadFactory(owner=cast.manager, source="Posta")
    groups = "source=fiera&or=city%3Dlodi"
    page = manager.get(f"/leads/?mine=1&{groups}").text
    assert 'formaction="/segments/new/"' in page and 'value="lead"' in page
    assert "/segments/new/" not in client_of(cast.sales).get("/leads/").text
    assert 'value="contact"' in manager.get("/contacts/").text
    # What the button sends: the hidden fields of the list's tools, with what is searched for.
    url = f"/segments/new/?mine=1&{groups}&sort=-score&columns=name&view=3&q=&kind=lead"
    form = manager.get(url).text
    kept = f"or=city%3Dlodi%26owner%3D{cast.manager.pk}"
    assert f'value="{kept}"' in form and 'value="fiera"' in form
    facts = {
        "name": "Miei",
        "kind": "lead",
        "_filters": "1",
        "_kept": kept,
        "source": "fiera",
        "owner": cast.manager.pk,
    }
    assert manager.post("/segments/new/", facts).status_code == 302
    segment = Segment.objects.get()
    assert "mine" not in segment.query
    assert set(audience.rows_of(segment, cast.admin)) == {mine, other}
    later = LeadFactory(owner=cast.manager, source="Fiera", city="Lecco")
    assert set(audience.rows_of(segment, cast.admin)) == {mine, other, later}
    # An alternative that is unticked is gone.
    del facts["_kept"]
    assert manager.post(segment.edit_url, facts).status_code == 302
    segment.refresh_from_db()
    assert set(audience.rows_of(segment, cast.admin)) == {mine, later}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("mine=1", "owner={pk}"),
        ("mine=1&q=x", "q=x&owner={pk}"),
        ("mine=1&or=city%3DLodi", "or=city%3DLodi%26owner%3D{pk}"),
        ("mine=1&or=", "owner={pk}"),
        ("source=a&source=b&sort=name&city=", "source=a&source=b"),
        ("mine=2&kind=lead", "mine=2"),
    ],
)
def test_mine_by_name(cast, address, expected):
    assert audience.taken_from(QueryDict(address), "lead", cast.manager) == expected.format(pk=cast.manager.pk)


def test_mine_stays_where_no_name_can_say_it(cast, marketing):
    """Marketing owns no leads: there is no such owner to choose."""
    form = marketing.get("/segments/new/?mine=1&kind=lead").text
    assert 'value="mine=1"' in form
    facts = {"name": "Miei", "kind": "lead", "_filters": "1", "_kept": ["mine=1", "sort=name", "%00"]}
    assert marketing.post("/segments/new/", facts).status_code == 302
    assert Segment.objects.get().query == "mine=1"
