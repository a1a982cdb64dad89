"""Commands that measure what scores are worth on an operator's own people, and put that in force by two signatures."""

import base64
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.biometrics.evaluation.extraction import extract_faces, extract_fingers
from services.biometrics.evaluation.fingerprint import pairs_within
from services.biometrics.evaluation.folders import EmptyFolderError, find_photos, find_prints
from services.biometrics.evaluation.recalibration import calibrate_faces, calibrate_fingers
from services.biometrics.evaluation.report import Card, Grid, Report
from services.biometrics.evidence.documents import OFFICERS_FILE, CalibrationDocument, CalibrationRefusedError
from services.biometrics.evidence.shelf import CalibrationShelf, Version
from services.biometrics.face import FaceEngineUnavailableError, load_face_engine
from services.biometrics.fingerprint.engine import LeaderMccEngine
from services.biometrics.fingerprint.leader import ModelFileError
from services.cli.console import fail, json_option, show_json
from services.cli.measuring import progress_of, read_groups, resolutions
from shared.crypto.ringfile import write_durably
from shared.settings import Settings

_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW: Final = click.Path(dir_okay=False, path_type=Path)
_FAILURES: Final = (
    EmptyFolderError,
    FaceEngineUnavailableError,
    ModelFileError,
    CalibrationRefusedError,
    ValueError,
    OSError,
)

_out_option = click.option("--out", type=_NEW, required=True, help="Calibration file to write.")
_report_option = click.option("--report", type=_NEW, help="Write one HTML page with the tables.")


@click.group(epilog="Example: lindung calibrate face photos --out face.json --report face.html")
def calibrate() -> None:
    """Measure what scores are worth on your own people. It takes effect by `lindung calibration` only."""


@calibrate.command(epilog="Example: lindung calibrate face photos --groups groups.csv --out face.json")
@click.argument("folder", type=_FOLDER)
@click.option("--engine", type=click.Choice(["auto", "dlib", "faceplugin"]), help="Default: of the settings.")
@click.option("--groups", type=_FILE, help="CSV with the columns person and group: FMR within each is told too.")
@_out_option
@_report_option
@json_option
def face(folder: Path, engine: str | None, groups: Path | None, out: Path, report: Path | None, as_json: bool) -> None:
    """All pairs of DIR/person/photo.jpg; photos stay where they are, embeddings are kept in memory only."""
    settings = Settings()
    try:
        chosen = load_face_engine(engine or settings.face_engine, settings.model_folder)  # type: ignore[arg-type]
        photos = find_photos(folder)
        with progress_of("photos", len(photos)) as came:
            extracted = extract_faces(chosen, photos, came)
        labels = read_groups(groups) if groups else None
        _give(calibrate_faces(chosen.model_id, extracted, _today(), labels), out, report, as_json)
    except _FAILURES as error:
        fail(str(error))


@calibrate.command(epilog="Example: lindung calibrate fingerprint prints --out finger.json")
@click.argument("folder", type=_FOLDER)
@click.option("--dpi", multiple=True, metavar="DBx=DPI", help="Resolution of a folder's prints; default 500.")
@_out_option
@_report_option
@json_option
def fingerprint(folder: Path, dpi: tuple[str, ...], out: Path, report: Path | None, as_json: bool) -> None:
    """All pairs within each DIR/DBx/FFF_I.png, or DIR/FFF_I.png: one folder for each kind of scanner."""
    try:
        ours = LeaderMccEngine()
        prints = find_prints(folder, dpi=resolutions(dpi))
        with progress_of("prints", len(prints)) as came:
            extracted = extract_fingers(ours, prints, came)
        with progress_of("comparisons", pairs_within(extracted.sources)) as came:
            document = calibrate_fingers(ours, extracted, _today(), came)
        _give(document, out, report, as_json)
    except _FAILURES as error:
        fail(str(error))


@click.group(epilog="Example: lindung calibration show")
def calibration() -> None:
    """What scores are worth in this deployment. A change needs two officers' signatures."""


@calibration.command(epilog="Example: lindung calibration officer siti --new-key siti.pem")
@click.argument("name")
@click.option("--new-key", type=_NEW, required=True, help="Private key to write (Ed25519, PEM, 0600).")
@json_option
def officer(name: str, new_key: Path, as_json: bool) -> None:
    """Make an officer's key. Whoever holds the key folder adds what is printed to calibration-officers.json."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    if new_key.exists():
        fail(f"{new_key} is there already")
    write_durably(new_key, pem)
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    if as_json:
        show_json({name: public})
    else:
        click.echo(f'for {OFFICERS_FILE} in the key folder: "{name}": "{public}"')


@calibration.command(epilog="Example: lindung calibration propose face.json")
@click.argument("file", type=_FILE)
@json_option
def propose(file: Path, as_json: bool) -> None:
    """Keep a calibration file of `lindung calibrate`, to be signed. It has no effect yet."""
    try:
        digest = _shelf().propose(file.read_bytes())
    except _FAILURES as error:
        fail(str(error))
    _say({"digest": digest}, f"proposed: {digest}", as_json=as_json)


@calibration.command(epilog="Example: lindung calibration sign 3f…c1 --officer siti --key siti.pem")
@click.argument("digest")
@click.option("--officer", "name", required=True, help="Name in calibration-officers.json.")
@click.option("--key", type=_FILE, required=True, help="The officer's private key (Ed25519, PEM).")
@json_option
def sign(digest: str, name: str, key: Path, as_json: bool) -> None:
    """Sign a proposed calibration as an officer, who has looked at what it says."""
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            fail(f"{key} is no Ed25519 key")
        by = _shelf().sign(digest, name, private)
    except (*_FAILURES, TypeError, UnsupportedAlgorithm) as error:
        fail(str(error))
    _say({"digest": digest, "signed_by": list(by)}, f"signed by {', '.join(by)}", as_json=as_json)


@calibration.command(epilog="Example: lindung calibration activate 3f…c1")
@click.argument("digest")
@json_option
def activate(digest: str, as_json: bool) -> None:
    """Put a calibration that two officers signed in force. An older one works the same way.

    Services that run take it over within seconds.
    """
    try:
        _shelf().activate(digest)
    except _FAILURES as error:
        fail(str(error))
    _say({"digest": digest, "active": True}, "in force; services that run go by it within seconds", as_json=as_json)


@calibration.command(epilog="Example: lindung calibration show --json")
@json_option
def show(as_json: bool) -> None:
    """Every calibration that was proposed here, who signed it, and which is in force; none: what was shipped is."""
    try:
        versions = [_told(each) for each in _shelf().versions()]
    except _FAILURES as error:
        fail(str(error))
    if as_json:
        show_json({"versions": versions})
        return
    for each in versions:
        mark = "in force" if each["active"] else "proposed"
        click.echo(
            f"{each['model_id']}  {mark}  {each['digest']}  signed by {', '.join(each['signed_by']) or 'nobody'}"
        )
        click.echo(f"  {each['source']}, {each['measured'].get('date', '')}")
    if not versions:
        click.echo("none was proposed: what was shipped is in force")


def _told(version: Version) -> dict[str, Any]:
    document = version.document
    return {
        "model_id": document.calibration.model_id,
        "digest": document.digest,
        "active": version.is_active,
        "signed_by": list(version.signed_by),
        "source": document.calibration.source,
        "measured": dict(document.measured),
    }


def _shelf() -> CalibrationShelf:
    settings = Settings()
    return CalibrationShelf(settings.calibration_folder, settings.key_folder)


def _today() -> date:
    return datetime.now(UTC).date()


def _say(document: dict[str, Any], words: str, *, as_json: bool) -> None:
    if as_json:
        show_json(document)
    else:
        click.echo(words)


def _give(document: CalibrationDocument, out: Path, report: Path | None, as_json: bool) -> None:
    out.write_bytes(document.to_bytes())
    if report:
        report.write_text(_page(document).html(), encoding="utf-8")
    made = document.calibration
    told = {"model_id": made.model_id, "digest": document.digest, "source": made.source, **document.measured}
    words = f"{made.source}\nwritten: {out}\nnext: lindung calibration propose {out}"
    _say(told, words, as_json=as_json)


def _page(document: CalibrationDocument) -> Report:
    made, facts = document.calibration, document.measured
    groups = [
        (group, f"{row['pairs']:,}", *(f"{rate:.2e}" for rate in row["fmr_at"].values()))
        for group, row in facts.get("fmr_by_group", {}).items()
    ]
    grids = [
        Grid(
            "Strangers that reach a score", ("score", "-log10 FMR"), [(f"{a:g}", f"{b:g}") for a, b in made.strangers]
        ),
        Grid("Mates that stay below a score", ("score", "-log10 FNMR"), [(f"{a:g}", f"{b:g}") for a, b in made.mates]),
    ]
    if groups:
        columns = ("group", "pairs of strangers", "FMR, should be 1e-2", "1e-3", "1e-4")
        grids.append(Grid("The same thresholds within a group", columns, groups))
    last_score, last_level = made.strangers[-1]
    return Report(
        title=f"Calibration of {made.model_id}",
        summary=made.source,
        facts=[("model", made.model_id), ("date", str(facts.get("date", ""))), ("digest", document.digest)],
        cards=(
            Card("measured up to", f"1 in {10**last_level:,.0f}", f"score {last_score:g}"),
            Card("beyond", f"{made.beyond:g}", "decades of FMR by unit of score, extrapolated"),
        ),
        pictures=(),
        grids=grids,
        means=("A score of s is reached by one stranger in 10^s. It takes effect when two officers have signed it.",),
        limits=(
            "It holds for people like these, captured like this. Groups that were not labelled are not told apart.",
        ),
    )
