export { SavedComparison } from "./embedded";
export { CompareView, type CompareViewOptions } from "./view";
