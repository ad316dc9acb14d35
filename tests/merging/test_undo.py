"""Undoing a merge: exactly as it was, or refused with every reason."""

import random

import pytest

from core import merging
from core.lifecycle import Refused
from core.models import Event, Merge
from leads import scoring
from leads.models import Campaign, Lead
from parties.models import Company
from tests.factories import ActivityFactory, CampaignFactory, CompanyFactory, ContactFactory, LeadFactory, NoteFactory
from tests.merging.families import MAKERS, compare, dump

pytestmark = pytest.mark.django_db

TEXTS = ("", "x", 'Città d’Arte; "quoted", {braces}\\n\n\ttab', "null", "'", "ß" * 40)


def special(field):
    """Values for fields that are judged by their form."""
    return {"EmailField": ("", "a@b.example"), "URLField": ("", "https://b.example/?à=1")}.get(type(field).__name__)


def scrambled(record, rng):
    """Random values of every type that a row may hold."""
    values = {}
    for field in type(record)._meta.concrete_fields:
        name, kind = field.name, field.get_internal_type()
        if (
            not (field.editable or name in ("custom", "tags"))
            or field.generated
            or field.primary_key
            or field.is_relation
            or field.choices
        ):
            continue
        if kind in ("CharField", "TextField") and name not in (
            "external_key",
            "vat_number",
            "tax_code",
            "sdi_code",
            "country",
        ):
            value = rng.choice(special(field) or TEXTS)[: field.max_length]
            values[name] = value or ("" if field.blank else "x")
        elif kind == "JSONField":
            values[name] = rng.choice([{}, {"a": None, "b": [1, {"c": "è"}]}, {"a": "x", "n": 1.10}])
        elif kind == "BooleanField":
            values[name] = rng.random() < 0.5
        elif kind in ("PositiveIntegerField", "PositiveSmallIntegerField") and rng.random() < 0.5:
            values[name] = rng.randrange(100)
        elif kind == "DecimalField" or name in ("annual_revenue", "budget"):
            values[name] = rng.choice([None, "12345.60", "0.01"])
        elif kind == "ArrayField":
            values[name] = rng.sample(["a b", "c,d", '"', "è"], rng.randrange(4))
    values["external_key"] = rng.choice(["", f"k-{record.pk}"])
    type(record)._base_manager.filter(pk=record.pk).update(**values)
    record.refresh_from_db()


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("seed", range(6))
def test_merge_then_undo_gives_exactly_the_same_rows(cast, kind, seed):
    rng = random.Random(seed)
    factory, grow = MAKERS[kind]
    keep, absorb = factory(), factory()
    for record in (keep, absorb):
        scrambled(record, rng)
        if kind != "lead" or record is absorb:
            grow(record, rich=rng.random() < 0.7)
    if kind == "company":
        third = CompanyFactory()
        Company.objects.filter(pk=keep.pk).update(parent=rng.choice([None, absorb, third]))
        Company.objects.filter(pk=absorb.pk).update(parent=third)
    if kind == "lead":
        Lead.objects.filter(pk=keep.pk).update(campaign=CampaignFactory(), state=keep.state)
        scoring.score_waiting()
    for record in (keep, absorb):
        record.refresh_from_db()
    before = dump()
    chosen = {c.name: rng.choice(c.options) for c in merging.differences(keep, absorb, cast.manager)}
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen=chosen)
    merged = dump()
    assert compare(before, merged)
    if kind == "lead":
        scoring.score_waiting()
    back = merging.undo(merge=done, by=cast.manager)
    assert compare(before, dump()) == []
    assert back == absorb


def test_the_tallies_of_campaigns_are_right_afterwards(cast):
    campaign = CampaignFactory()
    keep, absorb = LeadFactory(campaign=campaign), LeadFactory(campaign=campaign)

    def count():
        return Campaign.objects.with_figures().get(pk=campaign.pk).lead_count

    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    assert count() == 1
    merging.undo(merge=done, by=cast.manager)
    assert count() == 2


def merged(cast, keep=None, absorb=None, **chosen):
    keep, absorb = keep or CompanyFactory(phone="1"), absorb or CompanyFactory(phone="2")
    return keep, absorb, merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen=chosen)


def test_what_the_merge_did_not_touch_may_have_changed_since(cast):
    keep, _absorb, done = merged(cast, phone="absorb")
    Company.objects.filter(pk=keep.pk).update(city="Torino")
    report = merging.what_undo_would_do(done)
    assert [column.name for column in report.later] == ["city"]
    assert report.reasons == []
    merging.undo(merge=done, by=cast.manager)
    keep.refresh_from_db()
    assert (keep.city, keep.phone) == ("Torino", "1")


def test_what_the_merge_did_touch_must_be_as_it_left_it(cast):
    keep, absorb, done = merged(cast, phone="absorb")
    Company.objects.filter(pk=keep.pk).update(phone="3")
    with pytest.raises(Refused, match="“phone” was changed after the merge"):
        merging.undo(merge=done, by=cast.manager)
    assert not Company.objects.filter(pk=absorb.pk).exists()
    assert Merge.objects.get(pk=done.pk).undone_at is None


def test_a_key_given_to_somebody_else_meanwhile(cast):
    absorb = CompanyFactory(external_key="k-1")
    keep, absorb, done = merged(cast, CompanyFactory(external_key="k-0"), absorb, external_key="keep")
    CompanyFactory(external_key="k-1")
    with pytest.raises(Refused):
        merging.undo(merge=done, by=cast.manager)
    assert not Company.objects.filter(pk=absorb.pk).exists()
    keep.refresh_from_db()
    assert keep.external_key == "k-0"


def test_merges_of_merges_are_undone_from_the_last(cast):
    keep, absorb, first = merged(cast)
    last = CompanyFactory(phone="9")
    second = merging.merge(keep=last, absorb=keep, by=cast.manager)
    with pytest.raises(Refused) as caught:
        merging.undo(merge=first, by=cast.manager)
    assert caught.value.reasons[0].fix_url == last.get_absolute_url()
    merging.undo(merge=second, by=cast.manager)
    merging.undo(merge=first, by=cast.manager)
    assert Company.objects.filter(pk__in=[keep.pk, absorb.pk, last.pk]).count() == 3
    with pytest.raises(Refused, match="already"):
        merging.undo(merge=first, by=cast.manager)


def test_what_it_belonged_to_must_be_there(cast):
    parent = CompanyFactory(name="Holding")
    _keep, _absorb, done = merged(cast, absorb=CompanyFactory(parent=parent), parent="keep")
    merging.merge(keep=CompanyFactory(), absorb=parent, by=cast.manager)
    with pytest.raises(Refused, match="Parent company"):
        merging.undo(merge=done, by=cast.manager)


def test_rows_that_somebody_moved_on_stay_where_they_are(cast):
    keep, absorb = CompanyFactory(), CompanyFactory()
    moved, gone, third = ContactFactory(company=absorb), ActivityFactory(subject=absorb), CompanyFactory()
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    type(moved).objects.filter(pk=moved.pk).update(company=third)
    gone.delete()
    new = NoteFactory(subject=keep)
    assert merging.what_undo_would_do(done).left == 2
    merging.undo(merge=done, by=cast.manager)
    moved.refresh_from_db()
    new.refresh_from_db()
    assert (moved.company, new.subject) == (third, keep)
    told = Event.objects.get(name="company.parted")
    assert (told.subject, told.data["left"]) == (keep, 2)
    assert Event.objects.get(name="company.restored").subject == absorb


def test_what_was_erased_cannot_come_back(cast):
    _keep, _absorb, done = merged(cast)
    Merge.objects.filter(pk=done.pk).update(kept={})
    done.refresh_from_db()
    with pytest.raises(Refused, match="erased"):
        merging.undo(merge=done, by=cast.manager)


def test_a_survivor_that_went_on_keeps_its_state(cast):
    keep, absorb = LeadFactory(state="new", phone="1"), LeadFactory(phone="2")
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen={"phone": "absorb"})
    keep.refresh_from_db()
    keep.take(by=cast.manager)
    merging.undo(merge=done, by=cast.manager)
    fresh = Lead.objects.get(pk=keep.pk)
    assert (fresh.state, fresh.phone, fresh.scoring.scored_at) == ("working", "1", None)
