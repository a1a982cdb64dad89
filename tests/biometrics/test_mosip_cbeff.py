"""CBEFF documents: what was built is read, and nothing hostile gets through, or takes long."""

import base64
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from services.biometrics.mosip.cbeff import MAX_BYTES, MAX_DEPTH, NAMESPACE, Block, BlockType, read_cbeff
from services.biometrics.mosip.datashare import DataShareKey
from services.biometrics.mosip.items import items_of_blocks
from services.biometrics.mosip.refusals import CbeffError, MosipRefusedError
from shared.contracts.mosip import FailureReason
from shared.contracts.osia import BiometricSubType, BiometricType
from shared.standards.iso19794_2 import FingerView, Minutia, MinutiaeRecord, RecordFormat, write_minutiae_record
from tests.biometrics.mosip_share import block, cbeff, sealed
from tests.vectors.face_image_records import face_record_2005, face_record_2011
from tests.vectors.finger_image_records import RAW_2005, RAW_2011, record_2011

KINDS = sorted(BlockType)
WORDS = st.text(st.sampled_from("abcXYZ0 "), max_size=20)
KEY = rsa.generate_private_key(65537, 2048)


@given(st.lists(st.tuples(st.sampled_from(KINDS), WORDS, st.binary(min_size=1, max_size=200)), min_size=1, max_size=8))
def test_what_was_built_is_read(parts: list[tuple[BlockType, str, bytes]]) -> None:
    document = cbeff(*(block(kind.value, data, subtype) for kind, subtype, data in parts))
    assert read_cbeff(document) == tuple(Block(kind, " ".join(subtype.split()), data) for kind, subtype, data in parts)


@pytest.mark.parametrize(("modality", "kind"), [("Finger", 7), ("Face", 8), ("Iris", 9)])
def test_documents_of_before_2021_name_the_patron_as_type(modality: str, kind: int) -> None:
    (found,) = read_cbeff(cbeff(block(257, b"data", modality=modality)))
    assert found == Block(BlockType(kind), "", b"data")


def test_a_record_may_lie_deeper_and_base64_may_be_broken_into_lines() -> None:
    lines = base64.encodebytes(bytes(200)).decode()
    assert read_cbeff(cbeff("<BIR>" + block(7, lines) + "</BIR>"))[0].data == bytes(200)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "billion laughs": cbeff(block(7, "&l9;"), before=f'<!DOCTYPE BIR [<!ENTITY l0 "ha">{LAUGHS}]>'),
    "external entity": cbeff(block(7, "&x;"), before='<!DOCTYPE BIR [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "external subset": cbeff(block(7, b"d"), before='<!DOCTYPE BIR SYSTEM "http://127.0.0.1:1/evil.dtd">'),
    "parameter entity": cbeff(
        block(7, b"d"), before='<!DOCTYPE BIR [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]>'
    ),
    "undeclared entity": cbeff(block(7, "&nobody;")),
    "deep": cbeff("<BIR>" * 100_000 + "</BIR>" * 100_000),
    "just too deep": cbeff("<BIR>" * MAX_DEPTH + block(7, b"d") + "</BIR>" * MAX_DEPTH),
    "many elements": cbeff("<SB/>" * 200_000, block(7, b"d")),
    "many records": cbeff(*(block(7, b"d") for _ in range(65))),
    "50 MB": cbeff(block(7, "A" * 50_000_000)),
    "one octet too many": b" " * (MAX_BYTES + 1 - 400) + cbeff(block(7, b"d")),
    "another root": b"<html/>",
    "another namespace": cbeff(block(7, b"d"), namespace="urn:example"),
    "no namespace": cbeff(block(7, b"d")).replace(f' xmlns="{NAMESPACE}"'.encode(), b""),
    "text": b"this is no document",
    "cut": cbeff(block(7, b"d"))[:-3],
    "after the end": cbeff(block(7, b"d")) + b"<BIR/>",
    "no base64": cbeff(block(7, "====")),
    "an element in the block": cbeff(block(7, "<BIR>AAAA</BIR>")),
    "a type that nobody knows": cbeff(block(99, b"d")),
    "another organisation": cbeff(block(7, b"d", organisation="Acme")),
    "block twice": cbeff(block(7, b"d").replace("</BIR>", "<BDB>AAAA</BDB></BIR>")),
    "unknown encoding": cbeff(block(7, b"d")).replace(b"UTF-8", b"X-NONE"),
    "wrong characters": cbeff(block(7, b"d")).replace(b"Raw", b"\xff\xfe"),
    "nul": b"\x00" * 1000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_documents_are_refused_at_once(name: str) -> None:
    began = time.process_time()
    with pytest.raises(CbeffError) as refused:
        read_cbeff(HOSTILE[name])
    assert time.process_time() - began < 1.0
    assert "passwd" not in str(refused.value)


@pytest.mark.parametrize("document", [b"", b" \n", cbeff(), cbeff(block(7, b"")), cbeff(block(7, b""), block(8, b""))])
def test_documents_without_data_are_empty(document: bytes) -> None:
    with pytest.raises(MosipRefusedError) as refused:
        read_cbeff(document)
    assert refused.value.reason is FailureReason.CBEFF_EMPTY


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_document_is_read_or_refused(data: st.DataObject) -> None:
    damaged = bytearray(cbeff(block(7, b"some data", "Left Thumb"), block(8, b"more")))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert read_cbeff(bytes(damaged))
    except MosipRefusedError:
        return


def minutiae(position: int, form: RecordFormat = RecordFormat.ISO_19794_2) -> bytes:
    view = FingerView(300, 400, (Minutia(10, 20, 30.0),), position=position)
    return write_minutiae_record(MinutiaeRecord((view,)), form)


@pytest.mark.parametrize(
    ("kind", "data", "subtype", "finger"),
    [
        (7, RAW_2005, "Left IndexFinger", BiometricSubType.LEFT_INDEX),
        (7, RAW_2005, "", BiometricSubType.LEFT_INDEX),
        (7, RAW_2011, "UNKNOWN", BiometricSubType.RIGHT_INDEX),
        (2, minutiae(1), "Right Thumb", BiometricSubType.RIGHT_THUMB),
        (2, minutiae(0), "Left LittleFinger", BiometricSubType.LEFT_LITTLE),
        (2, minutiae(10, RecordFormat.ISO_19794_2_2011), "", BiometricSubType.LEFT_LITTLE),
        (2, minutiae(0), "", None),
    ],
)
def test_which_finger_it_is(kind: int, data: bytes, subtype: str, finger: BiometricSubType | None) -> None:
    (item,) = items_of_blocks(read_cbeff(cbeff(block(kind, data, subtype))))
    assert (item.biometricType, item.biometricSubType) == (BiometricType.FINGER, finger)
    assert (item.image or item.template) == data


@pytest.mark.parametrize("record", [face_record_2005(b"photo"), face_record_2011(b"photo")])
def test_a_face_is_taken_out_of_its_record(record: bytes) -> None:
    (item,) = items_of_blocks(read_cbeff(cbeff(block(8, record))))
    assert (item.biometricType, item.biometricSubType) == (BiometricType.FACE, BiometricSubType.PORTRAIT)
    assert item.image == b"photo"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (block(9, b"iris", "Right"), "iris"),
        (block(7, RAW_2005, "Right Thumb"), "different fingers"),
        (block(7, RAW_2005, "Left IndexFinger Left MiddleFinger Left RingFinger Left LittleFinger"), "single finger"),
        (block(7, record_2011(b"x", 300, 400, 6).replace(b"\x02\x00\x01", b"\x0d\x00\x01", 1)), ""),
        (block(7, b"FMR\x00 20\x00"), "format"),
        (block(7, b"\x89PNG\r\n\x1a\n"), "format"),
        (block(8, RAW_2005), "format"),
        (block(8, b"\xff\xd8\xff"), "format"),
        (block(2, RAW_2005), "edition"),
        (block(2, b"FMR\x00 20\x00"), "ends"),
    ],
)
def test_blocks_that_are_not_taken_say_why(made: str, why: str) -> None:
    with pytest.raises(CbeffError, match=f"block 0: .*{why}"):
        items_of_blocks(read_cbeff(cbeff(made)))


def test_a_finger_without_data_is_missing_and_named() -> None:
    made = cbeff(block(7, RAW_2005), block(7, b"", "Right Thumb"), block(9, b"", "Right"), block(8, b""))
    found, gone = items_of_blocks(read_cbeff(made))
    assert found.image == RAW_2005
    assert gone.missing
    assert (gone.image, gone.missing[0].biometricSubType) == (None, BiometricSubType.RIGHT_THUMB)
    with pytest.raises(CbeffError, match=r"block 1: .*no finger"):
        items_of_blocks(read_cbeff(cbeff(block(7, RAW_2005), block(7, b""))))


@settings(max_examples=20)
@given(st.binary(max_size=500))
def test_a_sealed_share_opens_with_its_key(document: bytes) -> None:
    share = sealed(document, KEY.public_key())
    assert DataShareKey(KEY).open(share) == document
    assert DataShareKey(KEY).open(share.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))) == document


@settings(max_examples=60)
@given(st.data())
def test_an_altered_share_does_not_open(data: st.DataObject) -> None:
    envelope = bytearray(base64.urlsafe_b64decode(sealed(b"document", KEY.public_key())))
    place = data.draw(st.integers(0, len(envelope) - 1).filter(lambda at: not 6 <= at < 38))  # not the thumbprint
    envelope[place] ^= data.draw(st.integers(1, 255))
    for share in (base64.urlsafe_b64encode(envelope), bytes(envelope), b"", b"VER_R2"):
        with pytest.raises(MosipRefusedError) as refused:
            DataShareKey(KEY).open(share)
        assert refused.value.reason is FailureReason.NOT_FETCHED
