// A program that starts the embedded database of a folder and keeps it until it is told to stop, or killed.
import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import type { ProgramMessage } from "./embedded-rig.ts";

const tell = (message: ProgramMessage) => process.send!(message);
const log = (_level: string, text: string) => tell({ log: text });

try {
  const database = await startEmbedded({ dataDir: process.argv[2]!, log });
  const { connection, note, pid } = database;
  database.onExit(() => void database.restart());
  process.on("message", () => {
    void database.stop().finally(() => process.disconnect());
  });
  tell({ started: { connection, note, pid } });
} catch (error) {
  tell({ failed: (error as Error).message });
  process.disconnect();
}
