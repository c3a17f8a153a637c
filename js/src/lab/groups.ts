/** What puts groups of runs in order. */
import type { Browse } from "../protocol";
import { trans } from "./translation";

export type GroupOrder = NonNullable<Browse["groups"]>;

export const GROUP_ORDERS: readonly GroupOrder[] = ["newest", "name", "count", "best"];

/** The order of this name; what was kept of an earlier visit may be anything. */
export function groupOrderOf(name: unknown): GroupOrder {
  return GROUP_ORDERS.find((one) => one === name) ?? "newest";
}

/** How an order is chosen. */
export function groupOrderWord(order: GroupOrder): string {
  const words: Readonly<Record<GroupOrder, string>> = {
    newest: trans.__("Newest group first"),
    name: trans.__("Groups by name"),
    count: trans.__("Largest group first"),
    best: trans.__("Groups by their first run"),
  };
  return words[order];
}
