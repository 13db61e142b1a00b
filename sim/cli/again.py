"""`majilis run --key KEY --from DIR`: one run of a store once more, held against the rows that the store has of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from sim.strict import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.batch.store import Results
    from sim.batch.work import Simulate
    from sim.scenario.schema import Scenario


def found(results: Results, key: str) -> tuple[Scenario, int]:
    """The scenario and the replication of a key.

    Raises InputError for a key that the store does not hold, or whose scenario this program does not understand.
    """
    from pydantic import ValidationError

    from sim.batch.plan import Run
    from sim.scenario.schema import Scenario

    entry, replication, stations, _ = results.run(key)
    try:
        scenario = Scenario.model_validate(entry["settings"])
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{results.folder}: the settings of {entry['scenario']} are damaged ({where}).") from None
    if Run(scenario, replication, stations).key != key:
        raise InputError(
            f'{results.folder} holds "{key}" for other settings or other facts than it says; nothing can be repeated.'
        )
    return scenario, replication


def same(results: Results, key: str, simulate: Simulate | None = None) -> list[str]:
    """Run a key once more; returns the tables whose rows are not, byte for byte, those of the store.

    A run that failed is expected to fail again: its exception passes through.
    """
    from sim.batch.plan import Run
    from sim.batch.work import rows_of

    scenario, replication = found(results, key)
    stations = results.run(key)[2]
    made = rows_of(Run(scenario, replication, stations), simulate)
    names = sorted({*made, *(table for table in results.tables)}, key=lambda name: (name != "runs", name))
    held = {name: results.to_arrow(name, where={"key": key}) for name in names}
    return [name for name in names if not _equal(made.get(name), held[name])]


def _equal(made: pa.Table | None, held: pa.Table) -> bool:
    """Whether the rows are the same bytes, in the columns of the store."""
    from sim.batch.parts import fitted

    if made is None:
        return held.num_rows == 0
    if missing := set(made.column_names) - set(held.column_names):
        return all(made[name].null_count == made.num_rows for name in missing)
    return _bytes(fitted(made, held.schema)) == _bytes(held)


def _bytes(rows: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema.remove_metadata()) as writer:
        writer.write_table(rows.replace_schema_metadata(None).combine_chunks())
    return bytes(sink.getvalue())


def tell(results: Results, key: str, error: str | None, simulate: Any = None) -> bool:
    """Run a key once more and say whether it gives what the store holds; False where it does not."""
    if error is not None:
        print(f"In {results.folder} this run failed:\n{error.rstrip()}\n\nOnce more:", file=sys.stderr)
    differ = same(results, key, simulate)
    if error is not None:
        print("This time it ended. Start its batch again: it takes its place.", file=sys.stderr)
        return True
    if differ:
        print(f"NOT the rows that {results.folder} holds: {', '.join(differ)} differ.", file=sys.stderr)
        return False
    print(f"The same rows, byte for byte, that {results.folder} holds of it.", file=sys.stderr)
    return True
