/** Puts live views where a page has places for them; where one fails, its picture stays. */
import { CompareView } from "../compare";
import { SavedComparison } from "../compare/embedded";
import { EmbeddedSource } from "../data";
import { h, RunView } from "../panels";
import { type Parcel, readParcel } from "./parcel";
import { PageAnswers, whyNotRegrouped } from "./regrouping";

const RUN = "application/vnd.nbtrack.run.v1+json";
const COMPARISON = "application/vnd.nbtrack.compare.v1+json";
const USUAL_HEIGHT_PX = 520;

/** One after the other, from the top: what is seen first is there first. */
export async function mountAll(page: Document): Promise<void> {
  for (const figure of page.querySelectorAll<HTMLElement>("[data-nbtrack]")) {
    await mount(figure).catch((error: unknown) => explain(figure, error));
  }
  page.documentElement.dataset.nbtrack = "ready";
}

async function mount(figure: HTMLElement): Promise<void> {
  const data = document.getElementById(figure.dataset.nbtrack ?? "");
  const host = figure.querySelector<HTMLElement>(".nbr-live");
  if (!data || !host) return;
  const parcel = await readParcel(data.textContent ?? "");
  const show = viewOf(parcel);
  // The data stays, and what is there is made anew: browsers save pages as they stand.
  host.replaceChildren();
  host.hidden = false;
  show(host);
  figure.dataset.live = "";
}

function viewOf(parcel: Parcel): (host: HTMLElement) => void {
  const { mimeType, bundle, bytes, view } = parcel;
  const height = view.height ?? USUAL_HEIGHT_PX;
  if (mimeType === COMPARISON) {
    const saved = SavedComparison.of(bundle, bytes);
    const why = whyNotRegrouped(saved);
    if (why === "") saved.answerOnPage(new PageAnswers(saved));
    const options = { uid: saved.comparison.uid, source: saved, saved, height };
    return (host) => {
      new CompareView(options).mount(host);
      if (why !== "") host.append(h("p", { class: "nbr-note nbr-why", role: "note" }, why));
    };
  }
  if (mimeType !== RUN) throw new Error(`nobody here can draw ${mimeType}`);
  const source = EmbeddedSource.of((bundle as { snapshot?: unknown }).snapshot, bytes);
  const { uid } = source.snapshot.run;
  const tabs = view.tabs?.length ? view.tabs : null;
  return (host) => new RunView({ uid, source, height: tabs ? "flow" : height, tabs }).mount(host);
}

function explain(figure: HTMLElement, error: unknown): void {
  console.error("nbtrack:", error);
  const why = error instanceof Error ? error.message : String(error);
  figure.querySelector<HTMLElement>(".nbr-live")?.setAttribute("hidden", "");
  delete figure.dataset.live;
  figure.append(h("p", { class: "nbr-trouble", role: "note" }, `This figure stays still: ${why}`));
}
