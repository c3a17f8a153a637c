/** A run as the server lists it, for tests that need one. */
import type { RunRow } from "../src/protocol";

/** Makes the row of a run that has ended, with what a test says of it. */
export function endedRun(uid: string, fields: Partial<RunRow> = {}): RunRow {
  return {
    uid,
    id: uid,
    project: "digits",
    name: uid,
    state: "finished",
    started: 0,
    ended: 1_000,
    seen: 1_000,
    active: 60,
    ticking: false,
    step: null,
    idle: null,
    notebook: null,
    workspace: "w",
    group: "",
    job_type: "",
    tags: [],
    spark_key: "",
    spark: [],
    ...fields,
  };
}
