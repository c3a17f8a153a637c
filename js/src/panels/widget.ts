/** The module that anywidget loads: one panel per view of the model. */
import { CommSource, type WidgetModel } from "../data";
import { RunView } from "./run-view";

/** A panel as high as eight lines of code would leave little of it. */
const USUAL_HEIGHT_PX = 480;

interface RenderProps {
  readonly model: WidgetModel;
  readonly el: HTMLElement;
}

function render({ model, el }: RenderProps): () => void {
  const height = Number(model.get("height")) || USUAL_HEIGHT_PX;
  const view = new RunView({
    uid: String(model.get("uid")),
    source: new CommSource(model),
    height,
  });
  return view.mount(el);
}

/** For JupyterLab, which shows runs in tabs and saved panels with the same module. */
export { RunView };
export default { render };
