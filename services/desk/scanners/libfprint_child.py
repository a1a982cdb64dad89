"""Run by the system's Python, which has `gi`: asks libfprint, answers one line of JSON and, for a capture, pixels."""

import json
import sys
from typing import Any


def main(word: str) -> None:
    """`list` or `capture`."""
    try:
        import gi  # type: ignore[import-not-found,unused-ignore]

        gi.require_version("FPrint", "2.0")
        from gi.repository import FPrint, GLib  # type: ignore[import-not-found,unused-ignore]
    except (ImportError, ValueError):
        _answer({"trouble": "no-library"})
        return
    try:
        usable = [each for each in FPrint.Context().get_devices() if each.has_feature(FPrint.DeviceFeature.CAPTURE)]
        if word == "list":
            _answer({"devices": [_named(each) for each in usable]})
        elif not usable:
            _answer({"trouble": "no-device"})
        else:
            _capture(usable[0])
    except GLib.Error as error:
        _answer({"trouble": error.message})


def _named(device: Any) -> dict[str, str]:
    return {
        "id": f"{device.get_driver()}:{device.get_device_id()}",
        "driver": device.get_driver(),
        "name": device.get_name(),
        "note": "ready",
    }


def _capture(device: Any) -> None:
    device.open_sync(None)
    try:
        image = device.capture_sync(True, None)  # True: wait for a finger
        told = {"width": image.get_width(), "height": image.get_height(), "ppmm": image.get_ppmm()}
        _answer(_named(device) | told, bytes(image.get_data()))
    finally:
        device.close_sync(None)


def _answer(told: dict[str, Any], pixels: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + pixels)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
