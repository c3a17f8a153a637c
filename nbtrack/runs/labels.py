"""What tells the processes of one run apart: the label of a line, the name of a reading.

`Settings(x_label="worker-1")` puts `worker-1` beside every line that this process prints,
and `/l:worker-1` behind the names of its system readings.
"""

from msgspec.structs import replace

from nbtrack.records import ConsoleText, Record, SystemSample


def labelled(record: Record, label: str) -> Record:
    """Return a record with the label of the process that it comes from.

    Args:
        record: A line whose logger has no name of its own, or a reading; others stay.
        label: What the process is called.

    Examples:
        >>> labelled(SystemSample(0, {"cpu": 0.5}), "worker-1").values
        {'cpu/l:worker-1': 0.5}
    """
    if isinstance(record, SystemSample):
        named = {f"{name}/l:{label}": value for name, value in record.values.items()}
        return SystemSample(record.time_us, named)
    if isinstance(record, ConsoleText) and not record.label:
        return replace(record, label=label)
    return record
