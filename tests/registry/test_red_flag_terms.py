"""A contract told at home is compared with the one that the same person has after arrival, by the registry's checks."""

import base64
import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.biometrics.face import FACEPLUGIN_FR_1
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
from services.cli.drawn_biometrics import DrawnSearch, Worth
from services.registry.documents.examination import DocumentRoom
from services.registry.documents.tables import AgencyCandidateRow
from services.registry.documents.trust import DocumentTrust
from services.registry.workers.check import RegistrationCheck
from services.registry.workers.intake import Intake
from services.registry.workers.store import RegistrationStore
from services.sandbox.season.desk import captures
from services.sandbox.season.records import Body
from shared.contracts.caller import Caller, Purpose, Role
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.standards.ages import load_rules
from shared.standards.epassport import CscaStore
from tests.conftest import MakeDeployment

pytestmark = pytest.mark.anyio

TODAY = date(2026, 6, 1)


def request(terms: dict[str, Any], visit: int, agency: str = "agency-1", face: int = 1) -> dict[str, Any]:
    placement = {"destination": "MYS", "start": "2026-06-01", "agency": agency, "terms": terms}
    body = {"name": "SITI AMINAH", "born": "1996-04-02", "nationality": "IDN", "placement": placement}
    return body | captures(Body(face, face), visit)


async def test_the_terms_of_the_first_registration_are_what_was_promised(make_deployment: MakeDeployment) -> None:
    settings = make_deployment("sqlite")
    database = Database(settings.database_url("registry"))
    key = base64.b64decode((settings.key_folder / "registry-digest.key").read_text())
    store = RegistrationStore(database, KeyRing.load(settings.key_folder / "registry-sealing.json"), key)
    documents = DocumentRoom(database, key, DocumentTrust(CscaStore((), ())))
    search = DrawnSearch(Worth(FACEPLUGIN_FR_1, LEADER_MCC16B_1, 0.001), seed=1)
    intake = Intake(store, search, lambda: TODAY)
    check = RegistrationCheck(store, search, documents, load_rules(), lambda: TODAY)

    async def worse_after(number: int, body: dict[str, Any], member: str) -> bool | None:
        caller = Caller(
            client_id=f"desk-{member}",
            organisation="desk",
            member=member,
            role=Role.DESK_OFFICER,
            purpose=Purpose.WORKER_REGISTRATION,
        )
        accepted = await intake.take(caller, f"visit-{number}", json.dumps(body).encode())
        await check.run(accepted.id)
        async with database.read() as session:
            query = select(AgencyCandidateRow.worse_terms).where(AgencyCandidateRow.registration == accepted.id)
            return (await session.scalars(query)).one()

    try:
        assert await worse_after(0, request({"hours_a_week": 44}, 0), "IDN") is None
        assert await worse_after(1, request({"hours_a_week": 72}, 1), "MYS") is True
        assert await worse_after(2, request({"hours_a_week": 44}, 2), "MYS") is False
        assert await worse_after(3, request({"hours_a_week": 72}, 3, "agency-2"), "MYS") is None, "another agency's"
        assert await worse_after(4, request({"hours_a_week": 72}, 0, face=2), "MYS") is None, "somebody else's"
    finally:
        await documents.close()
        await database.close()
