/** BullMQ: the attempt is what the job returns, kept with it. */
import { Queue, Worker } from "bullmq";
import { deliver, drive, fresh, task } from "./delivery.mjs";

const CHUNK = 5_000;
const name = fresh();
const connection = task.redis;
const queue = new Queue(name, { connection });

await drive({
  async fill(webhooks) {
    const opts = { attempts: 6, removeOnComplete: false };
    for (let from = 0; from < webhooks.length; from += CHUNK) {
      await queue.addBulk(webhooks.slice(from, from + CHUNK).map((data) => ({ name: "deliver", data, opts })));
    }
  },
  async drain() {
    let completed = 0;
    const worker = new Worker(name, (job) => deliver(job.data), { connection, concurrency: task.concurrency });
    worker.on("completed", () => completed++);
    while (completed < task.count) await new Promise((resolve) => setTimeout(resolve, 5));
    await worker.close();
    await queue.obliterate({ force: true });
    await queue.close();
  },
});
