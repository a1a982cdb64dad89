"""What libraries log of an error passes through without the error's text."""

import logging

import pytest
import structlog

from shared.http.observation import LibraryLog, configure_logging


def test_an_exceptions_text_stays_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    configure_logging("info")  # once more adds no second line
    try:
        int("Siti Aminah")  # its error repeats the text
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    logging.getLogger("asyncio").error("Task exception was never retrieved: ValueError('Siti Aminah')")
    logging.getLogger("uvicorn.error").error("address already in use")
    structlog.reset_defaults()
    for handler in [each for each in logging.root.handlers if isinstance(each, LibraryLog)]:
        logging.root.removeHandler(handler)
    told = capsys.readouterr().err
    assert "Siti" not in told
    assert told.count("\n") == 3
    assert told.count("ValueError") == 1
    assert "address already in use" in told
