/* One client of another product in Node: `node node.js CLIENT ACT KEY ADDRESS COUNT WHEN` as its registry has it.
 *
 * Acts: `calls` makes every call; `burst` sends COUNT events; `outage` sends until standard input ends, and then one
 * more. What is printed at the end says which numbers the client was told to send, and believes delivered.
 */

import { Analytics } from "@segment/analytics-node";
import * as snowplow from "@snowplow/node-tracker";
import { Umami } from "@umami/node";
import { PostHog } from "posthog-node";

import { AGENT, ORDER, PAGE, PRODUCT, burst, outage, pause } from "./acts.js";

const PAUSE_MS = 2;
const [NAME, ACT, KEY, ADDRESS, COUNT, WHEN] = process.argv.slice(2);

/** Segment's: batches of fifteen; each call says at the end whether it was delivered. */
function segment(key, address, told) {
  const client = new Analytics({ writeKey: key, host: address, flushInterval: 200 });
  const common = { userId: "u1", anonymousId: "v1", timestamp: WHEN };
  return {
    async calls() {
      const context = { page: { url: PAGE, title: "Shoe" } };
      client.identify({ ...common, traits: { plan: "pro" } });
      client.page({ ...common, name: "Shoe", properties: { url: PAGE } });
      client.screen({ ...common, name: "Cart" });
      client.track({ ...common, event: "Product Added", properties: PRODUCT, context });
      client.track({ ...common, event: "Order Completed", properties: ORDER });
      client.group({ ...common, groupId: "g1", traits: { seats: 5 } });
      client.alias({ userId: "u1", previousId: "v0", timestamp: WHEN });
    },
    send: (n) =>
      client.track({ userId: "u1", event: "x", properties: { n } }, (error) => (error ? undefined : told(n))),
    end: () => client.closeAndFlush({ timeout: 90_000 }),
  };
}

/** PostHog's: gzip, batches of twenty; `flush` says what was delivered. */
function posthog(key, address, told) {
  const options = { host: address, maxQueueSize: 100_000, flushInterval: 200, fetchRetryDelay: 500 };
  const client = new PostHog(key, { ...options, fetchRetryCount: 20 });
  client.on("flush", (sent) => sent.forEach(({ properties }) => told(properties?.n)));
  const common = { distinctId: "u1", timestamp: new Date(WHEN) };
  const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  return {
    async calls() {
      client.capture({ ...common, event: "$pageview", properties: { $current_url: PAGE, title: "Shoe" } });
      client.capture({ ...common, event: "Product Added", properties: PRODUCT });
      client.capture({ ...common, event: "Order Completed", properties: ORDER });
      await client.captureImmediate({ ...common, event: "now", uuid: uuid(1) });
      client.captureAi({ ...common, event: "$ai_generation", properties: { $ai_model: "m" } });
      await client.captureAiImmediate({ ...common, event: "$ai_span", properties: { $ai_span_name: "s" } });
      client.identify({ distinctId: "u1", properties: { plan: "pro" } });
      await client.identifyImmediate({ distinctId: "u1", properties: { plan: "max" } });
      client.setPersonProperties({ distinctId: "u1", properties: { a: 1 }, propertiesOnce: { b: 2 } });
      client.unsetPersonProperties({ distinctId: "u1", properties: ["a"] });
      client.alias({ distinctId: "u1", alias: "v0" });
      await client.aliasImmediate({ distinctId: "u1", alias: "v00" });
      client.groupIdentify({ groupType: "company", groupKey: "c1", properties: { seats: 5 }, distinctId: "u1" });
      await client.groupIdentifyImmediate({ groupType: "company", groupKey: "c2", distinctId: "u1" });
      client.captureException(new Error("no"), "u1");
      await client.captureExceptionImmediate(new Error("no"), "u1");
      const flags = await client.getAllFlags("u1");
      if (Object.keys(flags).length > 0 || (await client.isFeatureEnabled("f", "u1"))) throw new Error("flags");
    },
    send: (n) => client.capture({ distinctId: "u1", event: "x", properties: { n }, uuid: uuid(n) }),
    end: () => client.shutdown(90_000),
  };
}

/** Umami's: a request an event, and nothing is sent again. */
function umami(key, address, told) {
  const client = new Umami({ hostUrl: address, websiteId: key, userAgent: AGENT });
  const pending = new Set();
  const page = { hostname: "shop.example", url: "/p/7", title: "Shoe", timestamp: Date.parse(WHEN) / 1_000 };
  const taken = async (answer) => {
    if (!(await answer).ok) throw new Error(`${(await answer).status}`);
  };
  return {
    async calls() {
      await taken(client.track({ ...page, id: "u1" }));
      await taken(client.track({ ...page, id: "u1", name: "Product Added", data: { product_id: "a", quantity: 2 } }));
      await taken(client.track({ ...page, id: "u1", name: "purchase", data: { revenue: 25.99, currency: "EUR" } }));
      await taken(client.track("signup", { plan: "pro" }));
      await taken(client.identify({ plan: "pro" }));
      client.reset();
      await taken(client.send({ website: key, id: "u1", name: "sent" }));
      await taken(client.send({ website: key, id: "u1", lcp: 1200 }, "performance"));
    },
    async send(n) {
      while (pending.size >= 100) await Promise.race(pending);
      const sent = client
        .track({ ...page, id: "u1", name: "x", data: { n } })
        .then(async (answer) => (await answer.text(), answer.ok ? told(n) : undefined))
        .catch(() => undefined) // it gives up at once
        .finally(() => pending.delete(sent));
      pending.add(sent);
    },
    end: () => Promise.all(pending),
  };
}

/** Snowplow's: batches by POST, and calls also by GET; the emitter says what was delivered, and holds a thousand. */
function snowplowTracker(key, address, told) {
  let waiting = 0;
  const delivered = (batch) => {
    waiting -= batch.length;
    batch.forEach(({ se_va: n }) => told(n && Number(n)));
  };
  const post = { endpoint: address, eventMethod: "post", bufferSize: 20, onRequestSuccess: delivered };
  const get = { ...post, eventMethod: "get", bufferSize: 1 };
  const emitters = ACT === "calls" ? [post, get] : [post];
  const tracker = snowplow.newTracker({ namespace: "sp", appId: key, encodeBase64: true }, emitters);
  tracker.setUserId("u1");
  tracker.setDomainUserId("v1");
  const send = (...event) => {
    waiting += emitters.length;
    tracker.track(...event);
  };
  const fewer = async (than) => {
    for (; waiting >= than; await pause(10)) await tracker.flush();
  };
  const track = (event, context = []) => send(event, context, { type: "ttm", value: Date.parse(WHEN) });
  const schema = (name) => `iglu:com.acme/${name}/jsonschema/1-0-0`;
  return {
    async calls() {
      const context = [{ schema: schema("page"), data: { kind: "shoe" } }];
      track(snowplow.buildPageView({ pageUrl: PAGE, pageTitle: "Shoe" }), context);
      track(snowplow.buildPagePing({ pageUrl: PAGE, pageTitle: "Shoe", maxYOffset: 600 }));
      track(snowplow.buildStructEvent({ category: "shop", action: "share", value: 3 }));
      track(snowplow.buildScreenView({ name: "Cart", id: "s1" }));
      track(snowplow.buildLinkClick({ targetUrl: "https://other.example/" }));
      track(snowplow.buildAddToCart({ sku: "a", quantity: 1, unitPrice: 19.99, currency: "EUR" }));
      track(snowplow.buildRemoveFromCart({ sku: "a", quantity: 1, unitPrice: 19.99, currency: "EUR" }));
      track(snowplow.buildFormSubmission({ formId: "f", formClasses: ["c"], elements: [] }));
      track(snowplow.buildFormFocusOrChange({ schema: "change_form", formId: "f", elementId: "e", nodeName: "INPUT" }));
      track(snowplow.buildSiteSearch({ terms: ["red"] }));
      track(snowplow.buildSocialInteraction({ action: "like", network: "n", target: "t" }));
      track(snowplow.buildAdImpression({ impressionId: "i" }));
      track(snowplow.buildAdClick({ targetUrl: "https://other.example/", clickId: "c" }));
      track(snowplow.buildAdConversion({ conversionId: "c" }));
      track(snowplow.buildConsentGranted({ id: "c", version: "1" }).event);
      track(snowplow.buildConsentWithdrawn({ id: "c", version: "1", all: true }).event);
      const order = { orderId: "o-1", total: 25.99, currency: "EUR" };
      track(snowplow.buildEcommerceTransaction(order));
      const item = { orderId: "o-1", sku: "a", price: 19.99, quantity: 1, currency: "EUR" };
      track(snowplow.buildEcommerceTransactionItem(item));
      track(snowplow.buildSelfDescribingEvent({ event: { schema: schema("quote_request"), data: { plan: "pro" } } }));
    },
    async send(n) {
      await fewer(900);
      send(snowplow.buildStructEvent({ category: "c", action: "x", value: n }));
    },
    end: () => fewer(1),
  };
}

const CLIENTS = {
  "@segment/analytics-node": segment,
  "posthog-node": posthog,
  "@umami/node": umami,
  "@snowplow/node-tracker": snowplowTracker,
};
const delivered = new Set();
const client = CLIENTS[NAME](KEY, ADDRESS, (n) => n !== undefined && delivered.add(n));
let sent = 0;
if (ACT === "calls") await client.calls();
if (ACT === "burst") sent = await burst(client, Number(COUNT));
if (ACT === "outage") {
  let going = true;
  process.stdin.resume().on("end", () => (going = false));
  sent = await outage(client, () => going, PAUSE_MS);
}
await client.end();
process.stdout.write(JSON.stringify({ sent, delivered: [...delivered] }), () => process.exit(0));
