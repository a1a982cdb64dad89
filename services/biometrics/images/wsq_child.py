"""Run as a script, never imported: decodes one WSQ file from standard input, and may crash on it.

Takes the path of the `_wsq` extension as its argument. Writes "width height ppi" and a line feed, then the grey
bytes, to standard output. Uses the standard library only, for it runs without site-packages.
"""

import importlib.util
import os
import resource
import sys

_MEMORY_BYTES = 512 * 2**20
_CPU_SECONDS = 10


def main(extension_path: str) -> None:
    """Decode within limits on memory and time, and leave no core file, which would hold a fingerprint."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever the C code prints must not get into the answer
    spec = importlib.util.spec_from_file_location("_wsq", extension_path)
    if spec is None or spec.loader is None:
        raise SystemExit(2)
    wsq = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(wsq)
    pixels, width, height, ppi = wsq.decompress(sys.stdin.buffer.read())
    with os.fdopen(answer, "wb") as out:
        out.write(b"%d %d %d\n" % (width, height, ppi) + pixels)


if __name__ == "__main__":
    main(sys.argv[1])
