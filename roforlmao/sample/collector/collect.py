"""Writes data/distributions-DATE.csv and data/control-DATE.csv: what Python has installed here."""

import csv
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path


def describe(distribution: Distribution) -> list[str | int]:
    """Name, version, number of files and their size in bytes."""
    files = [Path(str(distribution.locate_file(file))) for file in distribution.files or []]
    sizes = [file.stat().st_size for file in files if file.is_file()]
    return [distribution.metadata["Name"] or "", distribution.version or "", len(sizes), sum(sizes)]


def main() -> None:
    """One snapshot; the control metric is the number of distributions."""
    date = sys.argv[1]
    directory = Path("data")
    directory.mkdir(exist_ok=True)
    rows = sorted(describe(distribution) for distribution in distributions())
    with (directory / f"distributions-{date}.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["name", "version", "files", "bytes"])
        writer.writerows(rows)
    (directory / f"control-{date}.csv").write_text(f"{len(rows)}\n", encoding="utf-8")
    print(f"{len(rows)} distributions of Python {sys.version.split()[0]} written for {date}.")


if __name__ == "__main__":
    main()
