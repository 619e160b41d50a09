/** A project's write keys: made, shown once, revoked. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { Revoke } from "../../parts/revoke";
import { Table, type Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { when } from "../../words/times";
import { Secret, useDoing, Wrong } from "./doing";

type Item = Schema<"KeyItem">;
type Kind = Item["kind"];

export function Keys() {
  const project = useProject();
  const params = { project: project.id };
  const found = useAnswer<Schema<"Keys">>("/v1/keys", params);
  const [kind, setKind] = useState<Kind>("public");
  const [origin, setOrigin] = useState("");
  const [label, setLabel] = useState("");
  const [made, setMade] = useState<Schema<"KeySecret"> | null>(null);
  const doing = useDoing();
  const make = async (): Promise<void> => {
    const body = { kind, origins: kind === "public" ? origin.split(/[\s,]+/).filter(Boolean) : [], label: label || "key" };
    setMade(await send<Schema<"KeySecret">>("POST", "/v1/keys", { params, body }));
    await queries.invalidateQueries({ queryKey: ["/v1/keys"] });
  };
  const revoke = async (key: Item): Promise<void> => {
    await send("DELETE", `/v1/keys/${encodeURIComponent(key.id)}`, { params });
    await queries.invalidateQueries({ queryKey: ["/v1/keys"] });
    doing.tell(`${key.label} is revoked: nothing can be sent with it any more.`);
  };
  const columns: Column<Item>[] = [
    { key: "label", head: "Key", cell: (row) => row.label, sort: (row) => row.label },
    { key: "kind", head: "Kind", cell: (row) => row.kind, sort: (row) => row.kind },
    { key: "origins", head: "Pages of", cell: (row) => <span className="clip">{row.origins.join(", ") || "–"}</span>, plain: (row) => row.origins.join(" "), wide: true },
    { key: "created", head: "Made", cell: (row) => when(row.created, project.zone), sort: (row) => row.created, wide: true },
    { key: "state", head: "", cell: (row) => (row.revoked ? `revoked ${when(row.revoked, project.zone)}` : <Revoke what={row.label} busy={doing.busy} revoke={() => doing.run(() => revoke(row))} />), figure: true },
  ];
  return (
    <>
      <Answer of={found} reads="the write keys" height={120} isEmpty={({ items }) => items.length === 0} empty={<Nothing>There is no key yet, so nothing can be sent.</Nothing>}>
        {({ items }) => <Table caption="Write keys" columns={columns} rows={items} rowKey={(row) => row.id} />}
      </Answer>
      <form
        className="settings-row"
        aria-label="New key"
        onSubmit={(event) => {
          event.preventDefault();
          doing.run(make);
        }}
      >
        <Choice label="Kind of key" value={kind} options={[{ value: "public", label: "Public, for pages" }, { value: "server", label: "Server" }]} onChange={(one: Kind) => setKind(one)} />
        {kind === "public" && <input className="field" aria-label="Origins of its pages" placeholder="https://shop.example" required value={origin} onChange={(event) => setOrigin(event.target.value)} />}
        <input className="field" aria-label="What the key is for" placeholder="what it is for" maxLength={200} value={label} onChange={(event) => setLabel(event.target.value)} />
        <Button type="submit" disabled={doing.busy}>
          Make key
        </Button>
      </form>
      {made && <Secret of={made.label} text={made.secret} />}
      <Wrong of={doing} />
    </>
  );
}
