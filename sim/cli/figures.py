"""The verb ``figures``: every figure a results folder allows, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def figures(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with results, as majilis batch leaves it.")],
    into: Annotated[Path | None, typer.Option(help="Folder for the figures; without it DIR/figures.")] = None,
    format: Annotated[str, typer.Option(help="png for screens, svg or pdf for print.")] = "png",
) -> None:
    """Draw every figure the results allow."""
    from sim.batch.store import Results
    from sim.figures import figures_all

    target = into or folder / "figures"
    written = figures_all(Results.open(folder), target, format, note=lambda text: typer.echo(text, err=True))
    for path in written:
        typer.echo(path)
    typer.echo(f"{len(written)} figures in {target}.")
    typer.echo(f"Next: majilis compare {folder} prints the differences as a table.")
