/**
 * Tells a message from anything else. Saved notebooks and other processes are not trusted
 * to send what the types promise; what passes here can be read without further questions.
 */
import { FormatError } from "./decode";
import {
  type Append,
  type Comparison,
  type Failure,
  type Message,
  PROTOCOL_VERSION,
  type Reply,
  type RunHead,
  type RunPage,
  type Snapshot,
} from "./messages";

type Fields = Readonly<Record<string, unknown>>;
type Test = (value: unknown) => boolean;

const isText: Test = (value) => typeof value === "string";
const isNumber: Test = (value) => typeof value === "number";
const isFlag: Test = (value) => typeof value === "boolean";
const isCount: Test = (value) => Number.isInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const orNull =
  (test: Test): Test =>
  (value) =>
    value === null || test(value);
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);

function shape(fields: Readonly<Record<string, Test>>): Test {
  const tests = Object.entries(fields);
  return (value) => isObject(value) && tests.every(([name, test]) => test(value[name]));
}

const orNothing =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);

const isNotice = shape({
  level: isText,
  cause: isText,
  text: isText,
  count: isNumber,
  time: isNumber,
  kind: orNothing(isText),
  title: orNothing(isText),
});
const isLine = shape({
  number: isCount,
  time: isNumber,
  stream: isText,
  text: isText,
  level: orNothing(isText),
  label: orNothing(isText),
});
const isSeries = shape({
  key: isText,
  stream: isText,
  points: isCount,
  count: isCount,
  estimated: orNothing(isFlag),
});
const isBlock = shape({ stream: isText, keys: listOf(isText), rows: isCount });
const isRow = shape({
  uid: isText,
  id: isText,
  project: isText,
  name: isText,
  state: isText,
  started: isNumber,
  ended: orNull(isNumber),
  seen: isNumber,
  active: isNumber,
  ticking: isFlag,
  step: orNull(isNumber),
  idle: orNull(isNumber),
  notebook: orNull(isText),
  workspace: isText,
  group: isText,
  job_type: isText,
  tags: listOf(isText),
  spark_key: isText,
  spark: listOf(orNull(isNumber)),
  values: orNothing(isObject),
});

const isMetric = shape({
  key: isText,
  step_metric: orNull(isText),
  hidden: isFlag,
  summary: listOf(isText),
  goal: orNull(isText),
});

const isRun = shape({
  uid: isText,
  id: isText,
  entity: isText,
  project: isText,
  name: isText,
  notes: orNull(isText),
  tags: listOf(isText),
  group: isText,
  job_type: isText,
  state: isText,
  reason: isText,
  started: isNumber,
  ended: orNull(isNumber),
  seen: isNumber,
  active: isNumber,
  ticking: isFlag,
  step: orNull(isNumber),
  rows: isNumber,
  notebook: orNull(isText),
  host: isText,
  user: isText,
  config: isObject,
  summary: isObject,
  environment: orNothing(isObject),
  pinned: orNothing(listOf(isText)),
  notices: listOf(isNotice),
  metrics: orNothing(listOf(isMetric)),
}) as (value: unknown) => value is RunHead;

const isSnapshot = shape({
  sequence: isNumber,
  precision: (value) => value === 4 || value === 8,
  run: isRun,
  series: listOf(isSeries),
  lines: listOf(isLine),
  line_count: isCount,
}) as (value: unknown) => value is Snapshot;

const isAppend = shape({
  uid: isText,
  sequence: isNumber,
  run: orNull(isRun),
  blocks: listOf(isBlock),
  lines: listOf(isLine),
}) as (value: unknown) => value is Append;

const isFile = shape({ name: isText, size: isCount, time: isNumber });
const isCell = shape({
  number: isCount,
  cell: orNull(isText),
  count: orNull(isCount),
  source: isText,
  started: orNull(isNumber),
  duration: isNumber,
  status: isText,
  error: isText,
});

const isChart = shape({
  key: isText,
  runs: isCount,
  lines: listOf(shape({ uid: isText, group: isCount, points: isCount, count: isCount })),
  bands: listOf(shape({ group: isCount, points: isCount })),
  trouble: isText,
});

const isFacet = shape({
  field: isText,
  values: listOf(shape({ value: isText, runs: isCount })),
  left_out: isCount,
});

const isReply = shape({
  id: isText,
  series: orNothing(listOf(isSeries)),
  run: orNothing(isRun),
  lines: orNothing(listOf(isLine)),
  files: orNothing(listOf(isFile)),
  cells: orNothing(listOf(isCell)),
  facets: orNothing(listOf(isFacet)),
  fields: orNothing(listOf(shape({ name: isText, kind: isText, runs: isCount }))),
  total: orNothing(isCount),
  charts: orNothing(listOf(isChart)),
  groups: orNothing(listOf(isText)),
}) as (value: unknown) => value is Reply;

const isComparedRun = shape({
  uid: isText,
  id: isText,
  name: isText,
  project: isText,
  state: isText,
  started: isNumber,
  ended: orNull(isNumber),
  active: isNumber,
  step: orNull(isNumber),
  group: isText,
  job_type: isText,
  tags: listOf(isText),
  config: isObject,
  summary: isObject,
});

const isComparison = shape({
  uid: isText,
  sequence: isNumber,
  full: isFlag,
  runs: listOf(isComparedRun),
  order: listOf(isText),
  total: isCount,
  keys: listOf(shape({ key: isText, runs: isCount, goal: isText, hidden: isFlag })),
  shown: listOf(isText),
  x: isText,
  group_by: listOf(isText),
  band: isText,
  left_out: orNothing(shape({ keys: isCount, config: isCount, summary: isCount })),
  drawn: orNothing(
    shape({
      charts: listOf(isChart),
      groups: listOf(isText),
      precision: (value) => value === 4 || value === 8,
    }),
  ),
}) as (value: unknown) => value is Comparison;

const isFailure = shape({ id: isText, kind: isText, message: isText }) as (
  value: unknown,
) => value is Failure;

const isRunPage = shape({
  view: isText,
  full: isFlag,
  offset: isCount,
  order: listOf(isText),
  runs: listOf(isRow),
  total: isCount,
  open: isCount,
  matching: isCount,
  groups: listOf(shape({ name: isText, count: isCount, open: isCount })),
  left_out: isCount,
  meaning: isText,
}) as (value: unknown) => value is RunPage;

const TESTS: Readonly<Record<string, (value: unknown) => value is Message>> = {
  snapshot: isSnapshot,
  append: isAppend,
  reply: isReply,
  error: isFailure,
  page: isRunPage,
  comparison: isComparison,
};

/**
 * Returns what it is given as a message.
 *
 * @throws FormatError if it is none, or one of a newer protocol.
 */
export function asMessage(value: unknown): Message {
  const op = isObject(value) ? value.op : undefined;
  const version = isObject(value) ? value.version : undefined;
  if (typeof version === "number" && version > PROTOCOL_VERSION) {
    throw new FormatError(
      `written by a newer nbtrack (protocol ${version}; this one reads ${PROTOCOL_VERSION})`,
    );
  }
  const test = typeof op === "string" && Object.hasOwn(TESTS, op) ? TESTS[op] : undefined;
  if (!test?.(value)) throw new FormatError(`not a message of nbtrack: op ${JSON.stringify(op)}`);
  return value;
}
