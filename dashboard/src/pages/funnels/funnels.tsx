import { Page } from "../../parts/sheet";

export default function Funnels() {
  return <Page name="Funnels" headline="Funnels">{null}</Page>;
}
