"""Evidence packages for mutual legal assistance: made from the databases, verified from the file alone."""

import base64
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
from pydantic import BaseModel, ValidationError

from services.cli.console import FOUND, fail, json_option, run, show_json
from services.gateway.access.policy import Action, Kind
from services.gateway.audit.heads import HeadSigner
from services.gateway.audit.log import AuditLog
from services.gateway.evidence.custody import ADDRESSES, custody_of, receipts_of
from services.gateway.evidence.package import Part, Subject, make_package
from services.gateway.evidence.verification import DIRECTORY, LOG, ROOTS, Found, Trust, verify_package
from services.gateway.federation.directory import DirectoryRefusedError
from services.gateway.federation.membership import DirectorySource
from services.gateway.federation.room import ROOT
from services.registry.cases.evidence import case_file, documents_of
from services.registry.history import RecordNotFoundError
from services.registry.referrals.evidence import referral_file
from services.registry.referrals.store import ReferralUnknownError
from shared.contracts.caller import Caller, Purpose
from shared.contracts.evidence import CaseFile, EvidenceKind, PartRole, ReferralFile
from shared.contracts.membership import MemberEntry, Root
from shared.db.database import Database, now
from shared.settings import Settings

_KEY: Final = "gateway"
_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
Translation = tuple[str, str, Path]


@click.group(epilog="Example: lindung evidence verify KES-7.zip --member MYS.json")
def evidence() -> None:
    """Evidence for mutual legal assistance: originals, who had them when, proofs of the log, signed."""


@evidence.command(
    epilog="Example: lindung evidence package C-17 --request 'MLA 12/2026' --document verdict.pdf "
    "--translation verdict.pdf en verdict-en.pdf -o C-17.zip"
)
@click.argument("subject")
@click.option("--request", required=True, help="The requesting state's reference.")
@click.option("--document", "documents", multiple=True, type=_file, help="An original, as it is.")
@click.option(
    "--translation", "translations", multiple=True, type=(str, str, _file), metavar="NAME LANGUAGE FILE",
    help="Of a document of that NAME (or of record.json), in a language of ISO 639.",
)  # fmt: skip
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@json_option
def package(
    subject: str,
    request: str,
    documents: Sequence[Path],
    translations: Sequence[Translation],
    output: Path,
    as_json: bool,
) -> None:
    """Pack SUBJECT: a case that this member keeps, or a referral between member states. Nothing of a victim goes in.

    What is given with --document and --translation is packed as it is: look at it first. Packing is logged.
    """
    try:
        files = [*_documents(documents), *_translations(documents, translations)]
        octets = run(lambda: _pack(Settings(), subject, request, files))
    except (RecordNotFoundError, ReferralUnknownError, ValueError) as error:
        fail(str(error) if not isinstance(error, ValidationError) else "a name or reference cannot be used")
    output.write_bytes(octets)
    told = {"file": str(output), "subject": subject, "size": len(octets)}
    if as_json:
        show_json(told)
    else:
        click.echo("{file}: {size} octets about {subject}".format(**told))


@evidence.command(epilog="Example: lindung evidence verify C-17.zip --root federation-root.json --json")
@click.argument("file", type=_file)
@click.option("--member", "entry", type=_file, help="The member's entry, as the directory or the member gave it.")
@click.option("--root", type=_file, help="The federation's root: the package brings the directory.")
@json_option
def verify(file: Path, entry: Path | None, root: Path | None, as_json: bool) -> None:
    """Verify a package, offline. Ends with 1 when anything does not hold, and says which part."""
    if (entry is None) == (root is None):
        raise click.UsageError("name whom you trust: --member or --root")
    found = verify_package(file.read_bytes(), _trust(entry, root))
    if as_json:
        show_json(_as_document(found))
    else:
        for line in _lines(found):
            click.echo(line)
    if found.faults:
        raise SystemExit(FOUND)


async def _pack(settings: Settings, subject: str, request: str, files: Sequence[Part]) -> bytes:
    registry, gateway = (Database(settings.database_url(name)) for name in ("registry", "gateway"))
    private = (settings.key_folder / f"{_KEY}-signing.pem").read_bytes()
    try:
        record = await _record(registry, settings.member, subject)
        kind = EvidenceKind.CASE if isinstance(record, CaseFile) else EvidenceKind.REFERRAL
        log = AuditLog(gateway, base64.b64decode((settings.key_folder / f"{_KEY}-digest.key").read_text()))
        await log.append(
            _packer(settings.member),
            (Kind.PARTY if kind is EvidenceKind.CASE else Kind.REFERRAL).value,
            Action.READ.value,
            ADDRESSES[kind][0].format(subject).encode(),
        )
        head = await HeadSigner(gateway, private, _KEY).sign()
        custody = await custody_of(gateway, log.digests, kind, subject, settings.member, head)
        parts = [*files, _part("record.json", PartRole.RECORD, record), _part(LOG, PartRole.LOG, custody)]
        if kind is EvidenceKind.REFERRAL:
            parts.append(_part("receipts.json", PartRole.RECEIPTS, await receipts_of(gateway, subject)))
        parts += await _directory(settings)
        named = documents_of(record) if isinstance(record, CaseFile) else []
        about = Subject(settings.member, kind, subject, request, now(), _KEY)
        return make_package(about, parts, named, private)
    finally:
        await registry.close()
        await gateway.close()


async def _record(registry: Database, member: str, subject: str) -> CaseFile | ReferralFile:
    async with registry.read() as session:
        try:
            return await case_file(session, subject, member, now().date())
        except RecordNotFoundError:
            return await referral_file(session, subject, member)


def _packer(member: str) -> Caller:
    purpose = Purpose.REGISTER_MAINTENANCE
    return Caller(client_id="evidence", organisation="evidence", member=member, purpose=purpose)


async def _directory(settings: Settings) -> list[Part]:
    """The directory and the roots since the one that was trusted first; nothing where the node has joined none."""
    if settings.directory is None:
        return []
    root = Root.model_validate_json((settings.key_folder / ROOT).read_text(encoding="utf-8"))
    try:
        roots, directory = await DirectorySource(settings.directory).fetch(root.version + 1)
    except DirectoryRefusedError as error:
        fail(f"the directory: {error}")
    chain = "[" + ",".join(each.model_dump_json() for each in roots) + "]"
    return [
        Part(ROOTS, PartRole.DIRECTORY, chain.encode()),
        Part(DIRECTORY, PartRole.DIRECTORY, directory.model_dump_json().encode()),
    ]


def _documents(paths: Sequence[Path]) -> Iterator[Part]:
    for path in paths:
        yield Part(f"documents/{_plain(path)}", PartRole.DOCUMENT, path.read_bytes())


def _translations(documents: Sequence[Path], given: Sequence[Translation]) -> Iterator[Part]:
    originals = {path.name: f"documents/{_plain(path)}" for path in documents} | {"record.json": "record.json"}
    for name, language, path in given:
        if name not in originals:
            raise ValueError(f"a translation of {name}, which is not in the package")
        content = path.read_bytes()
        yield Part(f"translations/{_plain(path)}", PartRole.TRANSLATION, content, language, originals[name])


def _plain(path: Path) -> str:
    return _PLAIN.sub("_", path.name).lstrip("._-")[:100]


def _part(path: str, role: PartRole, content: BaseModel) -> Part:
    return Part(path, role, content.model_dump_json(indent=1).encode())


def _trust(entry: Path | None, root: Path | None) -> Trust:
    try:
        if entry is not None:
            return MemberEntry.model_validate_json(entry.read_text(encoding="utf-8"))
        return Root.model_validate_json((root or Path()).read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError):
        fail("what is to be trusted cannot be read")


def _as_document(found: Found) -> dict[str, Any]:
    manifest = found.manifest.model_dump(mode="json") if found.manifest else None
    custody = [each.entry.model_dump() for each in found.custody.entries] if found.custody else []
    faults = [vars(each) for each in found.faults]
    return {"ok": not faults, "faults": faults, "manifest": manifest, "custody": custody}


def _lines(found: Found) -> Iterator[str]:
    if found.manifest is not None:
        told = found.manifest
        yield f"{told.member} {told.kind} {told.subject} for {told.request}, made {told.made_at:%Y-%m-%d %H:%M} UTC"
        yield from (f"  {part.sha256}  {part.path}" for part in told.parts)
        yield from (f"  {each.sha256}  named by the record, not here" for each in told.named if each.part is None)
    for each in found.custody.entries if found.custody else ():
        entry = each.entry
        yield f"  {entry.number}  {entry.at}  {entry.member} {entry.organisation}: {entry.outcome} {entry.action}"
    yield from (f"DOES NOT HOLD: {fault.part}: {fault.reason}" for fault in found.faults)
    if not found.faults:
        yield "holds"
