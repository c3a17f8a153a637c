/** Notes in the corner: what happened to runs that nobody looks at just now. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import type { CurrentRun } from "./current";
import { Alerts, Endings, type EventKind, type RunEvent } from "./events";
import type { RunsLine } from "./line";
import { SHOW_RUNS } from "./list";
import { onPreferences, preferences } from "./preferences";
import { courseOf, ENDED_STATES } from "./standing";
import { OPEN_RUN } from "./tab";
import { trans } from "./translation";

/** More runs than that end within one look of the server only where somebody sweeps. */
const MOST_ENDED = 50;
/** More than so many at once are told in one note. */
const MOST_NOTES = 3;
const TOLD_MS = 8_000;

/** Who ran a cell of the notebook in front waits for what is over so soon, and sees it end. */
const AWAITED_S = 10;

/** Tells what happens from now on, as the settings want it. */
export function addToasts(app: JupyterFrontEnd, line: RunsLine, current: CurrentRun | null): void {
  const tell = (events: readonly RunEvent[]) => {
    const unseen = events.filter((event) => !isSeen(event, current));
    tellWanted(app, unseen);
  };
  let before = () => {};
  let [endings, alerts] = [new Endings(), new Alerts()];
  onPreferences(({ tellFinished, tellFailed, tellAlerts }) => {
    const tellEnds = tellFinished || tellFailed;
    if (tellEnds) {
      const question = { only: { state: ENDED_STATES }, order: "-heartbeat_at", limit: MOST_ENDED };
      line.ask("ended", question, (runs) => tell(endings.take(runs)));
    } else {
      line.leave("ended");
      endings = new Endings();
    }
    if (!tellAlerts) alerts = new Alerts();
    const unfollow = line.followOpen((runs) => {
      endings.see(runs);
      if (preferences().tellAlerts) tell(alerts.take(runs));
    });
    before();
    before = unfollow;
  });
}

function tellWanted(app: JupyterFrontEnd, events: readonly RunEvent[]): void {
  const wanted = events.filter(({ kind }) => isWanted(kind));
  if (wanted.length > MOST_NOTES) tellAll(app, wanted);
  else for (const event of wanted) tellOne(app, event);
}

function isWanted(kind: EventKind): boolean {
  const { tellFinished, tellFailed, tellAlerts } = preferences();
  if (kind === "finished") return tellFinished;
  return kind === "alert" ? tellAlerts : tellFailed;
}

/** Whether a panel of the run is in sight, or the cell that it was a moment's work of. */
function isSeen({ kind, run }: RunEvent, current: CurrentRun | null): boolean {
  if (document.hidden) return false;
  const panel = `.nbt[data-uid="${CSS.escape(run.uid)}"][data-seen]`;
  if (document.querySelector(panel)) return true;
  return kind === "finished" && run.active < AWAITED_S && (current?.isOf(run) ?? false);
}

function tellOne({ commands }: JupyterFrontEnd, { kind, run, title }: RunEvent): void {
  const { uid, workspace } = run;
  const name = run.name || run.id;
  const open = () => void commands.execute(OPEN_RUN, { uid, workspace, name });
  const actions = [{ label: trans.__("Open Run"), callback: open }];
  if (kind === "finished") {
    const words = [trans.__("Run %1 has finished", name), courseOf(run)]
      .filter(Boolean)
      .join(" · ");
    Notification.success(words, { autoClose: TOLD_MS, actions });
  } else if (kind === "alert") {
    const words = title === "" ? trans.__("Run %1: another alert", name) : `${name}: ${title}`;
    Notification.warning(words, { autoClose: TOLD_MS, actions });
  } else {
    Notification.error(troubleOf(kind, name), { autoClose: false, actions });
  }
}

function troubleOf(kind: EventKind, name: string): string {
  if (kind === "crashed") return trans.__("Run %1 has crashed: its kernel is gone", name);
  if (kind === "preempted")
    return trans.__("Run %1 was preempted: its machine was taken away", name);
  return trans.__("Run %1 has failed", name);
}

function tellAll({ commands }: JupyterFrontEnd, events: readonly RunEvent[]): void {
  const count = (kinds: readonly EventKind[]) =>
    events.filter(({ kind }) => kinds.includes(kind)).length;
  const [good, bad] = [count(["finished"]), count(["failed", "crashed", "preempted"])];
  const alerts = count(["alert"]);
  const words = [
    good > 0 ? trans._n("%1 run has finished", "%1 runs have finished", good) : "",
    bad > 0 ? trans._n("%1 run has failed", "%1 runs have failed", bad) : "",
    alerts > 0 ? trans._n("%1 alert", "%1 alerts", alerts) : "",
  ];
  const show = () => void commands.execute(SHOW_RUNS);
  const actions = [{ label: trans.__("Show Runs"), callback: show }];
  const note = bad > 0 ? Notification.error : Notification.info;
  note(words.filter(Boolean).join(" · "), { autoClose: bad > 0 ? false : TOLD_MS, actions });
}
