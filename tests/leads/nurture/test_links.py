"""The links in our mails: genuine or nothing, each for its own use and its own mail, and no way on to anywhere else."""

import re
from email import message_from_bytes, policy

import pytest
from django.urls import NoReverseMatch, reverse

from core import outbox
from core.models import Consent
from core.privacy import consent
from leads.models import Edition, Send
from leads.nurture import links, mailings, signals
from tests import brakes
from tests.factories import LeadFactory, MailingFactory, MailTemplateFactory

pytestmark = pytest.mark.django_db
BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "HTTP_ACCEPT_LANGUAGE": "it"}
PLACE = "https://www.aquaflux.example/fiera?a=1&b=2"


@pytest.fixture
def sent(cast, newsletter, profiling, agree, smtp, long_ago):
    """Two mails of one mailing: of the first reader opens and clicks are measured, of the second they are not."""
    agree(LeadFactory(email="measured@x.example"), newsletter, profiling)
    agree(LeadFactory(email="unmeasured@x.example"), newsletter)
    mailing = MailingFactory(owner=cast.marketing, measuring=profiling)
    mailings.start(mailing=mailing, by=cast.marketing)
    mailings.send_waiting()
    outbox.deliver_due()
    long_ago()
    return list(Send.objects.order_by("pk"))


def mail(smtp, place):
    return message_from_bytes(smtp.messages[place], policy=policy.default)


def page_of(smtp, place):
    return mail(smtp, place).get_body(("html",)).get_content()


def path(url):
    return url.removeprefix("https://crm.aquaflux.example")


def url_of(use, send, number=None):
    names = {"open": "opened", "click": "click", "choices": "choices"}
    return reverse(f"leads:mail_{names[use]}", args=[links.token(use, send.pk, number)])


# --- Forged and foreign -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["open", "click", "choices"])
def test_a_forged_link_is_nothing(client, sent, use):
    name = {"open": "opened", "click": "click", "choices": "choices"}[use]
    genuine = links.token(use, sent[0].pk, 0 if use == "click" else None)
    start, _dash, signature = genuine.rpartition("-")
    forged = (
        f"{start}-{'0' * 32}", f"{start}-{signature[:-1]}{'0' if signature[-1] != '0' else '1'}", f"{start}-", signature, "1",
        f"{sent[1].pk:x}-{signature}", f"{sent[1].pk:x}.0-{signature}", f"{start}0-{signature}", f"{genuine} ", "x" * 300,
        f"{'f' * 15}-{signature}", f"{genuine}é",
    )  # fmt: skip
    for token in forged:
        try:
            address = reverse(f"leads:mail_{name}", args=[token])
        except NoReverseMatch:
            continue
        assert client.get(address, **BROWSER).status_code in (404, 429), token
    assert not Send.objects.filter(opened_at__isnull=False).exists()


def test_a_link_opens_its_own_use_only(client, sent):
    """Whoever gets hold of the address of the picture cannot withdraw a consent with it."""
    token = links.token("open", sent[0].pk)
    for name in ("choices", "unsubscribe", "click"):
        assert client.post(reverse(f"leads:mail_{name}", args=[token])).status_code == 404
    assert client.get(reverse("leads:mail_opened", args=[links.token("choices", sent[0].pk)])).status_code == 404
    assert not Consent.objects.filter(given=False).exists()


def test_one_link_changes_one_persons_consent(client, sent, newsletter):
    client.post(url_of("choices", sent[0]), {"act": "withdraw:newsletter"})
    assert not consent.standing_of(sent[0].subject, newsletter).is_valid
    assert consent.standing_of(sent[1].subject, newsletter).is_valid


def test_guessing_is_slowed_down(client, sent):
    brakes.whole_minute()
    statuses = [client.get(f"/m/u/1-{number:032x}/").status_code for number in range(40)]
    assert statuses[0] == 404 and statuses[-1] == 429


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "trace"])
def test_other_methods_do_nothing(client, sent, method):
    for url in (url_of("choices", sent[0]), url_of("click", sent[0], 0), url_of("open", sent[0])):
        assert getattr(client, method)(url).status_code in (405, 404)


# --- No open redirect -------------------------------------------------------------------------------------------------------


def test_a_click_leads_to_what_stood_in_the_mail_and_nowhere_else(client, sent, smtp):
    url = path(re.search(r'href="([^"]+/m/c/[^"]+)"', page_of(smtp, 0)).group(1))
    answer = client.get(url, **BROWSER)
    assert (answer.status_code, answer.url) == (302, PLACE)
    for more in ("?url=https://evil.example", "?next=//evil.example", "#https://evil.example"):
        assert client.get(url + more, **BROWSER).url == PLACE
    assert client.get(url_of("click", sent[0], 1), **BROWSER).status_code == 404
    assert client.get(url_of("click", sent[0], 4095), **BROWSER).status_code == 404


def test_what_strangers_typed_becomes_no_link(cast, client, newsletter, profiling, agree, smtp):
    """A name out of a form that is an address: our mail does not make it a link, least of all one through us."""
    facts = {"first_name": "https://evil.example/a", "last_name": '"><a href="https://evil.example/b">x</a>'}
    agree(LeadFactory(email="evil@x.example", **facts), newsletter, profiling)
    text = "{{ recipient.name }} https://ours.example/{{ recipient.first_name }} https://ours.example/x"
    template = MailTemplateFactory(title_it="{{ recipient.name }}", text_it=text)
    mailing = MailingFactory(owner=cast.marketing, measuring=profiling, template=template)
    mailings.start(mailing=mailing, by=cast.marketing)
    mailings.send_waiting()
    outbox.deliver_due()
    targets = re.findall(r'href="([^"]+)"', page_of(smtp, 0))
    assert not [target for target in targets if "evil" in target]
    assert Edition.objects.get(language="it").links == ["https://ours.example/x"]
    assert "&lt;a href" in page_of(smtp, 0)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", "ftp://x.example/"])
def test_only_web_addresses_are_links(text):
    from leads.nurture.letters import links_in

    assert links_in(f"Look: {text} !") == []


# --- Measured with consent only -----------------------------------------------------------------------------------------------


def test_of_who_did_not_agree_nothing_is_measured(client, sent, smtp):
    page = page_of(smtp, 1)
    assert (
        "/m/o/" not in page and "/m/c/" not in page and 'href="https://www.aquaflux.example/fiera?a=1&amp;b=2"' in page
    )
    client.get(url_of("open", sent[1]), **BROWSER)
    assert client.get(url_of("click", sent[1], 0), **BROWSER).url == PLACE
    sent[1].refresh_from_db()
    assert (sent[1].opened_at, sent[1].clicked_at, sent[1].machine_at) == (None, None, None)


def test_of_who_agreed_people_are_told_from_programs(client, sent, smtp):
    picture = path(re.search(r'src="([^"]+/m/o/[^"]+)"', page_of(smtp, 0)).group(1))
    send = sent[0]
    programs = (
        {"HTTP_USER_AGENT": "Mozilla/5.0"}, {"HTTP_USER_AGENT": ""}, {"HTTP_USER_AGENT": "Barracuda Sentinel"},
        {"HTTP_USER_AGENT": "python-requests/2"},
    )  # fmt: skip
    for headers in programs:
        assert client.get(picture, **headers)["Content-Type"] == "image/gif"
    client.head(picture, **BROWSER)
    client.get(
        url_of("click", send, 0), HTTP_USER_AGENT=BROWSER["HTTP_USER_AGENT"]
    )  # no browser asks without a language
    send.refresh_from_db()
    assert send.opened_at is None and send.clicked_at is None and send.machine_at is not None
    client.get(picture, HTTP_USER_AGENT="Mozilla/5.0 (via ggpht.com GoogleImageProxy)")
    send.refresh_from_db()
    assert send.opened_at is not None and send.clicked_at is None
    client.get(url_of("click", send, 0), **BROWSER)
    client.get(url_of("click", send, 0), **BROWSER)
    send.refresh_from_db()
    assert send.clicked_at is not None and send.links == [0]


def test_who_is_faster_than_people_is_none(client, sent, long_ago):
    long_ago(minutes=0)
    client.get(url_of("click", sent[0], 0), **BROWSER)
    sent[0].refresh_from_db()
    assert sent[0].clicked_at is None and sent[0].machine_at is not None


def test_measuring_stops_with_the_consent_to_it(client, sent, profiling):
    client.post(url_of("choices", sent[0]), {"act": "withdraw:profiling"})
    client.get(url_of("open", sent[0]), **BROWSER)
    assert client.get(url_of("click", sent[0], 0), **BROWSER).url == PLACE
    sent[0].refresh_from_db()
    assert (sent[0].opened_at, sent[0].clicked_at) == (None, None)
    assert not signals.may_measure(sent[0])
