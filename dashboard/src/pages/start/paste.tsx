/** Step one: what to paste, by script, from a server or out of files, with the real key where there is one. */
import { useState, type FormEvent } from "react";
import { Button } from "../../parts/button";
import { copy } from "../../parts/download";
import { useKeys } from "../../frame/keys";
import { useMay } from "../../state/project";
import { useView } from "../../state/view";
import { originOf, type PublicKey } from "./key";

const WAYS = { tracker: "Footfall tracker", server: "Server", files: "Files" } as const;
type Way = keyof typeof WAYS;

const TITLES: Record<Way, string> = {
  tracker: "Paste before </head>",
  server: "Send from your server",
  files: "Import files",
};

export function Paste({ secret }: { secret: PublicKey }) {
  const view = useView();
  const said = view.get("with");
  const way: Way = said === "server" || said === "files" ? said : "tracker";
  return (
    <li>
      <div className="start-head">
        <h2>{TITLES[way]}</h2>
        <div className="start-ways" role="group" aria-label="How events come">
          {(Object.keys(WAYS) as Way[]).map((one) => (
            <button key={one} type="button" aria-pressed={one === way} onClick={() => view.set({ with: one === "tracker" ? null : one }, true)}>
              {WAYS[one]}
            </button>
          ))}
        </div>
      </div>
      {way === "tracker" && <Script secret={secret} />}
      {way === "server" && (
        <Code note="A server key may tell addresses and old times, so it belongs on servers only. The first start wrote one into the data folder; Settings makes more.">
          {`curl ${window.location.origin}/v1/events \\
  -H "Authorization: Bearer $(cat data/write-key)" \\
  -d '{"name": "page_view", "visitor_id": "v1", "page_url": "https://shop.example/"}'`}
        </Code>
      )}
      {way === "files" && (
        <Code note="CSV, NDJSON, Parquet, access logs and the exports of other products. Importing a file again adds nothing.">
          {"footfall import events.csv --map customer=user_id\nfootfall import access.log --preset access-log"}
        </Code>
      )}
    </li>
  );
}

function Script({ secret: { secret, make } }: { secret: PublicKey }) {
  const may = useMay("manage");
  const snippet = `<script async src="${window.location.origin}/footfall.js"\n  data-key="${secret ?? "YOUR-PUBLIC-KEY"}"></script>`;
  return (
    <>
      {!secret && may && <MakeKey make={make} />}
      <Code note={secret ? "This key can only send events. It cannot read anything, so it is safe in a page." : may ? "The key comes first: it says which pages may send." : "Who manages this server has the public key, or makes one for your shop."}>
        {snippet}
      </Code>
    </>
  );
}

function MakeKey({ make }: { make: PublicKey["make"] }) {
  const [address, setAddress] = useState("");
  const [wrong, setWrong] = useState("");
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const origin = originOf(address);
    if (!origin) setWrong("Write the address of your shop, for example https://shop.example");
    else make(origin).catch((error: unknown) => setWrong(error instanceof Error ? error.message : "The key could not be made"));
  };
  return (
    <form className="start-key" onSubmit={onSubmit}>
      <label htmlFor="start-address">Your shop's address</label>
      <input id="start-address" className="field" placeholder="https://shop.example" value={address} onChange={(event) => setAddress(event.target.value)} aria-describedby="start-wrong" />
      <Button look="primary" type="submit">
        Make its key
      </Button>
      <p id="start-wrong" role="alert" className="worse">
        {wrong}
      </p>
    </form>
  );
}

function Code({ children, note }: { children: string; note: string }) {
  const [told, tell] = useState("");
  const take = (): void => void copy(children).then((done) => tell(done ? "Copied" : "Not allowed to copy"));
  useKeys({ c: take });
  return (
    <>
      <div className="start-code">
        <pre tabIndex={0} aria-label="To paste">
          <code>{children}</code>
        </pre>
        <Button onClick={take} shortcut="C">
          Copy
        </Button>
      </div>
      <p className="small soft">
        {note} <span role="status">{told}</span>
      </p>
    </>
  );
}
