import { Page } from "../../parts/sheet";

export default function Rejected() {
  return <Page name="Rejected" headline="Rejected">{null}</Page>;
}
