"""What `--help` says beyond the options: what a command does, and which JSON it prints."""

EXIT_CODES = "Exit codes: 0 all is well, 1 trouble was found or it failed, 2 a wrong call."

DESCRIPTIONS = {
    "init": """\
Make a workspace: a folder .nbtrack in DIR, in which runs begun below DIR are kept.
Without it `nbtrack.init()` makes one where it needs one.
""",
    "completion": """\
Print a script that completes commands and options. For bash put
    source <(nbtrack completion bash)
into ~/.bashrc; for zsh the same with zsh into ~/.zshrc; for fish
    nbtrack completion fish | source
into ~/.config/fish/config.fish.
""",
    "doctor": """\
Look at everything in a workspace: its folder, every journal byte by byte, and
whether the database says what the journals say, to the last value. Nothing is
changed without --repair, except that what a killed kernel had not written yet is
brought into its journal, as any reader does it. --repair never deletes what you
could want.
""",
    "rebuild": """\
Make the database anew from the journals, while readers and kernels go on working.
Killed in its middle it leaves the old one as it was. Runs that only the old one
knows, because their journals are lost or damaged, are taken over from it.
""",
    "rm": """\
Removed runs go to the trash, from where `nbtrack restore` brings them back; with
--purge they are gone for good. A run that is being written is not removed.
""",
    "export": """\
Write all rows of runs, as they were logged, with the uid of the run in `_run`. OUT is
a file for all of them (.parquet, .csv or .json), or a folder (its name has no ending)
that gets a file per run, Parquet unless --format says otherwise, or - to print CSV or
JSON. In CSV, text that a spreadsheet would take for a formula begins with an
apostrophe. In CSV and Parquet, what is no number, text or truth value is JSON.
""",
    "plot": """\
Draw metrics of runs into one chart at the quality of print: SVG, or PNG and PDF by the
installed Chromium or Chrome. A curve for each run and metric, with the exact extremes of
all points; with --group-by, mean and band of each group of runs.
""",
    "report": """\
Write one HTML file that holds all that it shows: live charts that need no server and no
network, tables, log and code. Sections are overview, alerts, best, comparison,
differences, charts, system, log, code and environment, of two runs also divergence and
changes; by default what suits the runs. A name that ends in .md is a file of Markdown
that is put there. OUT.pdf is printed by the installed Chromium or Chrome; OUT.ipynb is
a notebook that makes the report anew.
""",
    "cells": """\
Show every execution of a cell that made a run, in order, with its source. Cells that
the kernel had executed before the run are among them; secrets are ***.
""",
    "reproduce": """\
Write a notebook whose cells do again what made RUN: every execution of a cell, in its
order. Its first cell says from which run it is, with which commit and packages.
Nothing is executed; nothing that is there is overwritten without --force.
""",
    "diff": """\
Show what differs between two runs: config, results, metrics (and from which step on),
repository, packages, machine, cells and code. With -o a page with charts is written.
""",
    "stop": """\
Ask runs to stop. Their kernels hear it a fraction of a second later and interrupt
what they do, as Ctrl-C would. Where runs are chosen, not named, only those that go on
are meant, and you are asked first.
""",
    "finish": """\
End runs that were left open, though nothing goes on in their notebooks. Their kernels
hear it a fraction of a second later, end them as finished and go on. A run at work is
refused: wait for its cell, or stop it. One whose kernel is gone has crashed, and stays
so. Where runs are chosen, not named, only those in which nothing goes on are meant, and
you are asked first.
""",
    "tag": """\
Add tags to runs and remove tags from them. --add and --remove may be given more than
once. Where runs are chosen, not named, you are asked first.
""",
    "restore": """\
Without RUN it says what is in the trash.
""",
    "gc": """\
Tidy up: let what ended runs left behind go into the database, pack journals of runs
that ended long ago, empty old trash.
""",
}

JSON = {
    "init": """\
--json prints {"workspace", "is_new"}.
""",
    "doctor": """\
--json prints {"workspace", "is_well", "findings": [{"level", "subject", "text",
"remedy", "is_repaired"}]}. level is ok, note, warning or error; subject is a part
of the workspace, or the uid of a run.
""",
    "rebuild": """\
--json prints {"workspace", "runs", "points", "seconds", "set_aside", "carried"}.
set_aside is where a damaged database lies now, or null; carried are the uids of
runs that were taken over from the old one.
""",
    "ls": """\
--json prints {"workspace", "runs": [{"uid", "id", "entity", "project", "name",
"state", "group", "job_type", "tags", "notes", "reason", "started", "ended", "seen",
"duration_s", "exit_code", "rows", "step", "host", "user", "notebook", "config",
"summary", "spark_key", "spark"}]}, newest first. Times are ISO 8601 in UTC; numbers
that JSON cannot say are "NaN", "Infinity" and "-Infinity".
""",
    "show": """\
--json prints {"workspace", "run"}: the run as `nbtrack ls --json` describes it, and
{"lines", "folder", "notices": [{"time", "level", "cause", "title", "text", "count"}],
"files": [{"name", "bytes"}]} besides. lines counts those of its console. The title of a
notice is that of an alert, or null.
""",
    "tail": """\
--json prints {"number", "time", "stream", "text"}, a line each. stream is stdout,
stderr or nbtrack; only here the text has its escape sequences.
""",
    "export": """\
--json prints {"workspace", "format", "files": [{"path", "runs": [uid], "rows"}]}.
""",
    "plot": """\
--json prints {"workspace", "path", "runs": [uid], "bytes"}.
""",
    "report": """\
--json prints {"workspace", "path", "runs": [uid], "bytes"}.
""",
    "cells": """\
--json prints {"workspace", "uid", "cells": [{"number", "execution_count", "cell_id",
"source", "status", "error", "before", "started_at", "duration"}]}. status is ok,
error, interrupted, ending (the run ended in it) or before (only its source is known).
""",
    "reproduce": """\
--json prints {"workspace", "uid", "path", "cells"}, the last one a count.
""",
    "diff": """\
--json prints {"workspace", "first", "second", "config", "summary", "git", "packages",
"environment", "metrics", "cells", "code"}. config to environment are {"added",
"removed", "changed": {name: [first, second]}}; metrics is a list of {"key", "step" (the
first one at which values differ, or null), "first", "second", "common", "only_first",
"only_second", "missing_from"}; cells is a list of lines of a unified diff, code has one
for each file. With -o it prints {"workspace", "path", "bytes"}.
""",
    "stop": """\
--json prints {"workspace", "stopped": [uid], "failed": {uid: why}}.
""",
    "finish": """\
--json prints {"workspace", "finished": [uid], "failed": {uid: why}}: those that were
asked, and why others could not be.
""",
    "tag": """\
--json prints {"workspace", "runs": [{"uid", "name", "tags"}], "failed": {uid: why}}.
""",
    "du": """\
--json prints {"workspace", "total_bytes", "free_bytes", "parts": {name: bytes},
"runs": [{"uid", "name", "project", "total_bytes", "journal_bytes", "files_bytes",
"database_bytes"}], "unreadable"}, the largest run first. Bytes are what the disk
gives; a run's share of the database is no part of its total.
""",
    "gc": """\
--json prints {"workspace", "is_dry_run"} and, of what was done, {"ingested",
"sealed", "trashed", "purged", "bytes_freed", "is_done", "notes"}; with --dry-run
{"seal", "trash", "purge", "purge_bytes"}, lists of uids.
""",
}
