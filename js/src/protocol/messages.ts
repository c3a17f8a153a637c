// Generated from protocol.py and protocol_lists.py in nbtrack/panels/: change it there.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A text that stands in a field, "" for none, and how many runs have it. */
export interface FacetValue {
  readonly value: string;
  readonly runs: number;
}

/** A field and the texts in it, the most frequent first; `left_out` were not sent. */
export interface Facet {
  readonly field: "state" | "tags" | "group" | "job_type" | "project" | "notebook";
  readonly values: readonly FacetValue[];
  readonly left_out: number;
}

/** A value that runs have, named as filters and orders name it: `config.lr`. */
export interface KnownField {
  readonly name: string;
  readonly kind: "number" | "text" | "flag" | "other";
  readonly runs: number;
}

/**
 * One run in a list, with times as in `RunHead`.
 *
 * `idle` is since when an open run's active time stands still. `spark` are at most 40 values
 * of metric `spark_key`. `values` are those of the columns that were asked for and that the
 * run has, by their names; a text of more than 300 characters is cut.
 */
export interface RunRow {
  readonly uid: string;
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly state: string;
  readonly started: number;
  readonly ended: number | null;
  readonly seen: number;
  readonly active: number;
  readonly ticking: boolean;
  readonly step: number | null;
  readonly idle: number | null;
  readonly notebook: string | null;
  readonly workspace: string;
  readonly group: string;
  readonly job_type: string;
  readonly tags: readonly string[];
  readonly spark_key: string;
  readonly spark: readonly (number | null)[];
  readonly values?: JsonObject;
}

/** The newest runs, of `total` (the answer of a route). */
export interface RunList {
  readonly op: "runs";
  readonly runs: readonly RunRow[];
  readonly total: number;
}

/** Runs that agree in what they are grouped by: how many there are, and how many open. */
export interface RunGroup {
  readonly name: string;
  readonly count: number;
  readonly open: number;
}

/**
 * Some of the runs that were asked for with `Browse`, for view `view`.
 *
 * `order` are the keys of all runs on the page: id of the workspace, `/`, uid. `runs` are
 * those of them that are new or changed since the last page; when `full`, everything before
 * it is forgotten. `offset` counts the runs before them, in groups that are not folded.
 * `total` are all runs there are, `open` those that have not ended, `matching` those that
 * meet the question. `groups` are in order; `left_out` more were not sent, nor their runs.
 * `meaning` says how the search was understood: as nothing, a regular expression on names,
 * plain text in names, or a filter.
 */
export interface RunPage {
  readonly op: "page";
  readonly view: string;
  readonly full: boolean;
  readonly offset: number;
  readonly order: readonly string[];
  readonly runs: readonly RunRow[];
  readonly total: number;
  readonly open: number;
  readonly matching: number;
  readonly groups: readonly RunGroup[];
  readonly left_out: number;
  readonly meaning: "all" | "names" | "text" | "filter";
}

/**
 * What the numbers of some runs in one column come to; `n` runs have a finite one.
 *
 * `std` is the standard deviation of a sample, None for one number alone; `low` and `high`
 * are the least and the greatest.
 */
export interface Statistic {
  readonly column: string;
  readonly n: number;
  readonly mean: number;
  readonly std: number | null;
  readonly low: number;
  readonly high: number;
}

/** Columns of one group in which at least one of its runs has a finite number. */
export interface GroupStatistics {
  readonly name: string;
  readonly columns: readonly Statistic[];
}

/**
 * What became of one of many runs; `trouble` says why nothing was done, "" where it was.
 *
 * `bytes` are those that its files take on the disk, or took.
 */
export interface Outcome {
  readonly uid: string;
  readonly trouble: string;
  readonly bytes: number;
}

/** A run in the trash; `trashed`, when it was deleted, is seconds since the epoch. */
export interface TrashedHead {
  readonly uid: string;
  readonly name: string;
  readonly project: string;
  readonly trashed: number;
  readonly bytes: number;
}

/**
 * By field, of which texts it must hold one; "" stands for none.
 *
 * A notebook's path may be relative to the server's root. Where `kernel` stands beside
 * `notebook`, runs of these kernels count as well: they know the name that their notebook had.
 */
export interface Narrowing {
  readonly state?: readonly string[];
  readonly tags?: readonly string[];
  readonly group?: readonly string[];
  readonly job_type?: readonly string[];
  readonly project?: readonly string[];
  readonly notebook?: readonly string[];
  readonly kernel?: readonly string[];
}

/**
 * Send a page of runs, and then what changes in it (server only).
 *
 * A further one of the same view takes its place; what it cannot mean is answered by a
 * failure, and the former page goes on. `search` is what somebody typed: part of a name, a
 * regular expression (RE2), or a filter such as `config.lr < 0.1 and state = failed`. `where`
 * are further filters; a run must meet all of them, and `only`. `order` is a field with + or
 * - before it, those of `then_by` decide among equals, `group_by` names fields that make
 * groups, and `groups` says which comes first: the one with the newest run, by their names,
 * the one with the most runs, or the one whose first run is `best`, first in the runs' own
 * order. Runs of groups that are `folded` are passed over, or, where `unfolded` is given,
 * those of all other groups. At most `limit` runs are sent, after the first `offset`, with the
 * values of `columns`, which are names of fields: `config.lr`, `summary.loss`, `notes`, ….
 */
export interface Browse {
  readonly op: "browse";
  readonly id: string;
  readonly view: string;
  readonly search?: string;
  readonly where?: readonly string[];
  readonly only?: Narrowing;
  readonly order?: string;
  readonly then_by?: readonly string[];
  readonly group_by?: readonly string[];
  readonly groups?: "newest" | "name" | "count" | "best";
  readonly folded?: readonly string[];
  readonly unfolded?: readonly string[];
  readonly offset?: number;
  readonly limit?: number;
  readonly columns?: readonly string[];
}

/** Send what there is to choose from: values of fields, names of values (server only). */
export interface Facets {
  readonly op: "facets";
  readonly id: string;
}

/**
 * Do something to each of `runs`; what cannot be done to one hinders no other (server only).
 *
 * `tag` gives them the tags `add` and takes the tags `remove`; `trash` moves those that have
 * ended into the trash, `restore` brings them back, `purge` deletes them for good, in the
 * trash or not; `stop` asks them to stop, and `finish` those in which nothing goes on to
 * finish; `weigh` changes nothing and counts their bytes.
 */
export interface Act {
  readonly op: "act";
  readonly id: string;
  readonly action: "tag" | "trash" | "restore" | "purge" | "stop" | "finish" | "weigh";
  readonly runs: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** Send what is in the trash, the run that was deleted last first (server only). */
export interface Trash {
  readonly op: "trash";
  readonly id: string;
  readonly offset: number;
  readonly limit: number;
}

/**
 * From now on, comparison `uid` is one of `runs` (server only).
 *
 * A view says it before its hello, and again when other runs are to be compared. The
 * comparison is known to this line alone.
 */
export interface Compare {
  readonly op: "compare";
  readonly id: string;
  readonly uid: string;
  readonly runs: readonly string[];
}

/**
 * Send the keys of runs that view `view` asked for, in its order (server only).
 *
 * At most `limit` of them, after the first `offset`. With `all`, those of groups that are
 * folded, too.
 */
export interface Pick {
  readonly op: "pick";
  readonly id: string;
  readonly view: string;
  readonly offset: number;
  readonly limit: number;
  readonly all: boolean;
}

/** Send what the numbers in `columns` come to in some groups of view `view` (server only). */
export interface Summarize {
  readonly op: "summarize";
  readonly id: string;
  readonly view: string;
  readonly groups: readonly string[];
  readonly columns: readonly string[];
}

export const PROTOCOL_VERSION = 1;

export const MIME_TYPE = "application/vnd.nbtrack.run.v1+json";

export const COMPARE_MIME_TYPE = "application/vnd.nbtrack.compare.v1+json";

/**
 * Trouble or advice of nbtrack's own, or an alert of the user's.
 *
 * `time` is seconds since the epoch. `title` is that of an alert, "" for a notice. Heads
 * in notebooks of older versions have no `kind` and no `title`.
 */
export interface NoticeHead {
  readonly level: "info" | "warning" | "error";
  readonly cause: string;
  readonly text: string;
  readonly count: number;
  readonly time: number;
  readonly kind?: "notice" | "alert";
  readonly title?: string;
}

/**
 * What was defined of one metric.
 *
 * `key` is that of its series, and `step_metric` that of the series below its chart,
 * None for the step. `summary` is what the summary keeps of it, `goal` what its best is.
 */
export interface MetricHead {
  readonly key: string;
  readonly step_metric: string | null;
  readonly hidden: boolean;
  readonly summary: readonly string[];
  readonly goal: "minimize" | "maximize" | null;
}

/**
 * What a header, a table row or an overview shows of one run.
 *
 * `started`, `ended` and `seen` (last sign of life) are seconds since the epoch,
 * `active` is seconds of active time until `seen`; while `ticking`, active time goes
 * on. `step` is the last step, None before the first row. `environment` is what is known
 * of the program and the machine, by the field's names (`os`, `python`, `gpu`, …). It,
 * `config` and `summary` are nested JSON in which a number that is not finite is the text
 * `NaN`, `Infinity` or `-Infinity`, and a whole number beyond 2**53 the text of its
 * digits. `pinned` are the keys of the config that stand first. Saved notebooks may lack
 * `environment`, `pinned` and `metrics`.
 */
export interface RunHead {
  readonly uid: string;
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  readonly name: string;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly group: string;
  readonly job_type: string;
  readonly state:
    | "pending"
    | "running"
    | "finished"
    | "failed"
    | "crashed"
    | "killed"
    | "preempting"
    | "preempted";
  readonly reason: string;
  readonly started: number;
  readonly ended: number | null;
  readonly seen: number;
  readonly active: number;
  readonly ticking: boolean;
  readonly step: number | null;
  readonly rows: number;
  readonly notebook: string | null;
  readonly host: string;
  readonly user: string;
  readonly config: JsonObject;
  readonly summary: JsonObject;
  readonly environment?: JsonObject;
  readonly pinned?: readonly string[];
  readonly notices: readonly NoticeHead[];
  readonly metrics?: readonly MetricHead[];
}

/**
 * One series of the buffer.
 *
 * `points` stand in the buffer, `count` were logged. When `points < count` the series
 * is reduced: each bucket of neighbouring points keeps its exact minimum and maximum.
 * `estimated` says of a window along a metric, of which only some points were kept, that
 * some places along it lie between two of them.
 */
export interface SeriesHead {
  readonly key: string;
  readonly stream: "metric" | "system";
  readonly points: number;
  readonly count: number;
  readonly estimated?: boolean;
}

/** Rows appended since the last message, all with the same keys. */
export interface BlockHead {
  readonly stream: "metric" | "system";
  readonly keys: readonly string[];
  readonly rows: number;
}

/**
 * One line of console text; `number` counts from 0 without gaps.
 *
 * `time` is seconds since the epoch. A very long line is cut, and its text says so.
 * `level` (`warning`, …) and `label`, the name of a logger, stand where there is one.
 */
export interface Line {
  readonly number: number;
  readonly time: number;
  readonly stream: "stdout" | "stderr" | "nbtrack";
  readonly text: string;
  readonly level?: string;
  readonly label?: string;
}

/**
 * A run as it stands; everything before it is forgotten.
 *
 * `sequence` is the number of the last append that it includes. `lines` are the last
 * lines of the console, of `line_count` in all.
 */
export interface Snapshot {
  readonly op: "snapshot";
  readonly version: number;
  readonly sequence: number;
  readonly precision: 4 | 8;
  readonly run: RunHead;
  readonly series: readonly SeriesHead[];
  readonly lines: readonly Line[];
  readonly line_count: number;
}

/** What came since message `sequence - 1` of the same run. */
export interface Append {
  readonly op: "append";
  readonly uid: string;
  readonly sequence: number;
  readonly run: RunHead | null;
  readonly blocks: readonly BlockHead[];
  readonly lines: readonly Line[];
}

/**
 * One file of a run: its path below the run's files, its bytes, when it changed.
 *
 * `time` is seconds since the epoch.
 */
export interface FileHead {
  readonly name: string;
  readonly size: number;
  readonly time: number;
}

/**
 * One execution of a notebook's cell, in the order in which they were run.
 *
 * `cell` is the cell's id in the notebook and `count` the number in its brackets, None
 * where there is none. `started` is seconds since the epoch, None where that is not
 * known, and `duration` seconds. A very long source is cut, and its text says so.
 */
export interface CellHead {
  readonly number: number;
  readonly cell: string | null;
  readonly count: number | null;
  readonly source: string;
  readonly started: number | null;
  readonly duration: number;
  readonly status: string;
  readonly error: string;
}

/**
 * One run beside others, with times as in `RunHead`.
 *
 * `config` and `summary` are flat: names of nested keys are joined by dots, values are
 * numbers, texts, flags, null, or lists; of many only some are sent, those first in which
 * the runs differ.
 */
export interface ComparedRun {
  readonly uid: string;
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly state: string;
  readonly started: number;
  readonly ended: number | null;
  readonly active: number;
  readonly step: number | null;
  readonly group: string;
  readonly job_type: string;
  readonly tags: readonly string[];
  readonly config: JsonObject;
  readonly summary: JsonObject;
}

/** One metric: how many runs have it, and what `define_metric` says of it. */
export interface ComparedKey {
  readonly key: string;
  readonly runs: number;
  readonly goal: "" | "minimize" | "maximize";
  readonly hidden: boolean;
}

/** How many there are beyond what was sent: metrics, and names of values of the runs. */
export interface LeftOut {
  readonly keys: number;
  readonly config: number;
  readonly summary: number;
}

/** One run's line in the buffer: `points` of its x, then as many values. */
export interface LineHead {
  readonly uid: string;
  readonly group: number;
  readonly points: number;
  readonly count: number;
}

/**
 * One group's band in the buffer, of all its runs and all their points.
 *
 * It occupies five runs of `points` numbers: steps, how many runs have a value there,
 * means, lower and upper edges; the edges are NaN where one value alone has none.
 */
export interface BandHead {
  readonly group: number;
  readonly points: number;
}

/** One metric of several runs: `runs` have it, `lines` are drawn of the first of them. */
export interface ChartHead {
  readonly key: string;
  readonly runs: number;
  readonly lines: readonly LineHead[];
  readonly bands: readonly BandHead[];
  readonly trouble: string;
}

/**
 * Charts that were drawn without being asked for, of the first metrics and runs.
 *
 * Their numbers have `precision` bytes each; `groups` are the names of the groups of runs.
 */
export interface Drawn {
  readonly charts: readonly ChartHead[];
  readonly groups: readonly string[];
  readonly precision: number;
}

/**
 * Runs beside each other; when `full`, everything before it is forgotten.
 *
 * `runs` are those that are new or changed, `order` are the uids of all that were ever
 * sent and are still there, in the order in which they are drawn first. `total` are
 * compared, which may be more than were sent. `keys` are their metrics, `shown` those
 * that somebody wanted to see, none for all; `x`, `group_by` and `band` are what a
 * `Draw` says, as it is at first. `left_out` is there where something is. With what a
 * widget keeps some charts are `drawn` already, which stand in the buffer.
 */
export interface Comparison {
  readonly op: "comparison";
  readonly version: number;
  readonly uid: string;
  readonly sequence: number;
  readonly full: boolean;
  readonly runs: readonly ComparedRun[];
  readonly order: readonly string[];
  readonly total: number;
  readonly keys: readonly ComparedKey[];
  readonly shown: readonly string[];
  readonly x: string;
  readonly group_by: readonly string[];
  readonly band: string;
  readonly left_out?: LeftOut;
  readonly drawn?: Drawn;
}

/**
 * The answer to intent `id`.
 *
 * A window's series stand in the buffer, and so do the bytes of a file, and the numbers
 * of the lines that were found. `total` is how many of these there are in all, which may
 * be more than were sent: lines found, bytes of the file, files, cells, fields. `run` is the run
 * after it was changed. `charts` are what was to be drawn: per chart its lines, then its
 * bands stand in the buffer; `groups` are the names of the groups of runs. `outcomes` are
 * there for each run that something was to be done to. `trashed` are runs in the trash, of
 * `total`, whose files take `bytes` in all. `picked` are keys of runs, as a page says them.
 * `current` tells a view that it has everything.
 */
export interface Reply {
  readonly op: "reply";
  readonly id: string;
  readonly uid?: string;
  readonly series?: readonly SeriesHead[];
  readonly run?: RunHead;
  readonly lines?: readonly Line[];
  readonly files?: readonly FileHead[];
  readonly cells?: readonly CellHead[];
  readonly facets?: readonly Facet[];
  readonly fields?: readonly KnownField[];
  readonly total?: number;
  readonly charts?: readonly ChartHead[];
  readonly groups?: readonly string[];
  readonly outcomes?: readonly Outcome[];
  readonly trashed?: readonly TrashedHead[];
  readonly bytes?: number;
  readonly picked?: readonly string[];
  readonly statistics?: readonly GroupStatistics[];
  readonly current?: boolean;
}

/** Intent `id` could not be met: what happened and what to do, plain text. */
export interface Failure {
  readonly op: "error";
  readonly id: string;
  readonly kind: string;
  readonly message: string;
}

/**
 * A view opens: send a snapshot of run `uid` and then what comes.
 *
 * It has at most `points` of each series; without it, as many as the sender thinks right.
 * `known` is the sequence of the newest message about runs beside each other that the view
 * has: where nothing came since, it is told so and is sent nothing else.
 */
export interface Hello {
  readonly op: "hello";
  readonly id: string;
  readonly view: string;
  readonly uid: string;
  readonly points?: number;
  readonly known?: number;
}

/** The view is still looked at; without one for 30 s nothing more is sent to it. */
export interface Lease {
  readonly op: "lease";
  readonly id: string;
  readonly view: string;
  readonly uid: string;
}

/** The view closes. */
export interface Bye {
  readonly op: "bye";
  readonly id: string;
  readonly view: string;
  readonly uid: string;
}

/** End the run: interrupt its cell, leave the kernel alive, state killed. */
export interface Stop {
  readonly op: "stop";
  readonly id: string;
  readonly uid: string;
}

/** End the run as finished, in which nothing goes on; its kernel stays alive. */
export interface Finish {
  readonly op: "finish";
  readonly id: string;
  readonly uid: string;
}

/**
 * Send exact extrema of metrics `keys` from `low` to `high`, two per bucket.
 *
 * Both ends are included; None is no end. They are steps; along `time` they are seconds
 * since the run's start, along a `metric` values of the one whose key is `metric`.
 */
export interface Window {
  readonly op: "window";
  readonly id: string;
  readonly uid: string;
  readonly keys: readonly string[];
  readonly low: number | null;
  readonly high: number | null;
  readonly points: number;
  readonly axis?: "step" | "time" | "metric";
  readonly metric?: string;
}

/** Give run `uid` another name, other notes or other tags; also one that has ended. */
export interface Edit {
  readonly op: "edit";
  readonly id: string;
  readonly uid: string;
  readonly name?: string;
  readonly notes?: string;
  readonly tags?: readonly string[];
}

/** Send console lines by number: of each span its first line and how many. */
export interface Lines {
  readonly op: "lines";
  readonly id: string;
  readonly uid: string;
  readonly spans: readonly (readonly number[])[];
}

/**
 * Send the numbers of the console lines in which `search` is found.
 *
 * `search` is a regular expression, in which upper and lower case are the same; every
 * line holds an empty one. Only lines of these `streams` are looked at, of all of them
 * when there are none, and only such as look like a warning or an error, when `level`
 * says so. Lines before number `first` are passed over.
 */
export interface Find {
  readonly op: "find";
  readonly id: string;
  readonly uid: string;
  readonly search: string;
  readonly streams: readonly ("stdout" | "stderr" | "nbtrack")[];
  readonly level: "all" | "warning" | "error";
  readonly first: number;
}

/** Send the list of the run's files. */
export interface Files {
  readonly op: "files";
  readonly id: string;
  readonly uid: string;
}

/** Send at most `length` bytes of the run's file `name`, from byte `offset` on. */
export interface File {
  readonly op: "file";
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** Send what was executed while the run was open, from execution `first` on. */
export interface Cells {
  readonly op: "cells";
  readonly id: string;
  readonly uid: string;
  readonly first: number;
}

/**
 * Send lines of the first 50 of `runs` and bands of all of them, a chart per key.
 *
 * `runs` are uids, null for all; lines and bands that none of `changed` is part of are
 * left out, where that is given. `x` is `step`, `time` (seconds since each run's start) or
 * the name of a metric; what stands before `low` or after `high` along it is left out.
 * `group_by` names the fields that make groups: `group`, `tags`, `config.lr`, …; without
 * any, and over anything but steps, there are no bands. A line alone has at most `points`,
 * many share six times as many; without it, as many as the sender thinks right.
 */
export interface Draw {
  readonly op: "draw";
  readonly id: string;
  readonly uid: string;
  readonly keys: readonly string[];
  readonly runs: readonly string[] | null;
  readonly changed: readonly string[] | null;
  readonly x: string;
  readonly low: number | null;
  readonly high: number | null;
  readonly group_by: readonly string[];
  readonly band: "std" | "stderr" | "minmax" | "t95";
  readonly points?: number;
}

export type Message = Snapshot | Append | Reply | Failure | RunPage | Comparison;

export type Intent =
  | Hello
  | Lease
  | Bye
  | Stop
  | Finish
  | Window
  | Edit
  | Lines
  | Find
  | Files
  | File
  | Cells
  | Draw
  | Act
  | Trash
  | Compare
  | Pick
  | Summarize
  | Browse
  | Facets;
