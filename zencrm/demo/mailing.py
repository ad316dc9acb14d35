"""The demo company's correspondence: templates, letters to customers, their answers, and mail that nobody has filed yet.

Nothing leaves the house: these e-mails have no delivery.
"""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from activities import notifications
from activities.mail import letter
from activities.mail.sending import draft
from activities.models import Email, MailTemplate
from core.models import File
from invoicing.models import Invoice
from leads.models import Lead
from quotes.models import Quote

#: Name, kind of record, then subject and text in Italian and in English.
TEMPLATES: tuple[tuple[str, Any, str, str, str, str], ...] = (
    (
        "Primo contatto",
        Lead,
        "Il Suo interesse per {{ us.name }}",
        "{{ recipient.greeting }}\n\ngrazie per averci contattato. Per prepararLe una proposta mi servono due informazioni:"
        " le portate previste e lo spazio disponibile. Possiamo sentirci questa settimana?\n\nCordiali saluti",
        "Your interest in {{ us.name }}",
        "{{ recipient.greeting }}\n\nthank you for your interest. To prepare a proposal we need two things: the flow you"
        " expect and the space there is. May I call you this week?\n\nKind regards",
    ),
    (
        "Sollecito dell'offerta",
        Quote,
        "La nostra offerta {{ number }}",
        "{{ recipient.greeting }}\n\nLe scrivo per sapere se ha potuto esaminare la nostra offerta {{ number }}"
        " di {{ gross }}, valida fino al {{ valid_until }}. La trova qui: {{ public_url }}\n\nResto a disposizione.",
        "Our quote {{ number }}",
        "{{ recipient.greeting }}\n\nhave you been able to look at our quote {{ number }} over {{ gross }}, valid until"
        " {{ valid_until }}? It is here: {{ public_url }}\n\nI am at your disposal.",
    ),
    (
        "Estratto della fattura",
        Invoice,
        "Fattura {{ number }}",
        "{{ recipient.greeting }}\n\ndai nostri conti la fattura {{ number }} del {{ issued_on }}, scaduta il {{ due_on }},"
        " è aperta per {{ open_amount }}. Se avete già disposto il pagamento, vogliate ignorare questo messaggio.",
        "Invoice {{ number }}",
        "{{ recipient.greeting }}\n\naccording to our books {{ open_amount }} of invoice {{ number }} of {{ issued_on }},"
        " due on {{ due_on }}, are still open. If it has been paid meanwhile, please disregard this message.",
    ),
    (
        "Conferma di appuntamento",
        None,
        "Il nostro appuntamento",
        "{{ recipient.greeting }}\n\nconfermo il nostro appuntamento. Può raggiungermi al {{ us.phone }}.\n\nA presto",
        "Our appointment",
        "{{ recipient.greeting }}\n\nhere I confirm our appointment. You can reach me at {{ us.phone }}.\n\nRegards",
    ),
)
#: What customers answer, in turn; "" for those who have not yet.
ANSWERS = (
    "Buongiorno,\n\nle portate sono circa 12 m3/h, lo spazio è di 3 x 4 metri. Sentiamoci giovedì mattina.",
    "",
    "Buongiorno,\n\nl'offerta è all'esame della direzione. Potete allegare le schede tecniche delle pompe?",
    "Grazie, possiamo fissare un sopralluogo? Allego l'elenco delle utenze.",
)
STRANGERS = (
    ("Ugo Fabbri", "ugo.fabbri@cartieradelreno.example", "Richiesta di preventivo", "Buongiorno,\n\nci serve un impianto"
     " di depurazione per la cartiera. Potete richiamarmi?\n\nUgo Fabbri", False),
    ("Fiera Acqua", "news@fieraacqua.example", "Fiera Acqua: il programma", "Il programma dei convegni è in linea.", True),
)  # fmt: skip
#: A list of pumps, as a customer sends it.
LIST = b"Utenza;Portata m3/h\nLavaggio;4\nRaffreddamento;6,5\nServizi;1,5\n"


def write(people: dict[str, Any], day: Any) -> None:
    """Templates; letters about the latest leads, quotes and invoices of the sellers; and what waits without a record."""
    templates = {name: _template(name, *rest) for name, *rest in TEMPLATES}
    sales = (people["sales"], people["sales2"])
    leads = Lead.objects.filter(state__in=("working", "qualified"), owner__in=sales).exclude(email="")
    quotes = Quote.objects.filter(state="sent", owner__in=sales)
    subjects = [
        *((lead, templates["Primo contatto"]) for lead in leads.order_by("-created_at", "-pk")[:8]),
        *((quote, templates["Sollecito dell'offerta"]) for quote in quotes.order_by("-created_at", "-pk")[:6]),
    ]
    for place, (subject, template) in enumerate(subjects):
        sent = _letter(subject, template, subject.owner, _at(day, 1 + place % 5, 9 + place % 7))
        if sent and (text := ANSWERS[place % len(ANSWERS)]):
            _answer(sent, text, with_file="elenco" in text)
    due = Invoice.objects.filter(state="issued", due_on__lt=day).order_by("-due_on", "-pk").first()
    if due is not None:
        _letter(due, templates["Estratto della fattura"], people["accountant"], _at(day, 2, 11), private=True)
    for place, stranger in enumerate(STRANGERS):
        _come_in(stranger, _at(day, place, 8))


def _template(name: str, model: Any, title_it: str, text_it: str, title_en: str, text_en: str) -> MailTemplate:
    kind = ContentType.objects.get_for_model(model) if model else None
    texts = {"title_it": title_it, "text_it": text_it, "title_en": title_en, "text_en": text_en}
    template = MailTemplate(name=name, subject_type=kind, **texts)
    template.full_clean()
    template.save()
    return template


def _at(day: Any, back: int, hour: int) -> datetime:
    return min(timezone.make_aware(datetime.combine(day - timedelta(days=back), time(hour, 12))), timezone.now())


def _letter(subject: Any, template: MailTemplate, by: Any, at: datetime, *, private: bool = False) -> Email | None:
    found = draft(subject=subject, by=by, template=template)
    if not found.to:
        return None
    return Email.objects.create(
        direction=Email.Direction.OUT,
        subject=subject,
        owner=by,
        private=private,
        title=found.title,
        text=found.text,
        language=found.language,
        sender=letter.own_address(),
        sender_name=str(by),
        to=found.to,
        template=template,
        message_id=f"<demo.{subject._meta.model_name}.{subject.pk}@demo.example>",
        sent_at=at,
        created_at=at,
    )


def _answer(sent: Email, text: str, *, with_file: bool) -> None:
    """The customer's, some hours later; the seller is told."""
    at = min(sent.sent_at + timedelta(hours=5), timezone.now())
    subject: Any = sent.subject
    person = getattr(subject, "contact", None) or subject
    name = getattr(person, "full_name", "") or str(person)
    quoted = "\n".join(f"> {line}".rstrip() for line in sent.text.splitlines())
    email = Email.objects.create(
        direction=Email.Direction.IN,
        subject=subject,
        owner=sent.owner,
        title=f"Re: {sent.title}",
        text=f"{text}\n\n{name}\n\nIl {timezone.localtime(sent.sent_at):%d/%m/%Y} {sent.sender_name} ha scritto:\n{quoted}",
        language=sent.language,
        sender=sent.to[0],
        sender_name=name,
        to=[letter.own_address()],
        message_id=sent.message_id.replace("<demo.", "<answer."),
        in_reply_to=sent.message_id,
        references=[sent.message_id],
        sent_at=at,
        created_at=at,
    )
    if with_file:
        email.files.add(File.store(name="elenco-utenze.csv", mime="text/csv", content=LIST))
    notifications.tell(
        [sent.owner] if sent.owner else [],
        kind="mail",
        name="email.received",
        subject=email,
        actor_name=name,
        cause=f"email-{email.pk}",
        at=at,
    )


def _come_in(stranger: tuple[str, str, str, str, bool], at: datetime) -> None:
    name, address, title, text, automatic = stranger
    Email.objects.create(
        direction=Email.Direction.IN,
        title=title,
        text=text,
        sender=address,
        sender_name=name,
        to=[letter.own_address()],
        automatic=automatic,
        message_id=f"<demo.{address}>",
        sent_at=at,
        created_at=at,
    )
