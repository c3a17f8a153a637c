/** What a page runs: every place for a live view gets it, once its data is unpacked. */
import "./report.css";
import { mountAll } from "./mount";

void mountAll(document);
