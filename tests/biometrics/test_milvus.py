"""The Milvus index against milvus-lite, which speaks the same protocol; the real server: test_milvus_server.py."""

import numpy as np
import pytest

from services.biometrics.index import IndexKeyError, IndexUnavailableError, VectorShapeError
from services.biometrics.index.milvus import MilvusIndex
from services.biometrics.index.milvus_connection import IndexNotVouchedError, MilvusConnection, connect
from services.biometrics.index.opening import open_index
from shared.settings import Settings
from tests.biometrics.index_contract import DIMENSION, IndexContract, assert_same, brute_force, fill, unit


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    from milvus_lite.server_manager import server_manager_instance

    path = str(tmp_path_factory.mktemp("milvus") / "lite.db")
    url = server_manager_instance.start_and_get_uri(path)
    assert url
    yield url
    server_manager_instance.release_server(path)


@pytest.fixture
def place(request):
    """The model of all tests, and a gallery that no other has."""
    return "model-1", request.node.nodeid


@pytest.fixture
def index(lite, place):
    model_id, gallery = place
    opened = MilvusIndex(MilvusConnection(lite), gallery, model_id, DIMENSION)
    yield opened
    opened.close()


class TestMilvusLite(IndexContract):
    ROUNDS = 4

    @pytest.fixture
    def index(self, index):
        return index


def test_equal_vectors_at_the_limit_are_answered_in_the_order_of_their_keys(index):
    row = unit(1)[0]
    gallery = {f"key-{i:02}": row for i in range(20)} | {"other": unit(1, seed=4)[0]}
    index.add(list(gallery), np.stack(list(gallery.values())))
    assert_same(index.search(row[np.newaxis], 7)[0], brute_force(gallery, row, 7))


def test_galleries_and_models_do_not_meet(index, lite, place):
    model_id, gallery = place
    fill(index, 10)
    other_gallery = MilvusIndex(MilvusConnection(lite), "visa 'watch\" list", model_id, DIMENSION)
    fill(other_gallery, 3)
    other_model = MilvusIndex(MilvusConnection(lite), gallery, model_id.replace("-", "_"), DIMENSION)
    assert [len(each) for each in (index, other_gallery, other_model)] == [10, 3, 0]
    other_gallery.remove(["key-0"])
    assert index.search(unit(1), 1)[0][0].key == "key-0"
    assert len(other_gallery.search(unit(1), 10)[0]) == 2
    other_gallery.close()
    other_model.close()


def test_what_was_added_is_there_for_the_next_process(index, lite, place):
    model_id, gallery = place
    known = fill(index, 10)
    again = MilvusIndex(MilvusConnection(lite), gallery, model_id, DIMENSION)
    probe = unit(1, seed=2)
    assert_same(again.search(probe, 5)[0], brute_force(known, probe[0], 5))
    with pytest.raises(VectorShapeError):
        MilvusIndex(MilvusConnection(lite), gallery, model_id, 2 * DIMENSION)
    again.close()


def test_a_put_replaces_and_may_be_repeated(index):
    gallery = fill(index, 5)
    row = unit(1, seed=7)
    for _ in range(2):
        index.put(["key-2"], row)
    assert len(index) == 5
    gallery["key-2"] = row[0]
    assert_same(index.search(row, 5)[0], brute_force(gallery, row[0], 5))


class _Broken:
    """A connection that loses the answer of one call."""

    def __init__(self, connection, name):
        self._connection = connection
        self._name = name

    def call(self, name, *arguments, **named):
        answer = self._connection.call(name, *arguments, **named)
        if name == self._name:
            self._name = ""
            raise IndexUnavailableError
        return answer


@pytest.mark.parametrize("done", ["add", "remove"])
def test_a_call_whose_answer_was_lost_may_be_repeated(index, done):
    keys, rows = ["a", "b"], unit(2)
    whole = index._connection
    if done == "remove":
        index.add(keys, rows)
    arguments = (keys, rows) if done == "add" else (keys,)
    index._connection = _Broken(whole, {"add": "upsert", "remove": "delete"}[done])
    with pytest.raises(IndexUnavailableError):
        getattr(index, done)(*arguments)
    index._connection = whole
    getattr(index, done)(*arguments)
    assert len(index) == (2 if done == "add" else 0)
    with pytest.raises(IndexKeyError):
        getattr(index, done)(*arguments)


def test_a_server_that_is_away_is_said_to_be_within_the_time():
    with pytest.raises(IndexUnavailableError):
        MilvusConnection("http://127.0.0.1:9", seconds=0.3)


def _settings(tmp_path, **given):
    return Settings(var=tmp_path, index="milvus", **given)


def test_no_vector_leaves_without_the_operators_word(tmp_path, lite):
    with pytest.raises(IndexNotVouchedError):
        open_index(_settings(tmp_path, milvus_url=lite), "ALL", "m", DIMENSION)


def test_no_vector_leaves_for_another_machine_in_the_open(tmp_path):
    with pytest.raises(IndexNotVouchedError):
        connect(_settings(tmp_path, milvus_url="http://milvus.example:19530", milvus_vouched=True))


def test_a_server_must_be_named(tmp_path):
    with pytest.raises(IndexUnavailableError):
        connect(_settings(tmp_path, milvus_vouched=True))


def test_the_setting_chooses_milvus(tmp_path, lite):
    token = tmp_path / "token"
    token.write_text("root:Milvus\n")
    settings = _settings(tmp_path, milvus_url=lite, milvus_vouched=True, milvus_token_file=token)
    chosen = open_index(settings, "ALL", "chosen", DIMENSION)
    chosen.add(["a"], unit(1))
    assert (len(chosen), chosen.stats().search) == (1, "exact, on Milvus")
    view = open_index(settings, "ALL", "chosen", DIMENSION, read_only=True)
    view.remove(["a"])
    view.add(["b"], unit(1, seed=1))
    assert list(chosen.keys()) == list(view.keys()) == ["a"]
    view.close()
    chosen.close()
