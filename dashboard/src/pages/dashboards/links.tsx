/** Every link that shows something of the project to strangers, and how to take it back. */
import { useState } from "react";
import { send, type Schema } from "../../api/client";
import { queries, useAnswer } from "../../api/queries";
import { Answer, Nothing } from "../../parts/answer";
import { Revoke } from "../../parts/revoke";
import { Table, type Column } from "../../parts/table";
import { useProject } from "../../state/project";
import { when } from "../../words/times";

type Link = Schema<"LinkItem">;

export function Links({ nameOf }: { nameOf(link: Link): string }) {
  const { id: project, zone } = useProject();
  const found = useAnswer<Schema<"LinkList">>("/v1/links", { project });
  const [opened] = useState(() => Date.now());
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const revoke = async (link: Link): Promise<void> => {
    setBusy(true);
    try {
      await send("DELETE", `/v1/links/${encodeURIComponent(link.id)}`, { params: { project } });
      await queries.invalidateQueries({ queryKey: ["/v1/links"] });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const state = (link: Link): string => (link.revoked ? `taken back ${when(link.revoked, zone)}` : Date.parse(link.ends) < opened ? `ended ${when(link.ends, zone)}` : "");
  const columns: Column<Link>[] = [
    { key: "shows", head: "Shows", cell: nameOf, sort: nameOf },
    { key: "label", head: "For", cell: (link) => link.label || "–", sort: (link) => link.label, wide: true },
    { key: "made", head: "Made", cell: (link) => when(link.made, zone), sort: (link) => link.made, wide: true },
    { key: "ends", head: "Ends", cell: (link) => when(link.ends, zone), sort: (link) => link.ends },
    { key: "state", head: "", figure: true, cell: (link) => state(link) || <Revoke what={`the link to ${nameOf(link)}`} busy={busy} revoke={() => void revoke(link)} /> },
  ];
  return (
    <>
      <Answer of={found} reads="the links" height={80} isEmpty={({ items }) => items.length === 0} empty={<Nothing>Nothing is shared. A dashboard or a saved question is, by its Share.</Nothing>}>
        {({ items }) => <Table caption="Links" columns={columns} rows={[...items].reverse()} rowKey={(link) => link.id} />}
      </Answer>
      <p role="alert" className="worse">
        {fault}
      </p>
    </>
  );
}
