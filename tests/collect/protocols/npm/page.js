/* Clients of other products in a page, as their registry has them: `act(CLIENT, ACT, KEY, ADDRESS, COUNT)`.
 *
 * Acts and answer are those of `node.js`; an outage ends with `window.going = false`.
 */

import { init, track } from "@plausible-analytics/tracker";
import { AnalyticsBrowser } from "@segment/analytics-next";
import * as snowplow from "@snowplow/browser-tracker";
import Plausible from "plausible-tracker";
import posthogJs from "posthog-js";

import { ORDER, PRODUCT, burst, outage, pause } from "./acts.js";

const PAUSE_MS = 5;
const AT_ONCE = 50; // what is kept alive may have 64 kB in all

/** Wait until all that was begun has ended, each by `settle()`. */
function waiting() {
  const pending = new Set();
  return {
    begin() {
      let settle;
      const promise = new Promise((resolve) => (settle = resolve)).finally(() => pending.delete(promise));
      pending.add(promise);
      return settle;
    },
    room: async () => {
      while (pending.size >= AT_ONCE) await Promise.race(pending);
    },
    end: () => Promise.all(pending),
  };
}

/** Segment's: a request an event, kept over reloads and sent again. */
function segment(key, address, told) {
  const apiHost = `${new URL(address).host}/v1`;
  const metrics = { sampleRate: 0 }; // of its own, for Segment
  const destination = { apiKey: key, apiHost, protocol: "http" };
  const cdnSettings = { metrics, integrations: { "Segment.io": destination } };
  const client = AnalyticsBrowser.load({ writeKey: key, cdnSettings }, { retryQueue: true });
  const pending = waiting();
  return {
    async calls() {
      await client.identify("u1", { plan: "pro" });
      await client.page("Shop", "Shoe");
      await client.screen("Cart");
      await client.track("Product Added", PRODUCT);
      await client.track("Order Completed", ORDER);
      await client.group("g1", { seats: 5 });
      await client.alias("u1", "v0");
      const link = document.createElement("a");
      link.href = "#more";
      document.body.append(link);
      await client.trackLink(link, "link", PRODUCT);
      await client.trackClick(link, "clicked", PRODUCT);
      link.click();
      const form = document.createElement("form");
      form.addEventListener("submit", (event) => event.preventDefault());
      document.body.append(form);
      await client.trackSubmit(form, "submitted", {});
      form.requestSubmit();
    },
    async send(n) {
      await pending.room();
      const settle = pending.begin();
      client.track("x", { n }).then((context) => {
        if (!context.failedDelivery()) told(n);
        settle();
      }, settle);
    },
    end: () => pending.end(),
  };
}

/** PostHog's: batches, gzip; what is not taken is kept and sent again. */
function posthog(key, address, told) {
  const quiet = { disable_session_recording: true, disable_surveys: true, advanced_disable_feature_flags: false };
  const calm = { autocapture: true, capture_pageview: true, capture_pageleave: false, capture_performance: false };
  const limits = { rate_limiting: { events_per_second: 100_000, events_burst_limit: 100_000 } };
  const options = { api_host: address, disable_external_dependency_loading: true, opt_out_useragent_filter: true };
  const client = posthogJs.init(key, { ...quiet, ...calm, ...limits, ...options, request_queue_config: { flush_interval_ms: 250 } });
  client.on("eventCaptured", ({ properties }) => properties.n !== undefined && told(properties.n));
  return {
    async calls() {
      client.identify("u1", { plan: "pro" }, { first: "news" });
      client.capture("$pageview");
      client.capture("Product Added", PRODUCT);
      client.capture("Order Completed", ORDER, { send_instantly: true });
      client.setPersonProperties({ a: 1 }, { b: 2 });
      client.group("company", "c1", { seats: 5 });
      client.alias("v0", "u1");
      client.captureException(new Error("no"));
      client.register({ colour: "blue" });
      client.capture("beacon", {}, { transport: "sendBeacon", send_instantly: true });
      client.capture("plain", {}, { transport: "XHR", send_instantly: true });
      const button = document.createElement("button");
      button.textContent = "Buy";
      document.body.append(button);
      while (!client.autocapture?.isEnabled) await pause(20);
      button.click();
      await new Promise((loaded) => {
        client.onFeatureFlags(loaded);
        client.reloadFeatureFlags();
      });
      client.isFeatureEnabled("f");
    },
    async send(n) {
      if (n % 2_000 === 1_999) await pause(500); // all that it holds is one body, and a body has a limit
      client.capture("x", { n });
    },
    end: async () => undefined,
  };
}

/** Plausible's of today: a request an event, and nothing is sent again. */
function plausible(key, address, told) {
  const endpoint = `${address}/api/event?key=${key}`;
  const automatic = { outboundLinks: true, fileDownloads: true, formSubmissions: true };
  init({ domain: "shop.example", endpoint, captureOnLocalhost: true, ...automatic });
  const pending = waiting();
  const send = (name, options = {}) => {
    const settle = pending.begin();
    const callback = (answer) => settle(answer?.status === 202 && told(options.props?.n));
    track(name, { ...options, callback });
  };
  return {
    async calls() {
      send("pageview");
      send("Add to cart", { props: { product_id: "a", price: "19.99", quantity: "1" } });
      send("Purchase", { props: { order_id: "o-1" }, revenue: { amount: 25.99, currency: "EUR" } });
      send("Signup", { props: { plan: "pro" }, interactive: false, url: "https://shop.example/p/7" });
      const link = document.createElement("a");
      link.textContent = "x";
      document.body.append(link);
      link.addEventListener("click", (event) => event.preventDefault());
      for (const href of ["https://other.example/", "/catalogue.pdf"]) {
        link.href = href;
        link.click();
      }
      const form = document.createElement("form");
      form.addEventListener("submit", (event) => event.preventDefault());
      document.body.append(form);
      form.requestSubmit();
      await pending.end();
    },
    async send(n) {
      await pending.room();
      send("x", { props: { n: String(n) } });
    },
    end: () => pending.end(),
  };
}

/** Plausible's of yesterday: its callback is called whatever the answer was. */
function plausibleTracker(key, address) {
  const client = Plausible({ domain: key, apiHost: address, trackLocalhost: true });
  const pending = waiting();
  return {
    async calls() {
      const cleanup = client.enableAutoPageviews();
      client.trackPageview({}, { callback: pending.begin() });
      client.trackEvent("Add to cart", { callback: pending.begin(), props: { product_id: "a", price: 19.99, quantity: 1 } });
      const link = document.createElement("a");
      link.href = "https://other.example/";
      link.textContent = "x";
      document.body.append(link);
      const forget = client.enableAutoOutboundTracking();
      link.addEventListener("click", () => (link.href = "#out"));
      link.click();
      forget();
      cleanup();
      await pending.end();
    },
    async send(n) {
      await pending.room();
      client.trackEvent("x", { callback: pending.begin(), props: { n } });
    },
    end: () => pending.end(),
  };
}

/** Snowplow's: batches of fifty, kept over reloads and sent again. */
function snowplowTracker(key, address, told) {
  let waiting = 0;
  const delivered = (batch) => {
    waiting -= batch.length;
    batch.forEach(({ se_va: n }) => told(n));
  };
  const emitter = { bufferSize: 50, maxLocalStorageQueueSize: 100_000, onRequestSuccess: delivered };
  const tracker = snowplow.newTracker("sp", address, { appId: key, encodeBase64: true, ...emitter });
  tracker.setUserId("u1");
  const schema = (name) => `iglu:com.acme/${name}/jsonschema/1-0-0`;
  return {
    async calls() {
      snowplow.trackPageView({ title: "Shoe", context: [{ schema: schema("page"), data: { kind: "shoe" } }] });
      snowplow.enableActivityTracking({ minimumVisitLength: 1, heartbeatDelay: 1 });
      snowplow.trackPageView({ title: "Shoe" });
      setInterval(() => (snowplow.updatePageActivity(), snowplow.flushBuffer()), 100);
      snowplow.trackStructEvent({ category: "shop", action: "share", value: 3 });
      snowplow.trackSelfDescribingEvent({ event: { schema: schema("quote_request"), data: { plan: "pro" } } });
      snowplow.flushBuffer();
    },
    send(n) {
      waiting++;
      snowplow.trackStructEvent({ category: "c", action: "x", value: n });
    },
    async end() {
      for (; waiting > 0; await pause(100)) snowplow.flushBuffer();
    },
  };
}

const CLIENTS = {
  "@segment/analytics-next": segment,
  "posthog-js": posthog,
  "@plausible-analytics/tracker": plausible,
  "plausible-tracker": plausibleTracker,
  "@snowplow/browser-tracker": snowplowTracker,
};

window.going = true;
window.act = async (name, act, key, address, count) => {
  const delivered = new Set();
  const client = CLIENTS[name](key, address, (n) => n !== undefined && delivered.add(Number(n)));
  let sent = 0;
  if (act === "calls") await client.calls();
  if (act === "burst") sent = await burst(client, count);
  if (act === "outage") sent = await outage(client, () => window.going, PAUSE_MS);
  await client.end();
  return { sent, delivered: [...delivered] };
};
