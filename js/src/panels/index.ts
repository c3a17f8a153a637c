export { h, Scope, setText } from "./dom";
export { type IconName, icon, stateBadge } from "./icons";
export { RunView, type RunViewOptions } from "./run-view";
export { adoptStyles } from "./styles";
export { type ViewState, viewState } from "./view-state";
