"""Takes the README's picture of the report: ``make picture``.

Chromium draws the page as a reader sees it; it is the only part of the project that needs more than Python.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1200, 2300
BAD_INPUT = 2


def main() -> int:
    """Writes the picture; 2 when the report or a browser is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="the HTML file that `make report` writes")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    parser.add_argument(
        "--height", type=int, default=HEIGHT, help="pixels from the top of the page (default: %(default)s)"
    )
    arguments = parser.parse_args()
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        return _refuse(f"no browser found ({', '.join(BROWSERS)}); on Debian: apt-get install chromium")
    if not arguments.report.is_file():
        return _refuse(f"{arguments.report} does not exist; `make report` writes it")
    _take(browser, arguments.report, arguments.picture, arguments.height)
    sys.stdout.write(f"wrote {arguments.picture}\n")
    return 0


def _take(browser: str, report: Path, picture: Path, height: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        drawn = Path(scratch) / "report.png"
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--no-first-run",
                f"--user-data-dir={scratch}/profile",
                f"--window-size={WIDTH},{height}",
                f"--screenshot={drawn}",
                report.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
        )
        picture.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(drawn, picture)


def _refuse(message: str) -> int:
    sys.stderr.write(f"picture: {message}\n")
    return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
