/** The sidebar's list, which is loaded when the page is there. */
import type { TranslationBundle } from "@jupyterlab/translation";
import { adoptStyles } from "../../panels/styles";
import { speak } from "../translation";
import STYLES from "./sidebar.css";
import { type SidebarOptions, Sidebar as View } from "./view";

export class Sidebar extends View {
  /** @param words the language of the page: this module is a bundle of its own. */
  constructor(options: SidebarOptions, words: TranslationBundle) {
    speak({ load: () => words });
    super(options);
    adoptStyles(document.head);
    const style = document.createElement("style");
    style.textContent = STYLES;
    document.head.append(style);
  }
}
