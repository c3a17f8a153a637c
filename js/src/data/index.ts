export { cssColor, parseAnsi, plainText, type Span, type Style } from "./ansi";
export { CommSource, type WidgetModel } from "./comm";
export { Console, MOST_LINES } from "./console";
export { EmbeddedSource } from "./embedded";
export { extremes } from "./extremes";
export { RunFeed } from "./feed";
export { type FileBytes, readFile, textOf } from "./files";
export { type ChartHabits, chartHabits, type Host, host, offerHost } from "./host";
export { laid } from "./laid";
export { type Connection, Lifeline } from "./lifeline";
export {
  isEmpty,
  type LineFilter,
  levelOf,
  lineTest,
  matcher,
  patternOf,
  plainOf,
} from "./linetest";
export { FoundLines, LogBook, MOST_ASKED, spansOf } from "./logbook";
export { type Change, RunStore } from "./run";
export { MOST_POINTS, Series } from "./series";
export { offerServerDoor, type ServerDoor, serverDoor } from "./server";
export { smooth } from "./smooth";
export { type SocketOptions, SocketSource } from "./socket";
export {
  type Answer,
  type Ask,
  type Handlers,
  type News,
  newId,
  RequestError,
  type Source,
} from "./source";
export { type Stretch, Windows } from "./windows";
