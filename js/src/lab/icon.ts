/** nbtrack's mark: a curve that falls and its last point. */
import { LabIcon } from "@jupyterlab/ui-components";

export const nbtrackIcon = new LabIcon({
  name: "nbtrack:runs",
  // JupyterLab colours whatever has its class and a fill or stroke: each part has only one.
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24" fill="none"><path class="jp-icon3" stroke="#616161" stroke-width="2" stroke-linecap="round" d="M3.5 3.5v15a2 2 0 0 0 2 2h15M7.5 5.5c1 6 3.5 8.5 9.5 9"/><circle class="jp-icon3" fill="#616161" cx="18" cy="14.5" r="2.5"/></svg>`,
});
