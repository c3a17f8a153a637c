/** The module that anywidget loads for several runs: one panel per view of the model. */
import { CommSource, type WidgetModel } from "../data";
import { CompareView } from "./view";

const USUAL_HEIGHT_PX = 560;

interface RenderProps {
  readonly model: WidgetModel;
  readonly el: HTMLElement;
}

function render({ model, el }: RenderProps): () => void {
  const height = Number(model.get("height")) || USUAL_HEIGHT_PX;
  const uid = String(model.get("uid"));
  const view = new CompareView({ uid, source: new CommSource(model), saved: null, height });
  return view.mount(el);
}

/** For JupyterLab, which shows saved comparisons with the same module. */
export { SavedComparison } from "./embedded";
export { CompareView };
export default { render };
