export { h, Scope, setText } from "./dom";
export { type IconName, icon, stateBadge } from "./icons";
export { type MenuItem, menuButton } from "./menu";
export { RunView, type RunViewOptions } from "./run-view";
export { adoptStyles } from "./styles";
export { type ViewState, viewState } from "./view-state";
