/** In these states a process writes the run. */
export const GOING_ON: readonly string[] = ["running", "preempting"];

/** Whether a process writes the run: what it shows may still change. */
export function goesOn(run: { readonly state: string }): boolean {
  return GOING_ON.includes(run.state);
}
