/** Which setting of a client in use is to be changed, as `docs/protocols.md` has them. */
const CLIENTS: readonly { name: string; setting: string; path: string }[] = [
  { name: "Segment", setting: "apiHost", path: "/v1" },
  { name: "RudderStack", setting: "dataPlaneUrl", path: "" },
  { name: "PostHog", setting: "api_host", path: "" },
  { name: "Umami", setting: "data-host-url", path: "" },
  { name: "Plausible", setting: "data-api", path: "/api/event?key=KEY" },
  { name: "Snowplow", setting: "collector address", path: "" },
  { name: "GA4, from a server", setting: "address", path: "/mp/collect" },
];

export function Clients() {
  return (
    <>
      <p className="small second">Keep your code. Change one setting to this address, put the key where theirs was, and the same calls arrive here too.</p>
      <dl className="start-clients">
        {CLIENTS.map((client) => (
          <div key={client.name}>
            <dt>{client.name}</dt>
            <dd>
              <code>{client.setting}</code>
              <code className="soft">{window.location.host + client.path}</code>
            </dd>
          </div>
        ))}
      </dl>
      <p className="small soft">An event counts only once it is safe on disk. Until then the sender gets no “accepted”.</p>
    </>
  );
}
