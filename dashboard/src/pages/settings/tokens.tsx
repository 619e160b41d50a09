/** Tokens: made, shown once, revoked. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Answer } from "../../parts/answer";
import { Button, Choice } from "../../parts/button";
import { Revoke } from "../../parts/revoke";
import { Table, type Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { when } from "../../words/times";
import { Secret, useDoing, Wrong } from "./doing";

type Item = Schema<"TokenItem">;
type Role = Item["role"];
const ROLES: readonly { value: Role; label: string }[] = [
  { value: "reader", label: "Reader" },
  { value: "importer", label: "Importer" },
  { value: "admin", label: "Admin" },
  { value: "monitor", label: "Monitor" },
];

export function Tokens() {
  const project = useProject();
  const found = useAnswer<Schema<"Tokens">>("/v1/tokens");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("reader");
  const [made, setMade] = useState<Schema<"TokenSecret"> | null>(null);
  const doing = useDoing();
  const make = async (): Promise<void> => {
    const only = project.me.project ?? (role === "monitor" ? null : project.id);
    setMade(await send<Schema<"TokenSecret">>("POST", "/v1/tokens", { body: { name, role, project: only } }));
    await queries.invalidateQueries({ queryKey: ["/v1/tokens"] });
  };
  const revoke = async (token: Item): Promise<void> => {
    await send("DELETE", `/v1/tokens/${encodeURIComponent(token.id)}`);
    await queries.invalidateQueries({ queryKey: ["/v1/tokens"] });
    doing.tell(`${token.name} is revoked: nothing can be read with it any more.`);
  };
  const columns: Column<Item>[] = [
    { key: "name", head: "Token", cell: (row) => row.name, sort: (row) => row.name },
    { key: "role", head: "Role", cell: (row) => row.role, sort: (row) => row.role },
    { key: "project", head: "Project", cell: (row) => row.project ?? "all", sort: (row) => row.project ?? "", wide: true },
    { key: "created", head: "Made", cell: (row) => when(row.created, project.zone), sort: (row) => row.created, wide: true },
    { key: "state", head: "", cell: (row) => (row.revoked ? `revoked ${when(row.revoked, project.zone)}` : <Revoke what={row.name} busy={doing.busy} revoke={() => doing.run(() => revoke(row))} />), figure: true },
  ];
  return (
    <>
      <Answer of={found} reads="the tokens" height={120}>
        {({ items }) => <Table caption="Tokens" columns={columns} rows={items} rowKey={(row) => row.id} />}
      </Answer>
      <form
        className="settings-row"
        aria-label="New token"
        onSubmit={(event) => {
          event.preventDefault();
          doing.run(make);
        }}
      >
        <input className="field" aria-label="Whose token it is" placeholder="whose it is" required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        <Choice label="Role" value={role} options={ROLES} onChange={(one: Role) => setRole(one)} />
        <Button type="submit" disabled={doing.busy}>
          Make token
        </Button>
        <span className="small soft">{role === "monitor" ? "It sees the server's figures, and nothing of any project." : `It is for ${project.name} alone.`}</span>
      </form>
      {made && <Secret of={made.name} text={made.secret} />}
      <Wrong of={doing} />
    </>
  );
}
