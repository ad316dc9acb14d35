"""How migrations are written: a new table comes with all that belongs to it."""

from django.db import models
from django.db.migrations.operations import AddField, AddIndex, CreateModel
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger

from zencrm.autodetector import with_their_parts


def created(name):
    return CreateModel(name, fields=[("id", models.BigAutoField(primary_key=True))], options={"indexes": []})


def trigger(model):
    sql = UpsertTriggerSql(
        func="RETURN NEW;", hash="0", operation="UPDATE", pgid="pgtrigger_t", table="t", when="BEFORE"
    )
    return AddTrigger(model_name=model, trigger=Trigger(name="t", sql=sql))


def test_indexes_and_triggers_move_into_the_new_table():
    index = AddIndex("lead", models.Index(fields=["id"], name="by_id"))
    (only,) = with_their_parts([created("Lead"), index, trigger("lead")])
    assert [found.name for found in only.options["indexes"]] == ["by_id"]
    assert [found.name for found in only.options["triggers"]] == ["t"]


def test_what_follows_a_change_of_the_columns_stays_behind_it():
    column = AddField("lead", "owner", models.BigIntegerField(null=True))
    kept = with_their_parts([created("Lead"), created("Quote"), column, trigger("lead"), trigger("quote")])
    assert [type(operation) for operation in kept] == [CreateModel, CreateModel, AddField, AddTrigger]
    assert "triggers" not in kept[0].options
    assert len(kept[1].options["triggers"]) == 1


def test_a_trigger_of_a_table_that_exists_is_an_operation_of_its_own():
    assert len(with_their_parts([trigger("lead")])) == 1
