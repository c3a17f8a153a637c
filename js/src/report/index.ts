/** What a page runs: every place for a live view gets it, once its data is unpacked. */
import { mountAll } from "./mount";

void mountAll(document);
