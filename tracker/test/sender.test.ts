/** Sending: until it is acknowledged, not too often, and never what would be refused for ever. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Queue } from "../src/queue";
import { pause, Sender, type Reply } from "../src/sender";
import { Storage } from "../src/storage";
import { giveStorage, Timers } from "./browser";

interface Body {
  write_key?: string;
  sent_at: number;
  events: { name: string; event_id: string }[];
}

/** A server that answers with `statuses`, the last one again and again. */
class Server {
  readonly bodies: Body[] = [];
  constructor(
    private readonly statuses: number[],
    private readonly after = 0,
  ) {}

  post = (body: string): Promise<Reply> => {
    this.bodies.push(JSON.parse(body) as Body);
    const status = this.statuses.length > 1 ? this.statuses.shift()! : this.statuses[0]!;
    return Promise.resolve({ status, after: this.after });
  };

  get names(): string[][] {
    return this.bodies.map(({ events }) => events.map(({ name }) => name));
  }
}

function pair(server: Server, batchSize = 10): [Queue, Sender] {
  const queue = new Queue(new Storage("t:"), () => true);
  return [queue, new Sender(queue, server.post, "ffp_k", { batchSize, flushInterval: 5_000 })];
}

let timers: Timers;

beforeEach(() => {
  timers = new Timers();
  giveStorage();
});

test("a full batch goes at once, fewer events after the interval", async () => {
  const server = new Server([202]);
  const [queue, sender] = pair(server, 2);
  queue.add({ name: "a" });
  sender.nudge();
  assert.deepEqual(server.names, []);
  queue.add({ name: "b" });
  sender.nudge();
  assert.deepEqual(server.names, [["a", "b"]]);
  await sender.flush();
  queue.add({ name: "c" });
  sender.nudge();
  timers.tick(4_999);
  assert.equal(server.bodies.length, 1);
  timers.tick(1);
  assert.deepEqual(server.names, [["a", "b"], ["c"]]);
  assert.equal(server.bodies[0]!.write_key, "ffp_k");
});

test("what failed is sent again with the same ids, later each time and not before the server wants it", async () => {
  const server = new Server([0, 503, 202]);
  const [queue, sender] = pair(server);
  queue.add({ name: "a" });
  for (let n = 0; n < 3; n++) await sender.flush();
  assert.equal(new Set(server.bodies.map(({ events }) => events[0]!.event_id)).size, 1);
  assert.equal(server.bodies.length, 3);
  assert.equal(queue.size, 0);
});

test("after a failure new events wait for the next try", async () => {
  const server = new Server([503], 60);
  const [queue, sender] = pair(server, 1);
  queue.add({ name: "a" });
  await sender.flush();
  queue.add({ name: "b" });
  sender.nudge();
  timers.tick(50_000);
  assert.equal(server.bodies.length, 1);
  timers.tick(11_000);
  assert.deepEqual(server.names.at(-1), ["a", "b"]);
});

test("a network that is back is tried at once", async () => {
  const server = new Server([0, 202], 60);
  const [queue, sender] = pair(server);
  queue.add({ name: "a" });
  await sender.flush();
  sender.retry();
  await sender.flush();
  assert.equal(queue.size, 0);
});

test("one event that is refused for ever costs only itself", async () => {
  const spoiled = "e3";
  const stored: string[] = [];
  const post = (body: string): Promise<Reply> => {
    const names = (JSON.parse(body) as Body).events.map(({ name }) => name);
    const bad = names.includes(spoiled);
    if (!bad) stored.push(...names);
    return Promise.resolve({ status: bad ? 400 : 202, after: 0 });
  };
  const queue = new Queue(new Storage("t:"), () => true);
  const sender = new Sender(queue, post, undefined, { batchSize: 10, flushInterval: 5_000 });
  for (let n = 0; n < 8; n++) queue.add({ name: `e${n}` });
  await sender.flush();
  assert.deepEqual(stored.sort(), ["e0", "e1", "e2", "e4", "e5", "e6", "e7"]);
  assert.equal(queue.size, 0);
});

test("what an operator can mend is kept: a key, an origin, a route", async () => {
  for (const status of [401, 403, 404, 408, 429, 500, 502]) {
    const [queue, sender] = pair(new Server([status]));
    queue.add({ name: "a" });
    await sender.flush();
    assert.equal(queue.size, 1, `status ${status}`);
  }
});

test("leaving sends all that is not under way yet, without waiting", () => {
  const server = new Server([202]);
  const [queue, sender] = pair(server);
  queue.add({ name: "a" });
  void sender.flush();
  queue.add({ name: "b" });
  sender.leave();
  sender.leave();
  assert.deepEqual(server.names, [["a"], ["b"]]);
});

test("the pause grows from a second to half an hour, spread by half, and heeds Retry-After", () => {
  assert.deepEqual([1, 2, 3].map((failures) => pause(failures, 0, 1)), [2_000, 4_000, 8_000]);
  assert.equal(pause(3, 0, 0), 4_000);
  assert.equal(pause(1_000, 0, 1), 1_800_000);
  assert.equal(pause(1, 60, 1), 60_000);
  assert.equal(pause(1, NaN, 1), 2_000);
  assert.equal(pause(1, 1e9, 1), 1_800_000);
});
