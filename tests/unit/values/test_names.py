"""Ids, names, and what a project may be called."""

import random
import re

import pytest

from nbtrack.errors import UsageError
from nbtrack.values import checked_tags
from nbtrack.values.names import (
    checked_entity,
    checked_id,
    checked_project,
    fitting,
    new_id,
    new_name,
    new_uid,
)


def test_a_seed_does_not_repeat_ids():
    random.seed(1)
    first = new_id()
    random.seed(1)

    assert new_id() != first
    assert re.fullmatch(r"[a-z0-9]{8}", first)


def test_names_read_well_and_folders_sort_by_time():
    assert re.fullmatch(r"[a-z]+-[a-z]+-7", new_name(7))
    assert new_uid(0).startswith("19700101-000000-")


@pytest.mark.parametrize("name", ["a/b", "a\\b", "50%", "what?", "c#", "a:b", "line\nbreak"])
def test_a_project_name_with_a_forbidden_character_is_refused_with_another(name):
    with pytest.raises(UsageError, match=r"project must not contain .* Type project='"):
        checked_project(name)


@pytest.mark.parametrize("name", ["", "x" * 129], ids=["empty", "long"])
def test_a_project_name_has_a_length(name):
    with pytest.raises(UsageError, match="1 to 128 characters"):
        checked_project(name)


def test_a_project_that_is_no_text_is_refused_with_what_to_type():
    with pytest.raises(UsageError, match=r"project must be text, not 3 \(int\). Type project='3'"):
        checked_project(3)


@pytest.mark.parametrize("run_id", [" a", "a ", "a:b", "a/b", "a'b"])
def test_a_bad_id_is_refused(run_id):
    with pytest.raises(UsageError, match="id must not"):
        checked_id(run_id)


def test_one_text_is_one_tag():
    assert checked_tags("baseline") == ("baseline",)
    assert checked_tags(["a", "b", "a"]) == ("a", "b")


@pytest.mark.parametrize("tags", [[""], ["x" * 65], [3], 3], ids=["empty", "long", "int", "bare"])
def test_bad_tags_are_refused(tags):
    with pytest.raises(UsageError, match="tag"):
        checked_tags(tags)


def test_a_bad_entity_is_refused_by_its_own_name():
    with pytest.raises(UsageError, match=r"entity must not contain /.*Type entity='a-b'"):
        checked_entity("a/b")


@pytest.mark.parametrize("folder", ["c#", "100%", "a" * 300, "line\nbreak"])
def test_a_folder_of_any_name_gives_a_project(folder):
    """Nobody chose it as a project's name, so nobody is to be blamed for it."""
    name = fitting(folder)

    assert checked_project(name) == name
