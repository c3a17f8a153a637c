/**
 * The small part of JupyterLab's and Lumino's interfaces that the extension uses.
 *
 * Their packages are 450 MB of development dependencies; at run time they are the host's own
 * copies. What is written here holds for JupyterLab 4.2 and later and Notebook 7.2 and later;
 * the browser tests are what proves it.
 */

declare module "@lumino/widgets" {
  export interface Signal<Sender, Args> {
    connect(slot: (sender: Sender, args: Args) => void): boolean;
    disconnect(slot: (sender: Sender, args: Args) => void): boolean;
  }

  export interface Title {
    label: string;
    caption: string;
    dataset: { readonly [name: string]: string };
    icon: unknown;
    closable: boolean;
  }

  export class Widget {
    constructor(options?: { node?: HTMLElement });
    readonly node: HTMLElement;
    readonly title: Title;
    readonly disposed: Signal<this, void>;
    readonly parent: Widget | null;
    readonly isDisposed: boolean;
    readonly isAttached: boolean;
    readonly isVisible: boolean;
    readonly isHidden: boolean;
    id: string;
    addClass(name: string): void;
    removeClass(name: string): void;
    show(): void;
    hide(): void;
    setHidden(hidden: boolean): void;
    update(): void;
    close(): void;
    dispose(): void;
    protected onAfterShow(message: unknown): void;
    protected onBeforeHide(message: unknown): void;
    protected onAfterAttach(message: unknown): void;
    protected onBeforeDetach(message: unknown): void;
    protected onActivateRequest(message: unknown): void;
    protected onResize(message: unknown): void;
  }

  export class Panel extends Widget {
    readonly widgets: readonly Widget[];
    addWidget(widget: Widget): void;
  }
}

declare module "@jupyterlab/ui-components" {
  export class LabIcon {
    constructor(options: { name: string; svgstr: string });
  }
}

declare module "@jupyterlab/coreutils" {
  export const URLExt: { join(...parts: string[]): string };
}

declare module "@jupyterlab/services" {
  export namespace ServerConnection {
    interface ISettings {
      readonly baseUrl: string;
      readonly wsUrl: string;
      readonly token: string;
      readonly appendToken: boolean;
      readonly WebSocket: typeof WebSocket;
    }
    function makeSettings(): ISettings;
    function makeRequest(url: string, init: RequestInit, settings: ISettings): Promise<Response>;
  }
}

declare module "@jupyterlab/translation" {
  export interface TranslationBundle {
    /** `%1` and so on are places for `values`. */
    __(text: string, ...values: (string | number)[]): string;
    /** `%1` is the place of `count` itself. */
    _n(one: string, many: string, count: number, ...values: (string | number)[]): string;
  }

  export interface ITranslator {
    load(domain: string): TranslationBundle;
  }

  export const ITranslator: unknown;
}

declare module "@jupyterlab/settingregistry" {
  import type { Signal } from "@lumino/widgets";

  export interface Settings {
    /** What the user has set, over what the schema says. */
    readonly composite: { readonly [name: string]: unknown };
    readonly changed: Signal<Settings, void>;
  }

  export interface ISettingRegistry {
    load(plugin: string): Promise<Settings>;
  }

  export const ISettingRegistry: unknown;
}

declare module "@jupyterlab/launcher" {
  export interface ILauncher {
    add(item: { command: string; category: string; rank?: number; args?: object }): unknown;
  }

  export const ILauncher: unknown;
}

declare module "@jupyterlab/statusbar" {
  import type { Widget } from "@lumino/widgets";

  export interface IStatusBar {
    registerStatusItem(id: string, item: StatusBarItem): unknown;
  }

  export interface StatusBarItem {
    readonly item: Widget;
    readonly align: "left" | "middle" | "right";
    readonly rank?: number;
    isActive?(): boolean;
  }

  export const IStatusBar: unknown;
}

declare module "@jupyterlab/rendermime" {
  import type { Widget } from "@lumino/widgets";

  export interface MimeModel {
    readonly data: { readonly [mimeType: string]: unknown };
    readonly trusted: boolean;
    setData(options: { data: { [mimeType: string]: unknown } }): void;
  }

  export interface Renderer extends Widget {
    renderModel(model: MimeModel): Promise<void>;
  }

  export interface RendererFactory {
    readonly safe: boolean;
    readonly mimeTypes: readonly string[];
    createRenderer(options: unknown): Renderer;
  }

  export interface RenderMimeRegistry {
    addFactory(factory: RendererFactory, rank?: number): void;
    createRenderer(mimeType: string): Renderer;
    getFactory(mimeType: string): RendererFactory | undefined;
  }
}

declare module "@jupyterlab/application" {
  import type { Signal, Widget } from "@lumino/widgets";

  export interface Shell {
    add(widget: Widget, area: string, options?: { rank?: number; mode?: string }): void;
    activateById(id: string): void;
    readonly currentWidget: Widget | null;
    readonly currentChanged?: Signal<unknown, { readonly newValue: Widget | null }>;
  }

  export interface Command {
    label: string | ((args: CommandArguments) => string);
    caption?: string;
    icon?: unknown;
    execute(args: CommandArguments): unknown;
    isVisible?(args: CommandArguments): boolean;
    isEnabled?(args: CommandArguments): boolean;
  }

  export interface CommandArguments {
    readonly [name: string]: unknown;
  }

  export interface Commands {
    addCommand(id: string, command: Command): unknown;
    execute(id: string, args?: CommandArguments): Promise<unknown>;
    /** Has everybody ask anew what a command is called, and whether it can be executed. */
    notifyCommandChanged(id: string): void;
  }

  export interface JupyterFrontEnd {
    /** "JupyterLab", "Jupyter Notebook", …. */
    readonly name: string;
    readonly commands: Commands;
    readonly shell: Shell;
    readonly restored: Promise<void>;
    readonly serviceManager: {
      readonly contents: { get(path: string, options: { content: boolean }): Promise<unknown> };
    };
    /** The element that accepts, among those below the pointer when a menu was opened. */
    contextMenuHitTest(accepts: (node: HTMLElement) => boolean): HTMLElement | undefined;
  }

  export interface JupyterFrontEndPlugin {
    readonly id: string;
    readonly description: string;
    readonly autoStart: boolean;
    readonly requires?: readonly unknown[];
    readonly optional?: readonly unknown[];
    activate(app: JupyterFrontEnd, ...services: never[]): void;
  }

  export interface ILayoutRestorer {
    add(widget: Widget, name: string): void;
    restore(tracker: unknown, options: RestoreOptions): Promise<unknown>;
  }

  export interface RestoreOptions {
    readonly command: string;
    args(widget: never): CommandArguments;
    name(widget: never): string;
  }

  export const ILayoutRestorer: unknown;
}

declare module "@jupyterlab/apputils" {
  import type { Widget } from "@lumino/widgets";

  export class MainAreaWidget extends Widget {
    constructor(options: { content: Widget });
    readonly content: Widget;
  }

  export class WidgetTracker<T extends Widget> {
    constructor(options: { namespace: string });
    add(widget: T): Promise<void>;
    save(widget: T): Promise<void>;
    find(accepts: (widget: T) => boolean): T | undefined;
    forEach(visit: (widget: T) => void): void;
  }

  export namespace Notification {
    interface Options {
      readonly autoClose?: number | false;
      readonly actions?: readonly { readonly label: string; callback(event: MouseEvent): void }[];
    }
    function emit(message: string, type: "in-progress", options?: Options): string;
    function dismiss(id: string): void;
    function info(message: string, options?: Options): string;
    function success(message: string, options?: Options): string;
    function warning(message: string, options?: Options): string;
    function error(message: string, options?: Options): string;
  }

  export namespace Clipboard {
    function copyToSystem(text: string): void;
  }

  export interface Button {
    readonly accept: boolean;
  }

  export namespace Dialog {
    function cancelButton(options?: { label: string }): Button;
    function okButton(options: { label: string }): Button;
    function warnButton(options: { label: string }): Button;
  }

  /** `value` is what `getValue()` of the body says. */
  export function showDialog(options: {
    title: string;
    body: string | (Widget & { getValue(): string });
    focusNodeSelector?: string;
    buttons: readonly Button[];
  }): Promise<{ readonly button: Button; readonly value: string | null }>;

  export interface ICommandPalette {
    addItem(item: { command: string; category: string; args?: object }): unknown;
  }

  export const ICommandPalette: unknown;
}

declare module "@jupyterlab/notebook" {
  import type { RenderMimeRegistry } from "@jupyterlab/rendermime";
  import type { Signal, Widget } from "@lumino/widgets";

  export interface SessionContext {
    readonly statusChanged: Signal<unknown, string>;
    readonly kernelChanged: Signal<unknown, unknown>;
    readonly session: { readonly kernel: { readonly id: string } | null } | null;
  }

  export interface Cell extends Widget {
    readonly model: { readonly id: string };
  }

  export interface Notebook {
    readonly rendermime: RenderMimeRegistry;
    readonly widgets: readonly Cell[];
    activeCellIndex: number;
    mode: "command" | "edit";
    scrollToCell(cell: Cell, align: "center"): Promise<void>;
  }

  export interface NotebookPanel extends Widget {
    readonly content: Notebook;
    readonly context: {
      readonly path: string;
      readonly pathChanged: Signal<unknown, string>;
      readonly ready: Promise<void>;
    };
    readonly sessionContext: SessionContext;
  }

  export interface INotebookTracker {
    readonly currentWidget: NotebookPanel | null;
    readonly currentChanged: Signal<INotebookTracker, NotebookPanel | null>;
    readonly widgetAdded: Signal<INotebookTracker, NotebookPanel>;
    readonly currentWidget: NotebookPanel | null;
    readonly currentChanged: Signal<INotebookTracker, NotebookPanel | null>;
    forEach(visit: (panel: NotebookPanel) => void): void;
    find(accepts: (panel: NotebookPanel) => boolean): NotebookPanel | undefined;
  }

  export const INotebookTracker: unknown;
}
