"""The libraries that Python packages find, or do not find, on the machine."""

import ctypes
import shutil
import subprocess
import sys

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def library_loads(*names: str) -> bool:
    """Whether one of the shared libraries can be loaded."""
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def pango_loads() -> bool:
    """Pango draws the text of the PDF documents."""
    return library_loads("libpango-1.0.so.0") and library_loads("libpangoft2-1.0.so.0")


def harfbuzz_subset_loads() -> bool:
    """HarfBuzz makes the fonts inside the PDF documents small, three times faster than Python does."""
    return library_loads("libharfbuzz-subset.so.0")


def xml_problem() -> str:
    """Why lxml and xmlsec cannot work together, or nothing.

    When their libxml2 differ, xmlsec fails while it is imported, with an exception that only it defines: hence the
    separate process, spared when the module is already in memory, which proves that the pair works.
    """
    if "xmlsec" in sys.modules:
        return ""
    done = subprocess.run(
        [sys.executable, "-c", "import lxml.etree, xmlsec"], capture_output=True, text=True, timeout=30, check=False
    )
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def chromium() -> str | None:
    """The path of Chromium, which the browser tests drive."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
